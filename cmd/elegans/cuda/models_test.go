package main

import (
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// steps is how many steps of training the models are compared over.
func steps() string {
	if testing.Short() {
		return "2"
	}
	return "10"
}

// TestModels trains models on the device and on the processor and compares every layer, every
// gradient, the losses and the parameters at the end. Parameters, tapes and optimiser states lie in
// memory of the device, which nothing may read without a wait: the stand-in runs kernels no earlier
// than something waits for them, and ends the program where the host touches memory before that.
func TestModels(t *testing.T) {
	small := filepath.Join(t.TempDir(), "m2-small.json")
	write(t, small, fmt.Sprintf(`{"model": {"model": "m2-small"}, "data": {"name": "folder", "dir": %q, "gray": true}}`, pictures(t)))
	for _, m := range []struct{ name, model, batch string }{
		{"mlp", "mlp", "8"}, {"cnn", "cnn", "4"}, {"worm", "worm", "4"}, {"vit", "vit", "2"}, {"m2-small", small, "1"},
	} {
		for _, dtype := range []struct {
			name      string
			tolerance float64
		}{{"float64", 1e-10}, {"float32", 1e-4}} {
			for _, optimizer := range []string{"sgd", "own"} {
				t.Run(m.name+"/"+dtype.name+"/"+optimizer, func(t *testing.T) { compareModel(t, m.model, m.batch, dtype.name, optimizer, dtype.tolerance) })
			}
		}
	}
}

func compareModel(t *testing.T, model, batch, dtype, optimizer string, tolerance float64) {
	tol := fmt.Sprint(tolerance)
	if optimizer == "own" {
		// AdamW takes a full step where a gradient is 0 but for rounding: parameters then differ,
		// and only the losses are compared.
		tol, tolerance = "1e9", 100*tolerance
	}
	stdout, u := reported(t, []string{"STANDIN_GUARD=1"}, "compare-devices", model, "--batch", batch, "--steps", steps(),
		"--optimizer", optimizer, "--dtype", dtype, "--tolerance", tol, "--json")
	if u.Leaks != 0 || u.Forgotten != 0 {
		t.Errorf("leaks or forgotten waits: %+v", u)
	}
	var r struct {
		Tensors []struct {
			Name   string
			MaxRel float64 `json:"max_rel"`
		}
		Launched, Stayed map[string]int
	}
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Stayed) > 0 || len(r.Launched) == 0 {
		t.Errorf("launched %v, stayed on the processor: %v", r.Launched, r.Stayed)
	}
	worst, where := 0.0, ""
	for _, x := range r.Tensors {
		if optimizer == "own" && strings.HasPrefix(x.Name, "after ") {
			continue
		}
		if x.MaxRel > worst {
			worst, where = x.MaxRel, x.Name
		}
	}
	if worst > tolerance {
		t.Errorf("%s differs by %.2g of its largest element, expected at most %g", where, worst, tolerance)
	}
	t.Logf("%d tensors, at most %.1e of the largest element (%s), %d launches", len(r.Tensors), worst, where, u.Launches)
}

// TestOrder: threads, warps and blocks in the opposite order give the same bits.
func TestOrder(t *testing.T) {
	needStandIn(t)
	for _, model := range []string{"cnn", "worm", "vit"} {
		job := []string{"compare-devices", model, "--batch", "3", "--steps", "1", "--dtype", "float32"}
		forward, _ := reported(t, nil, job...)
		backward, _ := reported(t, []string{"STANDIN_ORDER=reverse"}, job...)
		if forward != backward {
			t.Errorf("%s: other differences from the processor in the opposite order:\n%s\n%s", model, forward, backward)
		}
	}
}

// TestTrainEvalPredict trains on the device, where only losses and metrics come back, evaluates and
// classifies there, and on the processor.
func TestTrainEvalPredict(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	_, u := reported(t, []string{"STANDIN_GUARD=1"}, "train", "mlp", "--data", "digits", "--epochs", "1", "--out", dir)
	if u.Leaks != 0 || u.Forgotten != 0 {
		t.Errorf("train: %+v", u)
	}
	checkpoint := filepath.Join(dir, "last.safetensors")
	onDevice, _ := reported(t, []string{"STANDIN_GUARD=1"}, "eval", checkpoint)
	onProcessor, _, code := run(t, nil, "--device", "cpu", "eval", checkpoint)
	if code != 0 || lastLines(onDevice, 1) != lastLines(onProcessor, 1) {
		t.Errorf("eval says %q on the device, %q on the processor", onDevice, onProcessor)
	}
	file := filepath.Join(pictures(t), "a", "0.png")
	onDevice, _ = reported(t, []string{"STANDIN_GUARD=1"}, "predict", checkpoint, file)
	onProcessor, _, code = run(t, nil, "--device", "cpu", "predict", checkpoint, file)
	if code != 0 || onDevice != onProcessor {
		t.Errorf("predict says %q on the device, %q on the processor", onDevice, onProcessor)
	}
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// pictures returns a folder with two classes of grey pictures of 28 x 28 random points.
func pictures(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 2))
	for _, class := range []string{"a", "b"} {
		if err := os.Mkdir(filepath.Join(dir, class), 0o700); err != nil {
			t.Fatal(err)
		}
		for i := range 6 {
			m := image.NewGray(image.Rect(0, 0, 28, 28))
			for j := range m.Pix {
				m.Pix[j] = byte(r.IntN(256))
			}
			f, err := os.Create(filepath.Join(dir, class, fmt.Sprint(i)+".png"))
			if err != nil {
				t.Fatal(err)
			}
			if err := png.Encode(f, m); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

package train_test

import (
	"errors"
	"math"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/data/safetensors"
	"elegans/tensor"
)

// TestLock claims a folder twice.
func TestLock(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "js" {
		t.Skip("no folder locks on " + runtime.GOOS)
	}
	dir := t.TempDir()
	unlock, err := train.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := train.Lock(dir); !errors.Is(err, train.ErrLocked) || !strings.Contains(err.Error(), dir) {
		t.Errorf("second claim: %v", err)
	}
	unlock()
	if unlock, err = train.Lock(dir); err != nil {
		t.Fatal(err)
	}
	unlock()
	if _, err := train.Lock(filepath.Join(dir, "nowhere")); err == nil {
		t.Error("claimed a folder that is not there")
	}
}

// TestLoadRefusesNonFinite loads a checkpoint with a NaN and one with an infinity: neither may
// reach the model.
func TestLoadRefusesNonFinite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.safetensors")
	for _, wrong := range []float64{math.NaN(), math.Inf(-1)} {
		p := autograd.NewParam("weight", tensor.FromSlice([]float32{1, 2, float32(wrong), 4}, 2, 2))
		if err := train.Save(path, []nn.Named[float32]{{Path: "weight", Var: p}}, []byte("{}")); err != nil {
			t.Fatal(err)
		}
		into := autograd.NewParam("weight", tensor.New[float32](2, 2))
		err := train.Load(path, []nn.Named[float32]{{Path: "weight", Var: into}}, false)
		if err == nil || !strings.Contains(err.Error(), `tensor "weight"[2] is`) {
			t.Errorf("%v: %v", wrong, err)
		}
		if into.Value.Data()[0] != 0 {
			t.Errorf("%v: the model was changed", wrong)
		}
	}
}

// TestResumeRefusesPlaces resumes runs whose checkpoint names a place that they do not come to.
func TestResumeRefusesPlaces(t *testing.T) {
	dir := t.TempDir()
	run(t, newTrainer(dir, 1))
	path := filepath.Join(dir, train.LastFile)
	f := open(t, path)
	params := nn.Params[float32](newTrainer("", 1).Model)
	if err := train.Load(path, params, false); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{
		`{"epoch":-1,"batch":0,"step":0}`, `{"epochs_done":-1,"batch":0,"step":0}`, `{"epochs_done":2,"batch":0,"step":0}`,
		`{"epochs_done":1,"batch":0,"step":0}`, `{"epoch":2,"batch":0,"step":0}`, `{"epoch":1,"batch":-1,"step":0}`,
		`{"epoch":1,"batch":1000000,"step":0}`, `{"epoch":1,"batch":0,"step":0}`, `{"epoch":1,"batch":0,"step":-1}`,
		`{"epoch":0,"batch":1,"step":2}`,
	} {
		meta := f.Metadata()
		delete(meta, safetensors.ChecksumKey)
		meta["progress"] = wrong
		arrays := map[string]safetensors.Array{}
		for _, p := range params {
			arrays[p.Path] = safetensors.Of(p.Value)
		}
		damaged := newTrainer(t.TempDir(), 1)
		if err := safetensors.Write(filepath.Join(damaged.Dir, train.LastFile), arrays, meta); err != nil {
			t.Fatal(err)
		}
		if err := damaged.Resume(); err == nil || !strings.Contains(err.Error(), "expected a place in 1 epochs of") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

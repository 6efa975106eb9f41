package experiment

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"elegans/autograd/train"
)

// TestEditedResults changes one value of a finished run: every comparison that would recall it
// names the file and what is wrong. Where a value can be told from the other files, the message
// names it, even if the checksum was taken away or made anew.
func TestEditedResults(t *testing.T) {
	c := tiny()
	c.Arms, c.Seeds, c.Jobs, c.Dir = c.Arms[:1], 1, 1, t.TempDir()
	whole := run(t, c)
	const none = `"result_sha256": ""`
	value := func(key, to string) func(text string) string {
		return func(text string) string {
			return regexp.MustCompile(`(?s)^(.*?"`+key+`": )[^,\n]*`).ReplaceAllString(text, "${1}"+to)
		}
	}
	both := func(f, g func(string) string) func(string) string { return func(s string) string { return g(f(s)) } }
	unsummed := func(text string) string {
		return regexp.MustCompile(`"result_sha256": "[0-9a-f]*"`).ReplaceAllString(value("epochs_sha256", `""`)(text), none)
	}
	dir := filepath.Join(c.Dir, "narrow-7")
	for _, e := range []struct {
		name, file string
		change     func(text string) string
		want       string
	}{
		{"arm", resultFile, value("network", `"wide"`), `result.json: network is "wide", expected "narrow"`},
		{"seed", resultFile, value("seed", "8"), `seed is "8", expected "7"`},
		{"parameters", resultFile, both(value("parameters", "1"), unsummed), `parameters is "1"`},
		{"steps", resultFile, value("steps", "1"), `steps is "1"`},
		{"seconds", resultFile, both(value("seconds", "1e6"), unsummed), `seconds is "1e+06"`},
		{"accuracy", resultFile, value("accuracy", "0.999"), "checksum result_sha256"},
		{"accuracy without sum", resultFile, both(value("accuracy", "0.999"), unsummed), "accuracy is 0.999, expected 0."},
		{"accuracy by little", resultFile, func(s string) string {
			return regexp.MustCompile(`("accuracy": 0\.\d)`).ReplaceAllString(s, "${1}0")
		}, "result.json: "},
		{"loss", resultFile, value("loss", "0.001"), "checksum result_sha256"},
		{"loss without sum", resultFile, both(value("loss", "0.001"), unsummed), "loss is 0.001, expected "},
		{"validation", resultFile, both(value("valid_accuracy", "0.5"), unsummed), "valid_accuracy 0.5"},
		{"sum", resultFile, func(s string) string { return strings.Replace(s, `"result_sha256": "`, `"result_sha256": "0`, 1) }, "checksum result_sha256"},
		{"rate", resultFile, value("lr", "0.5"), "holds a run with another configuration: train.lr 0.5, expected 0.003"},
		{"cut", resultFile, func(s string) string { return s[:len(s)/2] }, "result.json: unexpected end of JSON"},
		{"empty", resultFile, func(string) string { return "" }, "result.json: "},
		{"a list", resultFile, func(string) string { return "[]" }, "result.json: "},
		{"a loss in the log", train.EpochsFile, func(s string) string {
			return regexp.MustCompile(`\n1,[^,]*`).ReplaceAllString(s, "\n1,0.125")
		}, "epochs.csv: has not the checksum epochs_sha256 of result.json"},
		{"no loss in the log", train.EpochsFile, func(s string) string {
			return regexp.MustCompile(`\n1,[^,]*`).ReplaceAllString(s, "\n1,NaN")
		}, "epochs.csv:2: train_accuracy is NaN"},
		{"a later row", train.EpochsFile, func(s string) string {
			return s + regexp.MustCompile(`\n2,`).FindString(s)[1:2] + strings.Repeat(",1", strings.Count(s[:strings.Index(s, "\n")], ",")) + "\n"
		}, "epochs.csv:4: epoch 2, expected 3"},
		{"a weight", train.LastFile, func(s string) string { return s[:len(s)-9] + "\x00" + s[len(s)-8:] }, "last.safetensors: content with the checksum"},
	} {
		d := c
		d.Dir = filepath.Join(t.TempDir(), "copy")
		if err := os.CopyFS(d.Dir, os.DirFS(c.Dir)); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(d.Dir, "narrow-7", e.file)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		after := e.change(string(b))
		if after == string(b) {
			t.Fatalf("%s: nothing was changed in\n%s", e.name, b)
		}
		if err := os.WriteFile(path, []byte(after), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err = d.Run(context.Background())
		var held *FolderError
		if !errors.As(err, &held) || !strings.Contains(err.Error(), e.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, expected a FolderError with %q", e.name, err, e.want)
		}
	}
	// A result without sums, as former programs wrote it, is recalled.
	b, err := os.ReadFile(filepath.Join(dir, resultFile))
	if err != nil {
		t.Fatal(err)
	}
	var former map[string]any
	if err := json.Unmarshal(b, &former); err != nil {
		t.Fatal(err)
	}
	delete(former, "result_sha256")
	delete(former, "epochs_sha256")
	if b, err = json.Marshal(former); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, resultFile), b, 0o666); err != nil {
		t.Fatal(err)
	}
	if res := run(t, c); !res.Runs[0].Recalled || bits(t, res) != bits(t, whole) {
		t.Error("a result of a former program is not recalled")
	}
}

// TestSwappedRuns puts the folder of one run in the place of another of the same description.
func TestSwappedRuns(t *testing.T) {
	c := tiny()
	c.Arms, c.Dir = c.Arms[:1], t.TempDir()
	run(t, c)
	seven, eight := filepath.Join(c.Dir, "narrow-7"), filepath.Join(c.Dir, "narrow-8")
	err := os.RemoveAll(eight)
	if err = errors.Join(err, os.CopyFS(eight, os.DirFS(seven))); err != nil {
		t.Fatal(err)
	}
	_, err = c.Run(context.Background())
	var held *FolderError
	if !errors.As(err, &held) || !strings.Contains(err.Error(), "narrow-8: holds a run with another configuration: model.seed 7, expected 8") {
		t.Errorf("error %v", err)
	}
}

// TestOneComparisonAFolder refuses a second comparison in the folder of one at work.
func TestOneComparisonAFolder(t *testing.T) {
	c := tiny()
	c.Arms, c.Seeds, c.Jobs, c.Dir = c.Arms[:1], 1, 1, t.TempDir()
	tried := false
	c.Hooks.Step = func() {
		if tried {
			return
		}
		tried = true
		second := tiny()
		second.Arms, second.Seeds, second.Dir = c.Arms, 1, c.Dir
		var held *FolderError
		if _, err := second.Run(context.Background()); !errors.As(err, &held) || !errors.Is(err, train.ErrLocked) {
			t.Errorf("error %v, expected a FolderError about a lock", err)
		}
	}
	run(t, c)
	if !tried {
		t.Error("no step was made")
	}
}

// TestLostCheckpoint: what is left of a run whose checkpoint is gone is not written over.
func TestLostCheckpoint(t *testing.T) {
	c := tiny()
	c.Arms, c.Seeds, c.Jobs, c.Dir = c.Arms[:1], 1, 1, t.TempDir()
	run(t, c)
	dir := filepath.Join(c.Dir, "narrow-7")
	for _, file := range []string{resultFile, train.LastFile} {
		if err := os.Remove(filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
	}
	log := filepath.Join(dir, train.EpochsFile)
	before, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Run(context.Background())
	var refused *FolderError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "last.safetensors") {
		t.Errorf("error %v, want one that names last.safetensors", err)
	}
	if after, _ := os.ReadFile(log); string(after) != string(before) {
		t.Error("epochs.csv was written over")
	}
}

package train_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"elegans/autograd/train"
	"elegans/data/safetensors"
)

// TestFormerRunsResume stops a run, rewrites its folder as former programs wrote it, with epochs
// counted from 0, and resumes it: nothing may differ from a run that was left alone.
func TestFormerRunsResume(t *testing.T) {
	whole, parts := t.TempDir(), t.TempDir()
	run(t, newTrainer(whole, 4))
	tr := newTrainer(parts, 4)
	ctx, stop := context.WithCancel(context.Background())
	tr.OnEpoch = func(e train.Epoch) {
		if e.Number == 2 {
			stop()
		}
	}
	if _, err := tr.Run(ctx); !errors.Is(err, train.ErrStopped) {
		t.Fatal(err)
	}
	bestAtStop := best(t, parts)
	asFormer(t, parts)
	for range 2 { // the second time without a step in between: the logs are renumbered once
		again := newTrainer(parts, 4)
		if err := again.Resume(); err != nil {
			t.Fatal(err)
		}
		stopped, stop := context.WithCancel(context.Background())
		stop()
		former, err := os.ReadFile(filepath.Join(parts, train.LastFile))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := again.Run(stopped); !errors.Is(err, train.ErrStopped) {
			t.Fatal(err)
		}
		if got := best(t, parts); got != bestAtStop {
			t.Errorf("best epoch %d after the rewriting, %d before", got, bestAtStop)
		}
		// as if killed before the new checkpoint was there
		if err := os.WriteFile(filepath.Join(parts, train.LastFile), former, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	tr = newTrainer(parts, 4)
	if err := tr.Resume(); err != nil {
		t.Fatal(err)
	}
	resumed := run(t, tr)
	same(t, whole, parts)
	if want := best(t, whole); resumed.BestEpoch != want || best(t, parts) != want {
		t.Errorf("best epoch %d, in the checkpoint %d, want %d", resumed.BestEpoch, best(t, parts), want)
	}
}

// best returns the best epoch that a checkpoint tells.
func best(t *testing.T, dir string) int {
	t.Helper()
	var p struct{ Best struct{ Epoch int } }
	if err := json.Unmarshal([]byte(open(t, filepath.Join(dir, train.LastFile)).Metadata()["progress"]), &p); err != nil {
		t.Fatal(err)
	}
	return p.Best.Epoch
}

// asFormer rewrites the folder of a run.
func asFormer(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, train.LastFile)
	f := open(t, path)
	arrays := map[string]safetensors.Array{}
	for _, name := range f.Names() {
		v, err := safetensors.Get[float32](f, name)
		if err != nil {
			t.Fatal(err)
		}
		arrays[name] = safetensors.Of(v)
	}
	meta := f.Metadata()
	delete(meta, safetensors.ChecksumKey)
	var p map[string]any
	if err := json.Unmarshal([]byte(meta["progress"]), &p); err != nil {
		t.Fatal(err)
	}
	p["epoch"] = p["epochs_done"]
	delete(p, "epochs_done")
	b := p["best"].(map[string]any)
	b["epoch"] = b["epoch"].(float64) - 1
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	meta["progress"] = string(text)
	if err := safetensors.Write(path, arrays, meta); err != nil {
		t.Fatal(err)
	}
	for name, column := range map[string]int{"epochs.csv": 0, "steps.csv": 1} {
		log, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(log)), "\n")
		for i, line := range lines[1:] {
			row := strings.Split(line, ",")
			n, err := strconv.Atoi(row[column])
			if err != nil || n < 1 {
				t.Fatalf("%s: %q", name, line)
			}
			row[column] = strconv.Itoa(n - 1)
			lines[i+1] = strings.Join(row, ",")
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Join(lines, "\n")+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

package crosscheck

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elegans/internal/reference"
)

// TestESNDeparts changes one fact of a manifest: each must be noticed.
func TestESNDeparts(t *testing.T) {
	from := reference.Path(t, "esn")
	for _, c := range []struct{ file, old, new, detail string }{
		{"states", `"leak": 0.05`, `"leak": 0.06`, "element"},
		{"states", `"activation": "relu"`, `"activation": "tanh"`, "element"},
		{"states", `"activation": "relu"`, `"activation": "step"`, `unknown activation "step"`},
		{"states", `"nnz": 2993`, `"nnz": 2992`, "element"},
		{"spectral", `"radius": 0.8`, `"radius": 0.81`, "element"},
		{"readouts", `"lam": 100.0`, `"lam": 101.0`, "element"},
		{"readouts", `"forgetting": 0.95`, `"forgetful": 0.95`, "forgetting"},
		{"readouts", `"eta": 0.05`, `"eta": 0.05, "momentum": 0.9`, `not compared: parameter "momentum"`},
		{"tasks", `"squash": true`, `"squash": false`, "element"},
		{"tasks", `"steps": 39`, `"steps": 40`, "element"},
		{"capacity", `"rank_1e2": 28`, `"rank_1e2": 27`, "element"},
		{"closed_loop", `"lam": 1e-06`, `"lam": 1e-03`, "element"},
	} {
		raw, err := os.ReadFile(filepath.Join(from, c.file+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(raw), c.old) {
			t.Fatalf("%s does not hold %s", c.file, c.old)
		}
		tensors, err := os.ReadFile(filepath.Join(from, c.file+".safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, c.file+".safetensors"), tensors, 0o666); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, c.file+".json"), strings.Replace(string(raw), c.old, c.new, 1))
		rep, err := Run(dir, Options{})
		found := err != nil && strings.Contains(err.Error(), c.detail)
		for _, row := range rep.Rows {
			found = found || (row.Verdict == Over || row.Verdict == Skipped) && strings.Contains(row.Detail, c.detail)
		}
		if !found {
			t.Errorf("%s: %s for %s: not noticed (%v, %s)", c.file, c.new, c.old, err, rep.Summary())
		}
	}
}

package crosscheck

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elegans/internal/reference"
)

// TestTNDeparts changes one fact of a case: each must be noticed, without a crash and without
// memory that only the manifest asks for.
func TestTNDeparts(t *testing.T) {
	from := reference.Path(t, "tn")
	raw, err := os.ReadFile(filepath.Join(from, "tn.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Kind      string            `json:"kind"`
		Tolerance json.RawMessage   `json:"tolerance"`
		Meta      json.RawMessage   `json:"meta"`
		Cases     []json.RawMessage `json:"cases"`
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		t.Fatal(err)
	}
	first := string(manifest.Cases[0])
	dir := t.TempDir()
	tensors, err := os.ReadFile(filepath.Join(from, "tn.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "tn.safetensors"), tensors, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		old, new, detail string
		verdict          Verdict
	}{
		{`"embedding_dim": 8`, `"embedding_dim": 65536`, "embedding_dim 65536 make about 1.2e+12 parameters", Skipped},
		{`"input_shape": [3, 8]`, `"input_shape": [1000000, 8]`, "input_shape [1000000 8]", Skipped},
		{`"input_shape": [3, 8]`, `"input_shape": [1000000, 1000000]`, "input_shape [1000000 1000000]", Skipped},
		{`"output_shape": [3, 8]`, `"output_shape": [3, 9]`, "shape [3 8], the reference has [3 9]", Over},
		{`["mha.q.weight", [12, 8]]`, `["mha.q.weight", [-1, 8]]`, "shape [12 8], the reference has [-1 8]", Over},
		{`["mha.q.weight", [12, 8]]`, `["mha.q.weight", [12, 9]]`, "shape [12 8], the reference has [12 9]", Over},
	} {
		if !strings.Contains(first, c.old) {
			t.Fatalf("the case does not hold %s", c.old)
		}
		manifest.Cases = []json.RawMessage{[]byte(strings.Replace(first, c.old, c.new, 1))}
		text, err := json.Marshal(manifest)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "tn.json"), string(text))
		rep, err := Run(dir, Options{})
		if err != nil {
			t.Fatalf("%s: %v", c.new, err)
		}
		if !slices.ContainsFunc(rep.Rows, func(r Row) bool { return r.Verdict == c.verdict && strings.Contains(r.Detail, c.detail) }) {
			t.Errorf("%s: no row says %q: %+v", c.new, c.detail, rep.Rows)
		}
	}
}

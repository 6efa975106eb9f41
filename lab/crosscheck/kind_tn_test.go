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
	departs(t, "tn", "", []departing{
		{`"embedding_dim": 8`, `"embedding_dim": 65536`, "embedding_dim 65536 make about 1.2e+12 parameters", Skipped},
		{`"input_shape": [3, 8]`, `"input_shape": [1000000, 8]`, "input_shape [1000000 8]", Skipped},
		{`"input_shape": [3, 8]`, `"input_shape": [1000000, 1000000]`, "input_shape [1000000 1000000]", Skipped},
		{`"output_shape": [3, 8]`, `"output_shape": [3, 9]`, "shape [3 8], the reference has [3 9]", Over},
		{`["mha.q.weight", [12, 8]]`, `["mha.q.weight", [-1, 8]]`, "shape [12 8], the reference has [-1 8]", Over},
		{`["mha.q.weight", [12, 8]]`, `["mha.q.weight", [12, 9]]`, "shape [12 8], the reference has [12 9]", Over},
	})
}

// departing is a change of a case, and what must be said of it.
type departing struct {
	old, new, detail string
	verdict          Verdict
}

// departs changes one fact of a recorded case, the first of its manifest if name is empty, and
// wants a row of the verdict that says so.
func departs(t *testing.T, kind, name string, changes []departing) {
	t.Helper()
	from := reference.Path(t, kind)
	raw, err := os.ReadFile(filepath.Join(from, kind+".json"))
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
	at := max(0, slices.IndexFunc(manifest.Cases, func(c json.RawMessage) bool { return strings.Contains(string(c), `"name": "`+name+`"`) }))
	first := string(manifest.Cases[at])
	dir := t.TempDir()
	tensors, err := os.ReadFile(filepath.Join(from, kind+".safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, kind+".safetensors"), tensors, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		if !strings.Contains(first, c.old) {
			t.Fatalf("the case does not hold %s", c.old)
		}
		manifest.Cases = []json.RawMessage{[]byte(strings.Replace(first, c.old, c.new, 1))}
		text, err := json.Marshal(manifest)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, kind+".json"), string(text))
		rep, err := Run(dir, Options{})
		if err != nil {
			t.Fatalf("%s: %v", c.new, err)
		}
		if !slices.ContainsFunc(rep.Rows, func(r Row) bool {
			return r.Verdict == c.verdict && strings.Contains(r.Detail, c.detail)
		}) {
			t.Errorf("%s: no row says %q: %+v", c.new, c.detail, rep.Rows)
		}
	}
}

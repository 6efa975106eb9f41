package crosscheck

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// manifest is a JSON file that describes cases. The keys of head are common to the kinds; those of
// models that are published as a whole have more, see decode.
type manifest struct {
	path string
	raw  []byte
	head
}

// head holds the keys that manifests of all kinds have.
type head struct {
	Kind      string            `json:"kind"`
	Tolerance json.RawMessage   `json:"tolerance"`
	Cases     []json.RawMessage `json:"cases"`
	Meta      json.RawMessage   `json:"meta"` // how the numbers were made
}

// tensors returns the path of the safetensors file of the same stem.
func (m *manifest) tensors() string {
	return strings.TrimSuffix(m.path, filepath.Ext(m.path)) + ".safetensors"
}

// name is the file name without folder and extension.
func (m *manifest) name() string {
	return strings.TrimSuffix(filepath.Base(m.path), filepath.Ext(m.path))
}

// errorf makes an error that names the file.
func (m *manifest) errorf(format string, args ...any) error {
	return fmt.Errorf("%s: "+format, append([]any{m.path}, args...)...)
}

// decode decodes part of the manifest, which where names, into a struct. Keys that the struct does
// not have are errors.
func (m *manifest) decode(where string, raw []byte, into any) error {
	if err := decodeStrictly(raw, into); err != nil {
		if where == "" {
			return m.errorf("%w", err)
		}
		return m.errorf("%s: %w", where, err)
	}
	return nil
}

// decodeStrictly decodes JSON and refuses keys that the struct does not have.
func decodeStrictly(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		return nil
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("key %q is a JSON %s, expected %s", wrong.Field, wrong.Value, wrong.Type)
	}
	if key, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		return fmt.Errorf("key %s: unknown", key)
	}
	return err
}

// findManifests returns the manifests of a folder in the order of their names. A JSON file that has
// fewer than two of the keys kind, tolerance and cases is something else.
func findManifests(dir string) ([]*manifest, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var found []*manifest
	for _, e := range entries {
		if e.IsDir() || filepath.Ext(e.Name()) != ".json" {
			continue
		}
		m := &manifest{path: filepath.Join(dir, e.Name())}
		if m.raw, err = os.ReadFile(m.path); err != nil {
			return nil, err
		}
		var keys map[string]json.RawMessage
		if err := json.Unmarshal(m.raw, &keys); err != nil {
			if _, other := err.(*json.UnmarshalTypeError); other {
				continue // valid JSON, but no object
			}
			return nil, m.errorf("%w", err)
		}
		missing := slices.DeleteFunc([]string{"kind", "tolerance", "cases"}, func(key string) bool { return keys[key] != nil })
		if len(missing) > 1 {
			continue
		}
		if len(missing) == 1 && missing[0] != "cases" { // which some kinds do not need
			return nil, m.errorf("key %q: missing", missing[0])
		}
		if err := json.Unmarshal(keys["kind"], &m.Kind); err != nil {
			return nil, m.errorf("key \"kind\" is %s, expected a string", keys["kind"])
		}
		m.Tolerance = keys["tolerance"]
		found = append(found, m)
	}
	slices.SortFunc(found, func(a, b *manifest) int { return strings.Compare(a.path, b.path) })
	return found, nil
}

// tolerance accepts a if |a-b| <= Atol + Rtol*|b|.
type tolerance struct {
	Atol float64 `json:"atol"`
	Rtol float64 `json:"rtol"`
}

// check refuses what is no bound.
func (t tolerance) check() error {
	return bounds(map[string]float64{"atol": t.Atol, "rtol": t.Rtol})
}

// bound refuses a tolerance that is negative or not finite.
func bound(key string, v float64) error {
	if v < 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("key %q is %v, expected a finite number that is not negative", key, v)
	}
	return nil
}

// bounds is bound for several keys.
func bounds(values map[string]float64) error {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if err := bound(key, values[key]); err != nil {
			return err
		}
	}
	return nil
}

// tolerances are those of a manifest: one for each element type that cases are in, or one for all.
type tolerances struct {
	Float64 *tolerance `json:"float64"`
	Float32 *tolerance `json:"float32"`
	tolerance
}

// of returns the tolerance of an element type, nil if there is none.
func (t *tolerances) of(dtype string) *tolerance {
	switch {
	case t.Float64 == nil && t.Float32 == nil:
		return &t.tolerance
	case dtype == "float32":
		return t.Float32
	}
	return t.Float64
}

// tolerances decodes and checks the tolerance of the manifest.
func (m *manifest) tolerances() (tolerances, error) {
	var t tolerances
	if err := m.decode("tolerance", m.Tolerance, &t); err != nil {
		return t, err
	}
	for _, v := range []struct {
		key string
		tol *tolerance
	}{{"tolerance", &t.tolerance}, {"tolerance.float64", t.Float64}, {"tolerance.float32", t.Float32}} {
		if v.tol != nil {
			if err := v.tol.check(); err != nil {
				return t, m.errorf("%s: %w", v.key, err)
			}
		}
	}
	return t, nil
}

// single decodes and checks the tolerance of a manifest whose kind has one element type.
func (m *manifest) single() (tolerance, error) {
	var t tolerance
	if err := m.decode("tolerance", m.Tolerance, &t); err != nil {
		return t, err
	}
	if err := t.check(); err != nil {
		return t, m.errorf("tolerance: %w", err)
	}
	return t, nil
}

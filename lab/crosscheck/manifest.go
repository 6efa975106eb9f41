package crosscheck

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// manifest is the head of a JSON file that describes cases; the rest is decoded by the function for
// its kind.
type manifest struct {
	path      string
	raw       []byte
	Kind      string            `json:"kind"`
	Tolerance json.RawMessage   `json:"tolerance"`
	Cases     []json.RawMessage `json:"cases"`
}

// tolerance accepts a if |a-b| <= Atol + Rtol*|b|.
type tolerance struct {
	Atol float64 `json:"atol"`
	Rtol float64 `json:"rtol"`
}

// tensors returns the path of the safetensors file of the same stem.
func (m *manifest) tensors() string {
	return strings.TrimSuffix(m.path, filepath.Ext(m.path)) + ".safetensors"
}

// name is the file name without folder and extension.
func (m *manifest) name() string {
	return strings.TrimSuffix(filepath.Base(m.path), filepath.Ext(m.path))
}

// decode decodes part of the manifest, and names the file in errors.
func (m *manifest) decode(what string, raw []byte, into any) error {
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s: %s: %w", m.path, what, err)
	}
	return nil
}

// findManifests returns the manifests of a folder in the order of their names. JSON files that do
// not name a kind and a tolerance are something else.
func findManifests(dir string) ([]*manifest, error) {
	paths, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var found []*manifest
	for _, e := range paths {
		if e.IsDir() || filepath.Ext(e.Name()) != ".json" {
			continue
		}
		path := filepath.Join(dir, e.Name())
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var head struct{ Kind, Tolerance json.RawMessage }
		if err := json.Unmarshal(raw, &head); err != nil {
			if _, other := err.(*json.UnmarshalTypeError); other {
				continue // valid JSON, but no object
			}
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if head.Kind == nil || head.Tolerance == nil {
			continue
		}
		m := &manifest{path: path, raw: raw}
		if err := json.Unmarshal(head.Kind, &m.Kind); err != nil {
			return nil, fmt.Errorf("%s: kind: %w", path, err)
		}
		m.Tolerance = head.Tolerance
		var body struct{ Cases []json.RawMessage }
		if json.Unmarshal(raw, &body) == nil {
			m.Cases = body.Cases // other kinds may have no list
		}
		found = append(found, m)
	}
	slices.SortFunc(found, func(a, b *manifest) int { return strings.Compare(a.path, b.path) })
	return found, nil
}

// eachCase decodes the cases of a manifest and runs each in the precision that it names.
func eachCase[E any](m *manifest, rec *recorder, facts func(*E) (name, dtype string), run64, run32 func(*E)) error {
	for i, raw := range m.Cases {
		var e E
		if err := m.decode(fmt.Sprintf("case %d", i), raw, &e); err != nil {
			return err
		}
		name, dtype := facts(&e)
		rec.begin(name)
		switch dtype {
		case "float64", "":
			run64(&e)
		case "float32":
			run32(&e)
		default:
			rec.skip(fmt.Sprintf("unknown dtype %q", dtype))
		}
	}
	return nil
}

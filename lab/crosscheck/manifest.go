package crosscheck

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"elegans/internal/memory"
	"elegans/internal/quote"
	"elegans/internal/regular"
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
	Loose     bool              `json:"loose_tolerance"`
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
	return fmt.Errorf("%s: "+format, append([]any{quote.Name(m.path)}, args...)...)
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

// findManifests returns the manifests of a folder in the order of their names. A JSON file whose
// kind is none of this package and that has fewer than two of the keys kind, tolerance and cases is
// something else.
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
		m, err := readManifest(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		if m != nil {
			found = append(found, m)
		}
	}
	slices.SortFunc(found, func(a, b *manifest) int { return strings.Compare(a.path, b.path) })
	return found, nil
}

// decoded is how many bytes a byte of a manifest may become: a list of empty objects.
const decoded = 64

// readManifest reads a JSON file; it returns nil if that is no manifest.
func readManifest(path string) (*manifest, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read from
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	m := &manifest{path: path}
	if err := memory.Need("a manifest of "+memory.Size(float64(info.Size())), decoded*float64(info.Size())); err != nil {
		if foreign(f) {
			return nil, nil
		}
		return nil, m.errorf("%w", err)
	}
	if m.raw, err = io.ReadAll(io.LimitReader(f, info.Size())); err != nil {
		return nil, err
	}
	if err := wellFormed(m.raw); err != nil {
		return nil, m.errorf("%w", err)
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(m.raw, &keys); err != nil || keys == nil {
		return nil, nil // valid JSON, but no object
	}
	kindErr := json.Unmarshal(keys["kind"], &m.Kind)
	missing := slices.DeleteFunc([]string{"kind", "tolerance", "cases"}, func(key string) bool { return keys[key] != nil })
	if kinds[m.Kind] == nil && len(missing) > 1 {
		return nil, nil
	}
	for _, key := range missing {
		if key != "cases" { // which some kinds do not need
			return nil, m.errorf("key %q: missing", key)
		}
	}
	if kindErr != nil {
		return nil, m.errorf("key \"kind\" is %s, expected a string", quote.Text(string(keys["kind"])))
	}
	m.Tolerance = keys["tolerance"]
	if raw := keys["loose_tolerance"]; raw != nil && json.Unmarshal(raw, &m.Loose) != nil {
		return nil, m.errorf("key \"loose_tolerance\" is %s, expected true or false", quote.Text(string(raw)))
	}
	return m, nil
}

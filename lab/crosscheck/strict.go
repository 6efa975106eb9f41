package crosscheck

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"elegans/internal/quote"
)

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
		return fmt.Errorf("key %s is a JSON %s, expected %s", quote.Text(wrong.Field), wrong.Value, wrong.Type)
	}
	if key, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		return fmt.Errorf("key %s: unknown", key)
	}
	return err
}

// wellFormed checks that a file holds one JSON value and that no object in it, at any level, has a
// key twice: a decoder takes the last of them, and keys that differ in case only for the same.
func wellFormed(raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var objects []map[string]bool // of the values that are open; nil for a list
	key := false                  // the next token is a key
	for {
		token, err := d.Token()
		switch {
		case err == io.EOF && d.InputOffset() == 0:
			return errors.New("empty, expected a JSON object")
		case err == io.EOF:
			return io.ErrUnexpectedEOF
		case err != nil:
			return err
		}
		at := len(objects) - 1
		switch delim, isDelim := token.(json.Delim); {
		case isDelim && delim == '{':
			objects = append(objects, map[string]bool{})
		case isDelim && delim == '[':
			objects = append(objects, nil)
		case isDelim:
			objects = objects[:at]
		case key:
			name := token.(string)
			if folded := strings.ToLower(name); objects[at][folded] {
				return fmt.Errorf("key %s: twice in an object", quote.Text(name))
			} else {
				objects[at][folded] = true
			}
			key = false
			continue
		}
		if len(objects) > maxDepth {
			return fmt.Errorf("more than %d levels of objects and lists", maxDepth)
		}
		if len(objects) == 0 {
			break
		}
		key = objects[len(objects)-1] != nil
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than one JSON value")
	}
	return nil
}

// maxDepth bounds the levels of a manifest; those of this repository have six.
const maxDepth = 100

// loose is the largest tolerance that a manifest may have without saying that it is loose: one in
// which numbers of another sign or size would pass is a mistake.
const loose = 0.1

// bound refuses a tolerance that is negative, not finite or, unless the manifest says that it is
// loose, so large that it would tell nothing.
func (h *head) bound(key string, v float64) error {
	if v < 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("key %q is %v, expected a finite number that is not negative", key, v)
	}
	if v > loose && !h.Loose {
		return fmt.Errorf("key %q is %v, expected at most %v, or the key \"loose_tolerance\": true in the manifest", key, v, loose)
	}
	return nil
}

// bounds is bound for several keys.
func (h *head) bounds(values map[string]float64) error {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if err := h.bound(key, values[key]); err != nil {
			return err
		}
	}
	return nil
}

// tolerance accepts a if |a-b| <= Atol + Rtol*|b|.
type tolerance struct {
	Atol float64 `json:"atol"`
	Rtol float64 `json:"rtol"`
}

// check refuses what is no bound.
func (h *head) check(t tolerance) error {
	return h.bounds(map[string]float64{"atol": t.Atol, "rtol": t.Rtol})
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
	if t.tolerance != (tolerance{}) && (t.Float64 != nil || t.Float32 != nil) {
		return t, m.errorf("tolerance: keys \"atol\" or \"rtol\" beside those of an element type, expected one or the other")
	}
	for _, v := range []struct {
		key string
		tol *tolerance
	}{{"tolerance", &t.tolerance}, {"tolerance.float64", t.Float64}, {"tolerance.float32", t.Float32}} {
		if v.tol != nil {
			if err := m.check(*v.tol); err != nil {
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
	if err := m.check(t); err != nil {
		return t, m.errorf("tolerance: %w", err)
	}
	return t, nil
}

package crosscheck

import (
	"fmt"

	"elegans/internal/quote"
)

// entry is what the description E of a case must offer, whatever its kind.
type entry[E any] interface {
	*E
	// caseName returns the name by which the report calls the case.
	caseName() string
	// check returns what is wrong with the description, nil if nothing is.
	check() error
}

// entries decodes all cases of a manifest strictly. The error names the file, the case and the key.
func entries[E any, P entry[E]](m *manifest) ([]P, error) {
	var known esnHead
	into := any(&known.head)
	if m.Kind == "esn" { // which has keys of its own beside the cases
		into = &known
	}
	if err := m.decode("", m.raw, into); err != nil {
		return nil, err
	}
	h := known.head
	if len(h.Cases) == 0 {
		return nil, m.errorf("key \"cases\": empty, expected at least one")
	}
	seen := map[string]bool{}
	var all []P
	for i, raw := range h.Cases {
		e := P(new(E))
		where := fmt.Sprintf("case %d", i)
		if err := decodeStrictly(raw, e); err != nil {
			if name := e.caseName(); name != "" {
				where += " " + quote.Text(name)
			}
			return nil, m.errorf("%s: %w", where, err)
		}
		name := e.caseName()
		where += " " + quote.Text(name)
		switch err := e.check(); {
		case name == "":
			return nil, m.errorf("case %d: key \"name\": missing", i)
		case seen[name]:
			return nil, m.errorf("%s: key \"name\": another case has it too", where)
		case err != nil:
			return nil, m.errorf("%s: %w", where, err)
		}
		seen[name] = true
		all = append(all, e)
	}
	return all, nil
}

// eachCase decodes the cases of a manifest, all of them before the first runs, and runs them.
func eachCase[E any, P entry[E]](m *manifest, rec *recorder, run func(e P)) error {
	all, err := entries[E, P](m)
	if err != nil {
		return err
	}
	for i, e := range all {
		rec.begin(e.caseName())
		run(e)
		if rec.excess != nil {
			return m.errorf("case %d %s: %w", i, quote.Text(e.caseName()), rec.excess)
		}
	}
	return nil
}

// inPrecision calls the function for the element type that a case names, float64 if it names none.
func (rec *recorder) inPrecision(dtype string, run64, run32 func()) {
	switch dtype {
	case "float64", "":
		run64()
	case "float32":
		run32()
	default:
		rec.skip("unknown dtype " + quote.Text(dtype))
	}
}

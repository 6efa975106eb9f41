package reservoir

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"elegans/esn"
	"elegans/internal/choice"
	"elegans/internal/quote"
)

// radius is a key that stands for two: a scale, and that it is the spectral radius.
const radius = "radius"

// Keys returns the keys that Set knows, without those of readouts, which depend on their kind.
func Keys() []string {
	keys := []string{"precision", "penalties", radius, "readout.kind"}
	keys = append(keys, keysOf(reflect.TypeFor[esn.Config](), "")...)
	keys = slices.DeleteFunc(keys, func(k string) bool { return k == "washout" })
	slices.Sort(keys)
	return keys
}

// keysOf returns the keys of a struct; those of a struct in it have its own and a point in front.
func keysOf(t reflect.Type, prefix string) []string {
	var keys []string
	for f := range fields(t) {
		key, field := prefix+tag(f), f.Type
		if field.Kind() == reflect.Struct && field != reflect.TypeFor[esn.Range]() {
			keys = append(keys, keysOf(field, key+".")...)
			continue
		}
		keys = append(keys, key)
	}
	return keys
}

// fields yields the fields that have a key in JSON.
func fields(t reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for _, f := range reflect.VisibleFields(t) {
			if f.IsExported() && tag(f) != "" && !yield(f) {
				return
			}
		}
	}
}

// tag returns the key of a field, or "".
func tag(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return strings.TrimPrefix(name, "-")
}

// Applies returns an error if a key is an option of other topologies only, which the one of the
// recipe does not look at.
func (r *Recipe) Applies(key string) error {
	option, _, _ := strings.Cut(key, ".")
	var having []string
	for _, t := range esn.Topologies() {
		if !slices.Contains(t.Options, option) {
			continue
		}
		if t.Name == r.Reservoir.Topology {
			return nil
		}
		having = append(having, t.Name)
	}
	if len(having) == 0 {
		return nil
	}
	return fmt.Errorf("%s: does nothing with the topology %s, expected it with %s", key, r.Reservoir.Topology, choice.List(having))
}

// ReadoutKeys returns for each kind of readout the keys of its options, which Set knows while the
// readout is of that kind.
func ReadoutKeys() map[string][]string {
	all := map[string][]string{}
	for _, kind := range esn.Readouts() {
		readout, err := esn.NewReadout(kind)
		if err != nil { // which was listed
			panic(err)
		}
		all[kind] = append([]string{}, keysOf(reflect.TypeOf(readout).Elem(), "readout.")...)
	}
	return all
}

// Set changes one field: a key of esn.Config (those of the connectome begin with "connectome."), an
// option of the readout, which begins with "readout.", penalties or precision. radius is a spectral
// radius. A list has commas, a range from which numbers are drawn a colon.
func (r *Recipe) Set(key, value string) error {
	switch readoutKey, ofReadout := strings.CutPrefix(key, "readout."); {
	case ofReadout:
		return r.setReadout(readoutKey, value)
	case key == radius:
		r.Reservoir.Scaling = esn.SpectralRadiusScaling
		if err := r.Set("scale", value); err != nil {
			return fmt.Errorf("%s: %s", radius, strings.TrimPrefix(err.Error(), "scale: "))
		}
		return nil
	case key == "precision":
		r.Precision = value
		return nil
	case key == "penalties":
		return overlay(r, key, value, reflect.TypeFor[[]float64]())
	case key == "washout":
		return fmt.Errorf("%s: the task decides it", key)
	}
	t := reflect.TypeFor[esn.Config]()
	for part := range strings.SplitSeq(key, ".") {
		t = fieldOf(t, part)
		if t == nil {
			return fmt.Errorf("%s: unknown, expected one of %s", quote.Text(key), strings.Join(Keys(), ", "))
		}
	}
	return overlay(&r.Reservoir, key, value, t)
}

// fieldOf returns the type of a field of a struct, or nil.
func fieldOf(t reflect.Type, key string) reflect.Type {
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	for f := range fields(t) {
		if tag(f) == key {
			return f.Type
		}
	}
	return nil
}

// overlay decodes a value of a type, at a key, over what into holds.
func overlay(into any, key, value string, t reflect.Type) error {
	b, err := encode(value, t)
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	parts := strings.Split(key, ".")
	for _, p := range slices.Backward(parts) {
		b = fmt.Appendf(nil, "{%q:%s}", p, b)
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

// encode returns a value of the command line as JSON of a type.
func encode(value string, t reflect.Type) (json.RawMessage, error) {
	wrong := func(expected string) error { return fmt.Errorf("found %s, expected %s", quote.Text(value), expected) }
	switch {
	case t == reflect.TypeFor[esn.Range]():
		lo, hi, two := strings.Cut(value, ":")
		if !two {
			hi = lo
		}
		low, err1 := strconv.ParseFloat(lo, 64)
		high, err2 := strconv.ParseFloat(hi, 64)
		if err1 != nil || err2 != nil {
			return nil, wrong("a number, or two with a colon between them")
		}
		b, err := json.Marshal(esn.Range{Low: low, High: high})
		if err != nil { // NaN and infinities
			return nil, wrong("finite numbers")
		}
		return b, nil
	case t.Kind() == reflect.Slice:
		list := []json.RawMessage{}
		for v := range strings.SplitSeq(value, ",") {
			b, err := encode(v, t.Elem())
			if err != nil {
				return nil, err
			}
			list = append(list, b)
		}
		return json.Marshal(list)
	case t.Kind() == reflect.String:
		return json.Marshal(value)
	case t.Kind() == reflect.Bool:
		v, err := strconv.ParseBool(value)
		if err != nil {
			return nil, wrong("true or false")
		}
		return json.Marshal(v)
	case t.Kind() == reflect.Float64:
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return nil, wrong("a number")
		}
		b, err := json.Marshal(v)
		if err != nil { // NaN and infinities
			return nil, wrong("a finite number")
		}
		return b, nil
	case t.Kind() == reflect.Uint64:
		v, err := strconv.ParseUint(value, 10, 64)
		if err != nil {
			return nil, wrong("a whole number of at least 0")
		}
		return json.Marshal(v)
	}
	v, err := strconv.Atoi(value)
	if err != nil {
		return nil, wrong("a whole number")
	}
	return json.Marshal(v)
}

// setReadout changes an option of the readout. Another kind begins with its defaults.
func (r *Recipe) setReadout(key, value string) error {
	if key == "kind" {
		readout, err := esn.NewReadout(value)
		if err != nil {
			return first(err)
		}
		r.Readout, err = esn.EncodeReadout(readout)
		return err
	}
	readout, err := esn.DecodeReadout(r.Readout)
	if err != nil {
		return err
	}
	t := reflect.TypeOf(readout).Elem()
	field := fieldOf(t, key)
	if field == nil {
		return fmt.Errorf("readout.%s: unknown, expected one of %s of the readout %s", key, strings.Join(keysOf(t, ""), ", "), readout.Kind())
	}
	if err := overlay(readout, key, value, field); err != nil {
		return fmt.Errorf("readout.%w", err)
	}
	r.Readout, err = esn.EncodeReadout(readout)
	return err
}

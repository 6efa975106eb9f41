package recipe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Difference returns the path of the first field, such as train.epochs, in which two descriptions
// differ, with its value in c and in other; the path is empty if they are equal. What the data were
// is compared only if both know it.
func (c *Config) Difference(other *Config) (path, here, there string) {
	a, b := *c, *other
	if a.Data.Record == nil || b.Data.Record == nil {
		a.Data.Record, b.Data.Record = nil, nil
	}
	return firstDifference(a.JSON(), b.JSON())
}

// firstDifference compares two JSON documents and returns the path of the first field in which they
// differ, such as train.epochs, with its value in each; the path is empty if they are equal. Fields
// are compared in the order of their names.
func firstDifference(a, b []byte) (path, inA, inB string) {
	return differ("", decode(a), decode(b))
}

// decode reads a document that was made by json.Marshal; numbers keep their digits.
func decode(b []byte) (v any) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		panic(fmt.Sprintf("recipe: %v", err))
	}
	return v
}

func differ(path string, a, b any) (where, inA, inB string) {
	x, isObject := a.(map[string]any)
	y, both := b.(map[string]any)
	if !isObject || !both {
		if one, two := text(a), text(b); one != two {
			return path, one, two
		}
		return "", "", ""
	}
	names := slices.Collect(maps.Keys(x))
	for name := range y {
		if _, ok := x[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		below := name
		if path != "" {
			below = path + "." + name
		}
		if where, inA, inB = differ(below, x[name], y[name]); where != "" {
			return where, inA, inB
		}
	}
	return "", "", ""
}

// text writes a value; a field that is not there reads "nothing".
func text(v any) string {
	if v == nil {
		return "nothing"
	}
	b, err := json.Marshal(v)
	if err != nil { // it was decoded from JSON
		panic(err)
	}
	return string(b)
}

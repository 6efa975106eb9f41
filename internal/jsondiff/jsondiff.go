// Package jsondiff names the first field in which two JSON documents differ, for messages about
// descriptions that should be the same.
package jsondiff

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// First compares two JSON documents and returns the path of the first field in which they differ,
// such as train.epochs, with its value in each; the path is empty if they are equal, and "(all)" if
// they differ as wholes. Fields are compared in the order of their names. Numbers are compared by
// their digits. An error says which of the two is no JSON document.
func First(a, b []byte) (path, inA, inB string, err error) {
	x, err := decode(a)
	if err != nil {
		return "", "", "", fmt.Errorf("the first document: %w", err)
	}
	y, err := decode(b)
	if err != nil {
		return "", "", "", fmt.Errorf("the second document: %w", err)
	}
	path, inA, inB = differ("", x, y)
	if path == "" && inA != inB {
		path = "(all)"
	}
	return path, inA, inB, nil
}

// decode reads one document; numbers keep their digits.
func decode(b []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more than one value, expected one")
	}
	return v, nil
}

func differ(path string, a, b any) (where, inA, inB string) {
	if list, other, ok := lists(a, b); ok {
		for i := range list {
			below := fmt.Sprintf("%s[%d]", path, i)
			if where, inA, inB = differ(below, list[i], other[i]); where != "" {
				return where, inA, inB
			}
		}
		return "", "", ""
	}
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

// lists returns two arrays of as many objects each. Arrays of anything else are short, and say more
// as wholes.
func lists(a, b any) (x, y []any, ok bool) {
	x, isList := a.([]any)
	y, both := b.([]any)
	if !isList || !both || len(x) != len(y) || len(x) == 0 {
		return nil, nil, false
	}
	for _, v := range slices.Concat(x, y) {
		if _, isObject := v.(map[string]any); !isObject {
			return nil, nil, false
		}
	}
	return x, y, true
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

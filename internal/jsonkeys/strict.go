package jsonkeys

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"elegans/internal/quote"
)

// Error says what is wrong with a value under a key.
type Error struct {
	Key     string // as it is written in the file
	Problem string
}

// Error implements error.
func (e *Error) Error() string {
	if e.Key == "" { // of the whole document
		return e.Problem
	}
	return fmt.Sprintf("key %s: %s", quote.Text(e.Key), e.Problem)
}

// Check looks at what package encoding/json lets pass when b is decoded into a t: a key that occurs
// twice in an object, whose first value would be lost; a key in other letters than the field's; a
// list of another length than an array; and null, which would change nothing. The error is an
// *Error. Of a type with an UnmarshalJSON of its own, only keys that occur twice are looked for;
// what is no JSON, or of a wrong type, is left to the decoder.
func Check(b []byte, t reflect.Type) error {
	c := checker{d: json.NewDecoder(bytes.NewReader(b))}
	c.d.UseNumber()
	c.value(t, "")
	return c.found
}

// checker walks through a document beside the type that it is decoded into.
type checker struct {
	d     *json.Decoder
	found error // the first; the walk ends there
	depth int
}

const maxDepth = 1000

func (c *checker) fail(key, format string, args ...any) bool {
	c.found = &Error{key, fmt.Sprintf(format, args...)}
	return false
}

// value reads the value of a key. The type is nil where it is not known. It reports whether to go
// on.
func (c *checker) value(t reflect.Type, key string) bool {
	token, err := c.d.Token()
	if err != nil || c.depth > maxDepth {
		return false
	}
	c.depth++
	defer func() { c.depth-- }()
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if token == nil && t != nil && !slices.Contains([]reflect.Kind{reflect.Interface, reflect.Map}, t.Kind()) && t != reflect.TypeFor[json.RawMessage]() {
		return c.fail(key, "found null, expected a value, or no such key")
	}
	if t != nil && reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		t = nil
	}
	switch token {
	case json.Delim('{'):
		return c.object(t)
	case json.Delim('['):
		return c.list(t, key)
	}
	return true
}

func (c *checker) object(t reflect.Type) bool {
	fields := map[string]reflect.Type{}
	if t != nil && t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			fields[Name(t.Field(i))] = t.Field(i).Type
		}
	}
	seen := map[string]bool{}
	for c.d.More() {
		token, err := c.d.Token()
		key, ok := token.(string)
		if err != nil || !ok {
			return false
		}
		if seen[key] {
			return c.fail(key, "occurs twice in one object, expected once")
		}
		seen[key] = true
		field, known := fields[key]
		if !known {
			for name := range fields {
				if strings.EqualFold(name, key) {
					return c.fail(key, "expected %q, in these letters", name)
				}
			}
		}
		if t != nil && t.Kind() == reflect.Map {
			field = t.Elem()
		}
		if !c.value(field, key) {
			return false
		}
	}
	_, err := c.d.Token()
	return err == nil
}

func (c *checker) list(t reflect.Type, key string) bool {
	var elem reflect.Type
	if t != nil && (t.Kind() == reflect.Array || t.Kind() == reflect.Slice) {
		elem = t.Elem()
	}
	n := 0
	for ; c.d.More(); n++ {
		if !c.value(elem, key) {
			return false
		}
	}
	if _, err := c.d.Token(); err != nil {
		return false
	}
	if t != nil && t.Kind() == reflect.Array && n != t.Len() {
		return c.fail(key, "found %d values, expected %d", n, t.Len())
	}
	return true
}

// Name returns the key under which package encoding/json keeps a field.
func Name(f reflect.StructField) string {
	key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if key == "" {
		return f.Name
	}
	return key
}

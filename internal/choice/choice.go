// Package choice checks the text fields of configurations that allow few values.
package choice

import (
	"fmt"
	"slices"
	"strings"
)

// Field is a text field with the values that it allows, of which the first is the default.
type Field struct {
	Name    string
	Allowed []string
	// choose replaces an empty value by the default, and returns the value in force.
	choose func() string
}

// Of returns the field at value, under the name that an error gives it.
func Of[T ~string](name string, value *T, allowed ...T) Field {
	f := Field{Name: name}
	for _, a := range allowed {
		f.Allowed = append(f.Allowed, string(a))
	}
	f.choose = func() string {
		if *value == "" {
			*value = allowed[0]
		}
		return string(*value)
	}
	return f
}

// Complete replaces empty values by their defaults. The error names the first field with a value
// that is not allowed, what it is and what was expected.
func Complete(fields ...Field) error {
	for _, f := range fields {
		if v := f.choose(); !slices.Contains(f.Allowed, v) {
			return fmt.Errorf("%s %q, expected one of %s", f.Name, v, List(f.Allowed))
		}
	}
	return nil
}

// List writes names as errors and help texts do; an empty one stands as "".
func List[T ~string](names []T) string {
	var list []string
	for _, n := range names {
		if n == "" {
			n = `""`
		}
		list = append(list, string(n))
	}
	return strings.Join(list, ", ")
}

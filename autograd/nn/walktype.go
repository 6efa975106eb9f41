package nn

import (
	"reflect"
	"strings"
	"unicode"

	"elegans/autograd"
)

// tagKey is the key of the tags that Walk reads.
const tagKey = "nn"

// fieldName returns the name that a field of a struct gives to the paths of the parameters in it;
// ok is false if Walk does not go into the field.
func fieldName(f reflect.StructField) (name string, ok bool) {
	tag := f.Tag.Get(tagKey)
	if tag == "-" || !f.IsExported() && !(f.Anonymous && isStruct(f.Type)) {
		return "", false
	}
	name, option, _ := strings.Cut(tag, ",")
	switch {
	case name != "":
		return name, true
	case option == "inline" || f.Anonymous && !isVar(f.Type) && !(f.Type.Kind() == reflect.Pointer && isVar(f.Type.Elem())):
		return "", true
	}
	return snakeCase(f.Name), true
}

// isStruct reports whether t is a struct or a pointer to one.
func isStruct(t reflect.Type) bool {
	return t.Kind() == reflect.Struct || t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct
}

// snakeCase turns "InProjWeight" into "in_proj_weight" and "MHASelf" into "mha_self".
func snakeCase(name string) string {
	rs := []rune(name)
	var b strings.Builder
	for i, r := range rs {
		if i > 0 && unicode.IsUpper(r) {
			after := rs[i-1]
			startsWord := i+1 < len(rs) && unicode.IsLower(rs[i+1])
			if after != '_' && (!unicode.IsUpper(after) || startsWord) {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// rootName returns the name of a module's type without its package and type arguments.
func rootName(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name, _, _ := strings.Cut(t.Name(), "[")
	if name == "" {
		return t.String()
	}
	return name
}

// isVar reports whether t is a Var, of any element type.
func isVar(t reflect.Type) bool {
	return t == reflect.TypeFor[autograd.Var[float32]]() || t == reflect.TypeFor[autograd.Var[float64]]()
}

// isTape reports whether t is a Tape: its variables are no parameters.
func isTape(t reflect.Type) bool {
	return t == reflect.TypeFor[autograd.Tape[float32]]() || t == reflect.TypeFor[autograd.Tape[float64]]()
}

// holders remembers of types whether their values may lead to parameters.
type holders map[reflect.Type]bool

// mayHold reports whether a value of type t may lead to a parameter. A module of much data that
// holds none, such as a graph, is thereby passed over.
func (h holders) mayHold(t reflect.Type) bool {
	holds, known := h[t]
	if !known {
		holds = leadsToVar(t, map[reflect.Type]bool{})
		h[t] = holds
	}
	return holds
}

// leadsToVar searches the types of which t is made, but for those already seen.
func leadsToVar(t reflect.Type, seen map[reflect.Type]bool) bool {
	if isVar(t) {
		return true
	}
	if seen[t] || isTape(t) {
		return false
	}
	seen[t] = true
	if namerType := reflect.TypeFor[Namer](); t.Implements(namerType) || reflect.PointerTo(t).Implements(namerType) {
		return true
	}
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return leadsToVar(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if leadsToVar(t.Field(i).Type, seen) {
				return true
			}
		}
	}
	return false
}

package nn

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"elegans/autograd"
	"elegans/tensor"
)

// Namer is a module whose parameters are not to bear the names, or to come in the order, of its
// fields.
type Namer interface {
	// Parts lists parameters and parts that hold parameters, in order.
	Parts() []Part
}

// Part is a piece of a module: a parameter, a module, or anything else that Walk looks into. The
// parameters of a part without name are named as if they were the module's own.
type Part struct {
	Name  string
	Value any
}

// WalkError says why the parameters of a module cannot be told.
type WalkError struct {
	Field  string // the place in Go, as in "Model.Layers[2].Weight"
	Reason string
}

// Error reads like "nn: field Model.in: holds a parameter but is not exported".
func (e *WalkError) Error() string { return "nn: field " + e.Field + ": " + e.Reason }

// Walk returns the parameters and buffers that a module holds, each with its path, in a fixed
// order. It changes nothing.
//
// A struct is walked field by field: into structs, pointers, interfaces, slices, arrays and maps. A
// path is made of the names of the fields on the way, in snake case (InProjWeight becomes
// "in_proj_weight"), the indices of slices and arrays, and the keys of maps, which must be strings
// and come in sorted order: "encoder.layers.0.weight". Embedded structs add nothing to a path. A
// tag sets a field's name (`nn:"name"`, which may contain points), drops it from the path
// (`nn:",inline"`) or leaves the field out (`nn:"-"`). A module that implements Namer is asked
// instead.
//
// A parameter that is reached in several ways is shared: it appears once, under its first path.
// That two parameters have the same path is an error, and so is a parameter that Walk finds but
// cannot name: one in an unexported field, in a map without string keys, or one that a Namer leaves
// out. A parameter that only a function knows (a closure) is not found; package train refuses it.
func Walk[T tensor.Float](module any) ([]Named[T], error) {
	root := reflect.ValueOf(module)
	if !root.IsValid() {
		return nil, nil
	}
	w := walker[T]{holders: holders{}, fields: map[string]string{}, reached: map[*autograd.Var[T]]bool{}, seen: map[place]bool{}}
	field := rootName(root.Type())
	if err := w.walk(root, "", field); err != nil {
		return nil, err
	}
	clear(w.seen)
	if err := w.leftOver(root, field); err != nil {
		return nil, err
	}
	return w.params, nil
}

type walker[T tensor.Float] struct {
	holders holders
	params  []Named[T]
	fields  map[string]string         // by path: where in Go the parameter stands
	reached map[*autograd.Var[T]]bool // the parameters of params
	seen    map[place]bool            // what has been entered
}

// place is where a pointer, slice or map leads, and as what: a struct and its first field have one
// address.
type place struct {
	at, length uintptr
	of         reflect.Type
}

// enter reports whether a pointer, slice or map is entered for the first time: shared parts are
// walked once, and rings end.
func (w *walker[T]) enter(v reflect.Value) bool {
	p := place{at: v.Pointer(), of: v.Type()}
	if v.Kind() == reflect.Slice {
		p.length = uintptr(v.Len())
	}
	first := !w.seen[p]
	w.seen[p] = true
	return first
}

// closed reports whether nothing is to be found in v: it cannot hold parameters, is nil, or has
// been entered before.
func (w *walker[T]) closed(v reflect.Value) bool {
	if !w.holders.mayHold(v.Type()) {
		return true
	}
	switch v.Kind() {
	case reflect.Interface:
		return v.IsNil()
	case reflect.Pointer:
		return v.IsNil() || !isVar(v.Type().Elem()) && !w.enter(v)
	case reflect.Slice, reflect.Map:
		return v.IsNil() || !w.enter(v)
	}
	return false
}

// walk collects the parameters of v under path; field says where v stands in Go.
func (w *walker[T]) walk(v reflect.Value, path, field string) error {
	if w.closed(v) {
		return nil
	}
	if p, ok := parameter[T](v); ok {
		return w.add(p, path, field)
	}
	if n, ok := namer(v); ok {
		for _, part := range n.Parts() {
			if part.Value == nil {
				continue
			}
			if err := w.walk(reflect.ValueOf(part.Value), Join(path, part.Name), fmt.Sprintf("%s, part %q", field, part.Name)); err != nil {
				return err
			}
		}
		return nil
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		return w.walk(v.Elem(), path, field)
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			name, ok := fieldName(f)
			if !ok {
				continue
			}
			if err := w.walk(v.Field(i), Join(path, name), field+"."+f.Name); err != nil {
				return err
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if err := w.walk(v.Index(i), Join(path, strconv.Itoa(i)), fmt.Sprintf("%s[%d]", field, i)); err != nil {
				return err
			}
		}
	case reflect.Map:
		if v.Type().Key().Kind() != reflect.String {
			return nil
		}
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			if err := w.walk(v.MapIndex(k), Join(path, k.String()), fmt.Sprintf("%s[%q]", field, k)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *walker[T]) add(p *autograd.Var[T], path, field string) error {
	switch other, taken := w.fields[path]; {
	case !p.IsParam() || w.reached[p]:
		return nil
	case path == "":
		return &WalkError{field, "holds a parameter that gets no name"}
	case taken:
		return &WalkError{field, fmt.Sprintf("its path %q belongs to the parameter in %s", path, other)}
	}
	w.fields[path], w.reached[p] = field, true
	w.params = append(w.params, Named[T]{path, p})
	return nil
}

// leftOver returns an error if v holds a parameter that has not been reached, wherever it stands.
func (w *walker[T]) leftOver(v reflect.Value, field string) error {
	if w.closed(v) {
		return nil
	}
	switch v.Kind() {
	case reflect.Interface:
		return w.leftOver(v.Elem(), field)
	case reflect.Pointer:
		if !isVar(v.Type().Elem()) {
			return w.leftOver(v.Elem(), field)
		}
		if p, ok := parameter[T](v); !ok {
			return &WalkError{field, fmt.Sprintf("holds a %v, which cannot be a parameter of this module", v.Type())}
		} else if p.IsParam() && !w.reached[p] {
			return &WalkError{field, fmt.Sprintf("holds a parameter of shape %v that gets no name: export the field, list it in Parts, or leave it out by the tag `nn:\"-\"`", p.Shape())}
		}
	case reflect.Struct:
		if isVar(v.Type()) {
			return &WalkError{field, "holds a parameter itself, expected a pointer to it"}
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.Tag.Get(tagKey) == "-" {
				continue
			}
			if err := w.leftOver(v.Field(i), field+"."+f.Name); err != nil {
				return err
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if err := w.leftOver(v.Index(i), fmt.Sprintf("%s[%d]", field, i)); err != nil {
				return err
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if err := w.leftOver(it.Value(), fmt.Sprintf("%s[%v]", field, it.Key())); err != nil {
				return err
			}
		}
	}
	return nil
}

// parameter returns v as a pointer to a Var. It is made anew from the address, since the value of
// an unexported field cannot be taken out.
func parameter[T tensor.Float](v reflect.Value) (p *autograd.Var[T], ok bool) {
	if v.Kind() != reflect.Pointer || !isVar(v.Type().Elem()) {
		return nil, false
	}
	p, ok = reflect.NewAt(v.Type().Elem(), v.UnsafePointer()).Interface().(*autograd.Var[T])
	return p, ok
}

// namer returns v, or the address of v or of a copy, as a Namer.
func namer(v reflect.Value) (n Namer, ok bool) {
	if !v.CanInterface() {
		return nil, false
	}
	if n, ok = v.Interface().(Namer); ok || v.Kind() != reflect.Struct || !reflect.PointerTo(v.Type()).Implements(reflect.TypeFor[Namer]()) {
		return n, ok
	}
	if !v.CanAddr() {
		c := reflect.New(v.Type()).Elem()
		c.Set(v)
		v = c
	}
	return v.Addr().Interface().(Namer), true
}

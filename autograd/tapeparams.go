package autograd

import (
	"reflect"

	"elegans/tensor"
)

// Params returns the parameters and buffers to which the operations recorded since Reset lead, each
// once, in the order of the operations. It looks through the records, and what they point to, by
// reflection: recording costs nothing for it, but a parameter that only a function knows is not
// found.
func (tp *Tape[T]) Params() []*Var[T] {
	s := search[T]{seen: map[any]bool{}}
	for _, op := range tp.ops[:tp.nops] {
		s.look(reflect.ValueOf(op).Elem())
	}
	return s.params
}

// search collects parameters.
type search[T tensor.Float] struct {
	params []*Var[T]
	seen   map[any]bool // pointers that have been followed
}

func (s *search[T]) look(r reflect.Value) {
	switch r.Kind() {
	case reflect.Pointer:
		if r.IsNil() || r.Type() == reflect.TypeFor[*Tape[T]]() {
			return
		}
		// The pointer is made anew, since the value of an unexported field cannot be taken out.
		p := reflect.NewAt(r.Type().Elem(), r.UnsafePointer()).Interface()
		if s.seen[p] {
			return
		}
		s.seen[p] = true
		if v, ok := p.(*Var[T]); !ok {
			s.look(r.Elem())
		} else if v.IsParam() {
			s.params = append(s.params, v)
		}
	case reflect.Struct:
		for i := range r.NumField() {
			s.look(r.Field(i))
		}
	case reflect.Slice, reflect.Array:
		switch r.Type().Elem().Kind() {
		case reflect.Pointer, reflect.Struct, reflect.Slice, reflect.Array:
			for i := range r.Len() {
				s.look(r.Index(i))
			}
		}
	}
}

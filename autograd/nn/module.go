package nn

import (
	"elegans/autograd"
	"elegans/tensor"
)

// Module is a layer or a network.
type Module[T tensor.Float] interface {
	// Forward records the module's operations on tp.
	Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T]
	// Visit calls f for every parameter and buffer, in a fixed order, with its path: path followed
	// by the name within the module.
	Visit(path string, f func(path string, p *autograd.Var[T]))
}

// Join appends a name to a path: Join("encoder", "weight") is "encoder.weight", and Join("",
// "weight") is "weight".
func Join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// Params returns the parameters and buffers of m in the order of Visit, with Name set to their
// paths.
func Params[T tensor.Float](m Module[T]) []*autograd.Var[T] {
	var ps []*autograd.Var[T]
	m.Visit("", func(path string, p *autograd.Var[T]) {
		p.Name = path
		ps = append(ps, p)
	})
	return ps
}

// Trainable returns those of Params that require a gradient.
func Trainable[T tensor.Float](m Module[T]) []*autograd.Var[T] {
	var ps []*autograd.Var[T]
	for _, p := range Params(m) {
		if p.RequiresGrad() {
			ps = append(ps, p)
		}
	}
	return ps
}

// Count returns the number of trainable scalars of m.
func Count[T tensor.Float](m Module[T]) int {
	n := 0
	for _, p := range Trainable(m) {
		n += p.Value.Len()
	}
	return n
}

package nn

import (
	"elegans/autograd"
	"elegans/tensor"
)

// Module is a layer or a network: a struct whose exported fields hold its parameters and parts (see
// Walk for the names that they get), and a function of them.
type Module[T tensor.Float] interface {
	// Forward records the module's operations on tp.
	Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T]
}

// Named is a parameter or buffer of a module with its path from there, as in "conv1.weight".
type Named[T tensor.Float] struct {
	Path string
	*autograd.Var[T]
}

// Params returns the parameters and buffers of m as Walk does. It panics with a *WalkError where
// Walk returns one.
func Params[T tensor.Float](m Module[T]) []Named[T] {
	ps, err := Walk[T](m)
	if err != nil {
		panic(err)
	}
	return ps
}

// Trainable returns those of Params that require a gradient: what an optimiser takes.
func Trainable[T tensor.Float](m Module[T]) []*autograd.Var[T] {
	var vs []*autograd.Var[T]
	for _, p := range Params(m) {
		if p.RequiresGrad() {
			vs = append(vs, p.Var)
		}
	}
	return vs
}

// Vars returns the parameters without their paths.
func Vars[T tensor.Float](params []Named[T]) []*autograd.Var[T] {
	vs := make([]*autograd.Var[T], len(params))
	for i, p := range params {
		vs[i] = p.Var
	}
	return vs
}

// Paths returns the paths by parameter.
func Paths[T tensor.Float](params []Named[T]) map[*autograd.Var[T]]string {
	paths := make(map[*autograd.Var[T]]string, len(params))
	for _, p := range params {
		paths[p.Var] = p.Path
	}
	return paths
}

// Count returns the number of trainable scalars of m.
func Count[T tensor.Float](m Module[T]) int {
	n := 0
	for _, p := range Trainable(m) {
		n += p.Value.Len()
	}
	return n
}

// Join appends a name to a path: Join("encoder", "weight") is "encoder.weight", and Join("",
// "weight") is "weight".
func Join(path, name string) string {
	if path == "" || name == "" {
		return path + name
	}
	return path + "." + name
}

package autograd

import "elegans/tensor"

// Elements returns the elements of an optional variable, nil for none, as operands of functions of
// package tensor: it does not wait for a device.
func Elements[T tensor.Float](v *Var[T]) []T {
	if v == nil {
		return nil
	}
	return tensor.Operand(v.Value)
}

// Wanted returns the gradient of an optional variable, for the caller to add to, or nil where it is
// not wanted.
func Wanted[T tensor.Float](v *Var[T]) *tensor.Tensor[T] {
	if v == nil || !v.RequiresGrad() {
		return nil
	}
	return v.GradSum()
}

package autograd

import "elegans/tensor"

// Var is a variable of a differentiable program: a value, and the gradient of the loss with respect
// to it once Backward has run.
type Var[T tensor.Float] struct {
	// Label tells a parameter in messages where its path in a model is not known. Nothing else goes
	// by it.
	Label string
	Value *tensor.Tensor[T] // contiguous

	grad         *tensor.Tensor[T]
	hasGrad      bool // grad holds at least one contribution
	requiresGrad bool
	leaf         bool     // made by Input or Variable, not by an operation
	tape         *Tape[T] // nil for parameters
}

// NewParam returns a trainable parameter that uses value, which must be contiguous, as its storage.
func NewParam[T tensor.Float](label string, value *tensor.Tensor[T]) *Var[T] {
	checkContiguous("NewParam", value)
	value.Reside()
	return &Var[T]{Label: label, Value: value, requiresGrad: true}
}

// checkContiguous panics in the name of op unless t is contiguous.
func checkContiguous[T tensor.Float](op string, t *tensor.Tensor[T]) {
	if !t.IsContiguous() {
		tensor.PanicShape(op, "not contiguous: call Contiguous first", t.Shape())
	}
}

// NewBuffer returns a parameter-like variable that is saved with a model but not trained, such as
// running statistics.
func NewBuffer[T tensor.Float](label string, value *tensor.Tensor[T]) *Var[T] {
	v := NewParam(label, value)
	v.requiresGrad = false
	return v
}

// IsParam reports whether v was made by NewParam or NewBuffer, and not for one step by a tape.
func (v *Var[T]) IsParam() bool { return v.tape == nil }

// Shape returns the shape of the value; do not change it.
func (v *Var[T]) Shape() []int { return v.Value.Shape() }

// RequiresGrad reports whether Backward computes a gradient for v.
func (v *Var[T]) RequiresGrad() bool { return v.requiresGrad }

// SetRequiresGrad freezes (false) or unfreezes (true) a parameter. A frozen one gives up its
// gradient and the memory of it.
func (v *Var[T]) SetRequiresGrad(on bool) {
	if v.tape != nil {
		tensor.PanicUsage("autograd.SetRequiresGrad", "a variable of a tape, expected a parameter: only those can be frozen")
	}
	v.requiresGrad = on
	if !on {
		v.grad, v.hasGrad = nil, false
	}
}

// Grad returns the gradient, or nil if there is none: nothing was differentiated, or no path leads
// from the loss to v. The tensor belongs to v.
func (v *Var[T]) Grad() *tensor.Tensor[T] {
	if !v.hasGrad {
		return nil
	}
	return v.grad
}

// ZeroGrad forgets the gradient of a parameter; its buffer is kept.
func (v *Var[T]) ZeroGrad() { v.hasGrad = false }

// GradSum returns the buffer in which the contributions to v's gradient are summed; it is zero at
// first. Backward methods add to it, after they have checked RequiresGrad, and read the gradient of
// their own results from it.
func (v *Var[T]) GradSum() *tensor.Tensor[T] {
	g, beta := v.GradTarget()
	if beta == 0 {
		g.Zero()
	}
	return g
}

// GradTarget is GradSum for kernels that can overwrite or add: it returns the buffer and a factor
// for its present content, 0 for the first contribution (the content is then garbage and must be
// overwritten entirely) and 1 for later ones.
func (v *Var[T]) GradTarget() (g *tensor.Tensor[T], beta T) {
	if v.hasGrad {
		return v.grad, 1
	}
	v.hasGrad = true
	if v.tape != nil {
		v.grad = v.tape.NewTensor(v.Value.Shape()...)
	} else if v.grad == nil {
		v.grad = tensor.NewResident[T](v.Value.Shape()...)
	}
	return v.grad, 0
}

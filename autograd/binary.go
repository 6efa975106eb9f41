package autograd

import "elegans/tensor"

// newBroadcast returns a variable for the result of an operation on a and b, of the shape that they
// take together.
func (tp *Tape[T]) newBroadcast(op string, a, b *Var[T]) *Var[T] {
	var buf [2 * tensor.MaxDims]int
	return tp.NewResult(Needs(a, b), tensor.BroadcastShape(op, buf[:0], a.Shape(), b.Shape())...)
}

// addGrad adds alpha*g, summed over the axes along which v was broadcast, to the gradient of v.
func (tp *Tape[T]) addGrad(v *Var[T], g *tensor.Tensor[T], alpha T) {
	dv, beta := v.GradTarget()
	if tensor.SameShape(dv, g) {
		if beta == 0 {
			tensor.Scale(dv, g, alpha)
		} else {
			tensor.AddScaled(dv, g, alpha)
		}
		return
	}
	if beta == 0 {
		dv.Zero()
	}
	if alpha == 1 {
		tensor.SumTo(dv, g)
		return
	}
	sum := tp.NewTensor(dv.Shape()...)
	sum.Zero()
	tensor.SumTo(sum, g)
	tensor.AddScaled(dv, sum, alpha)
	tp.Free(sum)
}

// addProductGrad adds g*w, where w is broadcast to g's shape, to the gradient of v, as addGrad
// does.
func (tp *Tape[T]) addProductGrad(v *Var[T], g, w *tensor.Tensor[T]) {
	dv, beta := v.GradTarget()
	if tensor.SameShape(dv, g) {
		if beta == 0 {
			tensor.Mul(dv, g, w)
		} else {
			tensor.MulAdd(dv, g, w)
		}
		return
	}
	if beta == 0 {
		dv.Zero()
	}
	product := tp.NewTensor(g.Shape()...)
	tensor.Mul(product, g, w)
	tensor.SumTo(dv, product)
	tp.Free(product)
}

// Add returns a + b. The operations on two variables broadcast under NumPy's rules, and sum the
// gradients back.
func (tp *Tape[T]) Add(a, b *Var[T]) *Var[T] {
	y := tp.newBroadcast("Add", a, b)
	tensor.Add(y.Value, a.Value, b.Value)
	Record(tp, addOp[T]{a, b, y})
	return y
}

type addOp[T tensor.Float] struct{ a, b, y *Var[T] }

func (o *addOp[T]) Backward(tp *Tape[T]) {
	dy := o.y.GradSum()
	if o.a.RequiresGrad() {
		tp.addGrad(o.a, dy, 1)
	}
	if o.b.RequiresGrad() {
		tp.addGrad(o.b, dy, 1)
	}
}

// Sub returns a - b.
func (tp *Tape[T]) Sub(a, b *Var[T]) *Var[T] {
	y := tp.newBroadcast("Sub", a, b)
	tensor.Sub(y.Value, a.Value, b.Value)
	Record(tp, subOp[T]{a, b, y})
	return y
}

type subOp[T tensor.Float] struct{ a, b, y *Var[T] }

func (o *subOp[T]) Backward(tp *Tape[T]) {
	dy := o.y.GradSum()
	if o.a.RequiresGrad() {
		tp.addGrad(o.a, dy, 1)
	}
	if o.b.RequiresGrad() {
		tp.addGrad(o.b, dy, -1)
	}
}

// Mul returns a * b.
func (tp *Tape[T]) Mul(a, b *Var[T]) *Var[T] {
	y := tp.newBroadcast("Mul", a, b)
	tensor.Mul(y.Value, a.Value, b.Value)
	Record(tp, mulOp[T]{a, b, y})
	return y
}

type mulOp[T tensor.Float] struct{ a, b, y *Var[T] }

func (o *mulOp[T]) Backward(tp *Tape[T]) {
	dy := o.y.GradSum()
	if o.a.RequiresGrad() {
		tp.addProductGrad(o.a, dy, o.b.Value)
	}
	if o.b.RequiresGrad() {
		tp.addProductGrad(o.b, dy, o.a.Value)
	}
}

// Div returns a / b.
func (tp *Tape[T]) Div(a, b *Var[T]) *Var[T] {
	y := tp.newBroadcast("Div", a, b)
	tensor.Div(y.Value, a.Value, b.Value)
	Record(tp, divOp[T]{a, b, y})
	return y
}

type divOp[T tensor.Float] struct{ a, b, y *Var[T] }

// da = dy/b, db = -dy/b*y.
func (o *divOp[T]) Backward(tp *Tape[T]) {
	quotient := tp.NewTensor(o.y.Shape()...)
	tensor.Div(quotient, o.y.GradSum(), o.b.Value)
	if o.a.RequiresGrad() {
		tp.addGrad(o.a, quotient, 1)
	}
	if o.b.RequiresGrad() {
		tensor.Mul(quotient, quotient, o.y.Value)
		tp.addGrad(o.b, quotient, -1)
	}
	tp.Free(quotient)
}

// Pow returns a^b. The gradient of a is 0 where b is 0, and that of b is 0 where a is 0 and b >= 0.
func (tp *Tape[T]) Pow(a, b *Var[T]) *Var[T] {
	y := tp.newBroadcast("Pow", a, b)
	tensor.Pow(y.Value, a.Value, b.Value)
	Record(tp, powOp[T]{a, b, y})
	return y
}

type powOp[T tensor.Float] struct{ a, b, y *Var[T] }

func (o *powOp[T]) Backward(tp *Tape[T]) {
	dy := o.y.GradSum()
	d := tp.NewTensor(o.y.Shape()...)
	if o.a.RequiresGrad() {
		tensor.PowGradBase(d, o.a.Value, o.b.Value)
		tp.addProductGrad(o.a, dy, d)
	}
	if o.b.RequiresGrad() {
		tensor.PowGradExponent(d, o.a.Value, o.b.Value)
		tp.addProductGrad(o.b, dy, d)
	}
	tp.Free(d)
}

// Maximum returns the larger of a and b. Where they are equal the gradient is shared evenly.
func (tp *Tape[T]) Maximum(a, b *Var[T]) *Var[T] {
	y := tp.newBroadcast("Maximum", a, b)
	tensor.Maximum(y.Value, a.Value, b.Value)
	Record(tp, maximumOp[T]{a, b, y})
	return y
}

type maximumOp[T tensor.Float] struct{ a, b, y *Var[T] }

func (o *maximumOp[T]) Backward(tp *Tape[T]) { tp.extremumGrad(o.a, o.b, o.y, o.a.Value, o.b.Value) }

// extremumGrad is the backward pass of the maximum and the minimum y of a and b: a takes the share
// of the gradient that large has against small, b the rest.
func (tp *Tape[T]) extremumGrad(a, b, y *Var[T], large, small *tensor.Tensor[T]) {
	dy := y.GradSum()
	share := tp.NewTensor(y.Shape()...)
	if a.RequiresGrad() {
		tensor.MaximumGrad(share, large, small)
		tp.addProductGrad(a, dy, share)
	}
	if b.RequiresGrad() {
		tensor.MaximumGrad(share, small, large)
		tp.addProductGrad(b, dy, share)
	}
	tp.Free(share)
}

// Minimum returns the smaller of a and b. Where they are equal the gradient is shared evenly.
func (tp *Tape[T]) Minimum(a, b *Var[T]) *Var[T] {
	y := tp.newBroadcast("Minimum", a, b)
	tensor.Minimum(y.Value, a.Value, b.Value)
	Record(tp, minimumOp[T]{a, b, y})
	return y
}

type minimumOp[T tensor.Float] struct{ a, b, y *Var[T] }

func (o *minimumOp[T]) Backward(tp *Tape[T]) { tp.extremumGrad(o.a, o.b, o.y, o.b.Value, o.a.Value) }

// Where returns a where cond is not 0, else b; all three broadcast together. cond is a mask of
// zeros and ones and has no gradient.
func (tp *Tape[T]) Where(cond *tensor.Tensor[T], a, b *Var[T]) *Var[T] {
	var buf [2 * tensor.MaxDims]int
	var buf2 [2 * tensor.MaxDims]int
	shape := tensor.BroadcastShape("Where", buf[:0], a.Shape(), b.Shape())
	shape = tensor.BroadcastShape("Where", buf2[:0], cond.Shape(), shape)
	y := tp.NewResult(Needs(a, b), shape...)
	tensor.Where(y.Value, cond, a.Value, b.Value)
	Record(tp, whereOp[T]{cond, a, b, y})
	return y
}

type whereOp[T tensor.Float] struct {
	cond    *tensor.Tensor[T]
	a, b, y *Var[T]
}

func (o *whereOp[T]) Backward(tp *Tape[T]) {
	dy := o.y.GradSum()
	zero := tp.NewTensor() // without axes, so that it broadcasts to scalars too
	zero.Zero()
	part := tp.NewTensor(o.y.Shape()...)
	if o.a.RequiresGrad() {
		tensor.Where(part, o.cond, dy, zero)
		tp.addGrad(o.a, part, 1)
	}
	if o.b.RequiresGrad() {
		tensor.Where(part, o.cond, zero, dy)
		tp.addGrad(o.b, part, 1)
	}
	tp.Free(part)
	tp.Free(zero)
}

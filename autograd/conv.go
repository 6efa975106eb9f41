package autograd

import "elegans/tensor"

// Conv2d convolves images (see tensor.Conv for the formula):
//
//	x [N, C, H, W], weight [O, C/groups, KH, KW], bias [O] or nil  ->  [N, O, OH, OW]
func (tp *Tape[T]) Conv2d(x, weight, bias *Var[T], o tensor.ConvOptions) *Var[T] {
	if x.Value.Dims() != 4 {
		tensor.PanicShape("Conv2d", "want x [N, C, H, W]", x.Shape())
	}
	return tp.conv(x, weight, bias, o)
}

// Conv1dOptions holds the attributes of a convolution in one dimension; see tensor.ConvOptions.
type Conv1dOptions struct{ Stride, Padding, Dilation, Groups int }

// Conv1d convolves sequences:
//
//	x [N, C, L], weight [O, C/groups, K], bias [O] or nil  ->  [N, O, OL]
func (tp *Tape[T]) Conv1d(x, weight, bias *Var[T], o Conv1dOptions) *Var[T] {
	if x.Value.Dims() != 3 {
		tensor.PanicShape("Conv1d", "want x [N, C, L]", x.Shape())
	}
	return tp.conv(x, weight, bias, tensor.ConvOptions{
		Stride: [2]int{1, o.Stride}, Padding: [2]int{0, o.Padding}, Dilation: [2]int{1, o.Dilation}, Groups: o.Groups,
	})
}

func (tp *Tape[T]) conv(x, weight, bias *Var[T], o tensor.ConvOptions) *Var[T] {
	var buf [tensor.MaxDims]int
	y := tp.NewResult(Needs(x, weight, bias), tensor.ConvShape(buf[:0], x.Shape(), weight.Shape(), o)...)
	tensor.Conv(y.Value, x.Value, weight.Value, valueOf(bias), o)
	tp.CountMACs(y.Value.Len() * perFilter(weight))
	Record(tp, convOp[T]{x, weight, bias, y, o})
	return y
}

// perFilter returns the number of weights of one filter, which is the number of products for each
// element that it makes or, transposed, is spread from.
func perFilter[T tensor.Float](weight *Var[T]) int {
	n := 1
	for _, d := range weight.Shape()[1:] {
		n *= d
	}
	return n
}

type convOp[T tensor.Float] struct {
	x, weight, bias, y *Var[T]
	o                  tensor.ConvOptions
}

func (c *convOp[T]) Backward(tp *Tape[T]) {
	dy := c.y.GradSum()
	if c.x.RequiresGrad() {
		dx, beta := c.x.GradTarget()
		tensor.ConvGradInput(dx, dy, c.weight.Value, beta, c.o)
	}
	if c.weight.RequiresGrad() {
		dw, beta := c.weight.GradTarget()
		tensor.ConvGradWeight(dw, c.x.Value, dy, beta, c.o)
	}
	gradBias(c.bias, dy)
}

// gradBias sums the gradient of an optional bias of channels.
func gradBias[T tensor.Float](bias *Var[T], dy *tensor.Tensor[T]) {
	if bias != nil && bias.RequiresGrad() {
		db, beta := bias.GradTarget()
		tensor.ConvGradBias(db, dy, beta)
	}
}

// ConvTranspose2d computes the transpose of a convolution, often used to enlarge images (see
// tensor.ConvTranspose for the sizes):
//
//	x [N, C, H, W], weight [C, O/groups, KH, KW], bias [O] or nil  ->  [N, O, OH, OW]
func (tp *Tape[T]) ConvTranspose2d(x, weight, bias *Var[T], o tensor.ConvOptions) *Var[T] {
	if x.Value.Dims() != 4 {
		tensor.PanicShape("ConvTranspose2d", "want x [N, C, H, W]", x.Shape())
	}
	var buf [tensor.MaxDims]int
	y := tp.NewResult(Needs(x, weight, bias), tensor.ConvTransposeShape(buf[:0], x.Shape(), weight.Shape(), o)...)
	tensor.ConvTranspose(y.Value, x.Value, weight.Value, valueOf(bias), o)
	tp.CountMACs(x.Value.Len() * perFilter(weight))
	Record(tp, convTransposeOp[T]{x, weight, bias, y, o})
	return y
}

type convTransposeOp[T tensor.Float] struct {
	x, weight, bias, y *Var[T]
	o                  tensor.ConvOptions
}

func (c *convTransposeOp[T]) Backward(tp *Tape[T]) {
	dy := c.y.GradSum()
	if c.x.RequiresGrad() {
		dx, beta := c.x.GradTarget()
		tensor.ConvTransposeGradInput(dx, dy, c.weight.Value, beta, c.o)
	}
	if c.weight.RequiresGrad() {
		dw, beta := c.weight.GradTarget()
		tensor.ConvTransposeGradWeight(dw, c.x.Value, dy, beta, c.o)
	}
	gradBias(c.bias, dy)
}

// Unfold returns the patches that a convolution with a kernel of the given height and width would
// see, as columns: x [N, C, H, W]  ->  [N, C*KH*KW, L].
func (tp *Tape[T]) Unfold(x *Var[T], kernel [2]int, o tensor.ConvOptions) *Var[T] {
	var buf [tensor.MaxDims]int
	y := tp.NewResult(Needs(x), tensor.UnfoldShape(buf[:0], x.Shape(), kernel, o)...)
	tensor.Unfold(y.Value, x.Value, kernel, o)
	Record(tp, unfoldOp[T]{x, y, kernel, o})
	return y
}

type unfoldOp[T tensor.Float] struct {
	x, y   *Var[T]
	kernel [2]int
	o      tensor.ConvOptions
}

func (u *unfoldOp[T]) Backward(tp *Tape[T]) {
	tensor.UnfoldGrad(u.x.GradSum(), u.y.GradSum(), u.kernel, u.o)
}

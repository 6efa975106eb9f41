package autograd

import "elegans/tensor"

// MaxPool2d returns the maximum of each window of the planes x [.., H, W]; its gradient goes to the
// first maximum in row-major order.
func (tp *Tape[T]) MaxPool2d(x *Var[T], o tensor.PoolOptions) *Var[T] {
	var buf [tensor.MaxDims]int
	y := tp.NewResult(Needs(x), tensor.PoolShape(buf[:0], x.Shape(), o)...)
	tensor.MaxPool(y.Value, x.Value, o)
	Record(tp, maxPoolOp[T]{x, y, o})
	return y
}

type maxPoolOp[T tensor.Float] struct {
	x, y *Var[T]
	o    tensor.PoolOptions
}

func (p *maxPoolOp[T]) Backward(tp *Tape[T]) {
	dy := p.y.GradSum()
	dx, beta := p.x.GradTarget()
	tensor.MaxPoolGrad(dx, dy, p.x.Value, p.y.Value, beta, p.o)
}

// AvgPool2d returns the mean of each window of the planes x [.., H, W].
func (tp *Tape[T]) AvgPool2d(x *Var[T], o tensor.PoolOptions) *Var[T] {
	var buf [tensor.MaxDims]int
	y := tp.NewResult(Needs(x), tensor.PoolShape(buf[:0], x.Shape(), o)...)
	tensor.AvgPool(y.Value, x.Value, o)
	Record(tp, avgPoolOp[T]{x, y, o})
	return y
}

type avgPoolOp[T tensor.Float] struct {
	x, y *Var[T]
	o    tensor.PoolOptions
}

func (p *avgPoolOp[T]) Backward(tp *Tape[T]) {
	tensor.AvgPoolGrad(p.x.GradSum(), p.y.GradSum(), p.o)
}

// AdaptiveAvgPool2d returns means over windows that divide the planes x [.., H, W] evenly into
// size: height and width of the result.
func (tp *Tape[T]) AdaptiveAvgPool2d(x *Var[T], size [2]int) *Var[T] {
	n := x.Value.Dims()
	if n < 2 {
		tensor.PanicShape("AdaptiveAvgPool2d", "want [.., H, W]", x.Shape())
	}
	var buf [tensor.MaxDims]int
	shape := append(buf[:0], x.Shape()...)
	shape[n-2], shape[n-1] = size[0], size[1]
	y := tp.NewResult(Needs(x), shape...)
	tensor.AdaptiveAvgPool(y.Value, x.Value)
	Record(tp, adaptiveAvgPoolOp[T]{x, y})
	return y
}

type adaptiveAvgPoolOp[T tensor.Float] struct{ x, y *Var[T] }

func (p *adaptiveAvgPoolOp[T]) Backward(tp *Tape[T]) {
	tensor.AdaptiveAvgPoolGrad(p.x.GradSum(), p.y.GradSum())
}

// Pool1dOptions holds the attributes of pooling in one dimension; see tensor.PoolOptions.
type Pool1dOptions struct {
	Kernel, Stride, Padding, Dilation int
	CeilMode, ExcludePadding          bool
}

func (o Pool1dOptions) planes() tensor.PoolOptions {
	return tensor.PoolOptions{
		Kernel: [2]int{1, o.Kernel}, Stride: [2]int{1, o.Stride}, Padding: [2]int{0, o.Padding}, Dilation: [2]int{1, o.Dilation},
		CeilMode: o.CeilMode, ExcludePadding: o.ExcludePadding,
	}
}

// MaxPool1d is MaxPool2d for lines x [.., L].
func (tp *Tape[T]) MaxPool1d(x *Var[T], o Pool1dOptions) *Var[T] {
	return tp.lines(x, tp.MaxPool2d(tp.planes(x), o.planes()))
}

// AvgPool1d is AvgPool2d for lines x [.., L].
func (tp *Tape[T]) AvgPool1d(x *Var[T], o Pool1dOptions) *Var[T] {
	return tp.lines(x, tp.AvgPool2d(tp.planes(x), o.planes()))
}

// AdaptiveAvgPool1d is AdaptiveAvgPool2d for lines x [.., L].
func (tp *Tape[T]) AdaptiveAvgPool1d(x *Var[T], size int) *Var[T] {
	return tp.lines(x, tp.AdaptiveAvgPool2d(tp.planes(x), [2]int{1, size}))
}

// planes views lines as planes of height 1.
func (tp *Tape[T]) planes(x *Var[T]) *Var[T] {
	n := x.Value.Dims()
	if n < 1 || n == tensor.MaxDims {
		tensor.PanicShape("Pool1d", "want [.., L]", x.Shape())
	}
	var buf [tensor.MaxDims]int
	shape := append(buf[:0], x.Shape()[:n-1]...)
	return tp.Reshape(x, append(shape, 1, x.Value.Dim(-1))...)
}

// lines views planes of height 1, made from lines x, as lines again.
func (tp *Tape[T]) lines(x, y *Var[T]) *Var[T] {
	var buf [tensor.MaxDims]int
	shape := append(buf[:0], x.Shape()...)
	shape[len(shape)-1] = y.Value.Dim(-1)
	return tp.Reshape(y, shape...)
}

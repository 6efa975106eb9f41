package autograd

import "elegans/tensor"

// Upsample resamples the planes x [.., H, W] to another size, larger or smaller.
func (tp *Tape[T]) Upsample(x *Var[T], o tensor.ResizeOptions) *Var[T] {
	var buf [tensor.MaxDims]int
	y := tp.NewResult(Needs(x), tensor.ResizeShape(buf[:0], x.Shape(), o)...)
	tensor.Resize(y.Value, x.Value, o)
	Record(tp, upsampleOp[T]{x, y, o})
	return y
}

type upsampleOp[T tensor.Float] struct {
	x, y *Var[T]
	o    tensor.ResizeOptions
}

func (u *upsampleOp[T]) Backward(tp *Tape[T]) {
	dx, beta := u.x.GradTarget()
	tensor.ResizeGrad(dx, u.y.GradSum(), beta, u.o)
}

// PixelShuffle moves groups of r*r channels into blocks of r by r pixels: x [N, C*r*r, H, W]  ->
// [N, C, H*r, W*r].
func (tp *Tape[T]) PixelShuffle(x *Var[T], r int) *Var[T] {
	var buf [tensor.MaxDims]int
	y := tp.NewResult(Needs(x), tensor.PixelShuffleShape(buf[:0], x.Shape(), r)...)
	tensor.PixelShuffle(y.Value, x.Value, r)
	Record(tp, pixelShuffleOp[T]{x, y, r})
	return y
}

type pixelShuffleOp[T tensor.Float] struct {
	x, y *Var[T]
	r    int
}

func (p *pixelShuffleOp[T]) Backward(tp *Tape[T]) {
	tensor.PixelShuffleGrad(p.x.GradSum(), p.y.GradSum(), p.r)
}

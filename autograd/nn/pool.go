package nn

import (
	"elegans/autograd"
	"elegans/tensor"
)

// MaxPool2d takes maxima over windows of images: x [N, C, H, W]  ->  [N, C, OH, OW].
func MaxPool2d[T tensor.Float](o tensor.PoolOptions) Func[T] {
	return func(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] { return tp.MaxPool2d(x, o) }
}

// AvgPool2d takes means over windows of images: x [N, C, H, W]  ->  [N, C, OH, OW].
func AvgPool2d[T tensor.Float](o tensor.PoolOptions) Func[T] {
	return func(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] { return tp.AvgPool2d(x, o) }
}

// AdaptiveAvgPool2d takes means over windows that divide images evenly: x [N, C, H, W]  ->  [N, C,
// size[0], size[1]].
func AdaptiveAvgPool2d[T tensor.Float](size [2]int) Func[T] {
	return func(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
		return tp.AdaptiveAvgPool2d(x, size)
	}
}

// Upsample resamples images to another size.
func Upsample[T tensor.Float](o tensor.ResizeOptions) Func[T] {
	return func(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] { return tp.Upsample(x, o) }
}

// PixelShuffle moves groups of r*r channels into blocks of pixels: x [N, C*r*r, H, W]  ->  [N, C,
// H*r, W*r].
func PixelShuffle[T tensor.Float](r int) Func[T] {
	return func(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] { return tp.PixelShuffle(x, r) }
}

package tensor

import (
	"elegans/tensor/internal/conv"
	"elegans/tensor/internal/device"
)

// convArgs are the attributes of the convolution s as its kernels take them, after the operands.
// Where y [N, O, ...] is shorter than s.Out, as in a transposed convolution whose result was
// lengthened, what it lacks counts as 0.
func convArgs[T Float](s *conv.Shape, y *Tensor[T], args ...device.Arg) []device.Arg {
	height := 1
	if y.ndim == 4 {
		height = y.shape[2]
	}
	for _, n := range []int{
		s.N, s.C, s.O, s.Groups, s.In[0], s.In[1], s.Kernel[0], s.Kernel[1], height, y.shape[y.ndim-1],
		s.Stride[0], s.Stride[1], s.Padding[0], s.Padding[1], s.Dilation[0], s.Dilation[1],
	} {
		args = append(args, device.Int(n))
	}
	return args
}

// deviceConv computes y = the convolution of x + bias + beta*y.
func deviceConv[T Float](d *device.Device, s *conv.Shape, y, x, weight *Tensor[T], bias []T, beta T) {
	device.Launch[T](d, "conv", "conv", device.Each(y.Len()), convArgs(s, y,
		device.Result(Operand(y), beta), device.In(Operand(x)), device.In(Operand(weight)), device.In(bias), device.Num(beta))...)
}

// deviceConvGradInput computes dx = the gradient with respect to x + bias + beta*dx.
func deviceConvGradInput[T Float](d *device.Device, s *conv.Shape, dx, dy, weight *Tensor[T], bias []T, beta T) {
	device.Launch[T](d, "conv", "conv_grad_input", device.Each(dx.Len()), convArgs(s, dy,
		device.Result(Operand(dx), beta), device.In(Operand(dy)), device.In(Operand(weight)), device.In(bias), device.Num(beta))...)
}

func deviceConvGradWeight[T Float](d *device.Device, s *conv.Shape, dw, x, dy *Tensor[T], beta T) {
	positions := 0
	if s.N > 0 && s.O > 0 {
		positions = dy.Len() / s.O
	}
	device.Launch[T](d, "conv", "conv_grad_weight", device.Rows(dw.Len(), positions), convArgs(s, dy,
		device.Result(Operand(dw), beta), device.In(Operand(x)), device.In(Operand(dy)), device.Num(beta))...)
}

func deviceConvGradBias[T Float](d *device.Device, db, dy *Tensor[T], n, plane int, beta T) {
	device.Launch[T](d, "conv", "conv_grad_bias", device.Rows(db.Len(), n*plane),
		device.Result(Operand(db), beta), device.In(Operand(dy)), device.Int(n), device.Int(db.Len()), device.Int(plane), device.Num(beta))
}

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

// convTile is the side of the tiles of products. A product of which tiles would compute mostly what
// does not exist, with fewer rows or columns than convLeast, is taken element by element.
const convTile, convLeast = 64, 24

// convSize returns the kernel, of two, and its threads for a result of rows x columns in each of so
// many groups, or of n elements.
func convSize(name string, rows, columns, groups, n int) (string, device.Size) {
	if rows < convLeast || columns < convLeast {
		return name + "_small", device.Each(n)
	}
	return name, device.Tiles(rows, columns, groups, convTile, convTile/4)
}

// deviceConv computes y = the convolution of x + bias + beta*y.
func deviceConv[T Float](d *device.Device, s *conv.Shape, y, x, weight *Tensor[T], bias []T, beta T) {
	if y.Len() == 0 {
		return
	}
	name, size := convSize("conv", s.O/s.Groups, y.Len()/s.O, s.Groups, y.Len())
	device.Launch[T](d, "conv", name, size, convArgs(s, y,
		device.Result(elementsOf(y), beta), device.In(elementsOf(x)), device.In(elementsOf(weight)), device.In(bias), device.Num(beta))...)
}

// deviceConvGradInput computes dx = the gradient with respect to x + bias + beta*dx.
func deviceConvGradInput[T Float](d *device.Device, s *conv.Shape, dx, dy, weight *Tensor[T], bias []T, beta T) {
	if dx.Len() == 0 {
		return
	}
	name, size := convSize("conv_grad_input", s.C/s.Groups, dx.Len()/s.C, s.Groups, dx.Len())
	device.Launch[T](d, "conv", name, size, convArgs(s, dy,
		device.Result(elementsOf(dx), beta), device.In(elementsOf(dy)), device.In(elementsOf(weight)), device.In(bias), device.Num(beta))...)
}

// convParts is the number of blocks that ConvGradWeight should have, and convTerms the least number
// of terms of the sums of each.
const convParts, convTerms = 256, 512

func deviceConvGradWeight[T Float](d *device.Device, s *conv.Shape, dw, x, dy *Tensor[T], beta T) {
	if dw.Len() == 0 {
		return
	}
	positions := dy.Len() / s.O
	rows, columns := s.O/s.Groups, dw.Len()/s.O
	name, size := convSize("conv_grad_weight", rows, columns, s.Groups, dw.Len())
	in := []device.Arg{device.In(elementsOf(x)), device.In(elementsOf(dy))}
	if rows < convLeast || columns < convLeast {
		device.Launch[T](d, "conv", name, device.Rows(dw.Len(), positions),
			convArgs(s, dy, device.Result(elementsOf(dw), beta), in[0], in[1], device.Num(beta))...)
		return
	}
	parts := max(1, min(convParts/(size.Grid[0]*size.Grid[1]*s.Groups), positions/convTerms))
	if parts == 1 {
		device.Launch[T](d, "conv", name, size,
			convArgs(s, dy, device.Result(elementsOf(dw), beta), in[0], in[1], device.Int(1), device.Num(beta))...)
		return
	}
	sums := device.Borrow[T](d, parts*dw.Len())
	defer sums.Release()
	device.Launch[T](d, "conv", name, device.Tiles(rows, columns, s.Groups*parts, convTile, convTile/4),
		convArgs(s, dy, device.Out(sums.Data), in[0], in[1], device.Int(parts), device.Num[T](0))...)
	device.Launch[T](d, "conv", "conv_grad_weight_sum", device.Each(dw.Len()),
		device.Result(elementsOf(dw), beta), device.In(sums.Data), device.Int(parts), device.Int(dw.Len()), device.Num(beta))
}

func deviceConvGradBias[T Float](d *device.Device, db, dy *Tensor[T], n, plane int, beta T) {
	device.Launch[T](d, "conv", "conv_grad_bias", device.Rows(db.Len(), n*plane),
		device.Result(elementsOf(db), beta), device.In(elementsOf(dy)), device.Int(n), device.Int(db.Len()), device.Int(plane), device.Num(beta))
}

package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
)

// deviceElements queues a kernel of map.cu over dst and operands that are broadcast to its shape,
// in the name of op. The kernel reads dst if beta is not 0. The numbers follow the nest and the
// number of elements.
func deviceElements[T Float](d *device.Device, op, name string, dst *Tensor[T], beta T, operands []*Tensor[T], numbers ...device.Arg) {
	var strides [maxOperands][]int
	var expanded [maxOperands]Tensor[T]
	args := make([]device.Arg, 1, 16)
	args[0], strides[0] = written(dst, beta), dst.Strides()
	for i, x := range operands {
		e := x.expandInto(op, &expanded[i+1], dst.Shape())
		args, strides[i+1] = append(args, device.In(e.span())), e.Strides()
	}
	n := dst.Len()
	args = append(args, device.In(nestNumbers(n, dst.Shape(), strides)), device.Int(n))
	device.Launch[T](d, "map", name, device.Each(n), append(args, numbers...)...)
}

// nestNumbers is the nest of operands with the given strides, nil for none, in the shape of n
// elements that all of them have, as kernels take it (kernels/common.cuh); nil where all are
// contiguous.
func nestNumbers(n int, shape []int, strides [maxOperands][]int) []int {
	if n == 0 {
		return nil
	}
	var m nest
	m.init(shape, strides[0], strides[1], strides[2], strides[3])
	flat := m.ndim == 1
	for o, s := range strides {
		flat = flat && (s == nil || m.innerStride(o) == 1)
	}
	if flat {
		return nil
	}
	numbers := append([]int{m.ndim, n}, m.shape[:m.ndim]...)
	for o, s := range strides {
		if s != nil {
			numbers = append(numbers, m.strides[o][:m.ndim]...)
		}
	}
	return numbers
}

func deviceMap[T Float](d *device.Device, op UnaryOp, dst, x *Tensor[T], a, b T) {
	deviceElements(d, "Map", "map", dst, 0, []*Tensor[T]{x}, device.Int(int(op)), device.Num(a), device.Num(b))
}

func deviceMapGrad[T Float](d *device.Device, op UnaryOp, dx, dy, x, y *Tensor[T], a, b, beta T) {
	n := dx.Len()
	device.Launch[T](d, "map", "map_grad", device.Each(n),
		device.Result(dx.elements(), beta), device.In(dy.elements()), device.In(x.elements()), device.In(y.elements()), device.In[int](nil),
		device.Int(n), device.Int(int(op)), device.Num(a), device.Num(b), device.Num(beta))
}

func deviceBinary[T Float](d *device.Device, name string, op kernel.Binary, dst, a, b *Tensor[T]) {
	deviceElements(d, name, "binary", dst, 0, []*Tensor[T]{a, b}, device.Int(int(op)))
}

func deviceMulAdd[T Float](d *device.Device, dst, a, b *Tensor[T]) {
	deviceElements(d, "MulAdd", "mul_add", dst, 1, []*Tensor[T]{a, b})
}

func deviceAddScaled[T Float](d *device.Device, dst, x *Tensor[T], alpha T) {
	deviceElements(d, "AddScaled", "add_scaled", dst, 1, []*Tensor[T]{x}, device.Num(alpha))
}

func deviceWhere[T Float](d *device.Device, dst, cond, a, b *Tensor[T]) {
	deviceElements(d, "Where", "select", dst, 0, []*Tensor[T]{cond, a, b})
}

func deviceFill[T Float](d *device.Device, dst *Tensor[T], v T) {
	deviceElements(d, "Fill", "fill", dst, 0, nil, device.Num(v))
}

// deviceFlat queues a kernel of map.cu that reads and writes dst and takes the elements of x, which
// are as many, in row-major order. Both are contiguous.
func deviceFlat[T Float](d *device.Device, name string, dst, x *Tensor[T], numbers ...device.Arg) {
	n := dst.Len()
	args := []device.Arg{device.InOut(dst.elements()), device.In(x.elements()), device.In[int](nil), device.Int(n)}
	device.Launch[T](d, "map", name, device.Each(n), append(args, numbers...)...)
}

func deviceMovingAverage[T Float](d *device.Device, dst, x *Tensor[T], keep, take T) {
	deviceFlat(d, "moving_average", dst, x, device.Num(keep), device.Num(take))
}

func deviceLerp[T Float](d *device.Device, dst, x *Tensor[T], rate T) {
	deviceFlat(d, "lerp", dst, x, device.Num(rate))
}

func deviceSwap[T Float](d *device.Device, a, b *Tensor[T]) {
	n := a.Len()
	device.Launch[T](d, "map", "swap", device.Each(n),
		device.InOut(a.elements()), device.InOut(b.elements()), device.In[int](nil), device.Int(n))
}

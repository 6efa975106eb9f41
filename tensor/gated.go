package tensor

import (
	"slices"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
)

// PReLU computes dst = x where x > 0, else weight*x, with one weight for all elements (weight [1])
// or one for each index of axis 1 (weight [channels]):
//
//	x, dst [batch, channels, ..], weight [channels]
//
// All tensors are contiguous.
func PReLU[T Float](dst, x, weight *Tensor[T]) {
	checkSame("PReLU", dst, x)
	n := channelRuns("PReLU", x, weight)
	if d := device.Active(); d != nil {
		devicePReLU(d, dst, x, weight, n)
		return
	}
	k := kernel.Of[T]()
	w, d, s := weight.Data(), dst.Data(), x.Data()
	for i := 0; i*n < len(s); i++ {
		k.Map[kernel.LeakyReLU](d[i*n:(i+1)*n], s[i*n:(i+1)*n], w[i%len(w)], 0)
	}
}

// PReLUGrad is the backward pass of PReLU: it adds to dx the gradient of x and to dweight that of
// weight; either may be nil.
func PReLUGrad[T Float](dx, dweight, dy, x, weight *Tensor[T]) {
	checkSame("PReLUGrad", dy, x)
	n := channelRuns("PReLUGrad", x, weight)
	if dx != nil {
		checkSame("PReLUGrad", dx, x)
	}
	if dweight != nil {
		checkSame("PReLUGrad", dweight, weight)
	}
	if d := device.Active(); d != nil {
		devicePReLUGrad(d, dx, dweight, dy, x, weight, n)
		return
	}
	k := kernel.Of[T]()
	w, g, s := weight.Data(), dy.Data(), x.Data()
	if dx != nil {
		d := dx.Data()
		for i := 0; i*n < len(s); i++ {
			row := s[i*n : (i+1)*n]
			k.MapGrad[kernel.LeakyReLU](d[i*n:(i+1)*n], g[i*n:(i+1)*n], row, row, w[i%len(w)], 0, 1)
		}
	}
	if dweight != nil {
		d := dweight.Data()
		for i := 0; i*n < len(s); i++ {
			sum := 0.0
			for j, v := range s[i*n : (i+1)*n] {
				if !(v > 0) {
					sum += float64(g[i*n+j]) * float64(v)
				}
			}
			d[i%len(w)] += T(sum)
		}
	}
}

// channelRuns returns the number of consecutive elements of x that share one weight.
func channelRuns[T Float](op string, x, weight *Tensor[T]) int {
	if weight.Len() == 1 {
		return max(1, x.Len())
	}
	if x.ndim < 2 || weight.Len() != x.shape[1] {
		PanicShape(op, "want one weight, or one for each index of axis 1", x.Shape(), weight.Shape())
	}
	n := 1
	for _, d := range x.Shape()[2:] {
		n *= d
	}
	return n
}

// GLU computes the gated linear unit dst = a * sigmoid(b), where a and b are the halves of x along
// axis, and keeps gate = sigmoid(b) for GLUGrad:
//
//	x [.., 2n, ..], dst and gate [.., n, ..]
//
// All tensors are contiguous.
func GLU[T Float](dst, gate, x *Tensor[T], axis int) {
	n := gluRuns("GLU", dst, x, axis)
	checkSame("GLU", dst, gate)
	if d := device.Active(); d != nil {
		deviceGLU(d, dst, gate, x, n)
		return
	}
	k := kernel.Of[T]()
	d, g, s := dst.Data(), gate.Data(), x.Data()
	for i := 0; i*n < len(d); i++ {
		row := g[i*n : (i+1)*n]
		k.Map[kernel.Sigmoid](row, s[(2*i+1)*n:(2*i+2)*n], 0, 0)
		k.Binary[kernel.Mul](d[i*n:(i+1)*n], s[2*i*n:(2*i+1)*n], row)
	}
}

// GLUGrad is the backward pass of GLU: it adds to dx.
func GLUGrad[T Float](dx, dy, gate, x *Tensor[T], axis int) {
	checkSame("GLUGrad", dx, x)
	n := gluRuns("GLUGrad", dy, x, axis)
	if d := device.Active(); d != nil {
		deviceGLUGrad(d, dx, dy, gate, x, n)
		return
	}
	k := kernel.Of[T]()
	d, gy, g, s := dx.Data(), dy.Data(), gate.Data(), x.Data()
	for i := 0; i*n < len(gy); i++ {
		dy, gate, a := gy[i*n:(i+1)*n], g[i*n:(i+1)*n], s[2*i*n:(2*i+1)*n]
		da, db := d[2*i*n:(2*i+1)*n], d[(2*i+1)*n:(2*i+2)*n]
		k.MulAdd(da, dy, gate)
		for j, s := range gate {
			db[j] += dy[j] * a[j] * (s * (1 - s))
		}
	}
}

// gluRuns returns the number of elements of one half of x at a fixed index of the axes before axis.
func gluRuns[T Float](op string, dst, x *Tensor[T], axis int) int {
	axis = x.Axis(op, axis)
	if x.shape[axis]%2 != 0 {
		PanicShape(op, "the axis cannot be halved", x.Shape())
	}
	want := x.shape
	want[axis] /= 2
	if !slices.Equal(dst.Shape(), want[:x.ndim]) {
		PanicShape(op, "want half of the axis", dst.Shape(), x.Shape())
	}
	n := 1
	for _, d := range want[axis:x.ndim] {
		n *= d
	}
	return max(1, n)
}

package tensor

import "elegans/tensor/internal/device"

func deviceSpMV[T Float](d *device.Device, dst *Tensor[T], s *CSR[T], x *Tensor[T], alpha, beta T) {
	device.Launch[T](d, "csr", "spmv", device.Warps(s.Rows),
		device.Result(elementsOf(dst), beta), device.In(s.RowPtr), device.In(s.Col), device.In(s.Val), device.In(elementsOf(x)),
		device.Int(s.Rows), device.Num(alpha), device.Num(beta))
}

// deviceSpMM computes dst = S x + beta dst for a matrix whose values lie at places of val, which is
// nil if they are in order.
func deviceSpMM[T Float](d *device.Device, dst *Tensor[T], ptr, col, place []int32, val []T, x *Tensor[T], width int, beta T) {
	device.Launch[T](d, "csr", "spmm", device.Each(dst.Len()),
		device.Result(elementsOf(dst), beta), device.In(ptr), device.In(col), device.In(place), device.In(val), device.In(elementsOf(x)),
		device.Int(len(ptr)-1), device.Int(width), device.Num(beta))
}

func deviceSpMMGradValues[T Float](d *device.Device, dval []T, s *CSR[T], dy, x *Tensor[T], width int) {
	device.Launch[T](d, "csr", "spmm_grad_values", device.Warps(len(s.Col)),
		device.InOut(dval), device.In(s.RowPtr), device.In(s.Col), device.In(elementsOf(dy)), device.In(elementsOf(x)),
		device.Int(s.Rows), device.Int(len(s.Col)), device.Int(width))
}

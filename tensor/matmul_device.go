package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/gemm"
)

// deviceProduct queues the product p of a and b into dst, without its activation. Columns of dst
// need not be adjacent, so that a bias always belongs to them.
func deviceProduct[T Float](d *device.Device, p *gemm.Product[T], dst, a, b *Tensor[T]) {
	batches := p.Batch.Len()
	if p.M == 0 || p.N == 0 || batches == 0 {
		return
	}
	col := 1
	if p.N > 1 {
		col = dst.strides[dst.ndim-1]
	}
	name, tile := "matmul_small", 16
	if p.M > 32 && p.N > 32 {
		name, tile = "matmul", 64
	}
	device.Launch[T](d, "matmul", name, device.Tiles(p.M, p.N, batches, tile, 16),
		written(dst, p.Beta), device.In(a.span()), device.In(b.span()), device.In(p.Epilogue.ColBias),
		device.In(batchNumbers(&p.Batch)), device.Int(batches), device.Int(p.M), device.Int(p.N), device.Int(p.K),
		device.Int(p.CRow), device.Int(col), device.Int(p.A.Row), device.Int(p.A.Col), device.Int(p.B.Row), device.Int(p.B.Col),
		device.Num(p.Alpha), device.Num(p.Beta))
}

// batchNumbers are the batch axes as the kernel takes them; nil where there are none.
func batchNumbers(b *gemm.Batch) []int {
	if b.Axes == 0 {
		return nil
	}
	numbers := []int{b.Axes}
	for _, of := range [][gemm.MaxBatch]int{b.Dims, b.C, b.A, b.B, b.ColBias} {
		numbers = append(numbers, of[:b.Axes]...)
	}
	return numbers
}

package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/parallel"
)

// GateLog sets dst = tanh(x)/2, the logarithm of a gate exp(tanh(x)/2) between 0.6 and 1.65. Both
// have one shape and may be strided.
func GateLog[T Float](dst, x *Tensor[T]) {
	Tanh(dst, x)
	Scale(dst, dst, 0.5)
}

// GateLogGrad adds to dx the gradient of y = GateLog(x), dx += dy (1 - 4y²)/2. All are contiguous
// and have one shape.
func GateLogGrad[T Float](dx, dy, y *Tensor[T]) {
	checkSame("GateLogGrad", dx, dy, y)
	if d := device.Active(); d != nil {
		deviceGateLogGrad(d, dx, dy, y)
		return
	}
	parallel.For(dx.Len(), chunkElems, gateLogGrad[T]{dx.Data(), dy.Data(), y.Data()})
}

type gateLogGrad[T Float] struct{ dx, dy, y []T }

func (b *gateLogGrad[T]) Do(lo, hi int) {
	dx, dy := b.dx[lo:hi], b.dy[lo:hi]
	for i, y := range b.y[lo:hi] {
		dx[i] += dy[i] * (0.5 - 2*y*y)
	}
}

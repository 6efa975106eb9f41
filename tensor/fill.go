package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// Fill sets every element of dst, which may be strided, to v.
func Fill[T Float](dst *Tensor[T], v T) {
	if d := device.Active(); d != nil {
		deviceFill(d, dst, v)
		return
	}
	switch n := dst.Len(); {
	case n == 0:
	case n <= grainArithmetic && dst.IsContiguous():
		// Gradients of small parameters are many, and sharing out the work would take longer.
		kernel.Of[T]().Fill(dst.data[:n], v)
	default:
		body := fill[T]{dst: dst.data, v: v}
		body.n.init(dst.Shape(), dst.Strides(), nil, nil, nil)
		parallel.For(body.n.units, body.n.grain(grainArithmetic), body)
	}
}

type fill[T Float] struct {
	dst []T
	v   T
	n   nest
}

func (m *fill[T]) Do(lo, hi int) {
	k := kernel.Of[T]()
	ds := m.n.innerStride(0)
	for u := lo; u < hi; u++ {
		at, n := m.n.unit(u)
		dst := m.dst[at[0]:]
		if ds == 1 {
			k.Fill(dst[:n], m.v)
			continue
		}
		for i := range n {
			dst[i*ds] = m.v
		}
	}
}

// Zero sets every element of t to 0.
func (t *Tensor[T]) Zero() { Fill(t, 0) }

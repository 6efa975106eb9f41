package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/parallel"
)

// GroupedLayerNorm is LayerNorm with a weight and a bias for each group:
//
//	dst, x [groups, rows, n], weight, bias [groups, n], mean, rstd [groups, rows]
//
// All are contiguous; dst may be x.
func GroupedLayerNorm[T Float](dst, x, weight, bias, mean, rstd *Tensor[T], eps T) {
	checkSame("GroupedLayerNorm", dst, x)
	b := groupedNorm[T]{dst, weight, bias, nil, x, weight, bias, mean, rstd, eps}
	grain := b.check("GroupedLayerNorm")
	if d := device.Active(); d != nil {
		groups, rows, n := x.shape[0], x.shape[1], x.shape[2]
		deviceRowNorm(d, dst, x, weight, bias, mean, rstd, groups*rows, n, layerPlaces(groups, rows, n), eps)
		return
	}
	parallel.For(x.Dim(0), grain, b)
}

// GroupedLayerNormGrad adds to dx, dweight and dbias, those of them that are not nil, the gradients
// of GroupedLayerNorm, given the statistics that it has computed.
func GroupedLayerNormGrad[T Float](dx, dweight, dbias, dy, x, weight, mean, rstd *Tensor[T]) {
	checkSame("GroupedLayerNormGrad", dy, x)
	b := groupedNorm[T]{dx, dweight, dbias, dy, x, weight, nil, mean, rstd, 0}
	grain := b.check("GroupedLayerNormGrad")
	if d := device.Active(); d != nil {
		deviceLayerNormGrad(d, dx, dweight, dbias, dy, x, weight, mean, rstd, x.shape[0], x.shape[1], x.shape[2])
		return
	}
	parallel.For(x.Dim(0), grain, groupedNormGrad[T]{b})
}

// groupedNorm are the operands of both directions: out is the result or the gradient of x.
type groupedNorm[T Float] struct {
	out, dweight, dbias, dy, x, weight, bias, mean, rstd *Tensor[T]
	eps                                                  T
}

// check panics unless the shapes fit, and returns the number of groups in a chunk of work.
func (b *groupedNorm[T]) check(op string) int {
	if b.x.Dims() != 3 {
		PanicShape(op, "want [groups, rows, n]", b.x.Shape())
	}
	groups, rows, n := b.x.Dim(0), b.x.Dim(1), b.x.Dim(2)
	for _, w := range [...]*Tensor[T]{b.weight, b.bias, b.dweight, b.dbias} {
		if w != nil && (w.Dims() != 2 || w.Dim(0) != groups || w.Dim(1) != n) {
			PanicShape(op, "want weights and biases [groups, n]", b.x.Shape(), w.Shape())
		}
	}
	for _, s := range [...]*Tensor[T]{b.mean, b.rstd} {
		if s.Dims() != 2 || s.Dim(0) != groups || s.Dim(1) != rows {
			PanicShape(op, "want statistics [groups, rows]", b.x.Shape(), s.Shape())
		}
	}
	return 1 + chunkElems/2/(1+rows*n)
}

func (b *groupedNorm[T]) Do(lo, hi int) {
	for g := lo; g < hi; g++ {
		dst, x, weight, bias := Entry(b.out, g), Entry(b.x, g), Entry(b.weight, g), Entry(b.bias, g)
		mean, rstd := Entry(b.mean, g), Entry(b.rstd, g)
		LayerNorm(&dst, &x, &weight, &bias, &mean, &rstd, b.eps)
	}
}

type groupedNormGrad[T Float] struct{ groupedNorm[T] }

func (b *groupedNormGrad[T]) Do(lo, hi int) {
	for g := lo; g < hi; g++ {
		var dx, dweight, dbias Tensor[T]
		dy, x, weight := Entry(b.dy, g), Entry(b.x, g), Entry(b.weight, g)
		mean, rstd := Entry(b.mean, g), Entry(b.rstd, g)
		LayerNormGrad(entryOf(&dx, b.out, g), entryOf(&dweight, b.dweight, g), entryOf(&dbias, b.dbias, g), &dy, &x, &weight, &mean, &rstd)
	}
}

// entryOf makes w an entry of t, and returns nil if there is no t.
func entryOf[T Float](w, t *Tensor[T], i int) *Tensor[T] {
	if t == nil {
		return nil
	}
	*w = Entry(t, i)
	return w
}

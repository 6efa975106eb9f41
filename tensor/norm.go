package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
	"elegans/tensor/internal/scratch"
)

// rowsOf returns the length of the rows into which x is cut by statistics of one number a row.
func rowsOf[T Float](op string, x, stat *Tensor[T]) (rows, n int) {
	rows = stat.Len()
	if rows == 0 || x.Len()%rows != 0 {
		if x.Len() == 0 {
			return 0, -1 // of any length
		}
		PanicShape(op, "the statistics need one number a row", x.Shape(), stat.Shape())
	}
	return rows, x.Len() / rows
}

// checkAffine panics unless v is nil or has n elements, and returns its elements.
func checkAffine[T Float](op string, v *Tensor[T], n int) []T {
	if v == nil {
		return nil
	}
	if v.Len() != n && n >= 0 {
		PanicShape(op, "one weight and bias for each normalised place wanted", v.Shape(), []int{n})
	}
	return v.elements()
}

// LayerNorm normalises rows of n = x.Len()/mean.Len() consecutive elements (Ba, Kiros and Hinton
// 2016):
//
//	dst = (x - mean) * rstd * weight + bias
//	rstd = 1/sqrt(variance + eps), with the biased variance
//
// weight and bias have n elements or are nil. mean and rstd, one number a row, receive the
// statistics. All are contiguous; dst may be x.
func LayerNorm[T Float](dst, x, weight, bias, mean, rstd *Tensor[T], eps T) {
	checkSame("LayerNorm", dst, x)
	checkSame("LayerNorm", mean, rstd)
	rows, n := rowsOf("LayerNorm", x, mean)
	w, b := checkAffine("LayerNorm", weight, n), checkAffine("LayerNorm", bias, n)
	if d := device.Active(); d != nil {
		deviceRowNorm(d, dst, x, weight, bias, mean, rstd, rows, n, layerPlaces(1, rows, n), eps)
		return
	}
	parallel.For(rows, max(1, chunkElems/max(1, n)), layerNormBody[T]{kernel.Of[T](), n, dst.Data(), x.Data(), w, b, mean.Data(), rstd.Data(), eps})
}

type layerNormBody[T Float] struct {
	k                              *kernel.Set[T]
	n                              int
	dst, x, weight, bias, mean, rs []T
	eps                            T
}

func (b *layerNormBody[T]) Do(lo, hi int) {
	n := b.n
	for r := lo; r < hi; r++ {
		x, dst := b.x[r*n:(r+1)*n], b.dst[r*n:(r+1)*n]
		mean := b.k.RowSum(x) / T(n)
		rs := kernel.InverseRoot(b.k.SumSquaresAbout(x, mean)/T(n), b.eps)
		b.mean[r], b.rs[r] = mean, rs
		if b.weight != nil && b.bias != nil {
			b.k.NormalizeAffine(dst, x, b.weight, b.bias, mean, rs)
			continue
		}
		b.k.Normalize(dst, x, mean, rs, 0)
		for j, w := range b.weight {
			dst[j] *= w
		}
		for j, v := range b.bias {
			dst[j] += v
		}
	}
}

// LayerNormGrad adds to dx, dweight and dbias, of which any may be nil, the gradients of LayerNorm;
// with mean == nil they are those of RMSNorm. dweight and dbias have n elements.
func LayerNormGrad[T Float](dx, dweight, dbias, dy, x, weight, mean, rstd *Tensor[T]) {
	const op = "LayerNormGrad"
	checkSame(op, dy, x)
	rows, n := rowsOf(op, x, rstd)
	if rows == 0 {
		return
	}
	w, dw, db := checkAffine(op, weight, n), checkAffine(op, dweight, n), checkAffine(op, dbias, n)
	if dx != nil {
		checkSame(op, dx, x)
	}
	if d := device.Active(); d != nil {
		deviceLayerNormGrad(d, dx, dweight, dbias, dy, x, weight, mean, rstd, 1, rows, n)
		return
	}
	grain := max(1, chunkElems/max(1, n))
	b := layerNormGradBody[T]{k: kernel.Of[T](), n: n, grain: grain, dx: dataOf(dx), dy: dy.Data(), x: x.Data(), weight: w, mean: dataOf(mean), rs: rstd.Data()}
	if dw == nil && db == nil {
		parallel.For(rows, grain, b)
		return
	}
	// Every chunk of rows sums for itself; the sums are added in order.
	chunks := (rows + grain - 1) / grain
	parts := scratch.Take[T](chunks * 2 * n)
	clear(parts.Data)
	b.parts = parts.Data
	parallel.For(rows, grain, b)
	if dw != nil {
		b.k.AddRows(dw, parts.Data, chunks, 2*n)
	}
	if db != nil {
		b.k.AddRows(db, parts.Data[n:], chunks, 2*n)
	}
	parts.Release()
}

type layerNormGradBody[T Float] struct {
	k                           *kernel.Set[T]
	n, grain                    int
	dx, dy, x, weight, mean, rs []T
	// for each chunk of grain rows: n sums for the weight, n for the bias
	parts []T
	none  [normRows]T
}

// normRows is the number of rows that stay in the cache between the gradients of x and of the
// parameters.
const normRows = 16

func (b *layerNormGradBody[T]) Do(lo, hi int) {
	part := lo / b.grain * 2 * b.n
	for r := lo; r < hi; r += normRows {
		end := min(r+normRows, hi)
		mean := b.none[:end-r]
		if b.mean != nil {
			mean = b.mean[r:end]
		}
		if b.dx != nil {
			b.rows(r, mean)
		}
		if b.parts != nil {
			dw, db := b.parts[part:part+b.n], b.parts[part+b.n:part+2*b.n]
			b.k.NormGradParams(dw, db, b.dy[r*b.n:end*b.n], b.x[r*b.n:end*b.n], mean, b.rs[r:end], b.n)
		}
	}
}

// rows adds the gradients of the rows from number first on. With xhat = (x - mean)*rs and g =
// dy*weight: dx += rs * (g - mean(g) - xhat*mean(g*xhat)); root mean squares have no term mean(g).
func (b *layerNormGradBody[T]) rows(first int, means []T) {
	n := b.n
	for i, mean := range means {
		r := first + i
		x, dy, dx := b.x[r*n:(r+1)*n], b.dy[r*n:(r+1)*n], b.dx[r*n:(r+1)*n]
		var sum, dot T
		if b.weight == nil {
			sum, dot = b.k.NormDots(dy, x, mean)
		} else {
			sum, dot = b.k.NormDotsAffine(dy, x, b.weight, mean)
		}
		if b.mean == nil {
			sum = 0
		}
		rs := b.rs[r]
		slope, offset := -rs*rs*rs*dot/T(n), -rs*sum/T(n)
		if b.weight == nil {
			b.k.NormGrad(dx, dy, x, mean, rs, slope, offset)
		} else {
			b.k.NormGradAffine(dx, dy, x, b.weight, mean, rs, slope, offset)
		}
	}
}

// RMSNorm scales rows of n = x.Len()/rstd.Len() consecutive elements by their root mean square
// (Zhang and Sennrich 2019): dst = x * rstd * weight with rstd = 1/sqrt(mean(x^2) + eps). weight
// has n elements or is nil; rstd receives one number a row.
func RMSNorm[T Float](dst, x, weight, rstd *Tensor[T], eps T) {
	checkSame("RMSNorm", dst, x)
	rows, n := rowsOf("RMSNorm", x, rstd)
	w := checkAffine("RMSNorm", weight, n)
	if d := device.Active(); d != nil {
		deviceRowNorm(d, dst, x, weight, nil, nil, rstd, rows, n, layerPlaces(1, rows, n), eps)
		return
	}
	parallel.For(rows, max(1, chunkElems/max(1, n)), rmsNormBody[T]{kernel.Of[T](), n, dst.Data(), x.Data(), w, rstd.Data(), eps})
}

type rmsNormBody[T Float] struct {
	k                  *kernel.Set[T]
	n                  int
	dst, x, weight, rs []T
	eps                T
}

func (b *rmsNormBody[T]) Do(lo, hi int) {
	n := b.n
	for r := lo; r < hi; r++ {
		x, dst := b.x[r*n:(r+1)*n], b.dst[r*n:(r+1)*n]
		rs := kernel.InverseRoot(b.k.SumSquaresAbout(x, 0)/T(n), b.eps)
		b.rs[r] = rs
		b.k.RowScale(dst, x, rs)
		for j, w := range b.weight {
			dst[j] *= w
		}
	}
}

package tensor

import (
	"math"

	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// rowsOf returns the length of the rows into which x is cut by statistics of one number a row.
func rowsOf[T Float](op string, x, stat *Tensor[T]) (rows, n int) {
	rows = stat.Len()
	if rows == 0 || x.Len()%rows != 0 {
		if x.Len() == 0 {
			return 0, 0
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
	if v.Len() != n {
		PanicShape(op, "one weight and bias for each normalised place wanted", v.Shape(), []int{n})
	}
	return v.Data()
}

// LayerNorm normalises rows of n = x.Len()/mean.Len() consecutive elements (Ba, Kiros and Hinton 2016):
//
//	dst = (x - mean) * rstd * weight + bias,   rstd = 1/sqrt(variance + eps), with the biased variance
//
// weight and bias have n elements or are nil. mean and rstd, one number a row, receive the statistics. All are contiguous; dst may be x.
func LayerNorm[T Float](dst, x, weight, bias, mean, rstd *Tensor[T], eps T) {
	checkSame("LayerNorm", dst, x)
	checkSame("LayerNorm", mean, rstd)
	rows, n := rowsOf("LayerNorm", x, mean)
	parallel.For(rows, max(1, chunkElems/max(1, n)), layerNormBody[T]{kernel.Of[T](), n, dst.Data(), x.Data(),
		checkAffine("LayerNorm", weight, n), checkAffine("LayerNorm", bias, n), mean.Data(), rstd.Data(), eps})
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
		rs := inverseRoot(b.k.SumSquaresAbout(x, mean)/T(n), b.eps)
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

func inverseRoot[T Float](variance, eps T) T { return T(1 / math.Sqrt(float64(variance)+float64(eps))) }

// LayerNormGrad adds to dx the gradient of LayerNorm with respect to x. With RMSNorm's statistics, mean == nil, it is that of RMSNorm.
func LayerNormGrad[T Float](dx, dy, x, weight, mean, rstd *Tensor[T]) {
	checkSame("LayerNormGrad", dx, dy, x)
	rows, n := rowsOf("LayerNormGrad", x, rstd)
	body := layerNormGradBody[T]{k: kernel.Of[T](), n: n, dx: dx.Data(), dy: dy.Data(), x: x.Data(),
		weight: checkAffine("LayerNormGrad", weight, n), rs: rstd.Data()}
	if mean != nil {
		body.mean = mean.Data()
	}
	parallel.For(rows, max(1, chunkElems/max(1, n)), body)
}

type layerNormGradBody[T Float] struct {
	k                           *kernel.Set[T]
	n                           int
	dx, dy, x, weight, mean, rs []T
}

// With xhat = (x - mean)*rs and g = dy*weight: dx += rs * (g - mean(g) - xhat*mean(g*xhat)); root mean squares have no term mean(g).
func (b *layerNormGradBody[T]) Do(lo, hi int) {
	n := b.n
	for r := lo; r < hi; r++ {
		x, dy, dx := b.x[r*n:(r+1)*n], b.dy[r*n:(r+1)*n], b.dx[r*n:(r+1)*n]
		var mean, sum, dot T
		if b.mean != nil {
			mean = b.mean[r]
		}
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

// LayerNormGradParams adds to dweight and dbias the gradients of LayerNorm with respect to weight and bias, which have n elements: sums over the rows, taken in order.
func LayerNormGradParams[T Float](dweight, dbias, dy, x, mean, rstd *Tensor[T]) {
	checkSame("LayerNormGradParams", dy, x)
	rows, n := rowsOf("LayerNormGradParams", x, mean)
	if rows == 0 {
		return
	}
	body := normParamsBody[T]{kernel.Of[T](), n, checkAffine("LayerNormGradParams", dweight, n), checkAffine("LayerNormGradParams", dbias, n),
		dy.Data(), x.Data(), mean.Data(), rstd.Data()}
	parallel.For((n+columnBlock-1)/columnBlock, max(1, chunkElems/(rows*columnBlock)), body)
}

type normParamsBody[T Float] struct {
	k                           *kernel.Set[T]
	n                           int
	dw, db, dy, x, mean, invstd []T
}

func (b *normParamsBody[T]) Do(lo, hi int) {
	const rows = 256 // at most so many at a time, to keep calls of kernels short
	j, end := lo*columnBlock, min(hi*columnBlock, b.n)
	for ; j < end; j += columnBlock {
		w := min(columnBlock, b.n-j)
		for r := 0; r < len(b.mean); r += rows {
			r1 := min(r+rows, len(b.mean))
			b.k.NormGradParams(b.dw[j:j+w], b.db[j:j+w], b.dy[r*b.n+j:], b.x[r*b.n+j:], b.mean[r:r1], b.invstd[r:r1], b.n)
		}
	}
}

// RMSNorm scales rows of n = x.Len()/rstd.Len() consecutive elements by their root mean square (Zhang and Sennrich 2019): dst = x * rstd * weight with
// rstd = 1/sqrt(mean(x^2) + eps). weight has n elements or is nil; rstd receives one number a row.
func RMSNorm[T Float](dst, x, weight, rstd *Tensor[T], eps T) {
	checkSame("RMSNorm", dst, x)
	rows, n := rowsOf("RMSNorm", x, rstd)
	parallel.For(rows, max(1, chunkElems/max(1, n)), rmsNormBody[T]{kernel.Of[T](), n, dst.Data(), x.Data(),
		checkAffine("RMSNorm", weight, n), rstd.Data(), eps})
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
		rs := inverseRoot(b.k.SumSquaresAbout(x, 0)/T(n), b.eps)
		b.rs[r] = rs
		b.k.RowScale(dst, x, rs)
		for j, w := range b.weight {
			dst[j] *= w
		}
	}
}

// RMSNormGradWeight adds to dweight the gradient of RMSNorm with respect to weight.
func RMSNormGradWeight[T Float](dweight, dy, x, rstd *Tensor[T]) {
	checkSame("RMSNormGradWeight", dy, x)
	rows, n := rowsOf("RMSNormGradWeight", x, rstd)
	dw, g, v := checkAffine("RMSNormGradWeight", dweight, n), dy.Data(), x.Data()
	for r, rs := range rstd.Data()[:rows] {
		gr, xr := g[r*n:], v[r*n:]
		for j := range dw {
			dw[j] += gr[j] * xr[j] * rs
		}
	}
}

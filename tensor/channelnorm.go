package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// planes is a tensor [N, C, ...] seen as n*c planes of s elements.
type planes struct{ n, c, s int }

func planesOf[T Float](op string, x *Tensor[T], others ...*Tensor[T]) planes {
	if x.ndim < 2 {
		PanicShape(op, "want [N, C, ...]", x.Shape())
	}
	checkSame(op, x, others...)
	p := planes{x.shape[0], x.shape[1], 1}
	for _, d := range x.shape[2:x.ndim] {
		p.s *= d
	}
	return p
}

// affine returns weight and bias of channel c; nil slices stand for 1 and 0.
func affine[T Float](weight, bias []T, c int) (w, b T) {
	w = 1
	if weight != nil {
		w = weight[c]
	}
	if bias != nil {
		b = bias[c]
	}
	return w, b
}

// GroupNorm normalises each of the groups of C/groups neighbouring channels of each item of x [N,
// C, ...] (Wu and He 2018), then scales and shifts by channel. mean and rstd, N*groups elements,
// receive the statistics; weight and bias have C elements or are nil. With groups == C it is
// instance normalisation. dst may be x.
func GroupNorm[T Float](dst, x, weight, bias, mean, rstd *Tensor[T], groups int, eps T) {
	p := planesOf("GroupNorm", x, dst)
	checkChannelGroups("GroupNorm", p, groups, mean, rstd)
	w, b := checkAffine("GroupNorm", weight, p.c), checkAffine("GroupNorm", bias, p.c)
	if d := device.Active(); d != nil {
		deviceRowNorm(d, dst, x, weight, bias, mean, rstd, p.n*groups, p.s*p.c/groups, groupPlaces(p, groups), eps)
		return
	}
	parallel.For(p.n*groups, p.grain(p.s*p.c/groups), groupNormBody[T]{kernel.Of[T](), p, groups, dst.Data(), x.Data(), w, b, mean.Data(), rstd.Data(), eps})
}

func (p planes) grain(n int) int { return max(1, chunkElems/max(1, n)) }

func checkChannelGroups[T Float](op string, p planes, groups int, mean, rstd *Tensor[T]) {
	if groups < 1 || p.c%groups != 0 {
		PanicShape(op, "the channels must be a multiple of the groups", []int{p.n, p.c, p.s}, []int{groups})
	}
	if mean.Len() != p.n*groups || rstd.Len() != p.n*groups {
		PanicShape(op, "the statistics need one number for each item and group", mean.Shape(), rstd.Shape())
	}
}

type groupNormBody[T Float] struct {
	k *kernel.Set[T]
	planes
	groups                         int
	dst, x, weight, bias, mean, rs []T
	eps                            T
}

func (b *groupNormBody[T]) Do(lo, hi int) {
	each := b.c / b.groups // channels of a group
	n := each * b.s
	for r := lo; r < hi; r++ {
		x := b.x[r*n : (r+1)*n]
		mean := b.k.RowSum(x) / T(n)
		rs := kernel.InverseRoot(b.k.SumSquaresAbout(x, mean)/T(n), b.eps)
		b.mean[r], b.rs[r] = mean, rs
		for i := range each {
			w, shift := affine(b.weight, b.bias, r%b.groups*each+i)
			b.k.Normalize(b.dst[r*n+i*b.s:][:b.s], x[i*b.s:(i+1)*b.s], mean, rs*w, shift)
		}
	}
}

// GroupNormGrad adds to dx, dweight and dbias, of which any may be nil, the gradients of GroupNorm.
// sums and dots, N*C elements each, are scratch.
func GroupNormGrad[T Float](dx, dweight, dbias, dy, x, weight, mean, rstd, sums, dots *Tensor[T], groups int) {
	p := planesOf("GroupNormGrad", x, dy)
	checkChannelGroups("GroupNormGrad", p, groups, mean, rstd)
	if x.Len() == 0 {
		return // statistics of nothing are NaN
	}
	body := groupNormGradBody[T]{k: kernel.Of[T](), planes: p, groups: groups, weight: checkAffine("GroupNormGrad", weight, p.c),
		sums: checkAffine("GroupNormGrad", sums, p.n*p.c), dots: checkAffine("GroupNormGrad", dots, p.n*p.c)}
	dw, db := checkAffine("GroupNormGrad", dweight, p.c), checkAffine("GroupNormGrad", dbias, p.c)
	if dx != nil {
		checkSame("GroupNormGrad", dx, x)
	}
	if d := device.Active(); d != nil {
		deviceGroupNormGrad(d, dx, dweight, dbias, dy, x, weight, mean, rstd, sums, dots, p, groups)
		return
	}
	body.dx, body.dy, body.x, body.mean, body.rs = dataOf(dx), dy.Data(), x.Data(), mean.Data(), rstd.Data()
	parallel.For(p.n*groups, p.grain(p.s*p.c/groups), body)
	for i := range p.n * p.c {
		if c := i % p.c; dw != nil {
			dw[c] += body.dots[i] * body.rs[i/(p.c/groups)]
		}
		if c := i % p.c; db != nil {
			db[c] += body.sums[i]
		}
	}
}

type groupNormGradBody[T Float] struct {
	k *kernel.Set[T]
	planes
	groups                                  int
	dx, dy, x, weight, mean, rs, sums, dots []T
}

func (b *groupNormGradBody[T]) Do(lo, hi int) {
	each := b.c / b.groups
	n := T(each * b.s)
	for r := lo; r < hi; r++ {
		mean, rs := b.mean[r], b.rs[r]
		var sum, dot T // of dy*weight and of dy*weight*(x-mean), over the group
		for i := r * each; i < (r+1)*each; i++ {
			at := i * b.s
			b.sums[i], b.dots[i] = b.k.NormDots(b.dy[at:at+b.s], b.x[at:at+b.s], mean)
			w, _ := affine(b.weight, nil, i%b.c)
			sum += w * b.sums[i]
			dot += w * b.dots[i]
		}
		if b.dx == nil {
			continue
		}
		for i := r * each; i < (r+1)*each; i++ {
			at := i * b.s
			w, _ := affine(b.weight, nil, i%b.c)
			b.k.NormGrad(b.dx[at:at+b.s], b.dy[at:at+b.s], b.x[at:at+b.s], mean, rs*w, -rs*rs*rs*dot/n, -rs*sum/n)
		}
	}
}

// BatchNormStats computes the mean and the biased variance of every channel of x [N, C, ...] over
// all other axes.
func BatchNormStats[T Float](mean, variance, x *Tensor[T]) {
	p := planesOf("BatchNormStats", x)
	m, v := checkAffine("BatchNormStats", mean, p.c), checkAffine("BatchNormStats", variance, p.c)
	if d := device.Active(); d != nil {
		deviceBatchNormStats(d, mean, variance, x, p)
		return
	}
	parallel.For(p.c, p.grain(p.n*p.s), batchStatsBody[T]{kernel.Of[T](), p, x.Data(), m, v})
}

type batchStatsBody[T Float] struct {
	k *kernel.Set[T]
	planes
	x, mean, variance []T
}

func (b *batchStatsBody[T]) Do(lo, hi int) {
	count := float64(b.n * b.s)
	for c := lo; c < hi; c++ {
		sum, squares := 0.0, 0.0
		for i := range b.n {
			if at := (i*b.c + c) * b.s; b.s == 1 {
				sum += float64(b.x[at])
			} else {
				sum += float64(b.k.RowSum(b.x[at : at+b.s]))
			}
		}
		mean := T(sum / count)
		for i := range b.n {
			if at := (i*b.c + c) * b.s; b.s == 1 {
				d := float64(b.x[at] - mean)
				squares += d * d
			} else {
				squares += float64(b.k.SumSquaresAbout(b.x[at:at+b.s], mean))
			}
		}
		b.mean[c], b.variance[c] = mean, T(squares/count)
	}
}

// BatchNorm computes dst = (x - mean) / sqrt(variance + eps) * weight + bias with one number a
// channel of x [N, C, ...] (Ioffe and Szegedy 2015). weight and bias may be nil; dst may be x.
func BatchNorm[T Float](dst, x, weight, bias, mean, variance *Tensor[T], eps T) {
	p := planesOf("BatchNorm", x, dst)
	w, b := checkAffine("BatchNorm", weight, p.c), checkAffine("BatchNorm", bias, p.c)
	m, v := checkAffine("BatchNorm", mean, p.c), checkAffine("BatchNorm", variance, p.c)
	if d := device.Active(); d != nil {
		deviceBatchNorm(d, dst, x, weight, bias, mean, variance, p, eps)
		return
	}
	parallel.For(p.c, p.grain(p.n*p.s), batchNormBody[T]{kernel.Of[T](), p, dst.Data(), x.Data(), w, b, m, v, eps})
}

type batchNormBody[T Float] struct {
	k *kernel.Set[T]
	planes
	dst, x, weight, bias, mean, variance []T
	eps                                  T
}

func (b *batchNormBody[T]) Do(lo, hi int) {
	for c := lo; c < hi; c++ {
		w, shift := affine(b.weight, b.bias, c)
		mean, scale := b.mean[c], kernel.InverseRoot(b.variance[c], b.eps)*w
		for i := range b.n {
			if at := (i*b.c + c) * b.s; b.s == 1 {
				b.dst[at] = (b.x[at]-mean)*scale + shift
			} else {
				b.k.Normalize(b.dst[at:at+b.s], b.x[at:at+b.s], mean, scale, shift)
			}
		}
	}
}

// BatchNormGrad adds to dx, dweight and dbias, of which any may be nil, the gradients of BatchNorm.
// With train the mean and variance are those of x itself, and the gradient passes through them;
// otherwise they are constants.
func BatchNormGrad[T Float](dx, dweight, dbias, dy, x, weight, mean, variance *Tensor[T], eps T, train bool) {
	p := planesOf("BatchNormGrad", x, dy)
	body := batchNormGradBody[T]{k: kernel.Of[T](), planes: p, dw: checkAffine("BatchNormGrad", dweight, p.c), db: checkAffine("BatchNormGrad", dbias, p.c),
		weight: checkAffine("BatchNormGrad", weight, p.c), mean: checkAffine("BatchNormGrad", mean, p.c),
		variance: checkAffine("BatchNormGrad", variance, p.c), eps: eps, train: train}
	if dx != nil {
		checkSame("BatchNormGrad", dx, x)
	}
	if d := device.Active(); d != nil {
		deviceBatchNormGrad(d, dx, dweight, dbias, dy, x, weight, mean, variance, p, eps, train)
		return
	}
	body.dx, body.dy, body.x = dataOf(dx), dy.Data(), x.Data()
	parallel.For(p.c, p.grain(p.n*p.s), body)
}

type batchNormGradBody[T Float] struct {
	k *kernel.Set[T]
	planes
	dx, dw, db, dy, x, weight, mean, variance []T
	eps                                       T
	train                                     bool
}

func (b *batchNormGradBody[T]) Do(lo, hi int) {
	count := T(b.n * b.s)
	for c := lo; c < hi; c++ {
		w, _ := affine(b.weight, nil, c)
		mean, rs := b.mean[c], kernel.InverseRoot(b.variance[c], b.eps)
		sum, dot := b.dots(c, mean)
		if b.dw != nil {
			b.dw[c] += dot * rs
		}
		if b.db != nil {
			b.db[c] += sum
		}
		if b.dx == nil {
			continue
		}
		var slope, offset T
		if b.train {
			slope, offset = -w*rs*rs*rs*dot/count, -w*rs*sum/count
		}
		for i := range b.n {
			if at := (i*b.c + c) * b.s; b.s == 1 {
				b.dx[at] += rs*w*b.dy[at] + (slope*(b.x[at]-mean) + offset)
			} else {
				b.k.NormGrad(b.dx[at:at+b.s], b.dy[at:at+b.s], b.x[at:at+b.s], mean, rs*w, slope, offset)
			}
		}
	}
}

// dots returns the sums of dy and of dy*(x-mean) over channel c.
func (b *batchNormGradBody[T]) dots(c int, mean T) (T, T) {
	sum, dot := 0.0, 0.0
	for i := range b.n {
		if at := (i*b.c + c) * b.s; b.s == 1 {
			sum += float64(b.dy[at])
			dot += float64(b.dy[at] * (b.x[at] - mean))
		} else {
			s, d := b.k.NormDots(b.dy[at:at+b.s], b.x[at:at+b.s], mean)
			sum += float64(s)
			dot += float64(d)
		}
	}
	return T(sum), T(dot)
}

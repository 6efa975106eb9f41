package jointattention

import (
	"elegans/tensor"
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/gemm"
	"elegans/tensor/internal/parallel"
	"elegans/tensor/internal/scratch"
)

// Grads are what Backward computes; nil members are left out.
type Grads[T tensor.Float] struct {
	// The gradients have the shapes of the operands.
	Query, Memory, WeightK, BiasK, WeightV, BiasV *tensor.Tensor[T]

	// Factors for what they hold already, 0 (it is overwritten) or 1. Biases are always added to.
	BetaQuery, BetaMemory, BetaK, BetaV T
}

// Backward computes the gradients of the operands, given the context and its gradient [B, heads*D].
// The gradients of keys and values take their places in Key and Value (not where a device
// computes), so that it can be called once for each Forward.
//
// With the weights e[h,m,g] i[h], where e = exp(s - largest) and i is the inverse of the sum of e,
// and with u[h] = i[h] dcontext[h],
//
//	dvalue[m,g] = sum over h of e[h,m,g] u[h]
//	ds[h,m,g] = e[h,m,g] (value[m,g]·u[h] - context[h]·u[h])
//	dkey[m,g] = sum over h of ds[h,m,g] query[h] / sqrt(D)
//	dquery[h] = sum over (m,g) of ds[h,m,g] key[m,g] / sqrt(D)
//
// Both products in the second line are summed in the same order: where the softmax is one-hot the
// context is the value, and ds exactly 0.
func (a *Attention[T]) Backward(d Grads[T], context, dcontext *tensor.Tensor[T]) {
	checkSame(context, a.Query)
	checkSame(dcontext, a.Query)
	if on := device.Active(); on != nil {
		a.backwardOnDevice(on, d, context, dcontext)
		return
	}
	g := grad[T]{core: a.core(context.Data()), dcontext: dcontext.Data(), betaQuery: d.BetaQuery}
	g.wantK, g.wantV = d.Memory != nil || d.WeightK != nil || d.BiasK != nil, d.Memory != nil || d.WeightV != nil || d.BiasV != nil
	if d.Query != nil {
		g.dquery = d.Query.Data()
	}
	g.group = max(1, pieceRows/max(1, g.batch))
	attended := g.sourceFlags(0)
	g.flagSources(attended, blockAttended)
	sums := scratch.Take[T](2 * g.batch * g.width)
	g.sumsK, g.sumsV = sums.Data[:g.batch*g.width], sums.Data[g.batch*g.width:]
	parallel.For(g.batch, 1, g)
	var x tensor.Tensor[T]
	if d.BiasK != nil {
		x.Rebind(g.sumsK, g.batch, g.width)
		tensor.SumRows(d.BiasK, &x)
	}
	if d.BiasV != nil {
		x.Rebind(g.sumsV, g.batch, g.width)
		tensor.SumRows(d.BiasV, &x)
	}
	sums.Release()
	sloped := g.sourceFlags(1)
	g.flagSources(sloped, blockSloped)
	if d.WeightV != nil {
		a.weightGrad(&g.core, d.WeightV, g.value, attended, g.group, d.BetaV)
	}
	if d.WeightK != nil {
		a.weightGrad(&g.core, d.WeightK, g.key, sloped, g.group, d.BetaK)
	}
	if d.Memory != nil {
		a.memoryGrad(&g.core, d.Memory, attended, sloped, d.BetaMemory)
	}
}

// pieceRows is how many rows of keys (sources and items) the gradient of a weight sums before it
// adds them to what it has. Rows are left out only in whole pieces, so that the sums do not depend
// on what is left out; the matrix product takes its operands in pieces of this size anyway.
const pieceRows = 384

// weightGrad computes dw = dyᵀ Memory + beta dw over the rows of the flagged sources, a group at a
// time.
func (a *Attention[T]) weightGrad(c *core[T], dw *tensor.Tensor[T], dy []T, flags []int, group int, beta T) {
	in := a.Memory.Dim(2)
	w := dw.Data()
	for m := 0; m < c.sources; m += group {
		n := min(group, c.sources-m)
		if !anyFlag(flags[m : m+n]) {
			continue
		}
		gemm.Run(gemm.Product[T]{M: c.width, N: in, K: n * c.batch,
			A: gemm.Operand[T]{Data: dy[m*c.batch*c.width:], Row: 1, Col: c.width},
			B: gemm.Operand[T]{Data: a.Memory.Data()[m*c.batch*in:], Row: in, Col: 1},
			C: w, CRow: in, Alpha: 1, Beta: beta})
		beta = 1
	}
	if beta == 0 {
		clear(w)
	}
}

func anyFlag(flags []int) bool {
	for _, f := range flags {
		if f != 0 {
			return true
		}
	}
	return false
}

// memoryGrad computes dm = dvalue WeightV + dkey WeightK + beta dm, source by source those products
// whose gradient is not 0.
func (a *Attention[T]) memoryGrad(c *core[T], dm *tensor.Tensor[T], attended, sloped []int, beta T) {
	in, out := a.Memory.Dim(2), dm.Data()
	for m := 0; m < c.sources; {
		n := min(runOf(attended, m), runOf(sloped, m))
		rows := out[m*c.batch*in:][:n*c.batch*in]
		at, beta := m*c.batch*c.width, beta
		if attended[m] != 0 {
			gemm.Run(gemm.Product[T]{M: n * c.batch, N: in, K: c.width,
				A: gemm.Operand[T]{Data: c.value[at:], Row: c.width, Col: 1}, B: gemm.Operand[T]{Data: a.WeightV.Data(), Row: in, Col: 1},
				C: rows, CRow: in, Alpha: 1, Beta: beta})
			beta = 1
		}
		if sloped[m] != 0 {
			gemm.Run(gemm.Product[T]{M: n * c.batch, N: in, K: c.width,
				A: gemm.Operand[T]{Data: c.key[at:], Row: c.width, Col: 1}, B: gemm.Operand[T]{Data: a.WeightK.Data(), Row: in, Col: 1},
				C: rows, CRow: in, Alpha: 1, Beta: beta})
			beta = 1
		}
		if beta == 0 {
			clear(rows)
		}
		m += n
	}
}

// blockSloped is an attended block of which some score has a gradient other than 0.
const blockSloped = blockAttended + 1

// grad computes the gradients of queries, keys and values of each item, the latter two in
// place.
type grad[T tensor.Float] struct {
	core[T]
	dcontext, dquery []T
	betaQuery        T
	// [B, heads*D]: sums of the gradients of the keys and values over the sources
	sumsK, sumsV []T
	group        int // sources that the gradients of the weights take together
	wantK, wantV bool
}

// gradScratch is the working memory of one goroutine.
type gradScratch[T tensor.Float] struct {
	*scratch.Buffer[T]
	e, ds             []T // blocks
	columns, ucolumns []T // [D, ld]: scaled queries and u
	rows, u           []T // [heads, D]: the same
	dquery            []T // [heads, D]
	shift, c, sum     []T // [ld]; the sum is not used
}

func (g *grad[T]) scratch() gradScratch[T] {
	block, cols := g.heads*g.ld, g.d*g.ld
	s := gradScratch[T]{Buffer: scratch.Take[T](2*block + 2*cols + 3*g.width + 2*slack + 3*g.ld)}
	rest := s.Data
	cut := func(n int) []T {
		part := rest[:n:n]
		rest = rest[n:]
		return part
	}
	s.e, s.ds, s.columns, s.ucolumns = cut(block), cut(block), cut(cols), cut(cols)
	s.rows, s.u, s.dquery = cut(g.width+slack), cut(g.width+slack), cut(g.width)
	s.shift, s.c, s.sum = cut(g.ld), cut(g.ld), cut(g.ld)
	return s
}

func (g *grad[T]) Do(lo, hi int) {
	s := g.scratch()
	for b := lo; b < hi; b++ {
		g.begin(&s, b)
		for m := range g.sources {
			if g.blocks[m*g.batch+b] >= blockAttended {
				g.block(&s, m, b)
			} else if first, changed := m/g.group*g.group, g.wantK || g.wantV; changed && anyFlag(g.sourceFlags(0)[first:min(first+g.group, g.sources)]) {
				clear(g.key[g.row(m, b):][:g.width])
				clear(g.value[g.row(m, b):][:g.width])
			}
		}
		if g.dquery != nil {
			for i, v := range s.dquery {
				v *= g.scale
				if at := b*g.width + i; g.betaQuery != 0 {
					g.dquery[at] += v
				} else {
					g.dquery[at] = v
				}
			}
		}
	}
	s.Release()
}

// begin prepares what all blocks of item b use.
func (g *grad[T]) begin(s *gradScratch[T], b int) {
	g.spread(s.rows, s.columns, g.query[b*g.width:], g.scale, nil)
	g.spread(s.u, s.ucolumns, g.dcontext[b*g.width:], 1, g.inverse[b*g.heads:])
	clear(s.dquery)
	clear(s.shift)
	copy(s.shift, g.shift[b*g.heads:(b+1)*g.heads])
	clear(g.sumsK[b*g.width : (b+1)*g.width])
	clear(g.sumsV[b*g.width : (b+1)*g.width])
	// All products of a context with all u, for the sake of those on the diagonal, which so are
	// summed as those with the values are.
	g.scores(s.Buffer, s.ds, g.context[b*g.width:], s.ucolumns)
	clear(s.sum)
	clear(s.c)
	for h := range g.heads {
		s.c[h] = s.ds[h*g.ld+h]
	}
}

// block computes what the block of source m and item b contributes.
func (g *grad[T]) block(s *gradScratch[T], m, b int) {
	k, at := &g.k.Gemm, g.row(m, b)
	key, value := g.key[at:], g.value[at:]
	g.scores(s.Buffer, s.e, key, s.columns)
	g.k.ExpColumns(s.e, s.shift, s.sum, g.heads, g.ld)
	g.scores(s.Buffer, s.ds, value, s.ucolumns)
	if g.wantV {
		product(s.Buffer, k, g.heads, g.d, g.heads, s.e, g.ld, 1, s.u, g.d, value, g.d, 0)
		g.k.AddScaled(g.sumsV[b*g.width:][:g.width], value[:g.width], 1)
	}
	some := g.k.SoftmaxGradColumns(s.ds, s.e, s.c, g.heads, g.ld)
	if some {
		g.blocks[m*g.batch+b] = blockSloped
		product(s.Buffer, k, g.heads, g.d, g.heads, s.ds, 1, g.ld, key, g.d, s.dquery, g.d, 1)
	}
	if !g.wantK {
		return
	}
	if some {
		product(s.Buffer, k, g.heads, g.d, g.heads, s.ds, g.ld, 1, s.rows, g.d, key, g.d, 0)
		g.k.AddScaled(g.sumsK[b*g.width:][:g.width], key[:g.width], 1)
	} else {
		clear(key[:g.width])
	}
}

package jointattention

import (
	"math"

	"elegans/tensor"
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/gemm"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
	"elegans/tensor/internal/scratch"
)

// Attention holds the operands of one attention, which are contiguous, and what Forward leaves for
// Backward.
type Attention[T tensor.Float] struct {
	Query            *tensor.Tensor[T] // [B, heads*D]
	Memory           *tensor.Tensor[T] // [sources, B, d]: the layout of the result of GroupedLinear
	WeightK, WeightV *tensor.Tensor[T] // [heads*D, d]
	BiasK, BiasV     *tensor.Tensor[T] // [heads*D]
	Heads            int
	All              bool // compute every block, for comparison and inspection

	// The caller provides the memory for what Forward leaves for Backward.
	Key, Value *tensor.Tensor[T] // [KeyLen]; undefined for blocks that were left out
	// [B, heads]: the largest score, 1 / sum of exp(score - largest)
	Shift, Inverse *tensor.Tensor[T]
	Blocks         []int // [BlockLen]
}

// What is known about a block, the scores of an item and a source.
const (
	blockZero     = iota // all weights are 0
	blockKeyed           // the keys are there
	blockScored          // so are the largest scores
	blockAttended        // some weight may be other than 0: the values are there
)

// slack is the number of elements that kernels may read beyond the end of a matrix of any set.
const slack = 16

// KeyLen returns the number of elements of Key and of Value.
func (a *Attention[T]) KeyLen() int {
	return a.Memory.Dim(0)*a.Query.Len() + slack
}

// BlockLen returns the number of elements of Blocks.
func (a *Attention[T]) BlockLen() int { return a.Memory.Dim(0) * (a.Memory.Dim(1) + 2) }

// Check panics with a *tensor.ShapeError unless the operands fit together.
func (a *Attention[T]) Check() {
	q, m := a.Query, a.Memory
	if q.Dims() != 2 || m.Dims() != 3 || m.Dim(1) != q.Dim(0) || m.Dim(0) < 1 || a.Heads < 1 || q.Dim(1) < a.Heads || q.Dim(1)%a.Heads != 0 {
		tensor.PanicShape(op, "want a query [B, heads*D], a memory [sources, B, d] of at least one source, and at least one head", q.Shape(), m.Shape(), []int{a.Heads})
	}
	for _, w := range [...]*tensor.Tensor[T]{a.WeightK, a.WeightV} {
		if w.Dims() != 2 || w.Dim(0) != q.Dim(1) || w.Dim(1) != m.Dim(2) {
			tensor.PanicShape(op, "want weights [heads*D, d]", w.Shape(), q.Shape(), m.Shape())
		}
	}
	for _, b := range [...]*tensor.Tensor[T]{a.BiasK, a.BiasV} {
		if b.Dims() != 1 || b.Dim(0) != q.Dim(1) {
			tensor.PanicShape(op, "want biases [heads*D]", b.Shape(), q.Shape())
		}
	}
}

// op names the operation in errors.
const op = "jointattention"

// checkSame panics unless x, a context or its gradient, has the shape of the query.
func checkSame[T tensor.Float](x, query *tensor.Tensor[T]) {
	if !tensor.SameShape(x, query) {
		tensor.PanicShape(op, "the context has the shape of the query", x.Shape(), query.Shape())
	}
}

// Forward computes the context [B, heads*D].
func (a *Attention[T]) Forward(context *tensor.Tensor[T]) {
	a.Check()
	checkSame(context, a.Query)
	if d := device.Active(); d != nil {
		a.forwardOnDevice(d, context)
		return
	}
	c := a.core(context.Data())
	largest := scratch.Take[T](c.batch * c.sources * c.ld)
	c.largest = largest.Data
	clear(c.blocks)
	if a.All || !a.keysByLength(&c) {
		for i := range c.blocks {
			c.blocks[i] = blockKeyed
		}
		a.projectAll(&c, blockKeyed, c.key, a.WeightK, a.BiasK)
	}
	parallel.For(c.batch*c.parts, 1, scoring[T]{c})
	parallel.For(c.batch, 1, choice[T]{c, a.All})
	largest.Release()
	a.projectAll(&c, blockAttended, c.value, a.WeightV, a.BiasV)
	sums := scratch.Take[T](c.batch * c.parts * (c.width + c.ld))
	c.sums = sums.Data
	parallel.For(c.batch*c.parts, 1, contexts[T]{c})
	parallel.For(c.batch, 1, quotients[T]{c})
	sums.Release()
}

// projectAll computes the keys or values of every source of which some block has the given state.
func (a *Attention[T]) projectAll(c *core[T], state int, dst []T, weight, bias *tensor.Tensor[T]) {
	need := c.sourceFlags(0)
	c.flagSources(need, state)
	d := a.Memory.Dim(2)
	for m := 0; m < c.sources; {
		n := runOf(need, m)
		if need[m] != 0 {
			gemm.Run(gemm.Product[T]{M: n * c.batch, N: c.width, K: d,
				A: gemm.Operand[T]{Data: a.Memory.Data()[m*c.batch*d:], Row: d, Col: 1},
				B: gemm.Operand[T]{Data: weight.Data(), Row: 1, Col: d},
				C: dst[m*c.batch*c.width:], CRow: c.width, Alpha: 1, Epilogue: gemm.Epilogue[T]{ColBias: bias.Data()}})
		}
		m += n
	}
}

// flagSources sets the flags of the sources of which some block has at least the given state, or,
// for blockKeyed, just that.
func (c *core[T]) flagSources(flags []int, state int) {
	clear(flags)
	for i, s := range c.blocks {
		if s == state || s > state && state != blockKeyed {
			flags[i/c.batch] = 1
		}
	}
	if c.batch == 1 {
		// Products of a single row are summed in another order than those of several. So sources go
		// in pairs or, at the end, three.
		for m := 0; m+1 < c.sources; m += 2 {
			end := m + 2
			if end == c.sources-1 {
				end++
			}
			if anyFlag(flags[m:end]) {
				for i := m; i < end; i++ {
					flags[i] = 1
				}
			}
		}
	}
}

// runOf returns how many flags from number i on are the same.
func runOf(flags []int, i int) int {
	n := 1
	for i+n < len(flags) && flags[i+n] == flags[i] {
		n++
	}
	return n
}

// core is what the loops over the items share.
type core[T tensor.Float] struct {
	k                     *kernel.Set[T]
	batch, sources, heads int
	d, width              int // columns of a head, and of all heads
	// heads, rounded up to whole vectors: the stride of the rows of a block
	ld int

	scale          T
	query, context []T
	key, value     []T
	shift, inverse []T
	// The forward pass cuts the sources of an item into parts, so that a few items keep all cores
	// busy.
	parts   int
	largest []T   // [B, sources, ld]
	sums    []T   // [B, parts, heads*D + ld]: the sums of weighted values, and of weights
	blocks  []int // [sources, B]
	flags   []int // [2, sources]
}

func (a *Attention[T]) core(context []T) core[T] {
	k := kernel.Of[T]()
	sources, batch, width := a.Memory.Dim(0), a.Memory.Dim(1), a.Query.Dim(1)
	d := width / a.Heads
	lanes := k.Gemm.Lanes
	return core[T]{
		k: k, batch: batch, sources: sources, heads: a.Heads, d: d, width: width, ld: (a.Heads + lanes - 1) / lanes * lanes, scale: scaleOf[T](d),
		query: a.Query.Data(), context: context, key: a.Key.Data(), value: a.Value.Data(), shift: a.Shift.Data(), inverse: a.Inverse.Data(),
		parts: partsOf(sources, batch), blocks: a.Blocks[:sources*batch], flags: a.Blocks[sources*batch : sources*(batch+2)],
	}
}

// scaleOf returns the factor of scores of heads of d coordinates.
func scaleOf[T tensor.Float](d int) T { return T(1 / math.Sqrt(float64(d))) }

// partsOf returns the number of parts into which the sources of an item are cut. It decides about
// the order of sums, so it depends on the shape only.
func partsOf(sources, batch int) int {
	if batch >= 8 {
		return 1
	}
	return (sources + 7) / 8
}

// part returns the item and the sources, m0 to m1-1, of part i counted over all items.
func (c *core[T]) part(i int) (b, m0, m1 int) {
	b, i = i/c.parts, i%c.parts
	return b, i * c.sources / c.parts, (i + 1) * c.sources / c.parts
}

// sourceFlags returns row i of the flags.
func (c *core[T]) sourceFlags(i int) []int { return c.flags[i*c.sources : (i+1)*c.sources] }

// row returns where the keys and values of source m and item b begin.
func (c *core[T]) row(m, b int) int { return (m*c.batch + b) * c.width }

// spread writes scale times x [heads, D] into rows, and its transpose into columns [D, ld], whose
// further columns become 0. factors, if not nil, are further factors for each head.
func (c *core[T]) spread(rows, columns, x []T, scale T, factors []T) {
	clear(columns[:c.d*c.ld])
	for h := range c.heads {
		f := scale
		if factors != nil {
			f *= factors[h]
		}
		for i, v := range x[h*c.d : (h+1)*c.d] {
			v *= f
			rows[h*c.d+i] = v
			columns[i*c.ld+h] = v
		}
	}
}

// scores computes the block of an item and the source whose rows x [heads, D] (keys) are given, for
// the queries in columns [D, ld]: block[g*ld+h] = x[g] · column h.
func (c *core[T]) scores(s *scratch.Buffer[T], block, x, columns []T) {
	product(s, &c.k.Gemm, c.heads, c.ld, c.d, x, c.d, 1, columns, c.ld, block, c.ld, 0)
}

// product computes C = A B + beta C with the micro-kernel on operands as they lie: A [m, k] of any
// strides, rows of B and C with adjacent elements. It suits matrices that fit the L1 cache. slack
// elements behind B must be readable.
func product[T tensor.Float](s *scratch.Buffer[T], k *kernel.MicroKernel[T], m, n, kk int, a []T, aRow, aCol int, b []T, bRow int, c []T, cRow int, beta T) {
	_, _, _ = a[(m-1)*aRow+(kk-1)*aCol], b[(kk-1)*bRow+(n+k.Lanes-1)/k.Lanes*k.Lanes-1], c[(m-1)*cRow+n-1]
	panels := (m + k.MR - 1) / k.MR
	s.Tile = kernel.Tile[T]{K: kk, ARow: aRow, ACol: aCol, BRow: bRow, CRow: cRow, Alpha: 1, Beta: beta}
	i := 0
	for p := range panels {
		s.Tile.M = m / panels
		if p < m%panels {
			s.Tile.M++
		}
		s.Tile.A = &a[i*aRow]
		for j := 0; j < n; j += k.NR {
			s.Tile.N = min(k.NR, n-j)
			s.Tile.B, s.Tile.C = &b[j], &c[i*cRow+j]
			k.Run(&s.Tile)
		}
		i += s.Tile.M
	}
}

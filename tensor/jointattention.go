package tensor

import (
	"math"

	"elegans/tensor/internal/gemm"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// JointAttention is the attention of the published autoencoder "M2": every query head h of an item
// attends to all pairs of a motor m and a key head g under one softmax,
//
//	s[h,m,g] = key[m,g] · query[h] / sqrt(D),    a[h] = softmax of s[h] over all (m, g),    context[h] = sum over (m, g) of a[h,m,g] value[m,g]
//
// where key[m,g] = WeightK[g] Memory[m] + BiasK[g], and value the same with WeightV and BiasV. The
// rows of the weights belong to the heads in turn.
//
// # How it is computed
//
// Keys and values are the two large products; the scores, heads times as many as the keys have
// elements, are never stored. The scores of one item and one motor, a block of heads by heads that
// fits the L1 cache, are made three times: for their maximum, for the context, and for the
// gradients. They are stored with the query heads side by side, so that both products with the
// block take keys, values and the block itself where they lie, and the softmax runs down its
// columns. The gradients of keys and values take the places of keys and values, so that nothing but
// these two is ever stored for a whole batch.
//
// What did not help, measured at the published size: asking early for the keys and values of the
// next block, and large pages (which the system clears at a cost of its own). The projections are
// 87 % of the multiply-adds that are left, the softmax and the maxima 4 % of the time.
//
// # Blocks that contribute nothing
//
// The weight of a pair whose score lies so far below the item's largest that its exponential is
// less than the smallest normal number is exactly 0, in the context and in all gradients; a
// magnitude below the smallest normal number in the gradient of a score is 0, too. So no operand of
// a product is subnormal, which would slow some processors a hundredfold. (A sum may still pass
// through subnormal numbers where all weights of a block are tiny: with a tenth of the weights
// between 1e-38 and 1e-35 the softmax and the products with the blocks take a quarter longer, the
// whole attention a few per cent.)
//
// A block of which all weights are 0 is left out, and so are the values and gradients of a motor
// that no item attends to. Where lengths alone tell that the scores of a motor cannot come near
// those of the longest one (|key·query| <= |key| |query|), its keys are not computed at all. Where
// a softmax is one-hot the gradients of its scores are exactly 0, and what they would be multiplied
// with is left out as well. Results and gradients are those of the full computation, bit for bit,
// as long as operands are finite: the product of 0 and an infinite number is not formed. (Batches
// of at most 16 items are an exception: the few rows of keys or values that are left there may be
// summed in another order than the whole product, so that all results agree to rounding only.)
type JointAttention[T Float] struct {
	Query            *Tensor[T] // [B, heads*D], contiguous like all operands
	Memory           *Tensor[T] // [motors, B, d]: the layout of the result of GroupedLinear
	WeightK, WeightV *Tensor[T] // [heads*D, d]
	BiasK, BiasV     *Tensor[T] // [heads*D]
	Heads            int
	All              bool // compute every block, for comparison and inspection

	// What Forward leaves for Backward; the caller provides it.
	// [KeyLen]; rows (motor, item) of heads*D, undefined for blocks that were left out
	Key, Value     *Tensor[T]
	Shift, Inverse *Tensor[T] // [B, heads]: the largest score, and 1 / sum of exp(score - largest)
	Blocks         []int      // [BlockLen]
}

// What is known about a block, the scores of an item and a motor.
const (
	blockZero     = iota // all weights are 0
	blockKeyed           // the keys are there
	blockScored          // so are the largest scores
	blockAttended        // some weight may be other than 0: the values are there
)

// slack is the number of elements that kernels may read beyond the end of a matrix of any set.
const slack = 16

// KeyLen returns the number of elements of Key and of Value.
func (a *JointAttention[T]) KeyLen() int {
	return a.Memory.shape[0]*a.Query.Len() + slack
}

// BlockLen returns the number of elements of Blocks.
func (a *JointAttention[T]) BlockLen() int { return a.Memory.shape[0] * (a.Memory.shape[1] + 2) }

// Check panics in the name of op unless the operands fit together.
func (a *JointAttention[T]) Check(op string) {
	q, m := a.Query, a.Memory
	if q.ndim != 2 || m.ndim != 3 || m.shape[1] != q.shape[0] || m.shape[0] < 1 || a.Heads < 1 || q.shape[1] < a.Heads || q.shape[1]%a.Heads != 0 {
		PanicShape(op, "want a query [B, heads*D], a memory [motors, B, d] of at least one motor, and at least one head", q.Shape(), m.Shape(), []int{a.Heads})
	}
	for _, w := range [...]*Tensor[T]{a.WeightK, a.WeightV} {
		if w.ndim != 2 || w.shape[0] != q.shape[1] || w.shape[1] != m.shape[2] {
			PanicShape(op, "want weights [heads*D, d]", w.Shape(), q.Shape(), m.Shape())
		}
	}
	for _, b := range [...]*Tensor[T]{a.BiasK, a.BiasV} {
		if b.ndim != 1 || b.shape[0] != q.shape[1] {
			PanicShape(op, "want biases [heads*D]", b.Shape(), q.Shape())
		}
	}
}

// Forward computes the context [B, heads*D].
func (a *JointAttention[T]) Forward(context *Tensor[T]) {
	a.Check("JointAttention")
	checkSame("JointAttention", context, a.Query)
	c := a.core(context.Data())
	largest := takeScratch[T](c.batch * c.motors * c.ld)
	c.largest = largest.data
	clear(c.blocks)
	if a.All || !a.keysByLength(&c) {
		for i := range c.blocks {
			c.blocks[i] = blockKeyed
		}
		a.projectAll(&c, blockKeyed, c.key, a.WeightK, a.BiasK)
	}
	parallel.For(c.batch*c.parts, 1, jointScores[T]{c})
	parallel.For(c.batch, 1, jointChoice[T]{c, a.All})
	largest.release()
	a.projectAll(&c, blockAttended, c.value, a.WeightV, a.BiasV)
	sums := takeScratch[T](c.batch * c.parts * (c.width + c.ld))
	c.sums = sums.data
	parallel.For(c.batch*c.parts, 1, jointContext[T]{c})
	parallel.For(c.batch, 1, jointQuotient[T]{c})
	sums.release()
}

// projectAll computes the keys or values of every motor of which some block has the given state.
func (a *JointAttention[T]) projectAll(c *jointCore[T], state int, dst []T, weight, bias *Tensor[T]) {
	need := c.motorFlags(0)
	c.flagMotors(need, state)
	d := a.Memory.shape[2]
	for m := 0; m < c.motors; {
		n := runOf(need, m)
		if need[m] != 0 {
			gemm.Run(gemm.Product[T]{M: n * c.batch, N: c.width, K: d,
				A: gemm.Operand[T]{Data: a.Memory.data[m*c.batch*d:], Row: d, Col: 1},
				B: gemm.Operand[T]{Data: weight.Data(), Row: 1, Col: d},
				C: dst[m*c.batch*c.width:], CRow: c.width, Alpha: 1, Epilogue: gemm.Epilogue[T]{ColBias: bias.Data()}})
		}
		m += n
	}
}

// flagMotors sets the flags of the motors of which some block has at least the given state, or, for
// blockKeyed, just that.
func (c *jointCore[T]) flagMotors(flags []int, state int) {
	clear(flags)
	for i, s := range c.blocks {
		if s == state || s > state && state != blockKeyed {
			flags[i/c.batch] = 1
		}
	}
	if c.batch == 1 {
		// Products of a single row are summed in another order than those of several, so motors go
		// in pairs or, at the end, three.
		for m := 0; m+1 < c.motors; m += 2 {
			end := m + 2
			if end == c.motors-1 {
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

// jointCore is what the loops over the items share.
type jointCore[T Float] struct {
	k                    *kernel.Set[T]
	batch, motors, heads int
	d, width             int // columns of a head, and of all heads
	// heads, rounded up to whole vectors: distance between the rows of a block
	ld             int
	scale          T
	query, context []T
	key, value     []T
	shift, inverse []T
	// into which the motors of an item are cut for the forward pass, so that a few items keep all
	// cores busy
	parts   int
	largest []T // [B, motors, ld]
	// [B, parts, heads*D + ld]: of weighted values and of weights, not yet divided by the latter
	sums   []T
	blocks []int // [motors, B]
	flags  []int // [2, motors]
}

func (a *JointAttention[T]) core(context []T) jointCore[T] {
	k := kernel.Of[T]()
	motors, batch, width := a.Memory.shape[0], a.Memory.shape[1], a.Query.shape[1]
	d := width / a.Heads
	lanes := k.Gemm.Lanes
	return jointCore[T]{
		k: k, batch: batch, motors: motors, heads: a.Heads, d: d, width: width, ld: (a.Heads + lanes - 1) / lanes * lanes, scale: T(1 / math.Sqrt(float64(d))),
		query: a.Query.Data(), context: context, key: a.Key.Data(), value: a.Value.Data(), shift: a.Shift.Data(), inverse: a.Inverse.Data(),
		parts: jointParts(motors, batch), blocks: a.Blocks[:motors*batch], flags: a.Blocks[motors*batch : motors*(batch+2)],
	}
}

// jointParts returns the number of parts into which the motors of an item are cut. It decides about
// the order of sums, so it depends on the shape only.
func jointParts(motors, batch int) int {
	if batch >= 8 {
		return 1
	}
	return (motors + 7) / 8
}

// part returns the item and the motors, m0 to m1-1, of part i counted over all items.
func (c *jointCore[T]) part(i int) (b, m0, m1 int) {
	b, i = i/c.parts, i%c.parts
	return b, i * c.motors / c.parts, (i + 1) * c.motors / c.parts
}

// motorFlags returns row i of the flags.
func (c *jointCore[T]) motorFlags(i int) []int { return c.flags[i*c.motors : (i+1)*c.motors] }

// row returns where the keys and values of motor m and item b begin.
func (c *jointCore[T]) row(m, b int) int { return (m*c.batch + b) * c.width }

// spread writes scale times x [heads, D] into rows, and its transpose into columns [D, ld], whose
// further columns become 0. factors, if not nil, are further factors for each head.
func (c *jointCore[T]) spread(rows, columns, x []T, scale T, factors []T) {
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

// scores computes the block of an item and the motor whose rows x [heads, D] (keys) are given, for
// the queries in columns [D, ld]: block[g*ld+h] = x[g] · column h.
func (c *jointCore[T]) scores(s *scratch[T], block, x, columns []T) {
	s.product(&c.k.Gemm, c.heads, c.ld, c.d, x, c.d, 1, columns, c.ld, block, c.ld, 0)
}

// product computes C = A B + beta C with the micro-kernel on operands as they lie: A [m, k] of any
// strides, rows of B and C with adjacent elements. It suits matrices that fit the L1 cache. slack
// elements behind B must be readable.
func (s *scratch[T]) product(k *kernel.MicroKernel[T], m, n, kk int, a []T, aRow, aCol int, b []T, bRow int, c []T, cRow int, beta T) {
	_, _, _ = a[(m-1)*aRow+(kk-1)*aCol], b[(kk-1)*bRow+(n+k.Lanes-1)/k.Lanes*k.Lanes-1], c[(m-1)*cRow+n-1]
	panels := (m + k.MR - 1) / k.MR
	s.tile = kernel.Tile[T]{K: kk, ARow: aRow, ACol: aCol, BRow: bRow, CRow: cRow, Alpha: 1, Beta: beta}
	i := 0
	for p := range panels {
		s.tile.M = m / panels
		if p < m%panels {
			s.tile.M++
		}
		s.tile.A = &a[i*aRow]
		for j := 0; j < n; j += k.NR {
			s.tile.N = min(k.NR, n-j)
			s.tile.B, s.tile.C = &b[j], &c[i*cRow+j]
			k.Run(&s.tile)
		}
		i += s.tile.M
	}
}

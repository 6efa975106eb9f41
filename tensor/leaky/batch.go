package leaky

import (
	"elegans/tensor"
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/gemm"
	"elegans/tensor/internal/kernel"
)

// Lanes is the number of sequences that a Panel holds.
const Lanes = kernel.Lanes

// Batch is a layer of leaky neurons with the weights of its inputs and its bias, made ready for
// many sequences at once: a step is one product of the matrix [W, Win, b] with the states, inputs
// and a constant 1 of sixteen sequences side by side. Several goroutines may use it at a time, each
// with Panels of its own.
type Batch[T tensor.Float] struct {
	n, inputs int
	act       tensor.UnaryOp
	slope     T
	leak      []T // [N Lanes]
	ptr, col  []int32
	val       []T
	dense     []T // [N, N+K+1], or nil
}

// NewBatch prepares a layer: w [N, N], input [N, K] or nil, bias [N] or nil, and the rest as in
// NewRunner. Nothing of it is referenced later.
func NewBatch[T tensor.Float](w Weights[T], input, bias, leak *tensor.Tensor[T], act tensor.UnaryOp, a T) *Batch[T] {
	device.Stay("leaky.NewBatch")
	n := w.Size()
	b := &Batch[T]{n: n, act: act, slope: a, leak: make([]T, n*Lanes)}
	if input != nil {
		b.inputs = input.Dim(-1)
	}
	if input != nil && (input.Dims() != 2 || input.Dim(0) != n) || bias != nil && bias.Len() != n ||
		leak != nil && leak.Len() != 1 && leak.Len() != n {
		tensor.PanicShape("leaky.NewBatch", "want input [N, K], bias [N] and leak [1] or [N]", []int{n})
	}
	for i := range b.leak {
		b.leak[i] = 1
		if leak != nil {
			b.leak[i] = leak.Data()[i/Lanes%leak.Len()]
		}
	}
	if w.Dense != nil {
		b.dense = make([]T, n*b.width())
	}
	b.ptr = append(b.ptr, 0)
	for i := range n {
		if w.Dense != nil {
			copy(b.dense[i*b.width():], w.Dense.Data()[i*n:(i+1)*n])
		} else {
			lo, hi := w.Sparse.RowPtr[i], w.Sparse.RowPtr[i+1]
			b.col, b.val = append(b.col, w.Sparse.Col[lo:hi]...), append(b.val, w.Sparse.Val[lo:hi]...)
		}
		for k := range b.inputs {
			b.put(i, n+k, input.At(i, k))
		}
		if bias != nil {
			b.put(i, n+b.inputs, bias.Data()[i])
		}
		b.ptr = append(b.ptr, int32(len(b.col)))
	}
	return b
}

// width is the number of columns of the matrix.
func (b *Batch[T]) width() int { return b.n + b.inputs + 1 }

func (b *Batch[T]) put(row, col int, v T) {
	switch {
	case b.dense != nil:
		b.dense[row*b.width()+col] = v
	case v != 0:
		b.col, b.val = append(b.col, int32(col)), append(b.val, v)
	}
}

// Panel is the state of sixteen sequences, lane by lane: element i of lane l lies at i*Lanes + l.
// It begins with the zero state. The memory of a panel is the processor's, to which a device
// returns what it computes at each step.
type Panel[T tensor.Float] struct {
	b *Batch[T]
	// What the matrix is multiplied with, [N+K+1, Lanes]: states, inputs and 1; and where the next
	// states are computed.
	x, y []T
	// Where lanes scale the recurrent weights: the factors [N, Lanes], and the states, of which x
	// has the multiple.
	scale, state []T
	leak         []T // [N, Lanes]
}

// NewPanel returns a panel of the layer.
func (b *Batch[T]) NewPanel() *Panel[T] {
	p := &Panel[T]{b: b, x: make([]T, b.width()*Lanes), y: make([]T, b.width()*Lanes), leak: b.leak}
	for l := range Lanes {
		p.Bias(l, 1)
	}
	return p
}

// Bias multiplies the bias in a lane.
func (p *Panel[T]) Bias(lane int, factor T) {
	at := (p.b.n+p.b.inputs)*Lanes + lane
	p.x[at], p.y[at] = factor, factor
}

// Scale multiplies the recurrent weights in a lane.
func (p *Panel[T]) Scale(lane int, factor T) {
	if p.scale == nil {
		p.scale, p.state = make([]T, p.b.n*Lanes), make([]T, p.b.n*Lanes)
		for i := range p.scale {
			p.scale[i] = 1
		}
	}
	for i := range p.b.n {
		p.scale[i*Lanes+lane] = factor
	}
}

// Leak sets the leak of all neurons in a lane.
func (p *Panel[T]) Leak(lane int, a T) {
	if &p.leak[0] == &p.b.leak[0] {
		p.leak = append([]T{}, p.leak...)
	}
	for i := range p.b.n {
		p.leak[i*Lanes+lane] = a
	}
}

// Inputs returns the inputs [K, Lanes] of the next step, to be written.
func (p *Panel[T]) Inputs() []T { return p.x[p.b.n*Lanes : (p.b.n+p.b.inputs)*Lanes] }

// State returns the states [N, Lanes] after the last step.
func (p *Panel[T]) State() []T {
	if p.scale != nil {
		return p.state
	}
	return p.x[:p.b.n*Lanes]
}

// Step makes a step of all lanes.
func (p *Panel[T]) Step() {
	if d := device.Active(); d != nil {
		p.deviceStep(d)
		return
	}
	b, k := p.b, kernel.Of[T]()
	y, before := p.y[:b.n*Lanes], p.State()
	if b.dense != nil {
		gemm.Run(gemm.Product[T]{
			M: b.n, N: Lanes, K: b.width(), A: gemm.Operand[T]{Data: b.dense, Row: b.width(), Col: 1},
			B: gemm.Operand[T]{Data: p.x, Row: Lanes, Col: 1}, C: y, CRow: Lanes, Alpha: 1,
		})
	} else {
		for lo := 0; lo < b.n; { // one call of a kernel stays short
			hi := lo + 1
			for hi < b.n && b.ptr[hi+1]-b.ptr[lo] <= chunkEntries {
				hi++
			}
			k.CSRLanes(y[lo*Lanes:], b.ptr[lo:hi+1], b.col, b.val, p.x)
			lo = hi
		}
	}
	k.Map[b.act](y, y, b.slope, 0)
	k.LeakEach(y, before, p.leak)
	if p.scale == nil {
		p.x, p.y = p.y, p.x
		return
	}
	copy(p.state, y)
	k.Binary[kernel.Mul](p.x[:b.n*Lanes], y, p.scale)
}

// Scatter writes the states of the lanes to rows of their own: dst[l*stride+i] is neuron i of lane
// l, for the first lanes.
func (p *Panel[T]) Scatter(dst []T, stride, lanes int) {
	device.Stay("leaky.Panel.Scatter")
	g, state := &kernel.Of[T]().Gemm, p.State()
	for i := 0; i < p.b.n; i += g.NR {
		g.Interleave(dst[i:], stride, state[i*Lanes:], Lanes, min(g.NR, p.b.n-i), lanes)
	}
}

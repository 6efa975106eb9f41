package esn

import (
	"fmt"
	"slices"
	"sync"

	"elegans/tensor"
	"elegans/tensor/leaky"
)

// Visit is given some consecutive states [rows, N] of sequence i, the first of them that of step
// first. The pieces of one sequence come in order, those of others at any time and from several
// goroutines. The states are valid until it returns.
type Visit[T tensor.Float] func(i, first int, states *tensor.Tensor[T]) error

// RunBatch runs many sequences [T, K] of any lengths, each from the zero state, and hands out the
// states as they come, so that memory does not depend on the lengths. Sixteen sequences at a time
// share every product with the matrix, and several goroutines share the sixteens. States are those
// of Run up to rounding: sums have another order.
func (r *Reservoir[T]) RunBatch(sequences []*tensor.Tensor[T], visit Visit[T]) error {
	for i, u := range sequences {
		if err := r.checkBatch(u); err != nil {
			return fmt.Errorf("sequence %d: %w", i, err)
		}
	}
	// Sequences of about the same length share a panel.
	order := make([]int, len(sequences))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return sequences[b].Dim(0) - sequences[a].Dim(0) })
	return r.panels(order, func(i int) *tensor.Tensor[T] { return sequences[i] }, nil, visit)
}

// Variant is a change of a reservoir that needs no new draw: factors of its recurrent weights, its
// input weights and its bias, and another leak.
type Variant struct {
	Weights, Input, Bias float64
	Leak                 float64 // of all neurons; 0 for those of the reservoir
}

// RunVariants runs one sequence [T, K] through many variants of a reservoir, as RunBatch runs many
// sequences: a search over radius, scalings and leak draws its reservoir, and computes its radius,
// once.
func (r *Reservoir[T]) RunVariants(u *tensor.Tensor[T], variants []Variant, visit Visit[T]) error {
	if err := r.checkBatch(u); err != nil {
		return err
	}
	order := make([]int, len(variants))
	for i, v := range variants {
		if !(v.Leak >= 0 && v.Leak <= 1) {
			return fmt.Errorf("esn: variant %d has the leak %v, expected 0 to 1", i, v.Leak)
		}
		order[i] = i
	}
	return r.panels(order, func(int) *tensor.Tensor[T] { return u }, variants, visit)
}

// checkBatch refuses what one sequence alone would be refused for, and feedback.
func (r *Reservoir[T]) checkBatch(u *tensor.Tensor[T]) error {
	if r.Feedback != nil {
		return fmt.Errorf("esn: a reservoir with feedback, expected one without for many sequences at once")
	}
	return r.check(u, Options[T]{})
}

// panels runs the sequences in the order given, so many at a time as a panel has lanes.
func (r *Reservoir[T]) panels(order []int, input func(i int) *tensor.Tensor[T], variants []Variant, visit Visit[T]) error {
	if len(order) == 0 {
		return nil
	}
	p := panels[T]{
		r: r, batch: leaky.NewBatch(r.W, r.Input, r.Bias, r.Leak, r.Activation, r.Slope),
		order: order, input: input, variants: variants, visit: visit, failure: &failure{},
		rows: min(max(pieceElems/(r.Size()*leaky.Lanes), 1), 512), free: &pieces[T]{},
	}
	tensor.Parallel((len(order)+leaky.Lanes-1)/leaky.Lanes, 1, p)
	return p.failure.err
}

type panels[T tensor.Float] struct {
	r        *Reservoir[T]
	batch    *leaky.Batch[T]
	order    []int
	input    func(i int) *tensor.Tensor[T]
	variants []Variant
	visit    Visit[T]
	failure  *failure
	rows     int // of a piece
	free     *pieces[T]
}

// pieces are states [Lanes, rows, N] that no goroutine is at work on.
type pieces[T tensor.Float] struct {
	mu   sync.Mutex
	free [][]T
}

// take returns one of so many elements.
func (p *pieces[T]) take(size int) []T {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last := len(p.free) - 1; last >= 0 {
		piece := p.free[last]
		p.free = p.free[:last]
		return piece
	}
	return make([]T, size)
}

func (p *pieces[T]) put(piece []T) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, piece)
}

// failure is the first error of several goroutines.
type failure struct {
	mu  sync.Mutex
	err error
}

func (f *failure) set(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
}

func (f *failure) failed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err != nil
}

// pieceElems bounds the states that wait to be handed out.
const pieceElems = 1 << 19

// Do runs some panels.
func (p *panels[T]) Do(lo, hi int) {
	piece := p.free.take(leaky.Lanes * p.rows * p.r.Size())
	for i := lo; i < hi && !p.failure.failed(); i++ {
		p.panel(p.order[i*leaky.Lanes:min((i+1)*leaky.Lanes, len(p.order))], piece)
	}
	p.free.put(piece)
}

// panel runs the sequences of one panel, piece by piece.
func (p *panels[T]) panel(sequences []int, piece []T) {
	n, rows := p.r.Size(), p.rows
	w := p.batch.NewPanel()
	var inputs [leaky.Lanes][]T
	var scale [leaky.Lanes]T
	longest := 0
	for l, i := range sequences {
		u := p.input(i)
		inputs[l], scale[l], longest = u.Contiguous().Data(), 1, max(longest, u.Dim(0))
		if p.variants != nil {
			v := p.variants[i]
			scale[l] = T(v.Input)
			w.Scale(l, T(v.Weights))
			w.Bias(l, T(v.Bias))
			if v.Leak != 0 {
				w.Leak(l, T(v.Leak))
			}
		}
	}
	for first := 0; first < longest; first += rows {
		steps := min(rows, longest-first)
		for t := range steps {
			in := w.Inputs()
			for l := range sequences {
				k := len(in) / leaky.Lanes
				if (first+t+1)*k > len(inputs[l]) {
					continue // this sequence has ended: its lane goes on, unseen
				}
				for j, v := range inputs[l][(first+t)*k : (first+t+1)*k] {
					in[j*leaky.Lanes+l] = scale[l] * v
				}
			}
			w.Step()
			w.Scatter(piece[t*n:], rows*n, len(sequences))
		}
		for l, i := range sequences {
			have := min(steps, p.input(i).Dim(0)-first)
			if have <= 0 {
				continue
			}
			if err := p.visit(i, first, tensor.FromSlice(piece[l*rows*n:][:have*n], have, n)); err != nil {
				p.failure.set(err)
				return
			}
		}
	}
}

// ForEach calls f for 0 to n-1 on several goroutines and returns the first error, after which it
// calls f no more: it is how many seeds run at once. What one call does is not shared any further.
func ForEach(n int, f func(i int) error) error {
	e := &each{f: f, failure: &failure{}}
	tensor.Parallel(n, 1, *e)
	return e.failure.err
}

type each struct {
	f       func(i int) error
	failure *failure
}

// Do calls f for lo to hi-1.
func (e *each) Do(lo, hi int) {
	for i := lo; i < hi && !e.failure.failed(); i++ {
		if err := e.f(i); err != nil {
			e.failure.set(err)
		}
	}
}

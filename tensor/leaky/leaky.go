package leaky

import (
	"elegans/tensor"
	"elegans/tensor/internal/gemm"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// Weights is a square matrix [N, N] of the connections among N neurons, from the neuron of the
// column to that of the row. Exactly one of its forms is set.
type Weights[T tensor.Float] struct {
	Sparse *tensor.CSR[T]
	Dense  *tensor.Tensor[T] // contiguous
}

// Size returns the number of neurons.
func (w Weights[T]) Size() int {
	if w.Sparse != nil {
		return w.Sparse.Rows
	}
	return w.Dense.Dim(0)
}

// Run turns the drive of every step into the state after it:
//
//	states [T, N]: W x[t-1] is added to row t on the way from drive to state
//	start [N] or nil: the state before the first row, by default 0
//	leak [1] or [N]: of all neurons or of each, in (0, 1]; nil stands for 1
//	noise [T, N] or nil: added to each state
//
// Tensors are contiguous. The rows depend on each other, so only large matrices are shared among
// goroutines, row by row.
func Run[T tensor.Float](
	states, start *tensor.Tensor[T], w Weights[T], leak *tensor.Tensor[T], act tensor.UnaryOp, a T, noise *tensor.Tensor[T],
) {
	n := w.Size()
	if states.Dims() != 2 || states.Dim(1) != n || start != nil && start.Len() != n || noise != nil && !tensor.SameShape(noise, states) {
		tensor.PanicShape("leaky.Run", "want states [T, N], start [N] and noise like the states", states.Shape(), []int{n})
	}
	if states.Dim(0) == 0 {
		return
	}
	s := newSteps("leaky.Run", w, leak, act, a)
	s.before = make([]T, n)
	if start != nil {
		copy(s.before, start.Data())
	}
	data := states.Data()
	for t := range states.Dim(0) {
		row := data[t*n : (t+1)*n]
		s.step(row)
		if noise != nil {
			s.k.Binary[kernel.Add](row, row, noise.Data()[t*n:(t+1)*n])
		}
		s.before = row
	}
}

// Step is Run for one step, with nothing allocated and the same bits:
//
//	state [N]: d on entry, x[t] on return
//	before [N]: x[t-1], which is only read
func Step[T tensor.Float](state, before *tensor.Tensor[T], w Weights[T], leak *tensor.Tensor[T], act tensor.UnaryOp, a T) {
	if n := w.Size(); state.Len() != n || before.Len() != n {
		tensor.PanicShape("leaky.Step", "want a state and the one before, [N] each", state.Shape(), before.Shape(), []int{n})
	}
	s := newSteps("leaky.Step", w, leak, act, a)
	s.before = before.Data()
	s.step(state.Data())
}

// steps is what a sequence needs.
type steps[T tensor.Float] struct {
	k      *kernel.Set[T]
	w      Weights[T]
	n      int
	act    tensor.UnaryOp
	a      T   // the parameter of act
	leak   []T // of every neuron, nil if all is that of all
	all    T
	before []T // the state before the present row
}

func newSteps[T tensor.Float](op string, w Weights[T], leak *tensor.Tensor[T], act tensor.UnaryOp, a T) steps[T] {
	n := w.Size()
	if w.Sparse != nil && w.Sparse.Cols != n || w.Dense != nil && (w.Dense.Dims() != 2 || w.Dense.Dim(1) != n) {
		tensor.PanicShape(op, "want square weights", []int{n})
	}
	s := steps[T]{k: kernel.Of[T](), w: w, n: n, act: act, a: a, all: 1}
	switch {
	case leak == nil:
	case leak.Len() == 1:
		s.all = leak.Data()[0]
	case leak.Len() == n:
		s.leak = leak.Data()
	default:
		tensor.PanicShape(op, "want leak [1] or [N]", leak.Shape(), []int{n})
	}
	return s
}

// step turns the drive of one step into its state, without noise.
func (s *steps[T]) step(row []T) {
	s.multiply(row)
	s.k.Map[s.act](row, row, s.a, 0)
	switch {
	case s.leak != nil:
		s.k.Binary[kernel.Sub](row, row, s.before)
		s.k.Binary[kernel.Mul](row, row, s.leak)
		s.k.Binary[kernel.Add](row, row, s.before)
	case s.all != 1:
		s.k.Binary[kernel.Sub](row, row, s.before)
		s.k.BinaryVS[kernel.Mul](row, row, s.all)
		s.k.Binary[kernel.Add](row, row, s.before)
	}
}

// shared is the number of entries from which a product is worth more than one goroutine.
const shared = 1 << 16

// multiply adds W x[t-1] to a row.
func (s *steps[T]) multiply(row []T) {
	if d := s.w.Dense; d != nil {
		gemm.Run(gemm.Product[T]{
			M: s.n, N: 1, K: s.n, A: gemm.Operand[T]{Data: d.Data(), Row: s.n, Col: 1},
			B: gemm.Operand[T]{Data: s.before, Row: 1, Col: s.n}, C: row, CRow: 1, Alpha: 1, Beta: 1,
		})
		return
	}
	m := s.w.Sparse
	if len(m.Col) < shared {
		s.k.CSRVec(row, m.RowPtr, m.Col, m.Val, s.before, 1, 1)
		return
	}
	parallel.For(s.n, max(1, s.n*(shared/2)/len(m.Col)), product[T]{s.k, m, row, s.before})
}

type product[T tensor.Float] struct {
	k      *kernel.Set[T]
	m      *tensor.CSR[T]
	row, x []T
}

func (p *product[T]) Do(lo, hi int) {
	p.k.CSRVec(p.row[lo:hi], p.m.RowPtr[lo:hi+1], p.m.Col, p.m.Val, p.x, 1, 1)
}

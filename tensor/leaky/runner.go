package leaky

import (
	"sync/atomic"

	"elegans/tensor"
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// Runner is a layer of leaky neurons made ready for many steps: it has a copy of a sparse matrix in
// a form in which short rows fill vectors. Making one costs as much as some tens of steps. Several
// goroutines may use one at a time, and no step allocates.
//
// Results do not depend on the number of goroutines, nor on whether steps are made one by one or in
// a sequence.
type Runner[T tensor.Float] struct {
	n      int
	act    tensor.UnaryOp
	slope  T
	all    T   // leak of all neurons, if each is nil
	each   []T // leak of each neuron
	dense  []T // [n, n], or nil
	sparse sliced[T]
	chunk  int // slices, or rows of the dense matrix, that one goroutine takes at a time
	chunks int
	// turn counts the steps: every other one runs through the matrix backwards, and begins with
	// what the step before has left in the caches. The order of rows changes no result.
	turn atomic.Uint32
	// onDevice are the weights for a device, if one was active when the runner was made.
	onDevice weights[T]
}

// chunkEntries is how many entries a goroutine takes at a time, and one call of a kernel at most:
// some 25 us.
const chunkEntries = 1 << 15

// NewRunner prepares a layer:
//
//	w [N, N]: not referenced later if it is sparse, referenced if it is dense
//	leak [1] or [N]: of all neurons or of each, in (0, 1]; nil stands for 1
//	act, a: the activation and its parameter
//
// It panics with a ShapeError if these do not fit.
func NewRunner[T tensor.Float](w Weights[T], leak *tensor.Tensor[T], act tensor.UnaryOp, a T) *Runner[T] {
	n := w.Size()
	if leak != nil && leak.Len() != 1 && leak.Len() != n {
		tensor.PanicShape("leaky.NewRunner", "want leak [1] or [N]", leak.Shape(), []int{n})
	}
	if w.Sparse != nil && w.Sparse.Cols != n || w.Dense != nil && (w.Dense.Dims() != 2 || w.Dense.Dim(1) != n) {
		tensor.PanicShape("leaky.NewRunner", "want square weights", []int{n})
	}
	device.Stay("leaky.NewRunner")
	r := &Runner[T]{n: n, act: act, slope: a, all: 1}
	switch {
	case leak == nil:
	case leak.Len() == 1:
		r.all = leak.Data()[0]
	default:
		r.each = leak.Data()
	}
	parts, entries := n, n*n
	if w.Dense != nil {
		r.dense = w.Dense.Data()
	} else {
		r.sparse = slicedOf(w.Sparse)
		parts, entries = r.sparse.slices(), r.sparse.entries()
	}
	if device.Active() != nil {
		r.onDevice = weightsOf(w, nil).clone()
	}
	r.chunk = max(1, parts*chunkEntries/max(1, entries))
	if r.dense != nil {
		r.chunk = (r.chunk + 3) &^ 3
	}
	r.chunks = (parts + r.chunk - 1) / r.chunk
	return r
}

// Size returns the number of neurons.
func (r *Runner[T]) Size() int { return r.n }

// Run is Run with the weights of the runner.
func (r *Runner[T]) Run(states, start, noise *tensor.Tensor[T]) {
	n := r.n
	if states.Dims() != 2 || states.Dim(1) != n || start != nil && start.Len() != n || noise != nil && !tensor.SameShape(noise, states) {
		tensor.PanicShape("leaky.Run", "want states [T, N], start [N] and noise like the states", states.Shape(), []int{n})
	}
	if states.Dim(0) == 0 {
		return
	}
	if d := device.Active(); d != nil && r.onDevice.known() {
		r.deviceRun(d, tensor.Operand(states), tensor.Operand(start), tensor.Operand(noise))
		return
	}
	device.Stay("leaky.Run")
	var before []T
	if start != nil {
		before = start.Data()
	} else {
		before = make([]T, n)
	}
	data := states.Data()
	for t := range states.Dim(0) {
		row := data[t*n : (t+1)*n]
		r.Step(row, before)
		if noise != nil {
			kernel.Of[T]().Binary[kernel.Add](row, row, noise.Data()[t*n:(t+1)*n])
		}
		before = row
	}
}

// Step makes one step:
//
//	state [N]: the drive on entry, the state after the step on return
//	before [N]: the state before it, elsewhere
func (r *Runner[T]) Step(state, before []T) {
	if d := device.Active(); d != nil && r.onDevice.known() {
		r.deviceRun(d, state[:r.n], before[:r.n], nil)
		return
	}
	device.Stay("leaky.Runner.Step")
	s := step[T]{r: r, k: kernel.Of[T](), state: state[:r.n], before: before[:r.n], backwards: r.turn.Add(1)%2 == 1}
	for ; s.part < max(1, len(r.sparse.parts)); s.part++ {
		if r.chunks <= 1 {
			s.Do(0, r.chunks)
		} else {
			parallel.For(r.chunks, 1, s)
		}
	}
	if !r.inChunks() {
		s.finish(0, r.n)
	}
}

// inChunks reports whether a chunk of slices is a chunk of adjacent neurons.
func (r *Runner[T]) inChunks() bool { return r.dense != nil || r.sparse.plain }

// step is the work of one step.
type step[T tensor.Float] struct {
	r             *Runner[T]
	k             *kernel.Set[T]
	state, before []T
	part          int // of the rows of a sparse matrix
	backwards     bool
}

// Do works on some chunks.
func (s *step[T]) Do(lo, hi int) {
	r := s.r
	for i := lo; i < hi; i++ {
		c := i
		if s.backwards {
			c = r.chunks - 1 - i
		}
		first, last := c*r.chunk, (c+1)*r.chunk
		if r.dense != nil {
			last = min(last, r.n)
			s.k.MatVec(s.state[first:last], r.dense[first*r.n:], r.n, s.before)
			s.finish(first, last)
			continue
		}
		last = min(last, r.sparse.slices())
		r.sparse.add(s.k, s.part, s.state, s.before, first, last)
		if r.sparse.plain && s.part == len(r.sparse.parts)-1 {
			s.finish(height*first, min(height*last, r.n))
		}
	}
}

// finish turns the sums of the neurons lo to hi-1 into states.
func (s *step[T]) finish(lo, hi int) {
	state, before := s.state[lo:hi], s.before[lo:hi]
	s.k.Map[s.r.act](state, state, s.r.slope, 0)
	switch {
	case s.r.each != nil:
		s.k.LeakEach(state, before, s.r.each[lo:hi])
	case s.r.all != 1:
		s.k.Leak(state, before, s.r.all)
	}
}

package esn

import (
	"fmt"
	"math"
	"slices"
	"unsafe"

	"elegans/tensor"
	"elegans/tensor/leaky"
)

// Weights is the recurrent matrix [N, N] of a reservoir, sparse or dense.
type Weights[T tensor.Float] = leaky.Weights[T]

// Reservoir is a recurrent network whose weights do not change. Fields that are nil are left out.
// One reservoir may be used by several goroutines at a time.
type Reservoir[T tensor.Float] struct {
	W          Weights[T]        // [N, N]
	Input      *tensor.Tensor[T] // Win [N, K]
	Bias       *tensor.Tensor[T] // b [N]
	Feedback   *tensor.Tensor[T] // Wfb [N, M]
	Leak       *tensor.Tensor[T] // a in (0, 1], [1] for all neurons or [N]; nil stands for 1
	Activation tensor.UnaryOp    // f; Tanh is the usual one
	Slope      T                 // the parameter of an activation that has one
}

// Tanh is the usual activation. The zero value of tensor.UnaryOp is another function, so a
// reservoir names its own.
const Tanh = tensor.OpTanh

// Size returns the number of neurons.
func (r *Reservoir[T]) Size() int { return r.W.Size() }

// Options of a run. The zero value is a run from the zero state.
type Options[T tensor.Float] struct {
	// Start [N] is the state before the first row.
	Start *tensor.Tensor[T]
	// Feedback [T, M] are the outputs, or the targets in their place while the readout is trained:
	// row t is fed back into step t+1.
	Feedback *tensor.Tensor[T]
	// FirstFeedback [M] is fed back into the first step; nil stands for 0.
	FirstFeedback *tensor.Tensor[T]
	// Noise [T, N] is added to the states, and carried on by them.
	Noise *tensor.Tensor[T]
}

// Run returns the states [T, N] of a sequence u [T, K]. A reservoir without input weights takes
// nothing from u but the number of steps. An input that is not finite is an error, since it would
// stay in the states for ever.
func (r *Reservoir[T]) Run(u *tensor.Tensor[T], o Options[T]) (*tensor.Tensor[T], error) {
	if err := r.check(u, o); err != nil {
		return nil, err
	}
	states := tensor.New[T](u.Dim(0), r.Size())
	r.drive(states, u, o)
	r.step(states, o)
	return states, nil
}

// RunPieces is Run that hands out the states [rows, N] in pieces, the first of them being that of
// step first, so that memory does not depend on the length of the sequence and the states are
// looked at while they are in a near cache. A piece is valid until visit returns, whose error ends
// the run. The states have the bits of those of Run.
func (r *Reservoir[T]) RunPieces(u *tensor.Tensor[T], o Options[T], visit func(first int, states *tensor.Tensor[T]) error) error {
	if err := r.check(u, o); err != nil {
		return err
	}
	n, steps, rows := r.Size(), u.Dim(0), max(fewRows, pieceBytes/(r.Size()*int(unsafe.Sizeof(*new(T)))))
	runner, room, before := r.runner(), tensor.New[T](min(steps, rows+fewRows), n), o.Start
	last := tensor.New[T](n)
	for first, end := 0, 0; first < steps; first = end {
		if end = first + rows; steps-end < fewRows {
			end = steps
		}
		states, part := room.Slice(0, 0, end-first, 1), Options[T]{FirstFeedback: o.FirstFeedback}
		if o.Feedback != nil && first == 0 {
			part.Feedback = o.Feedback.Slice(0, 0, end, 1)
		}
		if o.Noise != nil {
			part.Noise = o.Noise.Slice(0, first, end, 1)
		}
		if r.Input == nil {
			states.Zero()
		}
		if first > 0 {
			part.FirstFeedback = nil
		}
		r.drive(states, u.Slice(0, first, end, 1), part)
		if o.Feedback != nil && first > 0 {
			addProduct(states, o.Feedback.Slice(0, first-1, end-1, 1), r.Feedback)
		}
		runner.Run(states, before, part.Noise)
		tensor.Copy(last, states.Slice(0, end-first-1, end-first, 1).Reshape(n))
		before = last
		if err := visit(first, states); err != nil {
			return err
		}
	}
	return nil
}

// pieceBytes is the size of a piece of states, which then is in the second-level cache. A piece has
// at least fewRows: fewer are multiplied in another order than many.
const pieceBytes, fewRows = 512 << 10, 32

// step turns the drive of every row into its state.
func (r *Reservoir[T]) step(states *tensor.Tensor[T], o Options[T]) {
	r.runner().Run(states, o.Start, o.Noise)
}

// runner prepares the recurrent part for many steps.
func (r *Reservoir[T]) runner() *leaky.Runner[T] {
	return leaky.NewRunner(r.W, r.Leak, r.Activation, r.Slope)
}

// drive sets every row to Win u[t] + b + Wfb y[t-1].
func (r *Reservoir[T]) drive(states, u *tensor.Tensor[T], o Options[T]) {
	steps := u.Dim(0)
	switch {
	case steps == 0:
		return
	case r.Input != nil:
		tensor.Linear(states, u, r.Input, r.Bias)
	case r.Bias != nil:
		tensor.Add(states, states, r.Bias)
	}
	if r.Feedback == nil {
		return
	}
	if o.FirstFeedback != nil {
		addProduct(states.Slice(0, 0, 1, 1), o.FirstFeedback.Reshape(1, r.Feedback.Dim(1)), r.Feedback)
	}
	if o.Feedback != nil && steps > 1 {
		addProduct(states.Slice(0, 1, steps, 1), o.Feedback.Slice(0, 0, steps-1, 1), r.Feedback)
	}
}

// addProduct adds x wᵀ to dst.
func addProduct[T tensor.Float](dst, x, w *tensor.Tensor[T]) {
	tensor.Gemm(dst, x, w.Transpose(0, 1), 1, 1)
}

// check returns an error that names what does not fit.
func (r *Reservoir[T]) check(u *tensor.Tensor[T], o Options[T]) error {
	n := r.Size()
	if u.Dims() != 2 {
		return fmt.Errorf("esn: input of shape %v, expected [steps, inputs]", u.Shape())
	}
	if r.Feedback == nil && (o.Feedback != nil || o.FirstFeedback != nil) {
		return fmt.Errorf("esn: feedback for a reservoir that has no feedback weights")
	}
	inputs, outputs := u.Dim(1), -1
	if r.Input != nil {
		inputs = r.Input.Dim(-1)
	}
	if r.Feedback != nil {
		outputs = r.Feedback.Dim(-1)
	}
	for _, c := range []struct {
		what string
		t    *tensor.Tensor[T]
		want []int
	}{
		{"input", u, []int{u.Dim(0), inputs}},
		{"input weights", r.Input, []int{n, inputs}},
		{"bias", r.Bias, []int{n}},
		{"feedback weights", r.Feedback, []int{n, outputs}},
		{"start", o.Start, []int{n}},
		{"feedback", o.Feedback, []int{u.Dim(0), outputs}},
		{"first feedback", o.FirstFeedback, []int{outputs}},
		{"noise", o.Noise, []int{u.Dim(0), n}},
	} {
		if c.t != nil && !slices.Equal(c.t.Shape(), c.want) {
			return fmt.Errorf("esn: %s of shape %v, expected %v", c.what, c.t.Shape(), c.want)
		}
	}
	if r.Leak != nil {
		if r.Leak.Len() != 1 && r.Leak.Len() != n {
			return fmt.Errorf("esn: %d leaks, expected 1 or one for each of the %d neurons", r.Leak.Len(), n)
		}
		for i, a := range r.Leak.Data() {
			if !(a > 0 && a <= 1) {
				return fmt.Errorf("esn: leak %d is %v, expected above 0 and at most 1", i, a)
			}
		}
	}
	for i, v := range u.Contiguous().Data() {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("esn: input row %d, column %d is %v, expected a finite number", i/inputs, i%inputs, v)
		}
	}
	return nil
}

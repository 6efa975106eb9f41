package transformer

import (
	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// EchoReadout is a frozen reservoir with a readout that is not linear, such as a mixture of
// experts, and a linear map: sequences x [B, n, K] -> [B, n, M].
//
//	s = reservoir x          [B, n, N]
//	y = head(readout s)      every state by itself
//
// The published class EchoStateMoE is meant so, with a mixture as readout, but needs a file that
// was not published. There the states are cut from the graph; here gradients go through the
// reservoir to x.
//
// The readout takes rows [R, N] -> [R, F]. It gets the states of tokens, and none of what lies
// behind the end of a sequence: padding has no share in the balance of the experts.
type EchoReadout[T tensor.Float] struct {
	Reservoir *nn.EchoState[T]
	Readout   nn.Module[T]
	Head      *nn.Linear[T] // F -> M
}

// Forward maps sequences x [B, n, K] to [B, n, M].
func (r *EchoReadout[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	return r.Run(tp, x, nil)
}

// Run maps sequences x [B, n, K] of the given lengths to [B, n, M], which is 0 behind their ends.
func (r *EchoReadout[T]) Run(tp *autograd.Tape[T], x *autograd.Var[T], lengths []int) *autograd.Var[T] {
	checkLengths("transformer.EchoReadout", x, lengths)
	b, n := x.Value.Dim(0), x.Value.Dim(1)
	s := r.Reservoir.Run(tp, clearPadding(tp, x, lengths), nil, lengths)
	tp.Mark("states", s)
	rows := tp.Reshape(s, b*n, s.Value.Dim(2))
	if lengths == nil {
		return tp.Reshape(r.read(tp, rows), b, n, r.Head.Weight.Value.Dim(0))
	}
	total := 0
	for _, length := range lengths {
		total += length
	}
	at := tp.NewInts(total)[:0]
	for i, length := range lengths {
		for t := range length {
			at = append(at, i*n+t)
		}
	}
	y := tp.NewTensor(b*n, r.Head.Weight.Value.Dim(0))
	tensor.Fill(y, 0)
	all := tp.Input(y)
	if total > 0 {
		all = tp.IndexAdd(all, 0, at, r.read(tp, tp.IndexSelect(rows, 0, at)))
	}
	return tp.Reshape(all, b, n, y.Dim(1))
}

// read maps states [R, N] to [R, M].
func (r *EchoReadout[T]) read(tp *autograd.Tape[T], rows *autograd.Var[T]) *autograd.Var[T] {
	return run(tp, "head", r.Head, run(tp, "readout", r.Readout, rows))
}

// StepBytes estimates the memory that a training step takes for so many sequences of so many rows:
// the states, what the readout keeps, and the results, each value with its gradient. It is not
// exact.
func (r *EchoReadout[T]) StepBytes(batch, rows int) float64 {
	own := numbers[T](batch*rows, r.Reservoir.Size()+r.Head.Weight.Value.Dim(0))
	return own + stepBytes(r.Readout, batch, rows)
}

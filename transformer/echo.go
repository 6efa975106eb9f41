package transformer

import (
	"fmt"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/esn"
	"elegans/tensor"
)

// Sequencer is a module of sequences that may differ in length.
type Sequencer[T tensor.Float] interface {
	nn.Module[T]
	// Run is Forward for sequences x [B, n, ..] of the given lengths [B], each at most n; nil
	// stands for n. What lies behind the end of a sequence has no influence and may hold anything,
	// even what is not a number.
	Run(tp *autograd.Tape[T], x *autograd.Var[T], lengths []int) *autograd.Var[T]
}

// checkLengths panics in the name of op unless there is a length for each of the sequences
// x [B, n, ..].
func checkLengths[T tensor.Float](op string, x *autograd.Var[T], lengths []int) {
	if lengths == nil {
		return
	}
	if len(lengths) != x.Value.Dim(0) {
		tensor.PanicShape(op, fmt.Sprintf("%d lengths, want one for each sequence", len(lengths)), x.Shape())
	}
	for i, n := range lengths {
		if n < 0 || n > x.Value.Dim(1) {
			tensor.PanicShape(op, fmt.Sprintf("sequence %d has the length %d, want 0 to the number of tokens", i, n), x.Shape())
		}
	}
}

// clearPadding sets what lies behind the ends of sequences x [B, n, E] to 0; its gradient is 0,
// too.
func clearPadding[T tensor.Float](tp *autograd.Tape[T], x *autograd.Var[T], lengths []int) *autograd.Var[T] {
	if lengths == nil {
		return x
	}
	n := x.Value.Dim(1)
	mask := tp.NewTensor(x.Value.Dim(0), n, 1)
	tensor.FillFunc(mask, func(i int) float64 {
		if i%n < lengths[i/n] {
			return 0
		}
		return 1
	})
	return tp.MaskedFill(x, mask, 0)
}

// reverse turns every sequence of x [B, n, E] round, from its last token to its first. What lies
// behind its end stays where it is.
func reverse[T tensor.Float](tp *autograd.Tape[T], x *autograd.Var[T], lengths []int) *autograd.Var[T] {
	if lengths == nil {
		return tp.Flip(x, 1)
	}
	b, n, e := x.Value.Dim(0), x.Value.Dim(1), x.Value.Dim(2)
	from := tp.NewInts(b * n)
	for i := range from {
		from[i] = i
		if s, t := i/n, i%n; t < lengths[s] {
			from[i] = s*n + lengths[s] - 1 - t
		}
	}
	return tp.Reshape(tp.IndexSelect(tp.Reshape(x, b*n, e), 0, from), b, n, e)
}

// checkReservoir returns an error that names what of a description of a network does nothing, or
// cannot be, within a transformer.
func checkReservoir(c *esn.Config) error {
	for _, f := range []struct {
		key   string
		given bool
	}{
		{"feedback_scale", c.FeedbackScale != 0}, {"input_noise", c.InputNoise != 0}, {"state_noise", c.StateNoise != 0},
		{"nvar", c.NVAR != esn.NVAR{}}, {"readout_input", c.ReadoutInput}, {"readout_squares", c.ReadoutSquares},
		{"readout_times", c.ReadoutTimes != 0},
	} {
		if f.given {
			return fmt.Errorf("transformer: reservoir.%s is given, which a reservoir within a transformer does not have", f.key)
		}
	}
	if c.Layers > 1 {
		return fmt.Errorf("transformer: reservoir.layers %d, expected 1: blocks are stacked instead", c.Layers)
	}
	return c.Validate()
}

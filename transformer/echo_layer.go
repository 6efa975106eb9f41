package transformer

import (
	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// EchoLayer is a layer of an Echo State Transformer: x [B, n, D] -> [B, n, D].
//
//	y = memory x                       [B, n, M, D], see WorkingMemory
//	h = norm1(y + attention(y))        among the M units of one token, of one head, without biases
//	c = reduce h                       [B, n, D]: the units side by side, and a linear map
//	z = norm2(c + mlp c)
//
// A token is told by what the units hold, so that nothing is attended to but M things: the cost of
// a token does not depend on how many there were before. It is a token mixer, too.
type EchoLayer[T tensor.Float] struct {
	Memory *WorkingMemory[T]
	QKV    *nn.Linear[T] `nn:"qkv"` // [3D, D]
	Norm1  *nn.RMSNorm[T]
	Reduce *nn.Linear[T]   // [D, M*D]
	MLP    *FeedForward[T] `nn:"mlp"`
	Norm2  *nn.RMSNorm[T]

	Dropout float64 // of what the attention gives
}

// newEchoLayer makes a layer of a complete configuration.
func newEchoLayer[T tensor.Float](k tensor.Key, c *EchoTransformerConfig) (*EchoLayer[T], error) {
	reservoir := c.Reservoir
	reservoir.Seed = reservoirSeed(k, &reservoir)
	memory, err := newWorkingMemory[T](k.Sub("memory"), reservoir, c.Units, c.Dim)
	if err != nil {
		return nil, err
	}
	act, err := tensor.ActivationOf(c.Activation)
	if err != nil {
		return nil, err
	}
	memory.Dropout = c.Dropout
	qkv := newLinear[T](k.Sub("qkv"), c.Dim, 3*c.Dim)
	qkv.Bias = nil
	l := &EchoLayer[T]{
		Memory: memory, QKV: qkv, Norm1: nn.NewRMSNorm[T](c.Dim), Reduce: newLinear[T](k.Sub("reduce"), c.Units*c.Dim, c.Dim),
		MLP: NewFeedForward[T](k.Sub("mlp"), c.Dim, c.Hidden, act, GatingNone), Norm2: nn.NewRMSNorm[T](c.Dim), Dropout: c.Dropout,
	}
	l.MLP.Dropout = c.Dropout
	return l, nil
}

// Forward maps x [B, n, D] to [B, n, D].
func (l *EchoLayer[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	return l.Run(tp, x, nil)
}

// Run maps sequences x [B, n, D] of the given lengths to [B, n, D], which is 0 behind their ends.
func (l *EchoLayer[T]) Run(tp *autograd.Tape[T], x *autograd.Var[T], lengths []int) *autograd.Var[T] {
	checkLengths("transformer.EchoLayer", x, lengths)
	b, n, d := x.Value.Dim(0), x.Value.Dim(1), x.Value.Dim(2)
	units := l.Memory.Units()
	y := l.Memory.Forward(tp, clearPadding(tp, x, lengths))
	tp.Mark("memory", y)
	y = tp.Reshape(y, b*n, units, d)
	h, w := tp.SelfAttention(l.QKV.Forward(tp, y), 1, autograd.AttentionOptions[T]{})
	tp.Mark("attention", w)
	h = l.Norm1.Forward(tp, tp.Add(tp.Dropout(h, l.Dropout), y))
	c := l.Reduce.Forward(tp, tp.Reshape(h, b, n, units*d))
	return clearPadding(tp, l.Norm2.Forward(tp, tp.Add(l.MLP.Forward(tp, c), c)), lengths)
}

// stepBytes counts the memory, the attention among the units, and what makes one token of them.
func (l *EchoLayer[T]) stepBytes(batch, tokens int) float64 {
	units, d := l.Memory.Units(), l.QKV.Weight.Value.Dim(1)
	own := numbers[T](batch*tokens, units*(6*d+units)+3*d)
	return own + l.Memory.stepBytes(batch, tokens) + l.MLP.stepBytes(batch, tokens)
}

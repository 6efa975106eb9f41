package m2

import (
	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/tensor"
)

// DenseCore is the control of core "dense": a hidden layer in the place of the network, y = W2
// elu(W1 x + b1) + b2, as wide as it takes to have as many parameters as the core "worm" of the
// same configuration and graph, to within half a unit of the hidden layer.
type DenseCore[T tensor.Float] struct {
	Dense1 *nn.Linear[T] `nn:"tn.dense1"`
	Dense2 *nn.Linear[T] `nn:"tn.dense2"`
}

func newDenseCore[T tensor.Float](g *connectome.Graph, c Config, k tensor.Key) (*DenseCore[T], error) {
	worm, err := newWormCore[T](g, c, k)
	if err != nil {
		return nil, err
	}
	want := 0
	for _, p := range nn.Params[T](worm) {
		// All of them count, also those that a frozen network does not train.
		want += p.Value.Len()
	}
	unit := 2*c.Width + 1 // parameters of a hidden unit, its bias among them
	hidden := max(1, (want-c.Width+unit/2)/unit)
	return &DenseCore[T]{
		Dense1: newDense[T](k.Sub("dense1"), c.Width, hidden), Dense2: newDense[T](k.Sub("dense2"), hidden, c.Width),
	}, nil
}

// Forward returns y [batch, d] for x [batch, d].
func (l *DenseCore[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	y := l.Dense2.Forward(tp, elu(tp, "tn.dense1", l.Dense1.Forward(tp, x)))
	tp.Mark("tn.dense2", y)
	return y
}

package crosscheck

import (
	"fmt"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// opsRecurrent registers recurrent cells and stacks of them.
func opsRecurrent[T tensor.Float](r registry[T]) {
	r.add("lstm_cell", func(c *Case[T]) {
		sameSizes(c, c.Var("weight_ih"), c.Var("weight_hh"))
		c.Out(two(c.Tape.LSTMCell(c.Var("x"), c.Var("h"), c.Var("c"), c.Var("weight_ih"), c.Var("weight_hh"), c.Opt("bias_ih"), c.Opt("bias_hh")))...)
	})
	r.add("gru_cell", func(c *Case[T]) {
		sameSizes(c, c.Var("weight_ih"), c.Var("weight_hh"))
		c.Out(c.Tape.GRUCell(c.Var("x"), c.Var("h"), c.Var("weight_ih"), c.Var("weight_hh"), c.Opt("bias_ih"), c.Opt("bias_hh")))
	})
	r.add("rnn_tanh_cell", func(c *Case[T]) {
		sameSizes(c, c.Var("weight_ih"), c.Var("weight_hh"))
		c.Out(c.Tape.RNNCell(c.Var("x"), c.Var("h"), c.Var("weight_ih"), c.Var("weight_hh"), c.Opt("bias_ih"), c.Opt("bias_hh")))
	})
	r.add("lstm", func(c *Case[T]) {
		m := nn.LSTM[T]{Recurrent: stackOf(c)}
		y, h, s := m.Run(c.Tape, c.Var("x"))
		c.Out(y, h, s)
	})
	r.add("rnn", func(c *Case[T]) {
		m := nn.RNN[T]{Recurrent: stackOf(c)}
		c.Out(two(m.Run(c.Tape, c.Var("x")))...)
	})
	r.add("gru", func(c *Case[T]) {
		m := nn.GRU[T]{Recurrent: stackOf(c)}
		c.Out(two(m.Run(c.Tape, c.Var("x")))...)
	})
}

func two[T tensor.Float](a, b *autograd.Var[T]) []*autograd.Var[T] { return []*autograd.Var[T]{a, b} }

// stackOf makes a stack of layers of the arguments.
func stackOf[T tensor.Float](c *Case[T]) (r nn.Recurrent[T]) {
	c.batchFirst()
	for l := range c.AttrInt("num_layers", 1) {
		name := func(s string) string { return fmt.Sprintf("%s_l%d", s, l) }
		r.Layers = append(r.Layers, nn.RecurrentLayer[T]{
			WeightIH: c.Var(name("weight_ih")), WeightHH: c.Var(name("weight_hh")), BiasIH: c.Opt(name("bias_ih")), BiasHH: c.Opt(name("bias_hh")),
		})
	}
	if len(r.Layers) > 0 {
		sameSizes(c, r.Layers[0].WeightIH, r.Layers[0].WeightHH)
	}
	return r
}

// sameSizes compares the sizes that a case names with those of its weights.
func sameSizes[T tensor.Float](c *Case[T], ih, hh *autograd.Var[T]) {
	if ih.Value.Dims() == 2 && hh.Value.Dims() == 2 {
		c.Same("input_size", ih.Value.Dim(1))
		c.Same("hidden_size", hh.Value.Dim(1))
	}
}

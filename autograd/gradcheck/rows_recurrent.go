package gradcheck

import (
	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

func init() {
	two := func(a, b *variable) []*variable { return []*variable{a, b} }
	shapes := func(gates int, states ...[]int) func(k tensor.Key) []*tensor.Tensor[float64] {
		return uniform(-1, 1, append(append([][]int{{2, 3}}, states...), []int{gates * 4, 3}, []int{gates * 4, 4}, []int{gates * 4}, []int{gates * 4})...)
	}
	state := []int{2, 4}
	rows["LSTMCell"] = []row{{name: "biases", inputs: shapes(4, state, state), f: func(tp *tape, in []*variable) []*variable {
		return two(tp.LSTMCell(in[0], in[1], in[2], in[3], in[4], in[5], in[6]))
	}}}
	rows["GRUCell"] = []row{{name: "biases", inputs: shapes(3, state), f: func(tp *tape, in []*variable) []*variable {
		return []*variable{tp.GRUCell(in[0], in[1], in[2], in[3], in[4], in[5])}
	}}}
	rows["RNNCell"] = []row{{name: "biases", inputs: shapes(1, state), f: func(tp *tape, in []*variable) []*variable {
		return []*variable{tp.RNNCell(in[0], in[1], in[2], in[3], in[4], in[5])}
	}}}
	rows["LSTMGates"] = []row{
		{name: "middle of a sequence", inputs: uniform(-1, 1, []int{2, 3, 8}, []int{2, 8}, []int{2, 2}), f: func(tp *tape, in []*variable) []*variable {
			return two(tp.LSTMGates(in[0], in[1], in[2], 1))
		}},
		{name: "constant input and cell", opts: Options{Constant: []bool{true, false, true}}, inputs: uniform(-1, 1, []int{2, 8}, []int{2, 8}, []int{2, 2}),
			f: func(tp *tape, in []*variable) []*variable { return two(tp.LSTMGates(in[0], in[1], in[2], 0)) }},
	}
	rows["GRUGates"] = []row{{name: "middle of a sequence", inputs: uniform(-1, 1, []int{2, 3, 6}, []int{2, 6}, []int{2, 2}), f: affine(func(tp *tape, gi, gh, h *variable) *variable {
		return tp.GRUGates(gi, gh, h, 1)
	})}}
	rows["RNNGates"] = []row{{name: "middle of a sequence", inputs: uniform(-1, 1, []int{2, 3, 2}, []int{2, 2}), f: binary(func(tp *tape, gi, gh *variable) *variable {
		return tp.RNNGates(gi, gh, 1)
	})}}

	k := tensor.NewKey(5, "recurrent layers")
	lstm, gru := nn.NewLSTM[float64](k, 3, 4, 2), nn.NewGRU[float64](k, 3, 4, 2)
	lstmRow, gruRow := layer("two layers", lstm, 2, 3, 3), layer("two layers", gru, 2, 3, 3)
	lstmRow.f = func(tp *tape, in []*variable) []*variable {
		y, h, c := lstm.Run(tp, in[0])
		return []*variable{y, h, c}
	}
	gruRow.f = func(tp *tape, in []*variable) []*variable { return two(gru.Run(tp, in[0])) }
	rows["nn.LSTM"], rows["nn.GRU"] = []row{lstmRow}, []row{gruRow}
	rows["nn.RNN"] = []row{layer("one layer", nn.NewRNN[float64](k, 3, 4, 1), 2, 3, 3)}

	attention := nn.NewMultiheadAttention[float64](k, 4, 2)
	cross := layer("cross-attention", attention, 2, 3, 4)
	cross.inputs = uniform(-1, 1, []int{2, 3, 4}, []int{2, 4, 4})
	cross.f = func(tp *tape, in []*variable) []*variable {
		return two(attention.Attend(tp, in[0], in[1], in[1], autograd.AttentionOptions[float64]{}))
	}
	rows["nn.MultiheadAttention"] = []row{layer("self-attention", nn.NewMultiheadAttention[float64](k, 4, 2), 2, 3, 4), cross}
	rows["nn.TransformerEncoderLayer"] = []row{
		layer("post-norm", nn.NewTransformerEncoderLayer[float64](k, 4, 2, 6, false), 2, 3, 4),
		layer("pre-norm", nn.NewTransformerEncoderLayer[float64](k, 4, 2, 6, true), 2, 3, 4),
	}
	table := nn.NewEmbedding[float64](k, 5, 3, autograd.NoPadding)
	rows["nn.Embedding"] = []row{{name: "lookup", inputs: uniform(-1, 1), opts: Options{Params: []*variable{table.Weight}}, f: func(tp *tape, _ []*variable) []*variable {
		return []*variable{table.Lookup(tp, []int{1, 1, 4})}
	}}}
	rows["nn.Dropout"] = []row{layer("half", nn.Dropout[float64]{P: 0.5}, 3, 4)}
}

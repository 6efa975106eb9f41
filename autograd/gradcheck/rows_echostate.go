package gradcheck

import (
	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
	"elegans/tensor/leaky"
)

func init() {
	pattern := func() *tensor.CSR[float64] {
		return tensor.NewCSR(3, 3, []int32{0, 2, 3, 5}, []int32{1, 2, 0, 0, 2}, make([]float64, 5))
	}
	activation := func(name string) tensor.Activation {
		a, err := tensor.ActivationOf(name)
		if err != nil {
			panic(err)
		}
		return a
	}
	// Inputs: x, W, Win, b, start, and a leak in [.3, .9).
	inputs := func(batch, steps int, weights []int, leak ...int) func(k tensor.Key) []*tensor.Tensor[float64] {
		return func(k tensor.Key) []*tensor.Tensor[float64] {
			ts := uniform(-1, 1, []int{batch, steps, 2}, weights, []int{3, 2}, []int{3}, []int{batch, 3})(k)
			return append(ts, tensor.Uniform[float64](k.Sub("leak"), .3, .9, leak...))
		}
	}
	op := func(n autograd.EchoState[float64], sparse bool) Func {
		return func(tp *tape, in []*variable) []*variable {
			n := n
			n.Weight, n.Input, n.Bias, n.Start, n.Leak = in[1], in[2], in[3], in[4], in[5]
			if sparse {
				n.Pattern = pattern()
			}
			return []*variable{tp.EchoState(in[0], n)}
		}
	}
	tanh := autograd.EchoState[float64]{Activation: activation("tanh")}
	lengths := tanh
	lengths.Lengths = []int{4, 0, 2, 1, 4}
	frozen := []bool{false, true, true, true, true, true}
	dense, sparse := []int{3, 3}, []int{5}
	list := []row{
		{name: "sparse, a leak for each neuron", f: op(tanh, true), inputs: inputs(5, 4, sparse, 3)},
		{name: "dense, one leak", f: op(tanh, false), inputs: inputs(5, 4, dense, 1)},
		{name: "one sparse sequence", f: op(tanh, true), inputs: inputs(1, 4, sparse, 3)},
		{name: "two dense sequences", f: op(tanh, false), inputs: inputs(2, 4, dense, 3)},
		{name: "more sequences than a block holds", f: op(tanh, true), inputs: inputs(35, 2, sparse, 3)},
		{name: "more dense sequences", f: op(tanh, false), inputs: inputs(35, 2, dense, 1)},
		{name: "frozen", f: op(tanh, true), inputs: inputs(5, 4, sparse, 1), opts: Options{Constant: frozen}},
		{name: "sequences of other lengths", f: op(lengths, true), inputs: inputs(5, 4, sparse, 3)},
		{name: "dense sequences of other lengths", f: op(lengths, false), inputs: inputs(5, 4, dense, 3)},
		{name: "drives", inputs: uniform(-1, 1, []int{5, 4, 3}, []int{3, 3}, []int{3}), f: func(tp *tape, in []*variable) []*variable {
			return []*variable{tp.EchoState(in[0], autograd.EchoState[float64]{Weight: in[1], Bias: in[2], Activation: activation("tanh")})}
		}},
		{name: "drives of one sequence", inputs: uniform(-1, 1, []int{1, 4, 3}, []int{5}), f: func(tp *tape, in []*variable) []*variable {
			return []*variable{tp.EchoState(in[0], autograd.EchoState[float64]{Weight: in[1], Pattern: pattern(), Activation: activation("tanh")})}
		}},
	}
	for _, name := range []string{"identity", "sigmoid", "softsign", "gelu", "elu"} {
		list = append(list, row{name: name, f: op(autograd.EchoState[float64]{Activation: activation(name)}, true), inputs: inputs(4, 3, sparse, 3)})
	}
	rows["EchoState"] = list

	k := tensor.NewKey(7, "echo state layer")
	module := func(sparse bool) *nn.EchoState[float64] {
		w := leaky.Weights[float64]{Dense: tensor.New[float64](3, 3)}
		if sparse {
			w = leaky.Weights[float64]{Sparse: pattern()}
		}
		l := nn.NewEchoState(w, tensor.New[float64](3, 2), tensor.New[float64](3), tensor.Full(.4, 3), activation("tanh"))
		for i, p := range []*variable{l.Weight, l.Input, l.Bias} {
			tensor.FillUniform(p.Value, k.Sub("frozen", uint64(i)), -1, 1)
		}
		return l
	}
	scaled, trained := module(true), module(false)
	scaled.TrainLeak(false)
	scaled.TrainRadius()
	scaled.TrainInputScale()
	trained.TrainLeak(true)
	for _, p := range []*variable{trained.Weight, trained.Input, trained.Bias} {
		p.SetRequiresGrad(true)
	}
	last := reservoir("reduced to one row", trained)
	last.f = func(tp *tape, in []*variable) []*variable {
		lengths := []int{3, 1}
		y := trained.Run(tp, in[0], nil, lengths)
		return []*variable{nn.LastStates(tp, y, lengths), nn.MeanStates(tp, y, lengths), nn.MeanStates(tp, y, nil)}
	}
	rows["nn.EchoState"] = []row{reservoir("frozen", module(true)), reservoir("leak and scalings", scaled), reservoir("all", trained), last}
}

// reservoir is a row for sequences of three steps.
func reservoir(name string, m nn.Module[float64]) row { return layer(name, m, 2, 3, 2) }

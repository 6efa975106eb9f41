package nn_test

import (
	"math"
	"slices"
	"testing"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
	"elegans/tensor/leaky"
)

func dense(leak *tensor.Tensor[float64]) *nn.EchoState[float64] {
	k := tensor.NewKey(1, "reservoir")
	act, err := tensor.ActivationOf("tanh")
	if err != nil {
		panic(err)
	}
	return nn.NewEchoState(leaky.Weights[float64]{Dense: tensor.Normal[float64](k.Sub("w"), 0, .3, 4, 4)}, tensor.Uniform[float64](k.Sub("in"), -1, 1, 4, 2), tensor.New[float64](4), leak, act)
}

func TestEchoStateIsSavedWholeAndFrozen(t *testing.T) {
	l := dense(tensor.Full(.3, 1))
	var paths []string
	for _, p := range nn.Params(l) {
		paths = append(paths, p.Path)
	}
	if want := []string{"weight", "input", "bias", "leak"}; !slices.Equal(paths, want) {
		t.Errorf("a checkpoint would hold %q, want %q", paths, want)
	}
	if n := nn.Count(l); n != 0 {
		t.Errorf("%d numbers of a frozen layer are trained", n)
	}
	l.TrainLeak(true)
	l.TrainRadius()
	l.TrainInputScale()
	l.Bias.SetRequiresGrad(true)
	if n := nn.Count(l); n != 4+1+1+4 {
		t.Errorf("%d numbers are trained, want those of leak, radius, input scale and bias", n)
	}
}

// TestTrainLeakBeginsWhereItWas compares the states before and after.
func TestTrainLeakBeginsWhereItWas(t *testing.T) {
	x := tensor.Uniform[float64](tensor.NewKey(2, "x"), -1, 1, 3, 7, 2)
	for _, c := range []struct {
		what      string
		leak      *tensor.Tensor[float64]
		perNeuron bool
		off       float64
	}{
		{"one", tensor.Full(.3, 1), false, 1e-14},
		{"one for each neuron", tensor.FromSlice([]float64{.1, .2, .9, .5}, 4), true, 1e-14},
		{"one made one for each", tensor.Full(.3, 1), true, 1e-14},
		{"none", nil, false, 5e-3},
		{"1", tensor.Full(1.0, 4), true, 5e-3},
	} {
		l := dense(c.leak)
		tp := autograd.NewTape[float64]()
		before := l.Forward(tp, tp.Input(x)).Value.Clone()
		l.TrainLeak(c.perNeuron)
		after := l.Forward(tp, tp.Input(x)).Value
		for i, v := range before.Data() {
			if math.Abs(v-after.Data()[i]) > c.off {
				t.Errorf("%s: state %d is %v, before %v", c.what, i, after.Data()[i], v)
				break
			}
		}
	}
}

// TestStartContinuesASequence runs a sequence in two pieces.
func TestStartContinuesASequence(t *testing.T) {
	l := dense(tensor.Full(.3, 1))
	x := tensor.Uniform[float64](tensor.NewKey(2, "x"), -1, 1, 5, 7, 2)
	tp := autograd.NewTape[float64]()
	whole := l.Forward(tp, tp.Input(x))
	first := l.Forward(tp, tp.Input(x.Slice(1, 0, 3, 1).Contiguous()))
	rest := l.Run(tp, tp.Input(x.Slice(1, 3, 7, 1).Contiguous()), nn.LastStates(tp, first, nil), nil)
	if want := whole.Value.Slice(1, 3, 7, 1).Contiguous().Data(); !slices.Equal(rest.Value.Data(), want) {
		t.Error("two pieces give other states than the whole")
	}
}

func TestStatesReduced(t *testing.T) {
	tp := autograd.NewTape[float64]()
	s := tp.Input(tensor.FromSlice([]float64{1, 2, 3, 4, 0, 0, 5, 6, 7, 8, 9, 10}, 2, 3, 2))
	if got := nn.LastStates(tp, s, []int{2, 3}).Value.Data(); !slices.Equal(got, []float64{3, 4, 9, 10}) {
		t.Errorf("last states %v", got)
	}
	if got := nn.MeanStates(tp, s, []int{2, 3}).Value.Data(); !slices.Equal(got, []float64{2, 3, 7, 8}) {
		t.Errorf("mean states %v", got)
	}
	defer func() {
		if _, ok := recover().(*tensor.UsageError); !ok {
			t.Error("the last state of an empty sequence was given")
		}
	}()
	nn.LastStates(tp, s, []int{0, 3})
}

// TestEchoStateWithoutLeakIsAnRNN compares states and gradients with those of nn.RNN.
func TestEchoStateWithoutLeakIsAnRNN(t *testing.T) {
	rnn := nn.NewRNN[float64](tensor.NewKey(3, "rnn"), 2, 4, 1)
	rnn.Layers[0].BiasHH = nil
	layer := dense(nil)
	pairs := [][2]*autograd.Var[float64]{
		{rnn.Layers[0].WeightHH, layer.Weight}, {rnn.Layers[0].WeightIH, layer.Input}, {rnn.Layers[0].BiasIH, layer.Bias},
	}
	for _, p := range pairs {
		tensor.Copy(p[1].Value, p[0].Value)
		p[1].SetRequiresGrad(true)
	}
	x := tensor.Uniform[float64](tensor.NewKey(4, "x"), -1, 1, 6, 9, 2)
	dy := tensor.Uniform[float64](tensor.NewKey(5, "dy"), -1, 1, 6, 9, 4)
	var inputs [2]*autograd.Var[float64]
	var states [2]*autograd.Var[float64]
	for i, m := range []nn.Module[float64]{rnn, layer} {
		tp := autograd.NewTape[float64]()
		inputs[i] = tp.Variable(x)
		states[i] = m.Forward(tp, inputs[i])
		tp.BackwardFrom([]*autograd.Var[float64]{states[i]}, []*tensor.Tensor[float64]{dy})
	}
	same := func(what string, a, b *tensor.Tensor[float64]) {
		for i, v := range a.Data() {
			if math.Abs(v-b.Data()[i]) > 1e-12 {
				t.Errorf("%s: element %d is %v, want %v", what, i, b.Data()[i], v)
				return
			}
		}
	}
	same("states", states[0].Value, states[1].Value)
	same("gradient of the input", inputs[0].Grad(), inputs[1].Grad())
	for i, what := range []string{"recurrent weights", "input weights", "bias"} {
		same("gradient of the "+what, pairs[i][0].Grad(), pairs[i][1].Grad())
	}
}

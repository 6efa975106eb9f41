package esn_test

import (
	"fmt"
	"math"
	"testing"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/esn"
	"elegans/tensor"
)

// TestLayerIsTheReservoir compares states, of the reservoir, the layer, and the reservoir of the
// layer with its scalings in effect.
func TestLayerIsTheReservoir(t *testing.T) {
	k := tensor.NewKey(1, "layer")
	w, err := esn.Random[float64](30, 4, k.Sub("w"))
	if err != nil {
		t.Fatal(err)
	}
	orthogonal, err := esn.Orthogonal[float64](30, .9, k.Sub("q"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*esn.Reservoir[float64]{
		{W: esn.Weights[float64]{Sparse: w}, Activation: esn.Tanh, Leak: tensor.Uniform[float64](k, .2, 1, 30), Bias: tensor.Uniform[float64](k, -1, 1, 30)},
		{W: esn.Weights[float64]{Dense: orthogonal}, Activation: tensor.OpLeakyReLU, Slope: .1},
		{W: esn.Weights[float64]{Sparse: w}, Activation: tensor.OpSin},
	} {
		r.Input = tensor.Uniform[float64](k.Sub("in"), -.5, .5, 30, 2)
		layer, err := r.Layer()
		if err != nil {
			t.Fatal(err)
		}
		x := tensor.Uniform[float64](k.Sub("x"), -1, 1, 5, 12, 2)
		tp := autograd.NewTape[float64]()
		y := layer.Forward(tp, tp.Input(x)).Value
		layer.TrainLeak(true)
		layer.TrainRadius()
		tensor.Fill(layer.LogRadius.Value, -.3)
		scaled := layer.Forward(tp, tp.Input(x)).Value
		back, err := esn.ReservoirOf(layer)
		if err != nil {
			t.Fatal(err)
		}
		for b := range 5 {
			for _, c := range []struct {
				r    *esn.Reservoir[float64]
				want *tensor.Tensor[float64]
			}{{r, y}, {back, scaled}} {
				states, err := c.r.Run(x.Slice(0, b, b+1, 1).Reshape(12, 2), esn.Options[float64]{})
				if err != nil {
					t.Fatal(err)
				}
				for i, v := range states.Data() {
					if want := c.want.Data()[b*12*30+i]; math.Abs(v-want) > 1e-12 {
						t.Fatalf("sequence %d, state %d is %v, in the layer %v", b, i, v, want)
					}
				}
			}
		}
	}
	fed := &esn.Reservoir[float64]{W: esn.Weights[float64]{Sparse: w}, Feedback: tensor.New[float64](30, 1)}
	if _, err := fed.Layer(); err == nil {
		t.Error("a reservoir with feedback became a layer")
	}
}

// A frozen reservoir inside a network that is trained by gradient: the head learns which of two
// frequencies a noisy sequence has. No gradient passes the reservoir, so a step costs its states
// and the head.
func ExampleReservoir_Layer() {
	key := tensor.NewKey(1, "tones")
	w, err := esn.Random[float32](60, 6, key.Sub("w"))
	check(err)
	radius, err := esn.SpectralRadius(esn.Weights[float32]{Sparse: w})
	check(err)
	for i := range w.Val {
		w.Val[i] *= float32(.9 / radius)
	}
	reservoir := &esn.Reservoir[float32]{
		W: esn.Weights[float32]{Sparse: w}, Input: tensor.Uniform[float32](key.Sub("in"), -1, 1, 60, 1), Activation: esn.Tanh,
	}
	states, err := reservoir.Layer()
	check(err)
	relu, err := nn.Activation[float32]("relu")
	check(err)
	head := nn.Sequential[float32]{
		nn.NewLinear[float32](key.Sub("hidden"), 60, 32, true), relu, nn.NewLinear[float32](key.Sub("head"), 32, 2, true),
	}
	forward := func(tp *autograd.Tape[float32], x *tensor.Tensor[float32]) *autograd.Var[float32] {
		return head.Forward(tp, nn.LastStates(tp, states.Forward(tp, tp.Input(x)), nil))
	}

	o := optim.AdamDefaults()
	o.LR = .01
	adam := optim.Adam(nn.Trainable(head), o)
	tape := autograd.NewTape[float32]()
	for step := range 300 {
		x, labels := tones(key.Sub("train", uint64(step)), 32)
		tape.Reset()
		adam.ZeroGrad()
		tape.Backward(tape.CrossEntropy(forward(tape, x), labels, autograd.CrossEntropyOptions[float32]{}))
		adam.Step()
	}
	x, labels := tones(key.Sub("test"), 500)
	tape.Reset()
	correct := tensor.CountCorrect(forward(tape, x).Value, labels)
	fmt.Println("more than 95 of 100 right:", correct > 475)
	// Output: more than 95 of 100 right: true
}

// tones returns sequences [n, 40, 1] of one of two frequencies, at any phase, in noise.
func tones(k tensor.Key, n int) (x *tensor.Tensor[float32], labels []int) {
	x, labels = tensor.Normal[float32](k, 0, .1, n, 40, 1), make([]int, n)
	for b := range n {
		labels[b] = b % 2
		phase := 2 * math.Pi * k.Sub("phase").Float64(uint64(b))
		for t := range 40 {
			x.Set(x.At(b, t, 0)+float32(math.Sin(phase+float64(t)*[]float64{.3, .5}[labels[b]])), b, t, 0)
		}
	}
	return x, labels
}

package transformer_test

import (
	"fmt"
	"slices"
	"testing"

	"elegans/autograd"
	"elegans/autograd/gradcheck"
	"elegans/autograd/nn"
	"elegans/esn"
	"elegans/tensor"
	"elegans/transformer"
)

// TestEchoMixerIsItsEquation computes a mixer in both directions by the loop of its comment.
func TestEchoMixerIsItsEquation(t *testing.T) {
	for name, c := range echoes(t) {
		if len(c.Train) > 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			m := newMixer(t, c)
			shake(m)
			x, lengths := sequences(2, 5), []int{5, 3}
			tp := autograd.NewTape[float64]()
			got := m.Run(tp, tp.Input(x), lengths)
			r, err := esn.ReservoirOf(m.Reservoir)
			if err != nil {
				t.Fatal(err)
			}
			for s, n := range lengths {
				tokens := x.Slice(0, s, s+1, 1).Slice(1, 0, n, 1).Contiguous().Reshape(n, 3)
				u := tokens
				if m.In != nil {
					u = m.In.Forward(tp, tp.Input(tokens)).Value
				}
				want := tensor.New[float64](n, 3)
				for at := range n {
					tensor.Copy(want.Slice(0, at, at+1, 1).Reshape(3), m.Bias.Value)
				}
				directions := map[transformer.Direction][]bool{transformer.Backward: {true}, transformer.Both: {false, true}}[c.Direction]
				if directions == nil {
					directions = []bool{false}
				}
				for d, back := range directions {
					turned := u.Clone()
					if back {
						tensor.Flip(turned, u, 0)
					}
					states, err := r.Run(turned, esn.Options[float64]{})
					if err != nil {
						t.Fatal(err)
					}
					read := m.Neurons
					if read == nil {
						for i := range r.Size() {
							read = append(read, i)
						}
					}
					for at := range n {
						from := at
						if back {
							from = n - 1 - at
						}
						for e := range 3 {
							sum := want.At(at, e)
							for i, neuron := range read {
								sum += m.Out.Value.At(d, e, i) * states.At(from, neuron)
							}
							want.Set(sum, at, e)
						}
					}
				}
				near(t, fmt.Sprint("sequence ", s), got.Value.Slice(0, s, s+1, 1).Slice(1, 0, n, 1).Contiguous().Reshape(n, 3), want)
			}
		})
	}
}

// TestFrozenReservoirKeepsNothing: a frozen reservoir is not among what is trained, has no
// gradient, and without anything below that learns no gradient is carried through it.
func TestFrozenReservoirKeepsNothing(t *testing.T) {
	m := newMixer(t, transformer.EchoConfig{Reservoir: reservoir("random"), Direction: transformer.Both})
	if n, want := nn.Count[float64](m), 2*3*6+3; n != want {
		t.Errorf("%d numbers are trained, want the %d of the readout", n, want)
	}
	kept := func(record func(tp *autograd.Tape[float64], x *tensor.Tensor[float64]) *autograd.Var[float64], n int) int {
		tp := autograd.NewTape[float64]()
		tp.Backward(tp.Sum(m.Forward(tp, record(tp, sequences(2, n)))))
		return tp.Bytes()
	}
	variable := func(tp *autograd.Tape[float64], x *tensor.Tensor[float64]) *autograd.Var[float64] {
		return tp.Variable(x)
	}
	input := func(tp *autograd.Tape[float64], x *tensor.Tensor[float64]) *autograd.Var[float64] { return tp.Input(x) }
	// Twice 2 sequences of 6 neurons: with nothing below, their gradient is not there.
	with, without := kept(variable, 100), kept(input, 100)
	if states := 8 * 2 * 2 * 100 * 6; with-without < states {
		t.Errorf("%d bytes with a gradient of the tokens and %d without, expected a difference of the %d of the states", with, without, states)
	}
	for _, p := range nn.Params[float64](m.Reservoir) {
		if p.RequiresGrad() {
			t.Errorf("%s of a frozen reservoir requires a gradient", p.Path)
		}
	}
}

// TestEchoFormer: a transformer with reservoirs, of which each block has its own, as esn.Build
// gives it from the seed.
func TestEchoFormer(t *testing.T) {
	c := transformer.EchoFormerConfig{Transformer: small(), Echo: transformer.EchoConfig{Reservoir: reservoir("random"), Direction: transformer.Both}}
	build := func(key uint64) *transformer.Transformer[float64] {
		m, err := transformer.NewEchoFormer[float64](tensor.NewKey(key, "model"), c)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	m := build(1)
	weights := func(m *transformer.Transformer[float64], block int) []float64 {
		return m.Blocks[block].Tokens.(*transformer.EchoMixer[float64]).Reservoir.Weight.Value.Data()
	}
	if slices.Equal(weights(m, 0), weights(m, 1)) {
		t.Error("two blocks have the same reservoir")
	}
	if !slices.Equal(weights(m, 0), weights(build(1), 0)) || slices.Equal(weights(m, 0), weights(build(2), 0)) {
		t.Error("the key does not decide which reservoir there is")
	}
	for _, want := range []string{"blocks.0.echo.out.weight", "blocks.0.echo.out.bias", "blocks.1.echo.reservoir.weight"} {
		if !slices.ContainsFunc(nn.Params[float64](m), func(p nn.Named[float64]) bool { return p.Path == want }) {
			t.Errorf("there is no parameter %s", want)
		}
	}
	shake(m)
	f := func(tp *autograd.Tape[float64], in []*autograd.Var[float64]) []*autograd.Var[float64] {
		return []*autograd.Var[float64]{m.Forward(tp, in[0])}
	}
	if _, err := gradcheck.Check(f, gradcheck.Options{Params: nn.Trainable[float64](m)}, images(2, c.Transformer)); err != nil {
		t.Error(err)
	}
}

// TestWhatIsReadAndTrained: the neurons of all groups are read, and leaks are trained one by one.
func TestWhatIsReadAndTrained(t *testing.T) {
	all := echoes(t)
	if got, want := newMixer(t, all["some are read"]).Neurons, []int{1, 2, 4, 7, 8, 10}; !slices.Equal(got, want) {
		t.Errorf("neurons %v are read, want %v", got, want)
	}
	for part, want := range map[transformer.TrainedPart]int{transformer.TrainLeak: 1, transformer.TrainLeaks: 6} {
		if n := nn.Count[float64](newMixer(t, all["train "+string(part)]).Reservoir); n != want {
			t.Errorf("train %q: %d numbers are trained, want %d", part, n, want)
		}
	}
}

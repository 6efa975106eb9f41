package transformer_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"elegans/autograd"
	"elegans/autograd/gradcheck"
	"elegans/autograd/nn"
	"elegans/esn"
	"elegans/internal/tinyworm"
	"elegans/tensor"
	"elegans/transformer"
)

// reservoir describes one of so few neurons that a gradient check ends.
func reservoir(topology string) esn.Config {
	c := esn.Defaults()
	c.Topology, c.Neurons, c.Degree, c.Leak, c.Scale = topology, 6, 2, esn.Range{Low: .3, High: .8}, .8
	return c
}

// worm is a reservoir on the tiny worm: the sensory neurons hear the input, the motor neurons are
// read.
func worm(t testing.TB) esn.Config {
	c := reservoir("connectome")
	c.Neurons, c.Degree, c.Connectome.Graph = 0, 0, tinyworm.New(t)
	c.InputNeurons, c.ReadoutNeurons = []string{"sensory"}, []string{"motor"}
	return c
}

// echoes returns mixers of every kind, under names.
func echoes(t testing.TB) map[string]transformer.EchoConfig {
	all := map[string]transformer.EchoConfig{}
	add := func(name string, change func(c *transformer.EchoConfig)) {
		c := transformer.EchoConfig{Reservoir: reservoir("random")}
		change(&c)
		all[name] = c
	}
	add("forward", func(c *transformer.EchoConfig) {})
	add("backward", func(c *transformer.EchoConfig) { c.Direction = transformer.Backward })
	add("both", func(c *transformer.EchoConfig) { c.Direction = transformer.Both })
	add("learned inputs", func(c *transformer.EchoConfig) { c.Inputs, c.Direction = 2, transformer.Both })
	add("some are read", func(c *transformer.EchoConfig) {
		c.Reservoir.ReadoutNeurons, c.Reservoir.Groups, c.Direction = []string{"1-2", "4"}, 2, transformer.Both
	})
	add("worm", func(c *transformer.EchoConfig) { c.Reservoir, c.Inputs, c.Direction = worm(t), 2, transformer.Both })
	for _, topology := range []string{"ring", "dense", "orthogonal", "delay_line", "small_world"} {
		add(topology, func(c *transformer.EchoConfig) {
			c.Reservoir = reservoir(topology)
			c.Reservoir.Degree = 0
			if topology == "small_world" {
				c.Reservoir.Degree = 2
			}
		})
	}
	for _, p := range transformer.TrainedParts() {
		add("train "+string(p), func(c *transformer.EchoConfig) {
			c.Direction, c.Train = transformer.Both, []transformer.TrainedPart{p}
		})
	}
	add("worm, all trained but the leaks", func(c *transformer.EchoConfig) {
		c.Reservoir, c.Train = worm(t), []transformer.TrainedPart{transformer.TrainRecurrent, transformer.TrainInput, transformer.TrainBias, transformer.TrainLeak}
	})
	return all
}

func newMixer(t testing.TB, c transformer.EchoConfig) *transformer.EchoMixer[float64] {
	t.Helper()
	m, err := transformer.NewEchoMixer[float64](tensor.NewKey(1, "mixer"), c, 3)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// memories returns Echo State Transformers of every kind, for sequences of 3 columns.
func memories(t testing.TB) map[string]transformer.EchoTransformerConfig {
	all := map[string]transformer.EchoTransformerConfig{}
	add := func(name string, change func(c *transformer.EchoTransformerConfig)) {
		c := transformer.EchoTransformerConfig{Inputs: 3, Outputs: 2, Dim: 4, Units: 3, Hidden: 5, Reservoir: reservoir("random")}
		c.Reservoir.Leak, c.Reservoir.Neurons = esn.Fixed(1), 5
		change(&c)
		all[name] = c
	}
	add("last", func(c *transformer.EchoTransformerConfig) {})
	add("mean, two layers", func(c *transformer.EchoTransformerConfig) { c.Depth, c.Pooling = 2, transformer.PoolingMean })
	add("every token", func(c *transformer.EchoTransformerConfig) { c.Pooling = transformer.PoolingNone })
	add("one unit without bias", func(c *transformer.EchoTransformerConfig) { c.Units, c.Reservoir.BiasScale = 1, 0 })
	add("one dense unit", func(c *transformer.EchoTransformerConfig) {
		c.Units, c.Reservoir.Topology, c.Reservoir.Degree = 1, "dense", 0
	})
	add("worms", func(c *transformer.EchoTransformerConfig) {
		c.Reservoir = worm(t)
		c.Reservoir.Leak, c.Reservoir.ReadoutNeurons = esn.Fixed(1), nil
	})
	add("dropout", func(c *transformer.EchoTransformerConfig) { c.Dropout = .3 })
	return all
}

func newMemory(t testing.TB, c transformer.EchoTransformerConfig) *transformer.EchoTransformer[float64] {
	t.Helper()
	m, err := transformer.NewEchoTransformer[float64](tensor.NewKey(1, "memory"), c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// newReadout returns a reservoir with a feed-forward network as readout.
func newReadout(t testing.TB, c esn.Config) *transformer.EchoReadout[float64] {
	t.Helper()
	d, err := esn.Build[float64](c, 3, 0)
	if err != nil {
		t.Fatal(err)
	}
	layer, err := d.Layers[0].Layer()
	if err != nil {
		t.Fatal(err)
	}
	act, err := tensor.ActivationOf("gelu")
	if err != nil {
		t.Fatal(err)
	}
	k := tensor.NewKey(1, "readout")
	return &transformer.EchoReadout[float64]{
		Reservoir: layer, Readout: transformer.NewFeedForward[float64](k.Sub("ff"), layer.Size(), 5, act, transformer.GatingNone),
		Head: nn.NewLinear[float64](k.Sub("head"), layer.Size(), 2, true),
	}
}

// sequencers returns all of them, by name, for sequences of 3 columns.
func sequencers(t testing.TB) map[string]transformer.Sequencer[float64] {
	all := map[string]transformer.Sequencer[float64]{}
	for name, c := range echoes(t) {
		all["mixer, "+name] = newMixer(t, c)
	}
	for name, c := range memories(t) {
		all["memory, "+name] = newMemory(t, c)
	}
	for name, c := range map[string]esn.Config{"random": reservoir("random"), "worm": worm(t)} {
		all["readout, "+name] = newReadout(t, c)
	}
	return all
}

func sequences(batch, n int) *tensor.Tensor[float64] {
	return tensor.Normal[float64](tensor.NewKey(5, "sequences"), 0, 1, batch, n, 3)
}

// TestEchoGradients compares the gradients of all parameters and of the tokens, which go through
// frozen reservoirs, with central differences: sequences of one length, and of several, among them
// 0 and 1.
func TestEchoGradients(t *testing.T) {
	for name, m := range sequencers(t) {
		for _, lengths := range [][]int{nil, {4, 0, 1}} {
			t.Run(fmt.Sprint(name, lengths), func(t *testing.T) {
				shake(m)
				f := func(tp *autograd.Tape[float64], in []*autograd.Var[float64]) []*autograd.Var[float64] {
					return []*autograd.Var[float64]{m.Run(tp, in[0], lengths)}
				}
				o := gradcheck.Options{Key: tensor.NewKey(2, "dropout"), Params: nn.Trainable[float64](m)}
				r, err := gradcheck.Check(f, o, sequences(3, 4))
				if err != nil {
					t.Fatal(err)
				}
				if r.Checked == 0 {
					t.Error("nothing was checked")
				}
			})
		}
	}
}

// TestNothingBehindTheEndCounts: results and gradients of sequences are those of each alone,
// whatever lies behind their ends.
func TestNothingBehindTheEndCounts(t *testing.T) {
	lengths := []int{4, 0, 1, 3}
	x := sequences(4, 4)
	for i, n := range lengths {
		if n < 4 {
			tensor.Fill(x.Slice(0, i, i+1, 1).Slice(1, n, 4, 1), math.NaN())
		}
	}
	for name, m := range sequencers(t) {
		t.Run(name, func(t *testing.T) {
			shake(m)
			params := nn.Trainable[float64](m)
			gradient := func(x *tensor.Tensor[float64], lengths []int) (y, dx *tensor.Tensor[float64]) {
				tp := autograd.NewTape[float64]()
				tp.Training = false // dropout draws for all sequences together
				in := tp.Variable(x)
				out := m.Run(tp, in, lengths)
				tp.Backward(tp.Sum(tp.Square(out)))
				if dx = in.Grad(); dx == nil { // nothing of the result depends on it
					dx = tensor.New[float64](x.Shape()...)
				}
				return out.Value.Clone(), dx.Clone()
			}
			zero := func() {
				for _, p := range params {
					p.ZeroGrad()
				}
			}
			zero()
			y, dx := gradient(x, lengths)
			var together []*tensor.Tensor[float64]
			for _, p := range params {
				together = append(together, p.Grad().Clone())
			}
			zero()
			for i, n := range lengths {
				alone, dxAlone := gradient(x.Slice(0, i, i+1, 1).Contiguous().Clone(), []int{n})
				near(t, fmt.Sprint("result ", i), y.Slice(0, i, i+1, 1).Contiguous(), alone)
				near(t, fmt.Sprint("gradient of tokens ", i), dx.Slice(0, i, i+1, 1).Contiguous(), dxAlone)
				if n == 0 {
					continue
				}
				// And without padding at all.
				short, dxShort := gradient(x.Slice(0, i, i+1, 1).Slice(1, 0, n, 1).Contiguous().Clone(), nil)
				if y.Dims() == 3 {
					alone = alone.Slice(1, 0, n, 1).Contiguous()
				}
				near(t, fmt.Sprint("result without padding ", i), alone, short)
				near(t, fmt.Sprint("gradient without padding ", i), dxAlone.Slice(1, 0, n, 1).Contiguous(), dxShort)
			}
			zero()
			for i, n := range lengths {
				gradient(x.Slice(0, i, i+1, 1).Contiguous().Clone(), []int{n})
			}
			for i, p := range params {
				near(t, fmt.Sprint("gradient of parameter ", i), together[i], p.Grad())
			}
			for i, n := range lengths {
				if n < 4 && tensor.Sum(dx.Slice(0, i, i+1, 1).Slice(1, n, 4, 1).Contiguous()) != 0 {
					t.Errorf("sequence %d has a gradient behind its end", i)
				}
			}
		})
	}
}

// near reports the first element that is another.
func near(t *testing.T, what string, got, want *tensor.Tensor[float64]) {
	t.Helper()
	if !slices.Equal(got.Shape(), want.Shape()) {
		t.Errorf("%s has shape %v, want %v", what, got.Shape(), want.Shape())
		return
	}
	for i, w := range want.Data() {
		if g := got.Data()[i]; !(math.Abs(g-w) <= 1e-11*(1+math.Abs(w))) {
			t.Errorf("%s: element %d is %v, want %v", what, i, g, w)
			return
		}
	}
}

// TestEmptySequences: no sequences, and none that have tokens.
func TestEmptySequences(t *testing.T) {
	for name, m := range sequencers(t) {
		for _, shape := range [][2]int{{0, 4}, {2, 0}} {
			t.Run(fmt.Sprint(name, shape), func(t *testing.T) {
				tp := autograd.NewTape[float64]()
				x := tp.Variable(sequences(shape[0], shape[1]))
				y := m.Forward(tp, x)
				tp.Backward(tp.Sum(y))
				for i, v := range y.Value.Data() {
					if math.IsNaN(v) {
						t.Errorf("result %d is %v", i, v)
					}
				}
				if y.Value.Dim(0) != shape[0] {
					t.Errorf("result of shape %v", y.Shape())
				}
			})
		}
	}
}

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

// TestWorkingMemoryIsCausal: a token changes nothing before it, and something from it on.
func TestWorkingMemoryIsCausal(t *testing.T) {
	c := memories(t)["every token"]
	m := newMemory(t, c)
	x := sequences(1, 6)
	forward := func() *tensor.Tensor[float64] {
		tp := autograd.NewTape[float64]()
		return m.Forward(tp, tp.Input(x)).Value.Clone()
	}
	before := forward()
	x.Set(9, 0, 3, 1)
	after := forward()
	for at := range 6 {
		same := slices.Equal(before.Slice(1, at, at+1, 1).Contiguous().Data(), after.Slice(1, at, at+1, 1).Contiguous().Data())
		if same != (at < 3) {
			t.Errorf("token 3 was changed: the outputs of token %d are the same: %v", at, same)
		}
	}
}

// TestMemoryBegins: what a new memory begins with.
func TestMemoryBegins(t *testing.T) {
	c := memories(t)["last"]
	c.Reservoir.Scale = .5
	m := newMemory(t, c).Layers[0].Memory
	pattern := m.Pattern
	for unit := range 3 {
		// The block of a unit, with its factor.
		block := tensor.New[float64](5, 5)
		for i := range 5 {
			for k := pattern.RowPtr[5*unit+i]; k < pattern.RowPtr[5*unit+i+1]; k++ {
				j := int(pattern.Col[k]) - 5*unit
				if j < 0 || j >= 5 {
					t.Fatalf("neuron %d of unit %d hears another unit", i, unit)
				}
				block.Set(m.Weight.Value.At(int(k))*math.Exp(m.LogRadius.Value.At(unit, 0, 0)), i, j)
			}
		}
		radius, err := esn.SpectralRadius(esn.Weights[float64]{Dense: block})
		if err != nil {
			t.Fatal(err)
		}
		if want := .5 * float64(unit+1) / 3; math.Abs(radius-want) > 1e-9 {
			t.Errorf("unit %d has a spectral radius of %v, want %v", unit, radius, want)
		}
	}
	for _, p := range nn.Params[float64](m) {
		frozen := p.Path == "weight" || p.Path == "input" || p.Path == "bias"
		if p.RequiresGrad() == frozen {
			t.Errorf("%s: a gradient is %v", p.Path, p.RequiresGrad())
		}
	}
	two := memories(t)["mean, two layers"]
	layers := newMemory(t, two).Layers
	if slices.Equal(layers[0].Memory.Weight.Value.Data(), layers[1].Memory.Weight.Value.Data()) {
		t.Error("two layers have the same reservoirs")
	}
}

// TestEchoSteps: no allocation a step, and the same bits for every number of workers.
func TestEchoSteps(t *testing.T) {
	defer tensor.SetWorkers(tensor.Workers())
	for name, m := range sequencers(t) {
		t.Run(name, func(t *testing.T) {
			tp, x, lengths := autograd.NewTape[float64](), sequences(33, 7), make([]int, 33)
			for i := range lengths {
				lengths[i] = i % 8
			}
			params := nn.Trainable[float64](m)
			var dx *autograd.Var[float64]
			step := func() {
				tp.Reset()
				tp.SetKey(tensor.NewKey(3, "dropout"))
				tp.Training = true
				for _, p := range params {
					p.ZeroGrad()
				}
				dx = tp.Variable(x)
				tp.Backward(tp.Sum(tp.Square(m.Run(tp, dx, lengths))))
			}
			var first []float64
			for _, workers := range []int{1, 2, 3, 8} {
				tensor.SetWorkers(workers)
				step()
				got := slices.Clone(dx.Grad().Data())
				for _, p := range params {
					got = append(got, p.Grad().Data()...)
				}
				if first == nil {
					first = got
				}
				if !slices.Equal(first, got) {
					t.Errorf("other gradients with %d workers", workers)
				}
			}
			tensor.SetWorkers(1)
			step()
			if a := testing.AllocsPerRun(3, step); a != 0 {
				t.Errorf("%v allocations a step", a)
			}
		})
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

// TestEchoTransformerOfImages: rows of an image are a sequence.
func TestEchoTransformerOfImages(t *testing.T) {
	c := memories(t)["last"]
	c.Image, c.Inputs = [3]int{1, 4, 3}, 0
	m := newMemory(t, c)
	s := newMemory(t, memories(t)["last"])
	for i, p := range nn.Params[float64](s) {
		q := nn.Params[float64](m)[i]
		tensor.Copy(p.Value, q.Value.Reshape(p.Shape()...))
	}
	x := sequences(2, 4)
	tp := autograd.NewTape[float64]()
	near(t, "logits", m.Forward(tp, tp.Input(x.Reshape(2, 1, 4, 3))).Value, s.Forward(tp, tp.Input(x)).Value)
}

// TestEchoRefusals: one line for what cannot be.
func TestEchoRefusals(t *testing.T) {
	for _, c := range []struct {
		change func(c *transformer.EchoConfig)
		want   string
	}{
		{func(c *transformer.EchoConfig) { c.Direction = "up" }, `direction "up"`},
		{func(c *transformer.EchoConfig) { c.Train = []transformer.TrainedPart{"all"} }, `train "all"`},
		{func(c *transformer.EchoConfig) { c.Train = []transformer.TrainedPart{"leak", "leaks"} }, `train "leak" and "leaks"`},
		{func(c *transformer.EchoConfig) { c.Train, c.Reservoir.BiasScale = []transformer.TrainedPart{"bias"}, 0 }, "bias_scale 0"},
		{func(c *transformer.EchoConfig) { c.Inputs = -1 }, "inputs -1"},
		{func(c *transformer.EchoConfig) { c.Dropout = 1 }, "dropout 1"},
		{func(c *transformer.EchoConfig) { c.Reservoir.Layers = 2 }, "reservoir.layers 2"},
		{func(c *transformer.EchoConfig) { c.Reservoir.FeedbackScale = 1 }, "reservoir.feedback_scale"},
		{func(c *transformer.EchoConfig) { c.Reservoir.InputNoise = 1 }, "reservoir.input_noise"},
		{func(c *transformer.EchoConfig) { c.Reservoir.StateNoise = 1 }, "reservoir.state_noise"},
		{func(c *transformer.EchoConfig) { c.Reservoir.NVAR = esn.NVAR{Delay: 1, Stride: 1, Order: 1} }, "reservoir.nvar"},
		{func(c *transformer.EchoConfig) { c.Reservoir.ReadoutInput = true }, "reservoir.readout_input"},
		{func(c *transformer.EchoConfig) { c.Reservoir.ReadoutSquares = true }, "reservoir.readout_squares"},
		{func(c *transformer.EchoConfig) { c.Reservoir.ReadoutTimes = 2 }, "reservoir.readout_times"},
		{func(c *transformer.EchoConfig) { c.Reservoir.Topology = "star" }, "star"},
		{func(c *transformer.EchoConfig) { c.Reservoir.ReadoutNeurons = []string{"6"} }, `neurons "6"`},
	} {
		e := transformer.EchoConfig{Reservoir: reservoir("random")}
		c.change(&e)
		_, err := transformer.NewEchoMixer[float64](tensor.NewKey(1, "mixer"), e, 3)
		oneLine(t, err, c.want)
	}
	for _, c := range []struct {
		change func(c *transformer.EchoTransformerConfig)
		want   string
	}{
		{func(c *transformer.EchoTransformerConfig) { c.Inputs = 0 }, "inputs 0"},
		{func(c *transformer.EchoTransformerConfig) { c.Outputs = 0 }, "outputs 0"},
		{func(c *transformer.EchoTransformerConfig) { c.Dim = -1 }, "dim -1"},
		{func(c *transformer.EchoTransformerConfig) { c.Units = 1001 }, "units 1001"},
		{func(c *transformer.EchoTransformerConfig) { c.Depth = -1 }, "depth -1"},
		{func(c *transformer.EchoTransformerConfig) { c.Hidden = -1 }, "hidden -1"},
		{func(c *transformer.EchoTransformerConfig) { c.Dropout = -1 }, "dropout -1"},
		{func(c *transformer.EchoTransformerConfig) { c.Pooling = "class" }, `pooling "class"`},
		{func(c *transformer.EchoTransformerConfig) { c.Activation = "step" }, "step"},
		{func(c *transformer.EchoTransformerConfig) { c.Image, c.Patch = [3]int{1, 4, 4}, [2]int{3, 4} }, "patch of 3 x 4"},
		{func(c *transformer.EchoTransformerConfig) { c.Reservoir.Groups = 2 }, "reservoir.groups 2"},
		{func(c *transformer.EchoTransformerConfig) { c.Reservoir.Leak = esn.Fixed(.5) }, "reservoir.leak"},
		{func(c *transformer.EchoTransformerConfig) { c.Reservoir.ReadoutNeurons = []string{"1"} }, "reservoir.readout_neurons"},
		{func(c *transformer.EchoTransformerConfig) { c.Reservoir.Layers = 2 }, "reservoir.layers 2"},
	} {
		e := memories(t)["last"]
		c.change(&e)
		_, err := transformer.NewEchoTransformer[float64](tensor.NewKey(1, "memory"), e)
		oneLine(t, err, c.want)
	}
}

// TestLengthsThatCannotBe panic with what was wrong.
func TestLengthsThatCannotBe(t *testing.T) {
	c := memories(t)["last"]
	c.Dim = 3 // so that its layer takes the same sequences
	for name, m := range map[string]transformer.Sequencer[float64]{
		"mixer": newMixer(t, echoes(t)["both"]), "memory": newMemory(t, memories(t)["last"]), "layer": newMemory(t, c).Layers[0],
		"readout": newReadout(t, reservoir("random")),
	} {
		for _, lengths := range [][]int{{1}, {1, 5}, {-1, 1}} {
			func() {
				defer func() {
					if _, ok := recover().(*tensor.ShapeError); !ok {
						t.Errorf("%s took the lengths %v of 2 sequences of 4", name, lengths)
					}
				}()
				tp := autograd.NewTape[float64]()
				m.Run(tp, tp.Input(sequences(2, 4)), lengths)
			}()
		}
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

package transformer_test

import (
	"math"
	"slices"
	"testing"

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

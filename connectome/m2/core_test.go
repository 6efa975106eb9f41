package m2

import (
	"math"
	"testing"

	"elegans/autograd"
	"elegans/autograd/gradcheck"
	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/connectome/tensornet"
	"elegans/tensor"
)

// soundModel is a tiny model with one of our own cores.
func soundModel[T tensor.Float](t testing.TB, core Core, network tensornet.Config) *Autoencoder[T] {
	t.Helper()
	c := small(core)
	c.Network, c.BatchMomentum, c.NoPenalties = network, 0.1, true
	a, err := New[T](tinyGraph(t), c, tensor.NewKey(1, "m2"))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestGradientsOfSoundModels differentiates the loss of whole models by every parameter.
func TestGradientsOfSoundModels(t *testing.T) {
	images := tensor.Uniform[float64](tensor.NewKey(2, "images"), 0, 1, 2, 1, Side, Side)
	for name, a := range map[string]*Autoencoder[float64]{
		"product":     soundModel[float64](t, "worm", tensornet.Config{Width: 3, Rounds: 3}),
		"sum":         soundModel[float64](t, "worm", tensornet.Config{Width: 3, Rounds: 2, Combine: "sum", Norm: "layer", Residual: true}),
		"own signals": soundModel[float64](t, "worm", tensornet.Config{Width: 2, Rounds: 2, Signal: "each"}),
		"dense":       soundModel[float64](t, "dense", tensornet.Config{Width: 3, Rounds: 3}),
		"none":        soundModel[float64](t, "none", tensornet.Config{}),
	} {
		k := tensor.NewKey(9, name)
		for i, p := range nn.Trainable[float64](a) {
			// off the start, where biases and gains are all alike
			tensor.FillNormal(p.Value, k.Sub("away", uint64(i)), tensor.Dot(p.Value, p.Value)/float64(p.Value.Len()), 0.3)
		}
		f := func(tp *autograd.Tape[float64], _ []*autograd.Var[float64]) []*autograd.Var[float64] {
			x := tp.Input(images)
			return []*autograd.Var[float64]{a.Loss(tp, a.Forward(tp, x), x).Total}
		}
		res, err := gradcheck.Check(f, gradcheck.Options{Key: k, Params: nn.Trainable[float64](a)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if want := nn.Count[float64](a); res.Checked != want {
			t.Errorf("%s: %d derivatives checked, want %d", name, res.Checked, want)
		}
	}
}

// canonical is the core of the configuration that the program trains at full width.
func canonical[T tensor.Float](t testing.TB, c Config) *WormCore[T] {
	t.Helper()
	c.Core = "worm"
	if err := c.Complete(); err != nil {
		t.Fatal(err)
	}
	w, err := newWormCore[T](connectome.Canonical(), c, tensor.NewKey(1, "core"))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestCostOfTheWorm holds the cost of network and attention to its bound, and its formula to what
// the operations count.
func TestCostOfTheWorm(t *testing.T) {
	for _, c := range []Config{{}, {Width: 98, Heads: 4, Network: tensornet.Config{Width: 8}}, {Width: 50, Network: tensornet.Config{Width: 8, Rounds: 2, Combine: "sum", Signal: "each"}}} {
		w := canonical[float32](t, c)
		tp := autograd.NewTape[float32]()
		const batch = 3
		w.Forward(tp, tp.Input(tensor.New[float32](batch, w.Query.Weight.Value.Dim(1))))
		if got := tp.MACs(); got != batch*w.MACs() {
			t.Errorf("%+v: the operations count %d multiply-accumulates for %d images, the formula gives %d for one", c, got, batch, w.MACs())
		}
		if w.MACs() > 25e6 {
			t.Errorf("%+v: %d multiply-accumulates an image, want at most 25 million", c, w.MACs())
		}
	}
}

// TestEveryNeuronLearns looks at the gradients of all 279 units and all synapses at the start, and
// at the states, which no number of rounds may blow up.
func TestEveryNeuronLearns(t *testing.T) {
	for _, c := range []Config{{Width: 98, Heads: 4, Network: tensornet.Config{Width: 8}}, {Width: 60, Network: tensornet.Config{Width: 16, Combine: "sum"}}} {
		w := canonical[float32](t, c)
		tp := autograd.NewTape[float32]()
		x := tensor.Normal[float32](tensor.NewKey(2, "x"), 0, 1, 16, w.Query.Weight.Value.Dim(1))
		largest := 0.0
		w.Net.States = func(round int, h *tensor.Tensor[float32]) {
			if round == 0 { // the signal itself
				return
			}
			for _, v := range h.Data() {
				largest = max(largest, math.Abs(float64(v)))
			}
		}
		tp.Backward(tp.Sum(tp.Square(w.Forward(tp, tp.Input(x)))))
		if !(largest <= 1) { // tanh
			t.Errorf("%+v: the largest state is %v", c.Network, largest)
		}
		norm := func(v []float32) (s float64) {
			for _, g := range v {
				s += float64(g) * float64(g)
			}
			return math.Sqrt(s)
		}
		u := w.Net.Config.Width
		for i := range w.Net.Wiring.Neurons {
			n := norm(w.Net.Weight.Grad().Data()[i*u*u:][:u*u])
			if !(n > 0) || math.IsInf(n, 0) {
				t.Errorf("%+v: neuron %d receives a gradient of norm %v", c.Network, i, n)
			}
		}
		for i, g := range w.Net.Synapse.Grad().Data() {
			if g == 0 || math.IsNaN(float64(g)) {
				t.Errorf("%+v: synaptic entry %d receives the gradient %v", c.Network, i, g)
			}
		}
		for _, p := range nn.Params[float32](w) {
			if p.Grad() == nil || !tensor.AllFinite(p.Grad()) || norm(p.Grad().Data()) == 0 {
				t.Errorf("%+v: %s receives no gradient", c.Network, p.Path)
			}
		}
	}
}

// TestDenseControl compares the sizes of the two cores.
func TestDenseControl(t *testing.T) {
	for _, c := range []Config{{Width: 98, Heads: 4, Network: tensornet.Config{Width: 8}}, {Width: 30, Network: tensornet.Config{Width: 5, Frozen: true}}} {
		worm := canonical[float32](t, c)
		c.Core = "dense"
		if err := c.Complete(); err != nil {
			t.Fatal(err)
		}
		dense, err := newDenseCore[float32](connectome.Canonical(), c, tensor.NewKey(1, "core"))
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for _, p := range nn.Params[float32](worm) {
			want += p.Value.Len()
		}
		if got := nn.Count[float32](dense); math.Abs(float64(got-want)) > float64(2*c.Width+1)/2 {
			t.Errorf("width %d: %d parameters, the worm has %d", c.Width, got, want)
		}
	}
}

// TestEchoOfTheWorm freezes what the published echo version freezes: what is left are the decoder
// and the normalisations, and the gradient crosses the network to the first of these.
func TestEchoOfTheWorm(t *testing.T) {
	a := soundModel[float32](t, "worm", tensornet.Config{Width: 3, Rounds: 2})
	a.Freeze()
	tp := autograd.NewTape[float32]()
	x := tp.Input(tensor.Uniform[float32](tensor.NewKey(2, "images"), 0, 1, 4, 1, Side, Side))
	tp.Backward(a.Loss(tp, a.Forward(tp, x), x).Total)
	for _, p := range nn.Params[float32](a) {
		part := p.Path[:4]
		trains := part == "dec." || part == "s_in" || part == "norm"
		if p.Path == "dec.bn.running_mean" || p.Path == "dec.bn.running_var" {
			trains = false
		}
		if p.RequiresGrad() != trains {
			t.Errorf("%s trains: %v, want %v", p.Path, p.RequiresGrad(), trains)
		}
	}
	for _, v := range a.SInit.Weight.Grad().Data() {
		if v == 0 {
			t.Error("no gradient reaches s_init")
		}
	}
}

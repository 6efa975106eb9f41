package inspect

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/connectome"
	"elegans/connectome/m2"
	"elegans/connectome/tensornet"
	"elegans/internal/reference"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// look builds a model of the zoo and inspects it on random images of 0 and 1.
func look[T tensor.Float](t *testing.T, s zoo.Spec, images int) *Report {
	t.Helper()
	cfg := recipe.Default(s.Model)
	cfg.Model = s
	if err := cfg.Model.Complete(); err != nil {
		t.Fatal(err)
	}
	model, err := zoo.Build[T](cfg.Model)
	if err != nil {
		t.Fatal(err)
	}
	g, err := cfg.Model.LoadGraph()
	if err != nil {
		t.Fatal(err)
	}
	k := tensor.NewKey(1, "inspect test")
	x := tensor.New[T](images, s.Input[0], s.Input[1], s.Input[2])
	labels := make([]int, images)
	for i := range x.Data() {
		x.Data()[i] = T(math.Round(k.Float64(uint64(i))))
	}
	r, err := Run(model, recipe.Objective(&cfg, model), train.Batch[T]{X: x, Labels: labels}, g, k)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestEveryModel inspects all models of the zoo in both precisions: every parameter is counted
// once, every layer's work adds up, and every layer with weights receives a gradient.
func TestEveryModel(t *testing.T) {
	for _, s := range []zoo.Spec{
		{Model: "mlp", Config: zoo.MLPConfig{Hidden: []int{20, 10}}}, {Model: "cnn", Config: zoo.CNNConfig{Hidden: []int{3, 4}}}, {Model: "lenet"},
		{Model: "worm", Config: zoo.WormConfig{Network: tensornet.Config{Width: 4, Rounds: 4}}},
		{Model: "worm", Config: zoo.WormConfig{Network: tensornet.Config{Width: 4, Rounds: 4, UnitWeights: "shared", Readout: "attention", Frozen: true}}},
		{Model: "worm-cnn", Config: zoo.WormCNNConfig{Hidden: []int{3, 4}, Network: tensornet.Config{Width: 4, Rounds: 4, Norm: "layer", Combine: "product"}}},
		{Model: "m2", Config: zoo.M2Config{M2: m2.Config{Core: "worm", Width: 12, Encoder: [3]int{3, 2, 2}, Hidden: [2]int{6, 5}, Latent: 2, Decoder: [3]int{2, 2, 3}, Heads: 2, Network: tensornet.Config{Width: 4}}}},
	} {
		s.Input, s.Classes, s.Seed = [3]int{1, 28, 28}, 10, 1
		t.Run(s.Model, func(t *testing.T) {
			single, double := look[float32](t, s, 3), look[float64](t, s, 3)
			for _, r := range []*Report{single, double} {
				params, work := 0, 0.0
				for _, l := range r.Layers {
					params, work = params+l.Parameters, work+l.MACs
					if l.Stats != nil && (l.NonFinite > 0 || math.IsNaN(float64(l.Mean+l.Std+l.AbsMax+l.Zeros))) {
						t.Errorf("%s: %+v", l.Name, *l.Stats)
					}
					if l.Weights != nil && *l.Weights == 0 {
						t.Errorf("%s: no gradient", l.Name)
					}
				}
				if params != r.Parameters || math.Abs(work-r.MACs) > 1e-6*r.MACs || r.MACs == 0 {
					t.Errorf("layers have %d parameters and %v MAC, the model %d and %v", params, work, r.Parameters, r.MACs)
				}
				if n := r.Neurons; n != nil && (n.Reached != n.Layers || n.Layers != 279) {
					t.Errorf("%d of %d neurons receive a gradient, want all 279", n.Reached, n.Layers)
				}
			}
			if math.Abs(float64(single.Loss-double.Loss)) > 1e-4*float64(double.Loss) {
				t.Errorf("loss %v in float32, %v in float64", single.Loss, double.Loss)
			}
		})
	}
}

// TestLeNet compares a whole report with what is known of LeNet-5.
func TestLeNet(t *testing.T) {
	r := look[float64](t, zoo.Spec{Model: "lenet", Input: [3]int{1, 28, 28}, Classes: 10}, 2)
	want := []struct {
		name   string
		params int
		macs   float64
	}{
		{"0", 156, 28 * 28 * 6 * 25}, {"1", 0, 0}, {"2", 0, 0}, {"3", 2416, 10 * 10 * 16 * 150}, {"4", 0, 0}, {"5", 0, 0}, {"6", 0, 0},
		{"7", 48120, 400 * 120}, {"8", 0, 0}, {"9", 10164, 120 * 84}, {"10", 0, 0}, {"11", 850, 840},
	}
	if len(r.Layers) != len(want) {
		t.Fatalf("%d layers, want %d", len(r.Layers), len(want))
	}
	for i, w := range want {
		if l := r.Layers[i]; l.Name != w.name || l.Parameters != w.params || l.MACs != w.macs {
			t.Errorf("layer %s: %d parameters, %v MAC; want %+v", l.Name, l.Parameters, l.MACs, w)
		}
	}
	if z := r.Layers[0].Zeros; z != 0 {
		t.Errorf("convolution: %v zeros", z)
	}
	if z := r.Layers[1].Zeros; z < 0.05 || z > 0.95 {
		t.Errorf("rectifier: %v zeros", z)
	}
}

// publishedMACs are the multiply-accumulates an image of the published autoencoder, those of its
// products by the code (203 of 784 numbers) included.
const publishedMACs = 614_379_120

// TestPublished shows at full width what is wrong with the published autoencoder's own start.
func TestPublished(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: a model of 88 million parameters")
	}
	s := recipe.Default("m2-upstream").Model
	s.Input = [3]int{1, 28, 28}
	r := look[float32](t, s, 2)
	if r.MACs != publishedMACs || r.Parameters != 87_851_345 || r.Trainable != 87_851_329 {
		t.Errorf("%v MAC, %d parameters, %d trainable", r.MACs, r.Parameters, r.Trainable)
	}
	n := r.Neurons
	if n.Layers != 118 || n.Reached >= 10 || n.Reached == 0 {
		t.Errorf("%d of %d neuron layers receive a gradient", n.Reached, n.Layers)
	}
}

// TestPublishedOnMNIST shows the same on real images: gradient reaches the interneuron that carries
// the 22nd power of the code and two motor neurons that read it, which take all the attention of
// every head. In the sound network, every neuron receives a gradient and every motor neuron
// attention.
func TestPublishedOnMNIST(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: a model of 88 million parameters")
	}
	sound, published := onMNIST(t, "m2"), onMNIST(t, "m2-upstream")
	var reached, attended []int
	for _, n := range published.Neurons.Neurons {
		if n.Gradient != 0 {
			reached = append(reached, n.Vertex)
		}
	}
	for _, m := range published.Neurons.Reading.Motors {
		if m.Share != 0 {
			attended = append(attended, m.Vertex)
		}
	}
	slices.Sort(attended)
	if !slices.Equal(reached, []int{35, 54, 92}) || !slices.Equal(attended, []int{35, 92}) || published.Neurons.Layers != 118 || published.Neurons.Reading.Unattended != 84 {
		t.Errorf("gradient reaches %v of %d layers, attention goes to %v and leaves out %d", reached, published.Neurons.Layers, attended, published.Neurons.Reading.Unattended)
	}
	if _, _, most := published.Attentions[0].Range(); most > 0.1 {
		t.Errorf("entropy %v, want next to none", most)
	}
	if n := sound.Neurons; n.Layers != 279 || n.Reached != 279 || n.Reading.Unattended != 0 {
		t.Errorf("sound network: gradient reaches %d of %d neurons, %d motors get no attention", n.Reached, n.Layers, n.Reading.Unattended)
	}
	if w := sound.MACs - encoderAndDecoderMACs; w > 25e6 {
		t.Errorf("network and attention cost %v MAC an image, want at most 25 million", w)
	}
}

// encoderAndDecoderMACs is what the published autoencoder needs beside network and attention.
const encoderAndDecoderMACs = 125_576_896

// onMNIST inspects a model at its start.
func onMNIST(t *testing.T, name string) *Report {
	t.Helper()
	dir := reference.Optional(t, "mnist")
	cfg := recipe.Default(name)
	sets, err := cfg.Open(t.Context(), recipe.Source{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	b, err := recipe.FirstBatch[float32](&cfg, sets.Train, 16, 1)
	if err != nil {
		t.Fatal(err)
	}
	model, err := zoo.Build[float32](cfg.Model)
	if err != nil {
		t.Fatal(err)
	}
	g, err := cfg.Model.LoadGraph()
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(model, recipe.Objective(&cfg, model), b, g, tensor.NewKey(1, "inspect"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestStats knows a tensor's statistics.
func TestStats(t *testing.T) {
	s := statsOf([]float32{0, 3, -4, 0, float32(math.NaN()), 1, float32(math.Inf(-1)), 0})
	if s.Mean != 0 || math.Abs(float64(s.Std)-math.Sqrt(26./6)) > 1e-12 || s.AbsMax != 4 || s.Zeros != 3./8 || s.NonFinite != 2 {
		t.Errorf("%+v", s)
	}
	if b, err := json.Marshal(statsOf([]float64{math.NaN()})); err != nil || !strings.Contains(string(b), `"mean":null`) || !strings.Contains(string(b), `"non_finite":1`) {
		t.Errorf("%s, %v", b, err)
	}
	if n := norm([]float32{3}, nil, []float32{0, -4}); n != 5 {
		t.Errorf("norm %v, want 5", n)
	}
}

// TestAttention knows the entropy of weights that are equal for one head and concentrated for the
// other.
func TestAttention(t *testing.T) {
	w := tensor.FromSlice([]float64{
		.25, .25, .25, .25 /**/, 0, 1, 0, 0,
		.25, .25, .25, .25 /**/, 0, 0, 1, 0,
	}, 2, 2, 4)
	a := attentionOf("a.attention", w)
	if a.Heads != 2 || a.Keys != 4 || math.Abs(float64(a.Entropy[0])-math.Log(4)) > 1e-12 || a.Entropy[1] != 0 {
		t.Errorf("%+v", a)
	}
	for i, want := range []float64{.125, .375, .375, .125} {
		if math.Abs(float64(a.Share[i])-want) > 1e-12 {
			t.Errorf("share of key %d: %v, want %v", i, a.Share[i], want)
		}
	}
	g := &connectome.Graph{Neurons: []connectome.Neuron{{Name: "A"}, {Name: "B"}, {Name: "C"}}}
	a.Share = []Number{0, 0, .25, .75}
	r := readingOf(a, g, []int{0, 2}) // two keys each
	if r.Unattended != 1 || r.Motors[0] != (Motor{"C", 2, 1}) || r.Motors[1] != (Motor{"A", 0, 0}) {
		t.Errorf("%+v", r)
	}
}

// unmarked is a model that shows nothing.
type unmarked struct{ *nn.Linear[float64] }

func (u unmarked) Forward(tp *autograd.Tape[float64], x *autograd.Var[float64]) *autograd.Var[float64] {
	return u.Linear.Forward(tp, tp.Flatten(x, 1))
}

func TestUnmarked(t *testing.T) {
	m := unmarked{nn.NewLinear[float64](tensor.NewKey(1, "x"), 4, 2, true)}
	b := train.Batch[float64]{X: tensor.New[float64](1, 1, 2, 2), Labels: []int{0}}
	if _, err := Run[float64](m, train.Classifier[float64]{Model: m}, b, nil, tensor.NewKey(1, "x")); err == nil {
		t.Error("no error for a model without marks")
	}
}

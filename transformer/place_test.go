package transformer_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"elegans/autograd"
	"elegans/autograd/gradcheck"
	"elegans/autograd/nn"
	"elegans/connectome/tensornet"
	"elegans/connectome/tensornet/published"
	"elegans/internal/allocs"
	"elegans/internal/tinyworm"
	"elegans/tensor"
	"elegans/transformer"
)

// elegans returns a small model with a connectome network of a family in a place.
func elegans(place transformer.Place, family transformer.Family) transformer.ElegansConfig {
	c := transformer.ElegansConfig{Transformer: small(), Place: place, Family: family}
	c.Transformer.ClassToken = true
	if family == transformer.FamilySound {
		c.Network = tensornet.Config{Width: 3, Rounds: 3}
		return c
	}
	heads, headDim := 2, 3
	c.Published = published.Default(published.TorchFunctional, 0, 4)
	c.Published.NHeads, c.Published.HeadDim = &heads, &headDim
	c.Published.NormTensorUnit, c.Published.SkipConnectionType = true, published.Add
	return c
}

// elegansSettings returns all places with both families, and what a head can have, under names.
func elegansSettings() map[string]transformer.ElegansConfig {
	all := map[string]transformer.ElegansConfig{}
	add := func(name string, c transformer.ElegansConfig, change func(c *transformer.ElegansConfig)) {
		if change != nil {
			change(&c)
		}
		all[name+" "+string(c.Place)+" "+string(c.Family)] = c
	}
	for _, family := range []transformer.Family{transformer.FamilySound, transformer.FamilyPublished} {
		for _, place := range transformer.Places() {
			c := elegans(place, family)
			add("vit", c, nil)
			add("experts", c, func(c *transformer.ElegansConfig) { c.Transformer.Experts = 3 })
			if place != transformer.PlaceAttention {
				add("mixer", c, func(c *transformer.ElegansConfig) { c.Transformer.TokenMixer = transformer.TokenMixerMLP })
			}
		}
		head := elegans(transformer.PlaceHead, family)
		add("residual", head, func(c *transformer.ElegansConfig) { c.Residual = true })
		add("residual of equal width", head, func(c *transformer.ElegansConfig) {
			c.Residual, c.Published.EmbeddingDim, c.Network.Width, c.Network.Readout = true, 6, 6, tensornet.ReadoutMean
		})
		add("few tokens", elegans(transformer.PlacePool, family), func(c *transformer.ElegansConfig) {
			c.Transformer.Patch, c.Transformer.ClassToken = [2]int{4, 6}, false
		})
		add("noisy experts", elegans(transformer.PlaceFeedForward, family), func(c *transformer.ElegansConfig) {
			c.Transformer.Experts, c.Transformer.NoisyGating = 3, true
		})
		add("experts of a mixer", elegans(transformer.PlaceShared, family), func(c *transformer.ElegansConfig) {
			c.Transformer.Experts, c.Transformer.TokenMixer = 2, transformer.TokenMixerMLP
		})
		add("published order", head, func(c *transformer.ElegansConfig) { c.Transformer.Order = transformer.OrderPublished })
	}
	return all
}

func newElegans[T tensor.Float](t *testing.T, c transformer.ElegansConfig) *transformer.Transformer[T] {
	t.Helper()
	m, err := transformer.NewElegansFormer[T](tensor.NewKey(1, "model"), tinyworm.New(t), c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestPlaceGradients compares the gradients of all parameters and of the images with central
// differences, for every place and family.
func TestPlaceGradients(t *testing.T) {
	for name, c := range elegansSettings() {
		t.Run(name, func(t *testing.T) {
			m := newElegans[float64](t, c)
			shake(m)
			f := func(tp *autograd.Tape[float64], in []*autograd.Var[float64]) []*autograd.Var[float64] {
				return []*autograd.Var[float64]{m.Forward(tp, in[0])}
			}
			r, err := gradcheck.Check(f, gradcheck.Options{Key: tensor.NewKey(2, "dropout"), Params: nn.Trainable[float64](m)}, images(2, c.Transformer))
			if err != nil {
				t.Fatal(err)
			}
			if r.Checked == 0 {
				t.Error("nothing was checked")
			}
		})
	}
}

// TestPlaceLearns: the network of every place has a gradient, and is where the names say.
func TestPlaceLearns(t *testing.T) {
	where := map[transformer.Place]string{
		transformer.PlaceShared: "blocks.0.mlp.net.", transformer.PlaceFeedForward: "blocks.1.mlp.net.", transformer.PlacePatch: "patch_embed.net.net.",
		transformer.PlaceHead: "head.net.", transformer.PlacePool: "pool.net.", transformer.PlaceAttention: "blocks.1.attn.qkv.net.",
	}
	for _, family := range []transformer.Family{transformer.FamilySound, transformer.FamilyPublished} {
		for _, place := range transformer.Places() {
			m := newElegans[float64](t, elegans(place, family))
			tp := autograd.NewTape[float64]()
			tp.Backward(tp.Sum(tp.Square(m.Forward(tp, tp.Input(images(2, small()))))))
			found, learns, second := false, false, false
			for _, p := range nn.Params(m) {
				if strings.HasPrefix(p.Path, where[place]) {
					found, learns = true, learns || p.Grad() != nil && tensor.SumSquares(p.Grad()) > 0
				}
				second = second || strings.HasPrefix(p.Path, "blocks.1.mlp.net.")
			}
			if !found || !learns {
				t.Errorf("%s %s: parameters at %s: %v, with a gradient: %v", place, family, where[place], found, learns)
			}
			if shared := place == transformer.PlaceShared; shared && (second || m.Blocks[0].Channels != m.Blocks[1].Channels) {
				t.Errorf("%s %s: the second block has a network of its own", place, family)
			}
		}
	}
}

// TestPlaceMemory: what the memory of the tape held before makes no difference, and after the first
// steps a step allocates nothing.
func TestPlaceMemory(t *testing.T) {
	for name, c := range elegansSettings() {
		m := newElegans[float32](t, c)
		params := nn.Params(m)
		x := tensor.Normal[float32](tensor.NewKey(5, "images"), 0, 1, 3, c.Transformer.Image[0], c.Transformer.Image[1], c.Transformer.Image[2])
		tp := autograd.NewTape[float32]()
		var y []float32
		step := func() {
			tp.Reset()
			v := m.Forward(tp, tp.Variable(x))
			tp.Backward(tp.Sum(tp.Square(v)))
			for _, p := range params {
				p.ZeroGrad()
			}
			y = autograd.Elements(v)
		}
		step()
		first := slices.Clone(y)
		step()
		if !slices.Equal(first, y) {
			t.Errorf("%s: the second step gives %v, the first %v", name, y, first)
		}
		if a := allocs.PerStep(3, step); a != 0 {
			t.Errorf("%s: %v allocations a step", name, a)
		}
	}
}

// TestPlaceSameBits: results do not depend on the number of workers.
func TestPlaceSameBits(t *testing.T) {
	old := tensor.Workers()
	defer tensor.SetWorkers(old)
	for name, c := range elegansSettings() {
		c.Transformer.Dim, c.Transformer.Hidden, c.Transformer.Image, c.Transformer.Patch = 24, 40, [3]int{3, 12, 12}, [2]int{4, 4}
		m := newElegans[float32](t, c)
		params := nn.Params(m)
		x := tensor.Normal[float32](tensor.NewKey(5, "images"), 0, 1, 16, 3, 12, 12)
		var want []float32
		for _, workers := range []int{1, 2, 3, 8} {
			tensor.SetWorkers(workers)
			tp := autograd.NewTape[float32]()
			v := tp.Variable(x)
			y := m.Forward(tp, v)
			for _, p := range params {
				p.ZeroGrad()
			}
			tp.Backward(tp.Sum(tp.Square(y)))
			got := append(slices.Clone(autograd.Elements(y)), v.Grad().Data()...)
			for _, p := range params {
				if p.Grad() != nil {
					got = append(got, p.Grad().Data()...)
				}
			}
			if want == nil {
				want = got
			}
			for i, v := range got {
				if math.Float32bits(v) != math.Float32bits(want[i]) {
					t.Fatalf("%s: %d workers: number %d is %v, with one worker %v", name, workers, i, v, want[i])
				}
			}
		}
	}
}

// TestPlaceErrors: what cannot be used is named in one line.
func TestPlaceErrors(t *testing.T) {
	sound, pub := transformer.FamilySound, transformer.FamilyPublished
	for _, c := range []struct {
		place  transformer.Place
		family transformer.Family
		change func(c *transformer.ElegansConfig)
		want   string
	}{
		{"attn-emb", sound, func(c *transformer.ElegansConfig) { c.Transformer.TokenMixer = transformer.TokenMixerMLP }, `transformer: place "attn-emb" with token_mixer "mlp", expected "attention"`},
		{"ff", sound, func(c *transformer.ElegansConfig) { c.Transformer.Experts, c.Transformer.ExpertsChosen = 2, 3 }, `transformer: experts_chosen 3, expected 1 to 2, as many as there are experts`},
		{"pool", sound, func(c *transformer.ElegansConfig) { c.Residual = true }, `transformer: residual with place "pool", expected "head"`},
		{"head", sound, func(c *transformer.ElegansConfig) { c.Network.Signal = "each" }, `transformer: signal "each" with place "head", expected "shared"`},
		{"head", pub, func(c *transformer.ElegansConfig) { c.Published.InputSequences = "mix" }, `transformer: input_sequences "mix", expected none`},
		{"head", pub, func(c *transformer.ElegansConfig) { c.Published.RecurrenceType = "last" }, `transformer: recurrence_type "last", expected none`},
		{"head", pub, func(c *transformer.ElegansConfig) { c.Published.AttentionType = "self" }, `transformer: attention_type "self" keeps the motor neurons apart, expected one that pools them, such as "cross"`},
		{"head", pub, func(c *transformer.ElegansConfig) { c.Published.DropoutMHA = 1 }, `published: dropout_mha 1`},
	} {
		config := elegans(c.place, c.family)
		if c.change != nil {
			c.change(&config)
		}
		if _, err := transformer.NewElegansFormer[float32](tensor.NewKey(1, "model"), tinyworm.New(t), config); err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s %s: %v, want %s", c.place, c.family, err, c.want)
		}
	}
}

// sameNet is a network of rows that gives what it is given.
type sameNet struct{}

func (sameNet) Forward(_ *autograd.Tape[float64], x *autograd.Var[float64]) *autograd.Var[float64] {
	return x
}

// TestSensoryPool: tokens enter in order; those that come after all neurons have one are added, and
// neurons without one get 0.
func TestSensoryPool(t *testing.T) {
	tokens := func(n int) *tensor.Tensor[float64] {
		x := tensor.New[float64](1, n, 2)
		tensor.FillFunc(x, func(i int) float64 { return float64(i + 1) })
		return x
	}
	for _, c := range []struct {
		tokens int
		want   string
	}{
		{3, "[1 2 3 4 5 6]"}, {2, "[1 2 3 4 0 0]"}, {1, "[1 2 0 0 0 0]"}, {4, "[8 10 3 4 5 6]"}, {8, "[21 24 27 30 16 18]"},
	} {
		tp := autograd.NewTape[float64]()
		for range 2 { // the second time in used memory
			tp.Reset()
			y := (&transformer.SensoryPool[float64]{Net: sameNet{}, Sensory: 3}).Forward(tp, tp.Input(tokens(c.tokens)))
			if got := fmt.Sprint(autograd.Elements(y)); got != c.want {
				t.Errorf("%d tokens: %s, want %s", c.tokens, got, c.want)
			}
			tensor.Fill(tp.NewTensor(1, 9, 2), 7)
		}
	}
}

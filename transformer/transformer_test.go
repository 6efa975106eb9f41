package transformer_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"elegans/autograd"
	"elegans/autograd/gradcheck"
	"elegans/autograd/nn"
	"elegans/tensor"
	"elegans/transformer"
)

// small is the least configuration in which no two lengths are equal.
func small() transformer.Config {
	return transformer.Config{
		Image: [3]int{2, 4, 6}, Classes: 3, Patch: [2]int{2, 3}, Dim: 6, Depth: 2, Heads: 2, Hidden: 7, TokenHidden: 5,
	}
}

// settings returns small with every value of every field, under names.
func settings() map[string]transformer.Config {
	all := map[string]transformer.Config{}
	add := func(name string, change func(c *transformer.Config)) {
		c := small()
		change(&c)
		all[name] = c
	}
	add("vit", func(c *transformer.Config) {})
	add("class token", func(c *transformer.Config) { c.ClassToken = true })
	add("mixer", func(c *transformer.Config) { c.TokenMixer = transformer.TokenMixerMLP })
	add("mixer with a class token and positions", func(c *transformer.Config) {
		c.TokenMixer, c.ClassToken, c.Positions = transformer.TokenMixerMLP, true, transformer.PositionsLearned
	})
	add("post", func(c *transformer.Config) { c.Order = transformer.OrderPost })
	add("published", func(c *transformer.Config) { c.Order = transformer.OrderPublished })
	add("GLU", func(c *transformer.Config) { c.Gating, c.Activation = transformer.GatingMul, "sigmoid" })
	add("SwiGLU", func(c *transformer.Config) { c.Gating, c.Activation = transformer.GatingMul, "silu" })
	add("gate that adds", func(c *transformer.Config) { c.Gating = transformer.GatingAdd })
	add("one channel mixer", func(c *transformer.Config) { c.SharedChannels = true })
	add("experts", func(c *transformer.Config) { c.Experts = 3 })
	add("noisy experts", func(c *transformer.Config) { c.Experts, c.NoisyGating, c.Gating = 4, true, transformer.GatingMul })
	add("one of the experts", func(c *transformer.Config) { c.Experts, c.ExpertsChosen, c.SharedChannels = 3, 1, true })
	add("mixer of experts", func(c *transformer.Config) { c.TokenMixer, c.Experts = transformer.TokenMixerMLP, 3 })
	add("no final norm", func(c *transformer.Config) { c.NoFinalNorm = true })
	add("attention pool", func(c *transformer.Config) { c.Pooling = transformer.PoolingAttention })
	add("mean with a class token", func(c *transformer.Config) { c.ClassToken, c.Pooling = true, transformer.PoolingMean })
	add("sinusoidal", func(c *transformer.Config) { c.Positions = transformer.PositionsSinusoidal })
	add("no positions", func(c *transformer.Config) { c.Positions = transformer.PositionsNone })
	add("dropout", func(c *transformer.Config) { c.Dropout, c.DropPath = .3, .5 })
	return all
}

func images(batch int, c transformer.Config) *tensor.Tensor[float64] {
	return tensor.Normal[float64](tensor.NewKey(5, "images"), 0, 1, batch, c.Image[0], c.Image[1], c.Image[2])
}

// shake moves all parameters off their initial values, of which many are 0 or 1.
func shake(m nn.Module[float64]) {
	for i, p := range nn.Params(m) {
		if p.RequiresGrad() {
			tensor.Add(p.Value, p.Value, tensor.Normal[float64](tensor.NewKey(uint64(i), "shake"), 0, .3, p.Shape()...))
		}
	}
}

// TestGradients compares the gradients of all parameters and of the images with central
// differences.
func TestGradients(t *testing.T) {
	for name, c := range settings() {
		t.Run(name, func(t *testing.T) {
			m, err := transformer.New[float64](tensor.NewKey(1, "model"), c)
			if err != nil {
				t.Fatal(err)
			}
			shake(m)
			f := func(tp *autograd.Tape[float64], in []*autograd.Var[float64]) []*autograd.Var[float64] {
				return []*autograd.Var[float64]{m.Forward(tp, in[0])}
			}
			r, err := gradcheck.Check(f, gradcheck.Options{Key: tensor.NewKey(2, "dropout"), Params: nn.Trainable[float64](m)}, images(2, c))
			if err != nil {
				t.Fatal(err)
			}
			if r.Checked == 0 {
				t.Error("nothing was checked")
			}
		})
	}
}

// TestPatchEmbedIsConvolution: cutting into patches and a linear map are a convolution whose stride
// is its kernel.
func TestPatchEmbedIsConvolution(t *testing.T) {
	c := small()
	p := transformer.NewPatchEmbed[float64](tensor.NewKey(1, "patch"), c.Image[0], c.Patch, c.Dim)
	tensor.FillNormal(p.Proj.Bias.Value, tensor.NewKey(2, "bias"), 0, 1)
	tp := autograd.NewTape[float64]()
	x := tp.Input(images(3, c))
	got := p.Forward(tp, x)
	conv := p.Proj.Forward(tp, x) // [B, E, h, w]
	b, e := conv.Value.Dim(0), conv.Value.Dim(1)
	want := tp.Transpose(tp.Reshape(conv, b, e, -1), 1, 2)
	if !slices.Equal(got.Shape(), want.Shape()) {
		t.Fatalf("shape %v, want %v", got.Shape(), want.Shape())
	}
	for i, w := range autograd.Elements(tp.Reshape(want, -1)) {
		if g := autograd.Elements(tp.Reshape(got, -1))[i]; math.Abs(g-w) > 1e-13 {
			t.Fatalf("element %d is %v, want %v", i, g, w)
		}
	}
}

// TestPatchOrder: Patches gives rows of pixels in the order (row, column, channel).
func TestPatchOrder(t *testing.T) {
	tp := autograd.NewTape[float64]()
	x := tensor.New[float64](1, 2, 2, 4)
	tensor.FillFunc(x, func(i int) float64 { return float64(i) })
	got := transformer.Patches(tp, tp.Input(x), [2]int{2, 2})
	want := "[0 8 1 9 4 12 5 13 2 10 3 11 6 14 7 15]"
	if s := fmt.Sprint(autograd.Elements(tp.Reshape(got, -1))); s != want {
		t.Errorf("patches %s, want %s", s, want)
	}
}

// TestNames: parameters are called as in timm.
func TestNames(t *testing.T) {
	c := small()
	c.ClassToken, c.Depth = true, 1
	for _, want := range []struct {
		mixer transformer.TokenMixer
		names []string
	}{
		{transformer.TokenMixerAttention, []string{
			"cls_token", "pos_embed", "patch_embed.proj.weight", "patch_embed.proj.bias",
			"blocks.0.norm1.weight", "blocks.0.norm1.bias", "blocks.0.attn.qkv.weight", "blocks.0.attn.qkv.bias",
			"blocks.0.attn.proj.weight", "blocks.0.attn.proj.bias", "blocks.0.norm2.weight", "blocks.0.norm2.bias",
			"blocks.0.mlp.fc1.weight", "blocks.0.mlp.fc1.bias", "blocks.0.mlp.fc2.weight", "blocks.0.mlp.fc2.bias",
			"norm.weight", "norm.bias", "head.weight", "head.bias",
		}},
		{transformer.TokenMixerMLP, []string{
			"stem.proj.weight", "stem.proj.bias",
			"blocks.0.norm1.weight", "blocks.0.norm1.bias", "blocks.0.mlp_tokens.fc1.weight", "blocks.0.mlp_tokens.fc1.bias",
			"blocks.0.mlp_tokens.fc2.weight", "blocks.0.mlp_tokens.fc2.bias", "blocks.0.norm2.weight", "blocks.0.norm2.bias",
			"blocks.0.mlp_channels.fc1.weight", "blocks.0.mlp_channels.fc1.bias", "blocks.0.mlp_channels.fc2.weight", "blocks.0.mlp_channels.fc2.bias",
			"norm.weight", "norm.bias", "head.weight", "head.bias",
		}},
	} {
		c := c
		c.TokenMixer, c.ClassToken = want.mixer, want.mixer == transformer.TokenMixerAttention
		m, err := transformer.New[float32](tensor.NewKey(1, "model"), c)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, p := range nn.Params(m) {
			names = append(names, p.Path)
		}
		if !slices.Equal(names, want.names) {
			t.Errorf("%s: names\n%v\nwant\n%v", want.mixer, names, want.names)
		}
	}
}

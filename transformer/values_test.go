package transformer_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/connectome/tensornet"
	"elegans/tensor"
	"elegans/transformer"
)

// agrees fails unless the elements of two variables agree.
func agrees(t *testing.T, what string, got, want *autograd.Var[float64]) {
	t.Helper()
	g, w := got.Value.Contiguous().Data(), want.Value.Contiguous().Data()
	if !slices.Equal(got.Shape(), want.Shape()) {
		t.Fatalf("%s: shape %v, want %v", what, got.Shape(), want.Shape())
	}
	for i := range w {
		if !(math.Abs(g[i]-w[i]) <= 1e-12) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, g[i], w[i])
		}
	}
}

// newModel makes a model in float64 whose parameters are all off their initial values.
func newModel(t *testing.T, change func(c *transformer.Config)) *transformer.Transformer[float64] {
	t.Helper()
	c := small()
	change(&c)
	m, err := transformer.New[float64](tensor.NewKey(1, "model"), c)
	if err != nil {
		t.Fatal(err)
	}
	shake(m)
	return m
}

// TestOrders compares blocks with the equations of the package comment.
func TestOrders(t *testing.T) {
	for _, order := range []transformer.Order{transformer.OrderPre, transformer.OrderPost, transformer.OrderPublished} {
		b := newModel(t, func(c *transformer.Config) { c.Order = order }).Blocks[0]
		tp := autograd.NewTape[float64]()
		x := tp.Input(tensor.Normal[float64](tensor.NewKey(2, "x"), 0, 1, 2, 3, 6))
		h := x
		for _, half := range []struct {
			mixer nn.Module[float64]
			norm  *nn.LayerNorm[float64]
		}{{b.Tokens, b.Norm1}, {b.Channels, b.Norm2}} {
			n := half.norm.Forward(tp, h)
			switch order {
			case transformer.OrderPre:
				h = tp.Add(h, half.mixer.Forward(tp, n))
			case transformer.OrderPost:
				h = half.norm.Forward(tp, tp.Add(h, half.mixer.Forward(tp, h)))
			case transformer.OrderPublished:
				h = tp.Add(n, half.mixer.Forward(tp, n))
			}
		}
		agrees(t, string(order), b.Forward(tp, x), h)
	}
}

// TestTokens: the class token comes first, positions are added, dropout follows in training, and
// the last normalisation belongs to the order "pre".
func TestTokens(t *testing.T) {
	m := newModel(t, func(c *transformer.Config) { c.ClassToken, c.Dropout, c.NoFinalNorm = true, .5, true })
	m.Blocks = nil
	x := images(2, small())
	tp := autograd.NewTape[float64]()
	tp.Training = false
	h := m.Features(tp, tp.Input(x))
	class := tp.Add(m.ClassToken, tp.Slice(m.Positions, 1, 0, 1, 1))
	agrees(t, "the class token", tp.Slice(h, 1, 0, 1, 1), tp.Expand(class, 2, 1, 6))
	n := h.Value.Dim(1)
	rest := tp.Add(m.Patches.Forward(tp, tp.Input(x)), tp.Slice(m.Positions, 1, 1, n, 1))
	agrees(t, "the other tokens", tp.Slice(h, 1, 1, n, 1), rest)
	tp.Training = true
	tp.SetKey(tensor.NewKey(3, "dropout"))
	if zero := zeros(m.Features(tp, tp.Input(x))); zero < .25 || zero > .75 {
		t.Errorf("dropout of one half sets %v of the tokens to 0", zero)
	}
	for _, order := range []transformer.Order{transformer.OrderPre, transformer.OrderPost, transformer.OrderPublished} {
		if m := newModel(t, func(c *transformer.Config) { c.Order = order }); (m.Norm != nil) != (order == transformer.OrderPre) {
			t.Errorf("%s: a last normalisation: %v", order, m.Norm != nil)
		}
	}
}

// zeros returns the share of elements that are 0.
func zeros(v *autograd.Var[float64]) float64 {
	n := 0
	for _, x := range v.Value.Contiguous().Data() {
		if x == 0 {
			n++
		}
	}
	return float64(n) / float64(v.Value.Len())
}

// TestDropPath: whole examples skip a mixer, the others count more, and the probability rises from
// block to block.
func TestDropPath(t *testing.T) {
	b := newModel(t, func(c *transformer.Config) {}).Blocks[0]
	b.DropPath, b.Norm1, b.Norm2 = .5, nn.NewLayerNorm[float64](6), nn.NewLayerNorm[float64](6)
	b.Tokens, b.Channels = tens{}, zeroMixer{}
	tp := autograd.NewTape[float64]()
	tp.Training = false
	x := tp.Input(tensor.New[float64](64, 2, 6))
	agrees(t, "in validation", b.Forward(tp, x), tp.Input(tensor.Full[float64](10, 64, 2, 6)))
	tp.Training = true
	tp.SetKey(tensor.NewKey(3, "path"))
	y := b.Forward(tp, x)
	skipped := 0
	for i := range 64 {
		example := autograd.Elements(tp.Reshape(tp.Slice(y, 0, i, i+1, 1), -1))
		first := example[0]
		if first == 0 {
			skipped++
		}
		if first != 0 && first != 20 || slices.ContainsFunc(example, func(v float64) bool { return v != first }) {
			t.Fatalf("example %d: %v, want all 0 or all 20", i, example)
		}
	}
	if skipped < 16 || skipped > 48 {
		t.Errorf("%d of 64 examples skip the mixer, with probability one half", skipped)
	}
	var p []float64
	for _, b := range newModel(t, func(c *transformer.Config) { c.Depth, c.DropPath = 3, .5 }).Blocks {
		p = append(p, b.DropPath)
	}
	if !slices.Equal(p, []float64{0, .25, .5}) {
		t.Errorf("probabilities %v of three blocks, want 0, .25, .5", p)
	}
}

type tens struct{}

func (tens) Forward(tp *autograd.Tape[float64], x *autograd.Var[float64]) *autograd.Var[float64] {
	return tp.AddScalar(tp.MulScalar(x, 0), 10)
}

type zeroMixer struct{}

func (zeroMixer) Forward(tp *autograd.Tape[float64], x *autograd.Var[float64]) *autograd.Var[float64] {
	return tp.MulScalar(x, 0)
}

// TestPools computes the pools of three tokens of two features by hand.
func TestPools(t *testing.T) {
	tp := autograd.NewTape[float64]()
	x := tp.Input(tensor.FromSlice([]float64{1, 2, 3, 5, 8, 11}, 1, 3, 2))
	row := func(v ...float64) *autograd.Var[float64] { return tp.Input(tensor.FromSlice(v, 1, len(v))) }
	agrees(t, "class", transformer.ClassPool[float64]{}.Forward(tp, x), row(1, 2))
	agrees(t, "mean", transformer.MeanPool[float64]{}.Forward(tp, x), row(4, 6))
	agrees(t, "mean of all but the first", transformer.MeanPool[float64]{Skip: 1}.Forward(tp, x), row(5.5, 8))
	p := transformer.NewAttentionPool[float64](tensor.NewKey(1, "pool"), 2)
	copy(p.Query.Value.Data(), []float64{.3, -.2})
	var w [3]float64
	for i := range w {
		w[i] = math.Exp((.3*x.Value.At(0, i, 0) - .2*x.Value.At(0, i, 1)) / math.Sqrt2)
	}
	sum := w[0] + w[1] + w[2]
	agrees(t, "attention", p.Forward(tp, x), row((w[0]+3*w[1]+8*w[2])/sum, (2*w[0]+5*w[1]+11*w[2])/sum))
}

// TestSinusoidal compares with the formula of the paper; the positions are no parameters to train.
func TestSinusoidal(t *testing.T) {
	p := transformer.Sinusoidal[float64](3, 6)
	for i := range 3 {
		for j := range 3 {
			angle := float64(i) / math.Pow(10000, 2*float64(j)/6)
			if s, c := p.At(0, i, 2*j), p.At(0, i, 2*j+1); math.Abs(s-math.Sin(angle)) > 1e-15 || math.Abs(c-math.Cos(angle)) > 1e-15 {
				t.Errorf("position %d, features %d and %d: %v and %v, want %v and %v", i, 2*j, 2*j+1, s, c, math.Sin(angle), math.Cos(angle))
			}
		}
	}
	m := newModel(t, func(c *transformer.Config) { c.Positions = transformer.PositionsSinusoidal })
	if m.Positions.RequiresGrad() {
		t.Error("sinusoidal positions are trained")
	}
}

// TestInitial: eps and defaults are those asked for, and weights fill the interval of Glorot and
// Bengio 2010.
func TestInitial(t *testing.T) {
	c := small()
	c.Hidden, c.TokenHidden, c.Heads, c.Experts = 0, 0, 0, 1
	if err := c.Complete(); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintln(c.Hidden, c.TokenHidden, c.Heads, c.ExpertsChosen, c.Eps, c.Activation, c.Pooling, c.Positions); got != "24 3 1 1 1e-06 gelu mean learned\n" {
		t.Errorf("defaults %s", got)
	}
	for _, eps := range []float64{0, .01} {
		m := newModel(t, func(c *transformer.Config) { c.Eps = eps })
		for _, n := range []*nn.LayerNorm[float64]{m.Blocks[0].Norm1, m.Blocks[1].Norm2, m.Norm} {
			if want := max(eps, 1e-6); n.Eps != want {
				t.Errorf("eps %v, want %v", n.Eps, want)
			}
		}
	}
	large := small()
	large.Dim, large.Hidden, large.Experts = 60, 90, 2
	m, err := transformer.New[float64](tensor.NewKey(1, "model"), large)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range nn.Params(m) {
		bound := 0.0
		switch {
		case strings.HasSuffix(p.Path, "attn.qkv.weight"):
			bound = math.Sqrt(6. / (60 + 180))
		case strings.HasSuffix(p.Path, "experts.fc1.weight"), strings.HasSuffix(p.Path, "experts.fc2.weight"):
			bound = math.Sqrt(6. / (60 + 90))
		case p.Path == "patch_embed.proj.weight":
			bound = math.Sqrt(6. / (12 + 60))
		default:
			continue
		}
		if least, most := slices.Min(p.Value.Data()), slices.Max(p.Value.Data()); least < -bound || least > -.9*bound || most > bound || most < .9*bound {
			t.Errorf("%s: weights from %v to %v, want -%v to %v", p.Path, least, most, bound, bound)
		}
	}
}

// TestDropouts: hidden units and results are dropped in training.
func TestDropouts(t *testing.T) {
	tanh, err := tensor.ActivationOf("tanh")
	if err != nil {
		t.Fatal(err)
	}
	f := transformer.NewFeedForward[float64](tensor.NewKey(1, "ff"), 20, 20, tanh, transformer.GatingNone)
	f.FC2.Weight.Value.Zero()
	for i := range 20 {
		f.FC2.Weight.Value.Set(1, i, i)
	}
	f.Dropout = .5
	a := transformer.NewAttention[float64](tensor.NewKey(1, "attention"), 20, 2)
	a.Dropout = .5
	tp := autograd.NewTape[float64]()
	tp.Training = true
	tp.SetKey(tensor.NewKey(2, "dropout"))
	x := tp.Input(tensor.Normal[float64](tensor.NewKey(3, "x"), 0, 1, 8, 10, 20))
	if zero := zeros(f.Forward(tp, x)); math.Abs(zero-.75) > .05 {
		t.Errorf("feed-forward network: %v of the results are 0, want three quarters", zero)
	}
	if zero := zeros(a.Forward(tp, x)); math.Abs(zero-.5) > .05 {
		t.Errorf("attention: %v of the results are 0, want one half", zero)
	}
}

// TestGates compares gated networks with their equations.
func TestGates(t *testing.T) {
	silu, err := tensor.ActivationOf("silu")
	if err != nil {
		t.Fatal(err)
	}
	tp := autograd.NewTape[float64]()
	x := tp.Input(tensor.Normal[float64](tensor.NewKey(3, "x"), 0, 1, 2, 3, 4))
	for _, gating := range []transformer.Gating{transformer.GatingNone, transformer.GatingMul, transformer.GatingAdd} {
		f := transformer.NewFeedForward[float64](tensor.NewKey(1, "ff"), 4, 5, silu, gating)
		shake(f)
		h := f.FC1.Forward(tp, x)
		h = tp.Mul(h, tp.Sigmoid(h))
		switch gating {
		case transformer.GatingMul:
			h = tp.Mul(h, f.Gate.Forward(tp, x))
		case transformer.GatingAdd:
			h = tp.Add(h, f.Gate.Forward(tp, x))
		}
		agrees(t, string(gating), f.Forward(tp, x), f.FC2.Forward(tp, h))
	}
}

// TestNetworksDiffer: the networks of blocks and experts are drawn apart.
func TestNetworksDiffer(t *testing.T) {
	c := elegans(transformer.PlaceFeedForward, transformer.FamilySound)
	c.Transformer.Experts = 2
	seen := map[string]string{}
	for _, p := range nn.Params(newElegans[float64](t, c)) {
		if !strings.HasSuffix(p.Path, "net.weight") {
			continue
		}
		values := fmt.Sprint(p.Value.Contiguous().Data())
		if other := seen[values]; other != "" {
			t.Errorf("%s begins as %s", p.Path, other)
		}
		seen[values] = p.Path
	}
	if len(seen) != 4 {
		t.Errorf("%d networks, want two blocks of two experts", len(seen))
	}
}

// TestHeadHasItsMap: a linear map makes the logits even where the network gives as many numbers.
func TestHeadHasItsMap(t *testing.T) {
	c := elegans(transformer.PlaceHead, transformer.FamilySound)
	c.Network = tensornet.Config{Width: c.Transformer.Classes, Rounds: 3, Readout: tensornet.ReadoutMean}
	if !slices.ContainsFunc(nn.Params(newElegans[float64](t, c)), func(p nn.Named[float64]) bool { return p.Path == "head.out.weight" }) {
		t.Error("the head has no linear map")
	}
}

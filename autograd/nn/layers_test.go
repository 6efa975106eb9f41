package nn_test

import (
	"math"
	"slices"
	"testing"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// TestEncoderLayerByDefinition compares an encoder layer, with dropout in all its three places,
// with its parts put together by hand, which draw the same numbers.
func TestEncoderLayerByDefinition(t *testing.T) {
	for _, first := range []bool{false, true} {
		l := nn.NewTransformerEncoderLayer[float64](tensor.NewKey(1, "layer"), 8, 2, 12, first)
		l.Dropout = .5
		x := tensor.Normal[float64](tensor.NewKey(2, "x"), 0, 1, 3, 4, 8)
		tape := func() *autograd.Tape[float64] {
			tp := autograd.NewTape[float64]()
			tp.SetKey(tensor.NewKey(3, "dropout"))
			return tp
		}
		tp := tape()
		got := l.Forward(tp, tp.Input(x)).Value
		tp = tape()
		in := tp.Input(x)
		attend := func(v *autograd.Var[float64]) *autograd.Var[float64] {
			return tp.Dropout(l.SelfAttn.Forward(tp, v), .5)
		}
		feed := func(v *autograd.Var[float64]) *autograd.Var[float64] {
			return tp.Dropout(l.Linear2.Forward(tp, tp.Dropout(tp.GELU(l.Linear1.Forward(tp, v)), .5)), .5)
		}
		var y *autograd.Var[float64]
		if first {
			h := tp.Add(in, attend(l.Norm1.Forward(tp, in)))
			y = tp.Add(h, feed(l.Norm2.Forward(tp, h)))
		} else {
			h := l.Norm1.Forward(tp, tp.Add(in, attend(in)))
			y = l.Norm2.Forward(tp, tp.Add(h, feed(h)))
		}
		if !slices.Equal(got.Data(), y.Value.Data()) {
			t.Errorf("norm first %v: the layer is not what its parts are", first)
		}
		// In evaluation nothing is dropped, so that two passes agree.
		tp.Training = false
		if !slices.Equal(l.Forward(tp, in).Value.Data(), l.Forward(tp, in).Value.Data()) {
			t.Errorf("norm first %v: two passes in evaluation differ", first)
		}
	}
}

// TestCrossAttentionByDefinition: keys and values of another sequence go through their own parts of
// the projection.
func TestCrossAttentionByDefinition(t *testing.T) {
	m := nn.NewMultiheadAttention[float64](tensor.NewKey(1, "attention"), 6, 2)
	tensor.FillNormal(m.InProjBias.Value, tensor.NewKey(2, "bias"), 0, 1)
	draw := func(name string, length int) *tensor.Tensor[float64] {
		return tensor.Normal[float64](tensor.NewKey(3, name), 0, 1, 2, length, 6)
	}
	tp := autograd.NewTape[float64]()
	q, k, v := tp.Input(draw("q", 3)), tp.Input(draw("k", 5)), tp.Input(draw("v", 5))
	got, _ := m.Attend(tp, q, k, v, autograd.AttentionOptions[float64]{})
	part := func(x *autograd.Var[float64], i int) *autograd.Var[float64] {
		w := tp.Slice(m.InProjWeight, 0, 6*i, 6*i+6, 1)
		return tp.Linear(x, w, tp.Slice(m.InProjBias, 0, 6*i, 6*i+6, 1))
	}
	y, _ := tp.MultiHeadAttention(part(q, 0), part(k, 1), part(v, 2), 2, autograd.AttentionOptions[float64]{})
	if want := m.OutProj.Forward(tp, y); !slices.Equal(got.Value.Data(), want.Value.Data()) {
		t.Error("attention to another sequence is not what its parts are")
	}
}

// TestPaddingSymbol: the vector of the padding symbol is zero, the others are not.
func TestPaddingSymbol(t *testing.T) {
	for _, padding := range []int{autograd.NoPadding, 0, 2} {
		e := nn.NewEmbedding[float32](tensor.NewKey(1, "table"), 4, 3, padding)
		for symbol := range 4 {
			row := e.Weight.Value.Data()[symbol*3 : symbol*3+3]
			if zero := slices.Equal(row, []float32{0, 0, 0}); zero != (symbol == padding) {
				t.Errorf("padding %d: the vector of symbol %d is %v", padding, symbol, row)
			}
		}
	}
}

// TestCountLeavesOutTheFrozen: what does not train does not count.
func TestCountLeavesOutTheFrozen(t *testing.T) {
	l := nn.NewLinear[float32](tensor.NewKey(1, "linear"), 5, 7, true)
	n := nn.NewBatchNorm[float32](7)
	model := nn.Sequential[float32]{l, n}
	if got := nn.Count[float32](model); got != 5*7+7+2*7 {
		t.Errorf("%d parameters, expected %d: running statistics do not train", got, 5*7+7+2*7)
	}
	l.Weight.SetRequiresGrad(false)
	if got := nn.Count[float32](model); got != 7+2*7 {
		t.Errorf("%d parameters with a frozen weight, expected %d", got, 7+2*7)
	}
}

// TestDefaultConstants are those of PyTorch.
func TestDefaultConstants(t *testing.T) {
	layer, rms, group, batch := nn.NewLayerNorm[float64](3), nn.NewRMSNorm[float64](3), nn.NewGroupNorm[float64](1, 2), nn.NewBatchNorm[float64](2)
	if layer.Eps != 1e-5 || rms.Eps != 1e-6 || group.Eps != 1e-5 || batch.Eps != 1e-5 || batch.Momentum != .1 {
		t.Errorf("eps %v, %v, %v, %v, momentum %v", layer.Eps, rms.Eps, group.Eps, batch.Eps, batch.Momentum)
	}
	if batch.RunningMean.Value.Data()[1] != 0 || batch.RunningVar.Value.Data()[1] != 1 || batch.RunningVar.RequiresGrad() {
		t.Errorf("running statistics %v and %v", batch.RunningMean.Value, batch.RunningVar.Value)
	}
}

// TestBoundsOfWeights: weights and biases fill the range that they are drawn from, which depends on
// the number of elements that enter a result.
func TestBoundsOfWeights(t *testing.T) {
	k := tensor.NewKey(1, "weights")
	linear := nn.NewLinear[float64](k, 50, 400, true)
	grouped := nn.NewGroupedLinear[float64](k, 20, 50, 40, true)
	conv := nn.NewConv2d[float64](k, 8, 400, [2]int{3, 5}, true, tensor.ConvOptions{Groups: 2})
	conv1 := nn.NewConv1d[float64](k, 8, 400, 7, true, autograd.Conv1dOptions{})
	up := nn.NewConvTranspose2d[float64](k, 4, 400, [2]int{3, 5}, true, tensor.ConvOptions{Groups: 2})
	lstm := nn.NewLSTM[float64](k, 3, 100, 2)
	for name, c := range map[string]struct {
		p *autograd.Var[float64]
		n int
	}{
		"linear weight": {linear.Weight, 50}, "linear bias": {linear.Bias, 50},
		"grouped weight": {grouped.Weight, 50}, "grouped bias": {grouped.Bias, 50},
		"conv weight": {conv.Weight, 4 * 15}, "conv bias": {conv.Bias, 4 * 15},
		"conv1 weight": {conv1.Weight, 8 * 7}, "conv1 bias": {conv1.Bias, 8 * 7},
		"transposed weight": {up.Weight, 200 * 15}, "transposed bias": {up.Bias, 200 * 15},
		"lstm": {lstm.Layers[1].WeightHH, 100}, "lstm bias": {lstm.Layers[0].BiasIH, 100},
	} {
		bound := 1 / math.Sqrt(float64(c.n))
		least, most := slices.Min(c.p.Value.Data()), slices.Max(c.p.Value.Data())
		if least < -bound || most > bound || least > -.95*bound || most < .95*bound {
			t.Errorf("%s: from %v to %v, expected to fill ±%v", name, least, most, bound)
		}
	}
}

// TestBatchNormRunningVariance: the running variance takes a share of the unbiased variance of the
// batch.
func TestBatchNormRunningVariance(t *testing.T) {
	l := nn.NewBatchNorm[float64](1)
	l.Momentum = .25
	tp := autograd.NewTape[float64]()
	x := []float64{1, 2, 4, 9}
	y := l.Forward(tp, tp.Input(tensor.FromSlice(x, 4, 1)))
	mean, unbiased := 4., (9+4+0+25)/3.
	if got, want := l.RunningVar.Value.Item(), .75+.25*unbiased; math.Abs(got-want) > 1e-12 {
		t.Errorf("running variance %v, expected %v", got, want)
	}
	if got := l.RunningMean.Value.Item(); math.Abs(got-.25*mean) > 1e-12 {
		t.Errorf("running mean %v, expected %v", got, .25*mean)
	}
	// while the batch is divided by the biased one
	if got, want := y.Value.Data()[3], 5/math.Sqrt(38./4+1e-5); math.Abs(got-want) > 1e-12 {
		t.Errorf("normalised to %v, expected %v", got, want)
	}
}

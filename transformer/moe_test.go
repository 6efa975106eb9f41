package transformer

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"elegans/autograd"
	"elegans/autograd/gradcheck"
	"elegans/autograd/nn"
	"elegans/internal/allocs"
	"elegans/tensor"
)

// newTestMoE returns a mixture of feed-forward networks with random weights, as grouped products
// and as a list of networks that share their values.
func newTestMoE(t testing.TB, n, k, in, hidden int, gating Gating) (grouped, list *MoE[float64]) {
	t.Helper()
	key := tensor.NewKey(4, "moe")
	act, err := tensor.ActivationOf("gelu")
	if err != nil {
		t.Fatal(err)
	}
	f := NewGroupedFeedForward[float64](key, n, in, hidden, act, gating)
	layers := []*nn.GroupedLinear[float64]{f.FC1, f.FC2}
	if f.Gate != nil {
		layers = append(layers, f.Gate)
	}
	for i, l := range layers {
		tensor.FillUniform(l.Bias.Value, key.Sub("bias", uint64(i)), -1, 1)
	}
	var experts ExpertList[float64]
	for e := range n {
		part := func(l *nn.GroupedLinear[float64]) *nn.Linear[float64] {
			if l == nil {
				return nil
			}
			w, b := l.Weight.Value.Slice(0, e, e+1, 1), l.Bias.Value.Slice(0, e, e+1, 1)
			return &nn.Linear[float64]{Weight: autograd.NewParam("weight", w.Reshape(w.Shape()[1:]...)), Bias: autograd.NewParam("bias", b.Reshape(b.Dim(1)))}
		}
		experts = append(experts, &FeedForward[float64]{FC1: part(f.FC1), Gate: part(f.Gate), FC2: part(f.FC2), Act: act, Gating: gating})
	}
	for i, e := range []Experts[float64]{f, experts} {
		m, err := NewMoE(in, k, e)
		if err != nil {
			t.Fatal(err)
		}
		tensor.FillUniform(m.WGate.Value, key.Sub("gate"), -1, 1)
		tensor.FillUniform(m.WNoise.Value, key.Sub("noise"), -1, 1)
		if i == 0 {
			grouped = m
		} else {
			list = m
		}
	}
	return grouped, list
}

// TestGatesByHand: two rows, three experts, two of them for each row, with numbers that can be
// followed.
func TestGatesByHand(t *testing.T) {
	m, _ := newTestMoE(t, 3, 2, 1, 2, GatingNone)
	m.Noisy = false
	copy(m.WGate.Value.Data(), []float64{math.Log(3), 0, math.Log(2)})
	tp := autograd.NewTape[float64]()
	tp.KeepMarks = true
	m.Forward(tp, tp.Input(tensor.FromSlice([]float64{1, -1}, 2, 1)))
	// Row 1: e^l = 3, 1, 2: experts 1 and 3 with 3/5 and 2/5. Row 2: 1/3, 1, 1/2: experts 2 and 3.
	marks := map[string][]float64{}
	for _, mark := range tp.Marks() {
		marks[mark.Name] = mark.Var.Value.Data()
	}
	for i, want := range []float64{3. / 5, 0, 2. / 5, 0, 2. / 3, 1. / 3} {
		if got := marks["gates"][i]; math.Abs(got-want) > 1e-15 {
			t.Errorf("gate %d is %v, expected %v", i, got, want)
		}
	}
	if !slices.Equal(marks["load"], []float64{1, 1, 2}) {
		t.Errorf("load %v, expected [1 1 2]", marks["load"])
	}
	// Importance 3/5, 2/3, 11/15 has the mean 2/3 and the variance 1/225; the load 1/3 over 16/9.
	want := .01 * ((1./225)/(4./9+1e-10) + (1./3)/(16./9+1e-10))
	if l := tp.AddedLosses(); len(l) != 1 || l[0].Name != "balance" || math.Abs(l[0].Var.Value.Item()-want) > 1e-15 {
		t.Errorf("added losses %v, expected one of %v", l, want)
	}
}

// TestLoadIsAProbability compares the smooth load of one row with how often the expert is chosen
// when its noise alone is drawn again and again.
func TestLoadIsAProbability(t *testing.T) {
	const n, k, draws = 4, 2, 8000
	m, _ := newTestMoE(t, n, k, 3, 2, GatingNone)
	key := tensor.NewKey(9, "draws")
	x, noise := tensor.Normal[float64](key.Sub("x"), 0, 1, 1, 3), tensor.Normal[float64](key.Sub("noise"), 0, 1, 1, n)
	m.Noise = noise
	tp := autograd.NewTape[float64]()
	tp.KeepMarks = true
	run := func() (gates, load []float64) {
		tp.Reset()
		m.Forward(tp, tp.Input(x))
		for _, mark := range tp.Marks() {
			switch mark.Name {
			case "gates":
				gates = mark.Var.Value.Data()
			case "load":
				load = mark.Var.Value.Data()
			}
		}
		return gates, load
	}
	_, first := run()
	load := slices.Clone(first)
	for e := range n {
		kept, chosen := noise.Data()[e], 0
		for i := range draws {
			noise.Data()[e] = key.Sub("again", uint64(e)).Normal(uint64(i))
			if gates, _ := run(); gates[e] > 0 {
				chosen++
			}
		}
		noise.Data()[e] = kept
		p := float64(chosen) / draws
		if math.Abs(p-load[e]) > 4*math.Sqrt(.25/draws) {
			t.Errorf("expert %d is chosen in %v of the draws, its load is %v", e, p, load[e])
		}
	}
}

// TestMoEIsDenseSum compares both kinds of experts with the gated sum of all experts on all rows.
func TestMoEIsDenseSum(t *testing.T) {
	for _, gating := range []Gating{GatingNone, GatingMul, GatingAdd} {
		for _, k := range []int{1, 2, 5} {
			grouped, list := newTestMoE(t, 5, k, 4, 6, gating)
			x := tensor.Normal[float64](tensor.NewKey(5, "x"), 0, 1, 3, 7, 4)
			var want []float64
			for i, m := range []*MoE[float64]{grouped, list} {
				tp := autograd.NewTape[float64]()
				tp.KeepMarks = true
				tp.SetKey(tensor.NewKey(6, "noise"))
				in := tp.Input(x)
				y := m.Forward(tp, in)
				if !slices.Equal(y.Shape(), x.Shape()) {
					t.Fatalf("shape %v, expected %v", y.Shape(), x.Shape())
				}
				if i == 0 {
					gates := tp.Marks()[0].Var
					var sum *autograd.Var[float64]
					for e, expert := range list.Experts.(ExpertList[float64]) {
						part := tp.Mul(expert.Forward(tp, tp.Reshape(in, 21, 4)), tp.Slice(gates, 1, e, e+1, 1))
						if sum == nil {
							sum = part
						} else {
							sum = tp.Add(sum, part)
						}
					}
					want = slices.Clone(sum.Value.Data())
				}
				for j, v := range y.Value.Data() {
					if math.Abs(v-want[j]) > 1e-13 {
						t.Fatalf("gating %s, k %d, %T: element %d is %v, expected %v", gating, k, m.Experts, j, v, want[j])
					}
				}
			}
		}
	}
}

// TestMoEGradients differentiates results and added loss, with and without noise.
func TestMoEGradients(t *testing.T) {
	for _, noisy := range []bool{true, false} {
		for _, k := range []int{1, 2, 3} {
			grouped, list := newTestMoE(t, 3, k, 3, 4, GatingMul)
			for _, m := range []*MoE[float64]{grouped, list} {
				m.Noisy, m.Loss = noisy, .7
				x := tensor.Normal[float64](tensor.NewKey(7, "x"), 0, 1, 5, 3)
				f := func(tp *autograd.Tape[float64], in []*autograd.Var[float64]) []*autograd.Var[float64] {
					return []*autograd.Var[float64]{m.Forward(tp, in[0])}
				}
				o := gradcheck.Options{Key: tensor.NewKey(8, "key"), Params: nn.Vars(nn.Params[float64](m))}
				if res, err := gradcheck.Check(f, o, x); err != nil || res.Checked == 0 {
					t.Errorf("noisy %v, k %d, %T: %v", noisy, k, m.Experts, err)
				}
			}
		}
	}
}

// TestMoEStep: names of parameters, one set of bits for any number of workers, no allocation.
func TestMoEStep(t *testing.T) {
	defer tensor.SetWorkers(tensor.Workers())
	grouped, list := newTestMoE(t, 4, 2, 8, 16, GatingNone)
	for m, want := range map[*MoE[float64]][]string{
		grouped: {"w_gate", "w_noise", "experts.fc1.weight", "experts.fc1.bias", "experts.fc2.weight", "experts.fc2.bias"},
		list:    {"w_gate", "w_noise", "experts.0.fc1.weight", "experts.0.fc1.bias", "experts.0.fc2.weight", "experts.0.fc2.bias", "experts.1.fc1.weight"},
	} {
		for i, p := range nn.Params[float64](m)[:len(want)] {
			if p.Path != want[i] {
				t.Errorf("parameter %d is %s, expected %s", i, p.Path, want[i])
			}
		}
		x := tensor.Normal[float64](tensor.NewKey(7, "x"), 0, 1, 600, 8)
		tp := autograd.NewTape[float64]()
		step := func() {
			tp.Reset()
			tp.SetKey(tensor.NewKey(3, "step"))
			for _, p := range []*autograd.Var[float64]{m.WGate, m.WNoise} {
				p.ZeroGrad()
			}
			y := m.Forward(tp, tp.Variable(x))
			tp.Backward(tp.WithAddedLosses(tp.Sum(y)))
		}
		var first []float64
		for _, workers := range []int{1, 2, 3, 8} {
			tensor.SetWorkers(workers)
			step()
			if g := m.WGate.Grad().Data(); first == nil {
				first = slices.Clone(g)
			} else if !slices.Equal(g, first) {
				t.Errorf("%T: the gradient of w_gate differs between 1 and %d workers", m.Experts, workers)
			}
		}
		tensor.SetWorkers(2)
		step()
		if n := allocs.PerStep(10, step); n != 0 {
			t.Errorf("%T: %v allocations a step", m.Experts, n)
		}
	}
}

// TestMoERefusals: numbers of experts that cannot be.
func TestMoERefusals(t *testing.T) {
	for _, c := range []struct {
		n, k, in int
		want     string
	}{
		{2, 3, 4, "transformer: 3 experts for each row, expected 1 to 2, as many as there are"},
		{2, 0, 4, "transformer: 0 experts for each row, expected 1 to 2, as many as there are"},
		{0, 1, 4, "transformer: a mixture of 0 experts, expected at least 1"},
		{2, 1, 0, "transformer: a mixture of experts for rows of 0 numbers, expected at least 1"},
	} {
		if _, err := NewMoE[float32](c.in, c.k, make(ExpertList[float32], c.n)); fmt.Sprint(err) != c.want {
			t.Errorf("%d of %d experts: error %v, expected %s", c.k, c.n, err, c.want)
		}
	}
	m, _ := newTestMoE(t, 2, 1, 4, 4, GatingNone)
	tp := autograd.NewTape[float64]()
	defer func() {
		if _, ok := recover().(*tensor.ShapeError); !ok {
			t.Error("rows of another width: no ShapeError")
		}
	}()
	m.Forward(tp, tp.Input(tensor.New[float64](3, 5)))
}

// TestNoNoiseInEvaluation: outside training the choice of experts is that of the clean logits.
func TestNoNoiseInEvaluation(t *testing.T) {
	m, _ := newTestMoE(t, 4, 2, 3, 2, GatingNone)
	x := tensor.Normal[float64](tensor.NewKey(10, "x"), 0, 1, 20, 3)
	run := func(noisy, training bool) []float64 {
		m.Noisy = noisy
		tp := autograd.NewTape[float64]()
		tp.Training = training
		return m.Forward(tp, tp.Input(x)).Value.Data()
	}
	clean := run(false, false)
	if !slices.Equal(run(true, false), clean) {
		t.Error("noise has an influence on an evaluation")
	}
	if slices.Equal(run(true, true), clean) {
		t.Error("noise has no influence in training")
	}
}

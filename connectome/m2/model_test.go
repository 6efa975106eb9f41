package m2

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"elegans/autograd"
	"elegans/autograd/gradcheck"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/autograd/train"
	"elegans/connectome"
	"elegans/connectome/tensornet"
	"elegans/internal/allocs"
	"elegans/tensor"
)

// tinyGraph has live interneurons with different powers, one that nobody reads, and motor neurons
// that read one interneuron twice, another, and the code.
func tinyGraph(t testing.TB) *connectome.Graph {
	return graph(t, "SSIIIIMMMM", "02", "12", "03", "05", "24", "26", "27", "38", "19")
}

func tinyModel[T tensor.Float](t testing.TB) *Autoencoder[T] {
	t.Helper()
	a, err := New[T](tinyGraph(t), small("published"), tensor.NewKey(1, "m2"))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.FillWeights(Fill{Seed: 5, SInit: 0.8, Gamma: 1, Spread: 0.2}); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestGradientsOfUnits(t *testing.T) {
	k := tensor.NewKey(3, "units")
	normal := func(name string, shape ...int) *tensor.Tensor[float64] {
		return tensor.Normal[float64](k.Sub(name), 0, 0.7, shape...)
	}
	x, h, w, b := normal("x", 3, 4), normal("h", 2, 3, 4), normal("w", 4, 4, 4), normal("b", 4, 4)
	for name, c := range map[string]struct {
		f      gradcheck.Func
		inputs []*tensor.Tensor[float64]
	}{
		"units on a stack and the code": {func(tp *autograd.Tape[float64], in []*autograd.Var[float64]) []*autograd.Var[float64] {
			return []*autograd.Var[float64]{eluUnits(tp, in[0], in[1], in[2], in[3], []int{1, 0, -1, 1})}
		}, []*tensor.Tensor[float64]{x, h, w, b}},
		"units on the code": {func(tp *autograd.Tape[float64], in []*autograd.Var[float64]) []*autograd.Var[float64] {
			return []*autograd.Var[float64]{eluUnits(tp, in[0], nil, in[1], in[2], []int{-1, -1, -1, -1})}
		}, []*tensor.Tensor[float64]{x, w, b}},
		"powers": {func(tp *autograd.Tape[float64], in []*autograd.Var[float64]) []*autograd.Var[float64] {
			return []*autograd.Var[float64]{mulPowers(tp, in[0], in[1], []int{5, 0})}
		}, []*tensor.Tensor[float64]{h, x}},
	} {
		res, err := gradcheck.Check(c.f, gradcheck.Options{Key: k}, c.inputs...)
		want := 0
		for _, in := range c.inputs {
			want += in.Len()
		}
		if err != nil || res.Checked != want {
			t.Errorf("%s: %d of %d derivatives checked: %v", name, res.Checked, want, err)
		}
	}
}

// TestUnitsAgainstDefinition computes the network unit by unit.
func TestUnitsAgainstDefinition(t *testing.T) {
	a := tinyModel[float64](t)
	p := a.Core.(*Published[float64])
	x := tensor.Normal[float64](tensor.NewKey(2, "x"), 0, 1, 3, 6)
	tp := autograd.NewTape[float64]()
	tp.KeepMarks = true
	p.Forward(tp, tp.Input(x))
	marks := map[string]*tensor.Tensor[float64]{}
	for _, m := range tp.Marks() {
		marks[m.Name] = m.Var.Value
	}
	elu := func(v float64) float64 {
		if v > 0 {
			return v
		}
		return math.Expm1(v)
	}
	unit := func(w, b *tensor.Tensor[float64], u int, in []float64, o int) float64 {
		sum := b.At(u, o)
		for i, v := range in {
			sum += w.At(u, o, i) * v
		}
		return elu(sum)
	}
	for n := range 3 {
		code := x.Data()[n*6:][:6]
		held := make([][]float64, len(p.Live.Interneurons))
		for u, live := range p.Live.Interneurons {
			for o := range 6 {
				v := unit(p.InterWeight.Value, p.InterBias.Value, u, code, o) * math.Pow(code[o], float64(live.Power))
				held[u] = append(held[u], v)
				if got := marks[fmt.Sprintf("tn.inter.%d", live.Vertex)].At(n, o); !(math.Abs(got-v) <= 1e-14*max(1, math.Abs(v))) {
					t.Fatalf("interneuron %d holds %v, want %v", live.Vertex, got, v)
				}
			}
		}
		for u, live := range p.Live.Motors {
			in := code
			if live.Source >= 0 {
				in = held[live.Source]
			}
			for o := range 6 {
				v := unit(p.MotorWeight.Value, p.MotorBias.Value, u, in, o)
				if got := marks["tn.stack"].At(u, n, o); !(math.Abs(got-v) <= 1e-14*max(1, math.Abs(v))) {
					t.Fatalf("motor %d holds %v, want %v", live.Vertex, got, v)
				}
			}
		}
	}
}

// TestDeadUnits gives a gradient to one unit of three only: the others must come out with exactly
// zero, whatever their buffers held.
func TestDeadUnits(t *testing.T) {
	k := tensor.NewKey(4, "dead")
	x := tensor.Normal[float64](k.Sub("x"), 0, 1, 2, 3)
	w := autograd.NewParam("w", tensor.Normal[float64](k.Sub("w"), 0, 1, 3, 3, 3))
	b := autograd.NewParam("b", tensor.Normal[float64](k.Sub("b"), 0, 1, 3, 3))
	tp := autograd.NewTape[float64]()
	for range 2 {
		tensor.Fill(w.GradSum(), math.NaN())
		w.ZeroGrad()
		b.ZeroGrad()
		tp.Reset()
		y := eluUnits(tp, tp.Input(x), nil, w, b, []int{-1, -1, -1})
		tp.Backward(tp.Sum(tp.Slice(y, 0, 1, 2, 1)))
		for u := range 3 {
			g := tensor.Entry(w.Grad(), u)
			alive := slices.ContainsFunc(g.Data(), func(v float64) bool { return v != 0 })
			if alive != (u == 1) {
				t.Errorf("unit %d: gradient %v", u, g.Data())
			}
		}
	}
}

// forCores runs a test for a small model of each kind.
func forCores(t *testing.T, f func(t *testing.T, core Core)) {
	for _, core := range Cores {
		t.Run(string(core), func(t *testing.T) { f(t, core) })
	}
}

// tinyOf returns a small model with the given core.
func tinyOf[T tensor.Float](t testing.TB, core Core) *Autoencoder[T] {
	t.Helper()
	if core == "published" {
		return tinyModel[T](t)
	}
	c := small(core)
	c.Network = tensornet.Config{Width: 3, Rounds: 2}
	a, err := New[T](tinyGraph(t), c, tensor.NewKey(1, "m2"))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestGradientsOfTheModel differentiates the loss by every parameter.
func TestGradientsOfTheModel(t *testing.T) {
	forCores(t, func(t *testing.T, core Core) {
		a := tinyOf[float64](t, core)
		images := tensor.Uniform[float64](tensor.NewKey(2, "images"), 0, 1, 2, 1, Side, Side)
		f := func(tp *autograd.Tape[float64], _ []*autograd.Var[float64]) []*autograd.Var[float64] {
			x := tp.Input(images)
			return []*autograd.Var[float64]{a.Loss(tp, a.Forward(tp, x), x).Total}
		}
		res, err := gradcheck.Check(f, gradcheck.Options{Key: tensor.NewKey(1, "check"), Params: nn.Trainable[float64](a)})
		if err != nil {
			t.Error(err)
		}
		if want := nn.Count[float64](a); res.Checked != want {
			t.Errorf("%d derivatives checked, want %d", res.Checked, want)
		}
	})
}

// trained trains a model for some steps and returns all weights.
func trained[T tensor.Float](a *Autoencoder[T]) []T {
	step := trainer(a)
	for range 3 {
		step()
	}
	var all []T
	for _, p := range nn.Params[T](a) {
		all = append(all, p.Value.Data()...)
	}
	return all
}

// trainer returns a function that trains the model by one step.
func trainer[T tensor.Float](a *Autoencoder[T]) func() {
	nn.Params[T](a)
	opt := optim.Adam(nn.Trainable[T](a), optim.AdamKerasDefaults())
	tp := autograd.NewTape[T]()
	b := train.Batch[T]{X: tensor.Uniform[T](tensor.NewKey(2, "images"), 0, 1, 5, 1, Side, Side)}
	var m train.Metrics
	return func() {
		tp.Reset()
		tp.Backward(Objective[T]{a}.Loss(tp, b, &m))
		opt.Step()
		opt.ZeroGrad()
	}
}

func TestWorkersDoNotMatter(t *testing.T) {
	old := tensor.Workers()
	defer tensor.SetWorkers(old)
	forCores(t, func(t *testing.T, core Core) {
		var want []float32
		for _, workers := range []int{1, 2, 3, 8} {
			tensor.SetWorkers(workers)
			got := trained(tinyOf[float32](t, core))
			if want == nil {
				want = got
			}
			if !slices.Equal(got, want) {
				t.Errorf("%d workers give other weights than 1", workers)
			}
		}
	})
}

func TestFrozenStays(t *testing.T) {
	before, frozen := tinyModel[float64](t), tinyModel[float64](t)
	frozen.Freeze()
	after := trained(frozen)
	at := 0
	for _, p := range nn.Params[float64](before) {
		n := p.Value.Len()
		same := slices.Equal(p.Value.Data(), after[at:at+n])
		at += n
		trains := slices.ContainsFunc([]string{"s_init.", "tn.norm.", "norm_e.", "norm_x.", "dec."}, func(prefix string) bool {
			return len(p.Path) > len(prefix) && p.Path[:len(prefix)] == prefix
		})
		if same == trains {
			t.Errorf("%s: changed %v, want %v", p.Path, !same, trains)
		}
	}
}

func TestStepsDoNotAllocate(t *testing.T) {
	old := tensor.Workers()
	defer tensor.SetWorkers(old)
	tensor.SetWorkers(2)
	forCores(t, func(t *testing.T, core Core) {
		for name, frozen := range map[string]bool{"full": false, "echo": true} {
			a := tinyOf[float32](t, core)
			if frozen {
				a.Freeze()
			}
			step := trainer(a)
			step()
			step()
			if n := allocs.PerStep(5, step); n != 0 {
				t.Errorf("%s: %v allocations a step", name, n)
			}
		}
	})
}

func TestLossWithoutPenalties(t *testing.T) {
	a := tinyModel[float64](t)
	images := tensor.Uniform[float64](tensor.NewKey(2, "images"), 0, 1, 2, 1, Side, Side)
	tp := autograd.NewTape[float64]()
	x := tp.Input(images)
	logits := a.Forward(tp, x)
	full := a.Loss(tp, logits, x)
	a.Config.NoPenalties = true
	bare := a.Loss(tp, logits, x)
	if bare.Total != bare.BCE || bare.L1Kernel != nil || bare.L1Bias != nil || bare.L1Activity != nil {
		t.Errorf("terms %+v, want the cross entropy only", bare)
	}
	want := 0.0
	for i, l := range logits.Value.Data() {
		p := 1 / (1 + math.Exp(-l))
		want -= (images.Data()[i]*math.Log(p) + (1-images.Data()[i])*math.Log(1-p)) / float64(images.Len())
	}
	if got := bare.Total.Value.Data()[0]; math.Abs(got-want) > 1e-12 || full.BCE.Value.Data()[0] != got {
		t.Errorf("cross entropy %v and %v, want %v", got, full.BCE.Value.Data()[0], want)
	}
}

// TestKerasLayouts checks that the views cover every element of the model once, and that Keras'
// order of axes means what it should.
func TestKerasLayouts(t *testing.T) {
	a := tinyModel[float64](t)
	seen := map[*float64]string{}
	total := 0
	for _, k := range a.Keras() {
		v := k.Value()
		total += v.Len()
		if v.Len() > 0 {
			first := &v.Slice(0, 0, 1, 1).Storage()[0]
			if other, twice := seen[first]; twice {
				t.Errorf("%s and %s begin at the same element", k.Name, other)
			}
			seen[first] = k.Name
		}
		if k.Grad() != nil {
			t.Errorf("%s has a gradient", k.Name)
		}
	}
	want := 0
	for _, p := range nn.Params[float64](a) {
		want += p.Value.Len()
	}
	if total != want {
		t.Errorf("the views hold %d elements, the model %d", total, want)
	}
	p := a.Core.(*Published[float64])
	views := map[string]*tensor.Tensor[float64]{}
	for _, k := range a.Keras() {
		views[k.Name] = k.Value()
	}
	for name, pair := range map[string][2]float64{
		"enc.conv2.kernel [row 2, column 1, in 1, out 2]": {views["enc.conv2.kernel"].At(2, 1, 1, 2), a.Encoder.Conv2.Weight.Value.At(2, 1, 2, 1)},
		"enc.dense.kernel [in 7, out 3]":                  {views["enc.dense.kernel"].At(7, 3), a.Encoder.Dense.Weight.Value.At(3, 7)},
		"mha.key.kernel [in 4, head 1, 0]":                {views["mha.key.kernel"].At(4, 1, 0), p.Attention.Key.Weight.Value.At(2, 4)},
		"mha.out.kernel [head 1, 0, out 5]":               {views["mha.out.kernel"].At(1, 0, 5), p.Attention.Out.Weight.Value.At(5, 2)},
		"mha.value.bias [head 1, 1]":                      {views["mha.value.bias"].At(1, 1), p.Attention.Value.Bias.Value.At(3)},
		"tn.motor.8.kernel [in 1, out 4]":                 {views["tn.motor.8.kernel"].At(1, 4), p.MotorWeight.Value.At(2, 4, 1)},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %v, want %v", name, pair[0], pair[1])
		}
	}
}

// TestWithoutInterneurons: motor neurons that sensory neurons reach directly are a network.
func TestWithoutInterneurons(t *testing.T) {
	a, err := New[float64](graph(t, "SM", "01"), small("published"), tensor.NewKey(1, "m2"))
	if err != nil {
		t.Fatal(err)
	}
	before := trained(a)
	if slices.ContainsFunc(before, math.IsNaN) {
		t.Error("a weight is NaN")
	}
}

// TestOtherShapes: the encoder would take 29 to 31 pixels for 28.
func TestOtherShapes(t *testing.T) {
	for _, shape := range [][]int{{1, 1, 30, 30}, {1, 3, 28, 28}, {28, 28}} {
		func() {
			defer func() {
				if _, ok := recover().(*tensor.ShapeError); !ok {
					t.Errorf("%v: no ShapeError", shape)
				}
			}()
			tp := autograd.NewTape[float64]()
			tinyModel[float64](t).Forward(tp, tp.Input(tensor.New[float64](shape...)))
		}()
	}
}

func TestConfigRefusals(t *testing.T) {
	for want, c := range map[string]Config{
		"m2: width is -1, expected 1 to 65536":                         {Width: -1},
		"m2: decoder[2] is 100000, expected 1 to 65536":                {Decoder: [3]int{1, 1, 100000}},
		`m2: core "cnn", expected one of published, worm, dense, none`: {Core: "cnn"},
		`m2: frozen "all", expected one of "", published`:              {Frozen: "all"},
	} {
		if _, err := New[float32](connectome.Shipped(), c, tensor.NewKey(1, "m2")); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

package tensornet_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"elegans/autograd"
	"elegans/autograd/gradcheck"
	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/connectome/tensornet"
	"elegans/internal/allocs"
	"elegans/internal/tinyworm"
	"elegans/tensor"
)

// configs returns one configuration for every value of every field, and a few combinations.
func configs() []tensornet.Config {
	base := tensornet.Config{Width: 3, Rounds: 3}
	var cs []tensornet.Config
	add := func(change func(c *tensornet.Config)) {
		c := base
		change(&c)
		cs = append(cs, c)
	}
	choices := tensornet.Choices()
	for _, key := range slices.Sorted(maps.Keys(choices)) {
		for _, v := range choices[key] {
			add(func(c *tensornet.Config) {
				if err := json.Unmarshal(fmt.Appendf(nil, "{%q: %q}", key, v), c); err != nil {
					panic(err)
				}
			})
		}
	}
	for _, combine := range []tensornet.Combine{tensornet.CombineSum, tensornet.CombineProduct} {
		for _, weights := range []tensornet.SynapticWeights{tensornet.SynapticLearned, tensornet.SynapticCounts} {
			for _, norm := range []tensornet.Norm{tensornet.NormNone, tensornet.NormLayer} {
				for _, unit := range []tensornet.UnitWeights{tensornet.UnitOwn, tensornet.UnitShared} {
					add(func(c *tensornet.Config) {
						c.Combine, c.SynapticWeights, c.Norm, c.UnitWeights = combine, weights, norm, unit
					})
				}
			}
		}
	}
	add(func(c *tensornet.Config) { c.Residual = true })
	add(func(c *tensornet.Config) { c.Signal, c.Combine, c.Residual = "each", "product", true })
	return cs
}

func TestGradients(t *testing.T) {
	g := tinyworm.New(t)
	for i, c := range configs() {
		n, err := tensornet.New[float64](g, c, tensor.NewKey(uint64(i), "test"))
		if err != nil {
			t.Fatal(err)
		}
		x := tensor.Normal[float64](tensor.NewKey(uint64(i), "x"), 0, 1, 2, n.Inputs)
		f := func(tp *autograd.Tape[float64], in []*autograd.Var[float64]) []*autograd.Var[float64] {
			return []*autograd.Var[float64]{n.Forward(tp, in[0])}
		}
		// silent neurons would sit on the kink of ReLU and in the pole of the normalisation
		tensor.FillNormal(n.Bias.Value, tensor.NewKey(8, "bias"), 0, 1)
		if n.Synapse != nil && c.Combine == "product" {
			// away from the start, where all are 0
			tensor.FillNormal(n.Synapse.Value, tensor.NewKey(9, "synapse"), 0, 1)
		}
		r, err := gradcheck.Check(f, gradcheck.Options{Params: nn.Vars(nn.Params(n))}, x)
		if err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		if r.Checked == 0 {
			t.Errorf("%+v: nothing was checked", c)
		}
	}
}

// TestAgainstDefinition computes the network neuron by neuron from the formulas of the package
// comment.
func TestAgainstDefinition(t *testing.T) {
	g := connectome.Canonical()
	for _, combine := range []tensornet.Combine{tensornet.CombineSum, tensornet.CombineProduct} {
		c := tensornet.Config{Width: 4, Rounds: 3, Combine: combine, SynapticWeights: "counts", CountTransform: "log1p", Readout: "mean"}
		n, err := tensornet.New[float64](g, c, tensor.NewKey(1, "test"))
		if err != nil {
			t.Fatal(err)
		}
		x := tensor.Normal[float64](tensor.NewKey(2, "x"), 0, 1, 1, 4)
		tp := autograd.NewTape[float64]()
		got := n.Forward(tp, tp.Input(x)).Value

		N, d := g.Len(), 4
		coef := make([][]float64, N) // a[post][pre]
		for i := range coef {
			coef[i] = make([]float64, N)
		}
		for _, layer := range []connectome.Layer{connectome.Chemical, connectome.Gap} {
			a := make([][]float64, N)
			for i := range a {
				a[i] = make([]float64, N)
			}
			for _, e := range g.Edges {
				s := math.Log1p(e.Weight)
				switch {
				case e.Layer != layer:
				case layer == connectome.Gap:
					a[e.Post][e.Pre], a[e.Pre][e.Post] = s, s
				case g.Neurons[e.Pre].Releases("GABA"):
					a[e.Post][e.Pre] = -s
				default:
					a[e.Post][e.Pre] = s
				}
			}
			for i := range a {
				norm, share := 0.0, 0.5
				for _, v := range a[i] {
					norm += math.Abs(v)
				}
				if combine == "sum" {
					norm, share = 0, math.Sqrt(0.5)
					for _, v := range a[i] {
						norm += v * v
					}
					norm = math.Sqrt(norm)
				}
				for j, v := range a[i] {
					if v != 0 {
						coef[i][j] += v / norm * share
					}
				}
			}
		}
		h := make([][]float64, N)
		for i := range h {
			h[i] = make([]float64, d)
			if g.RoleOf(i) == connectome.Sensory {
				copy(h[i], x.Data())
			}
		}
		for range c.Rounds {
			next := make([][]float64, N)
			for i := range next {
				m := make([]float64, d)
				for e := range d {
					product := 1.0
					for j, a := range coef[i] {
						m[e] += a * h[j][e]
						product *= math.Pow(math.Exp(math.Tanh(h[j][e])/2), a)
					}
					if combine == "product" {
						m[e] = product - 1
					}
					if g.RoleOf(i) == connectome.Sensory {
						m[e] += x.Data()[e]
					}
				}
				next[i] = make([]float64, d)
				for o := range d {
					z := n.Bias.Value.At(i, o)
					for e := range d {
						z += n.Weight.Value.At(i, o, e) * m[e]
					}
					next[i][o] = math.Tanh(z)
				}
			}
			h = next
		}
		for e := range d {
			want := 0.0
			for _, j := range g.WithRole(connectome.Motor) {
				want += h[j][e] / 89
			}
			if diff := math.Abs(got.At(0, e) - want); diff > 1e-12 {
				t.Errorf("%s: output %d is %v, want %v", combine, e, got.At(0, e), want)
			}
		}
	}
}

// TestEverySynapseMatters removes the synapses of the worm one by one: the output changes exactly
// for those on a walk from a sensory to a motor neuron of a length that the rounds allow.
func TestEverySynapseMatters(t *testing.T) {
	g := connectome.Canonical()
	for _, c := range []tensornet.Config{
		{Width: 2, Rounds: 2, SynapticWeights: "counts", Drive: "first"},
		{Width: 2, Rounds: 3, SynapticWeights: "counts", Drive: "every"},
		{Width: 2, Rounds: 3, SynapticWeights: "counts", Combine: "product"},
	} {
		n, err := tensornet.New[float64](g, c, tensor.NewKey(3, "test"))
		if err != nil {
			t.Fatal(err)
		}
		x := tensor.Normal[float64](tensor.NewKey(4, "x"), 0, 1, 3, n.Inputs)
		tp := autograd.NewTape[float64]()
		tp.SetNoGrad(true)
		run := func() *tensor.Tensor[float64] {
			tp.Reset()
			return n.Forward(tp, tp.Input(x)).Value.Clone()
		}
		before := run()
		onWalk := walks(n.Wiring, c)
		matter, step := 0, 1
		if testing.Short() {
			step = 17
		}
		values := n.CoefficientsForTest()
		for k := 0; k < len(values); k += step {
			old := values[k]
			values[k] = 0
			after := run()
			values[k] = old
			changed := false
			for i, v := range after.Data() {
				changed = changed || v != before.Data()[i]
			}
			if changed != onWalk[k] {
				t.Fatalf("%+v: entry %d: output changed: %v, on a walk: %v", c, k, changed, onWalk[k])
			}
			if changed {
				matter++
			}
		}
		if matter < 1000/step {
			t.Errorf("%+v: only %d synapses matter", c, matter)
		}
	}
}

// walks reports which entries lie on a walk from a sensory neuron that arrives at a motor neuron in
// the last round. Under Inject "every" walks may start in any round.
func walks(w *tensornet.Wiring, c tensornet.Config) []bool {
	on := make([]bool, len(w.Col))
	active := make([][]bool, c.Rounds+1) // [round][neuron]: has a signal after that round
	active[0] = make([]bool, w.Neurons)
	for _, s := range w.Sensory {
		active[0][s] = true
	}
	for r := 1; r <= c.Rounds; r++ {
		active[r] = make([]bool, w.Neurons)
		if c.Drive != "first" {
			copy(active[r], active[0])
		}
		each(w, func(k, post, pre int) { active[r][post] = active[r][post] || active[r-1][pre] })
	}
	useful := make([]bool, w.Neurons) // whether the state after round r reaches a motor neuron
	for _, m := range w.Motor {
		useful[m] = true
	}
	for r := c.Rounds; r >= 1; r-- {
		before := make([]bool, w.Neurons)
		each(w, func(k, post, pre int) {
			if useful[post] {
				before[pre] = true
				on[k] = on[k] || active[r-1][pre]
			}
		})
		useful = before
	}
	return on
}

func each(w *tensornet.Wiring, f func(k, post, pre int)) {
	for post := range w.Neurons {
		for k := w.RowPtr[post]; k < w.RowPtr[post+1]; k++ {
			f(int(k), post, int(w.Col[k]))
		}
	}
}

// TestFinite drives the worm hard: wide states, many rounds, large inputs.
func TestFinite(t *testing.T) {
	g := connectome.Canonical()
	sizes := []int{8, 64, 256}
	if testing.Short() {
		sizes = []int{8}
	}
	for _, d := range sizes {
		for _, c := range []tensornet.Config{
			{Width: d, Rounds: 20, Activation: "tanh"}, {Width: d, Rounds: 20, Activation: "relu"}, {Width: d, Rounds: 20, Activation: "relu", Combine: "product"},
			{Width: d, Rounds: 20, Activation: "gelu", Norm: "layer", Residual: true}, {Width: d, Rounds: 20, Combine: "product", Residual: true},
		} {
			n, err := tensornet.New[float32](g, c, tensor.NewKey(3, "test"))
			if err != nil {
				t.Fatal(err)
			}
			tp := autograd.NewTape[float32]()
			x := tp.Variable(tensor.Normal[float32](tensor.NewKey(4, "x"), 0, 10, 2, n.Inputs))
			y := n.Forward(tp, x)
			tp.Backward(tp.Sum(tp.Square(y)))
			check := func(what string, v *tensor.Tensor[float32]) {
				if v == nil || !tensor.AllFinite(v) {
					t.Errorf("%+v: %s is not finite", c, what)
				}
			}
			check("output", y.Value)
			check("gradient of the input", x.Grad())
			for _, p := range nn.Params(n) {
				check("gradient of "+p.Path, p.Grad())
			}
		}
	}
}

func TestSameBitsForEveryWorkerCount(t *testing.T) {
	old := tensor.Workers()
	defer tensor.SetWorkers(old)
	g := connectome.Canonical()
	for _, c := range []tensornet.Config{{Width: 16, Rounds: 3}, {Width: 16, Rounds: 2, Combine: "product", Norm: "layer", Readout: "attention", Signal: "each"}} {
		var want []float32
		for _, workers := range []int{1, 2, 3, 8} {
			tensor.SetWorkers(workers)
			n, err := tensornet.New[float32](g, c, tensor.NewKey(3, "test"))
			if err != nil {
				t.Fatal(err)
			}
			tp := autograd.NewTape[float32]()
			x := tp.Variable(tensor.Normal[float32](tensor.NewKey(4, "x"), 0, 1, 24, n.Inputs))
			y := n.Forward(tp, x)
			tp.Backward(tp.Sum(tp.Square(y)))
			got := append([]float32{}, y.Value.Data()...)
			got = append(got, x.Grad().Data()...)
			for _, p := range nn.Params(n) {
				got = append(got, p.Grad().Data()...)
			}
			if want == nil {
				want = got
			}
			for i, v := range got {
				if math.Float32bits(v) != math.Float32bits(want[i]) {
					t.Fatalf("%+v: %d workers: number %d is %v, with one worker %v", c, workers, i, v, want[i])
				}
			}
		}
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	old := tensor.Workers()
	tensor.SetWorkers(2)
	defer tensor.SetWorkers(old)
	g := connectome.Canonical()
	for _, c := range []tensornet.Config{{Width: 16, Rounds: 2}, {Width: 8, Rounds: 2, Combine: "product", Norm: "layer", Activation: "gelu"}} {
		n, err := tensornet.New[float32](g, c, tensor.NewKey(3, "test"))
		if err != nil {
			t.Fatal(err)
		}
		params := nn.Params(n)
		tp := autograd.NewTape[float32]()
		x := tensor.Normal[float32](tensor.NewKey(4, "x"), 0, 1, 32, n.Inputs)
		step := func() {
			tp.Reset()
			y := n.Forward(tp, tp.Variable(x))
			tp.Backward(tp.Sum(tp.Square(y)))
			for _, p := range params {
				p.ZeroGrad()
			}
		}
		step()
		step()
		if a := allocs.PerStep(5, step); a != 0 {
			t.Errorf("%+v: %v allocations a step", c, a)
		}
	}
}

func TestRefusals(t *testing.T) {
	g := connectome.Canonical()
	for _, c := range []struct {
		config tensornet.Config
		want   string
	}{
		{tensornet.Config{Width: 0, Rounds: 1}, "tensornet: width 0, expected 1 to 65536"},
		{tensornet.Config{Width: 1, Rounds: 0}, "tensornet: rounds 0, expected 1 to 1000"},
		{tensornet.Config{Width: 1, Rounds: 1, Combine: "mean"}, `tensornet: combine "mean", expected one of sum, product`},
		{tensornet.Config{Width: 1, Rounds: 1, Combine: "product", GapJunctions: "diffusive"}, `tensornet: gap_junctions "diffusive" needs combine "sum", found "product"`},
	} {
		if _, err := tensornet.New[float32](g, c.config, tensor.Key{}); err == nil || err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
	mute, err := connectome.New("mute", []connectome.Neuron{{Name: "A"}, {Name: "B", Role: connectome.Motor}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := `tensornet: graph "mute" has 0 sensory and 1 motor neurons, expected at least one of each`
	if _, err := tensornet.New[float32](mute, tensornet.Config{Width: 1, Rounds: 1}, tensor.Key{}); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// BenchmarkStep measures forward and backward passes and reports the rate of the fastest.
func BenchmarkStep(b *testing.B) {
	g := connectome.Canonical()
	for _, c := range []tensornet.Config{
		{Width: 64, Rounds: 4, SynapticWeights: "counts"}, {Width: 64, Rounds: 4}, {Width: 64, Rounds: 4, Norm: "layer"}, {Width: 64, Rounds: 4, Combine: "product"}, {Width: 16, Rounds: 4},
	} {
		n, err := tensornet.New[float32](g, c, tensor.NewKey(1, "test"))
		if err != nil {
			b.Fatal(err)
		}
		params := nn.Params(n)
		tp := autograd.NewTape[float32]()
		x := tensor.Normal[float32](tensor.NewKey(2, "test"), 0, 1, 128, n.Inputs)
		b.Run(fmt.Sprintf("d%d/%s/%s/norm=%s", c.Width, n.Config.Combine, n.Config.SynapticWeights, n.Config.Norm), func(b *testing.B) {
			best := time.Duration(1 << 62)
			for b.Loop() {
				start := time.Now()
				tp.Reset()
				y := n.Forward(tp, tp.Variable(x))
				tp.Backward(tp.Sum(y))
				for _, p := range params {
					p.ZeroGrad()
				}
				best = min(best, time.Since(start))
			}
			b.ReportMetric(3*128*float64(n.FLOPs())/best.Seconds()/1e9, "best-GFLOP/s")
		})
	}
}

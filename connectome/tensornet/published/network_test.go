package published_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"elegans/autograd"
	"elegans/autograd/gradcheck"
	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/connectome/tensornet/published"
	"elegans/internal/allocs"
	"elegans/internal/tinyworm"
	"elegans/tensor"
)

// changed returns a configuration of a variant for values of length d, changed.
func changed(variant published.Variant, d int, change func(c *published.Config)) published.Config {
	c := published.Default(variant, d, d)
	heads, headDim := 2, 3
	c.NHeads, c.HeadDim = &heads, &headDim
	if change != nil {
		change(&c)
	}
	return c
}

// configs returns a configuration for every value of every option of both variants.
func configs() []published.Config {
	type config = published.Config
	var cs []config
	for _, variant := range []published.Variant{published.TorchEager, published.TorchFunctional} {
		add := func(change func(c *config)) { cs = append(cs, changed(variant, 4, change)) }
		for _, norm := range []bool{false, true} {
			for _, skip := range []published.SkipConnection{published.Mult, published.Add} {
				add(func(c *config) { c.NormTensorUnit, c.SkipConnectionType = norm, skip })
				add(func(c *config) {
					c.NormTensorUnit, c.SkipConnectionType, c.ReapplyUnitSynapses = norm, skip, []string{"SS", "SM", "IM", "SI", "MM"}
				})
			}
		}
		for _, a := range published.Activations() {
			add(func(c *config) { c.Activation, c.NormTensorUnit = a, true })
		}
		for _, a := range []published.AttentionType{published.CrossSkip, published.Self, published.SelfCross, "no such word"} {
			add(func(c *config) { c.AttentionType, c.SkipConnectionType = a, "add" })
		}
		add(func(c *config) { c.InputDim, c.NormTensorUnit = 3, true })
		add(func(c *config) { c.NHeads, c.NormOutput = nil, false })
		add(func(c *config) { c.ProcessingOrder, c.IgnoredSynapses = "S->O,S->S,I->O,M->M", []string{"SS"} })
		add(func(c *config) { c.DropoutMHA, c.SkipConnectionType = 0.4, "add" })
		add(func(c *config) { c.EachSensor, c.NormTensorUnit = true, true })
		add(func(c *config) {
			c.EachSensor, c.InputDim, c.AttentionType, c.SkipConnectionType = true, 3, "cross-skip", "add"
		})
	}
	fused := func(adjust bool) func(c *config) {
		return func(c *config) {
			heads := 3
			c.NHeads, c.HeadDim, c.AdjustNHeads, c.SkipConnectionType = &heads, nil, adjust, "add"
		}
	}
	cs = append(cs, changed(published.TorchEager, 4, fused(true)), changed(published.TorchEager, 4, fused(false)))
	functional := func(change func(c *config)) {
		cs = append(cs, changed(published.TorchFunctional, 4, func(c *config) {
			c.SkipConnectionType, c.NormTensorUnit = "add", true
			change(c)
		}))
	}
	for _, a := range []published.AttentionType{
		published.LearnQCross, published.LearnQCrossSkip, published.LearnQSelfCross,
		published.NoAttnSum, published.NoAttnAvg, published.NoAttnMax, published.NoAttnLSTM,
	} {
		functional(func(c *config) { c.AttentionType = a })
		functional(func(c *config) { c.AttentionType, c.InputSequences = a, "mix" })
	}
	for _, a := range []published.AttentionType{published.CrossSkip, published.Self, published.LearnQCross} {
		functional(func(c *config) { c.AttentionType, c.InputSequences = a, "independent" })
		for _, r := range []published.RecurrenceType{published.Last, published.Max, published.Sum, published.Avg} {
			functional(func(c *config) { c.AttentionType, c.RecurrenceType = a, r })
		}
	}
	functional(func(c *config) { c.RecurrenceType, c.NormTensorUnit, c.NormOutput = "avg", false, false })
	functional(func(c *config) { c.EachSensor, c.AttentionType = true, published.LearnQSelfCross })
	functional(func(c *config) { c.EachSensor, c.AttentionType = true, published.NoAttnLSTM })
	functional(func(c *config) { c.ProcessingOrder = "S->M,S->O,no such group,M->I,I->M,M->S,S->S,M->M" })
	return cs
}

// inputOf returns an input for a network on a graph.
func inputOf(g *connectome.Graph, c *published.Config, batch int, k tensor.Key) *tensor.Tensor[float64] {
	if c.EachSensor {
		return tensor.Normal[float64](k, 0, 1, batch, len(g.WithRole(connectome.Sensory))*c.InputDim)
	}
	if c.InputSequences != "" || c.RecurrenceType != "" {
		return tensor.Normal[float64](k, 0, 1, batch, 3, c.InputDim)
	}
	return tensor.Normal[float64](k, 0, 1, batch, c.InputDim)
}

func TestGradients(t *testing.T) {
	g := tinyworm.New(t)
	for i, c := range configs() {
		k := tensor.NewKey(uint64(i), "test")
		n, err := published.New[float64](g, c, k)
		if err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		n.FillWeights(uint64(i))
		f := func(tp *autograd.Tape[float64], in []*autograd.Var[float64]) []*autograd.Var[float64] {
			tp.SetKey(k) // the same random slopes and masks at every call
			return []*autograd.Var[float64]{n.Forward(tp, in[0])}
		}
		r, err := gradcheck.Check(f, gradcheck.Options{Params: nn.Vars(nn.Params(n))}, inputOf(g, &c, 2, k))
		if err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		if r.Checked == 0 {
			t.Errorf("%+v: nothing was checked", c)
		}
	}
}

// TestPublishedSameBits: results do not depend on the number of workers.
func TestSameBits(t *testing.T) {
	old := tensor.Workers()
	defer tensor.SetWorkers(old)
	for _, c := range []published.Config{
		changed(published.TorchEager, 24, func(c *published.Config) { c.NormTensorUnit = true }),
		changed(published.TorchFunctional, 24, func(c *published.Config) {
			c.NormTensorUnit, c.RecurrenceType, c.Activation = true, "avg", "prelu"
		}),
		changed(published.TorchFunctional, 8, func(c *published.Config) { c.NormTensorUnit, c.EachSensor = true, true }),
	} {
		n, err := published.New[float32](connectome.Shipped(), c, tensor.NewKey(3, "test"))
		if err != nil {
			t.Fatal(err)
		}
		x64 := inputOf(connectome.Shipped(), &c, 40, tensor.NewKey(4, "x"))
		x := tensor.New[float32](x64.Shape()...)
		for i, v := range x64.Data() {
			x.Data()[i] = float32(v)
		}
		var want []float32
		for _, workers := range []int{1, 2, 3, 8} {
			tensor.SetWorkers(workers)
			tp := autograd.NewTape[float32]()
			v := tp.Variable(x)
			y := n.Forward(tp, v)
			for _, p := range nn.Params(n) {
				p.ZeroGrad()
			}
			tp.Backward(tp.Sum(tp.Square(y)))
			got := append(append([]float32{}, y.Value.Data()...), v.Grad().Data()...)
			for _, p := range nn.Params(n) {
				if p.Grad() != nil {
					got = append(got, p.Grad().Data()...)
				}
			}
			if want == nil {
				want = got
			}
			for i, v := range got {
				if math.Float32bits(v) != math.Float32bits(want[i]) {
					t.Fatalf("%s: %d workers: number %d is %v, with one worker %v", c.Variant, workers, i, v, want[i])
				}
			}
		}
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	old := tensor.Workers()
	tensor.SetWorkers(2)
	defer tensor.SetWorkers(old)
	for _, c := range []published.Config{
		changed(published.TorchEager, 16, func(c *published.Config) { c.NormTensorUnit = true }),
		changed(published.TorchFunctional, 16, func(c *published.Config) {
			c.NormTensorUnit, c.AttentionType, c.ReapplyUnitSynapses = true, "learn-q-self-cross", []string{"MM"}
		}),
		changed(published.TorchFunctional, 16, func(c *published.Config) { c.NormTensorUnit, c.EachSensor = true, true }),
	} {
		n, err := published.New[float32](connectome.Shipped(), c, tensor.NewKey(3, "test"))
		if err != nil {
			t.Fatal(err)
		}
		params := nn.Params(n)
		tp := autograd.NewTape[float32]()
		x := tensor.Normal[float32](tensor.NewKey(4, "x"), 0, 1, 32, n.Inputs())
		step := func() {
			tp.Reset()
			tp.Backward(tp.Sum(n.Forward(tp, tp.Variable(x))))
			for _, p := range params {
				p.ZeroGrad()
			}
		}
		step()
		step()
		if a := allocs.PerStep(5, step); a != 0 {
			t.Errorf("%s: %v allocations a step", c.Variant, a)
		}
	}
}

// TestEagerWithoutInterneuronsIsFunctional: if no signal leaves an interneuron for a motor neuron,
// both variants compute the same in the default order, on any graph.
func TestEagerWithoutInterneuronsIsFunctional(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := randomGraph(t)
		change := func(c *published.Config) {
			c.NormTensorUnit = true
			c.IgnoredSynapses = []string{"IM"}
			c.SkipConnectionType = rapid.SampledFrom([]published.SkipConnection{published.Mult, published.Add}).Draw(t, "skip")
			c.Activation = rapid.SampledFrom([]published.Activation{"gelu", "tanh", "softmax"}).Draw(t, "activation")
		}
		eager, functional := changed(published.TorchEager, 4, change), changed(published.TorchFunctional, 4, nil)
		functional.NormTensorUnit, functional.SkipConnectionType, functional.Activation = true, eager.SkipConnectionType, eager.Activation
		var y [2]*tensor.Tensor[float64]
		for i, c := range []published.Config{eager, functional} {
			n, err := published.New[float64](g, c, tensor.NewKey(1, "test"))
			if err != nil {
				if i == 0 && strings.Contains(err.Error(), "no motor neuron is reached") {
					t.Skip("no motor neuron is reached")
				}
				t.Fatal(err)
			}
			n.FillWeights(3)
			tp := autograd.NewTape[float64]()
			y[i] = n.Forward(tp, tp.Input(tensor.Normal[float64](tensor.NewKey(2, "test"), 0, 1, 3, 4))).Value.Clone()
		}
		for i, v := range y[0].Data() {
			if d := math.Abs(v - y[1].Data()[i]); d > 1e-6 {
				t.Fatalf("element %d is %v and %v", i, v, y[1].Data()[i])
			}
		}
	})
}

// randomGraph returns a graph of up to 9 neurons without recorded interneurons, in which each has
// an edge.
func randomGraph(t *rapid.T) *connectome.Graph {
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "graph"), 0))
	n := rapid.IntRange(2, 9).Draw(t, "neurons")
	neurons := make([]connectome.Neuron, n)
	for i := range neurons {
		neurons[i] = connectome.Neuron{Name: fmt.Sprint("N", i), Role: []connectome.Role{connectome.Sensory, connectome.Motor, connectome.Unknown}[min(i, r.IntN(3))]}
	}
	neurons[0].Role, neurons[1].Role = connectome.Sensory, connectome.Motor
	var edges []connectome.Edge
	join := func(pre, post int) {
		if e := (connectome.Edge{Pre: pre, Post: post, Weight: 1}); !slices.Contains(edges, e) {
			edges = append(edges, e)
		}
	}
	for range 3 * n {
		join(r.IntN(n), r.IntN(n))
	}
	for i := range n {
		join(i, (i+1)%n)
	}
	g, err := connectome.New("random", neurons, edges)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestSettingsWithoutEffect: some settings of the original change nothing.
func TestSettingsWithoutEffect(t *testing.T) {
	g := connectome.Shipped()
	run := func(change func(c *published.Config)) []float64 {
		n, err := published.New[float64](g, changed(published.TorchEager, 4, change), tensor.NewKey(1, "test"))
		if err != nil {
			t.Fatal(err)
		}
		tp := autograd.NewTape[float64]()
		return n.Forward(tp, tp.Input(tensor.Normal[float64](tensor.NewKey(2, "test"), 0, 1, 2, 4))).Value.Data()
	}
	norm := func(c *published.Config) { c.NormTensorUnit = true }
	want := run(norm)
	for name, change := range map[string]func(c *published.Config){
		"skip_conn_only_synapses": func(c *published.Config) { c.SkipConnOnlySynapses = []string{"II"} },
		"ignored_synapses MM":     func(c *published.Config) { c.IgnoredSynapses = []string{"MM", "MI"} },
	} {
		if got := run(func(c *published.Config) { norm(c); change(c) }); !slices.Equal(got, want) {
			t.Errorf("%s: another result", name)
		}
	}
}

func TestReservoir(t *testing.T) {
	n, err := published.New[float64](tinyworm.New(t), changed(published.TorchFunctional, 4, func(c *published.Config) { c.Reservoir = true }), tensor.NewKey(1, "test"))
	if err != nil {
		t.Fatal(err)
	}
	tp := autograd.NewTape[float64]()
	if y := n.Forward(tp, tp.Variable(tensor.Normal[float64](tensor.NewKey(2, "test"), 0, 1, 2, 4))); y.RequiresGrad() || len(nn.Trainable(n)) != 0 {
		t.Errorf("a reservoir is differentiable: %v, %d parameters", y.RequiresGrad(), len(nn.Trainable(n)))
	}
}

// TestEachSensor: inputs that are all the same give what one input for all gives, and each of them
// has an influence of its own.
func TestEachSensor(t *testing.T) {
	g := tinyworm.New(t)
	sensory := len(g.WithRole(connectome.Sensory))
	for _, variant := range []published.Variant{published.TorchEager, published.TorchFunctional} {
		c := changed(variant, 4, func(c *published.Config) {
			c.InputDim, c.NormTensorUnit, c.AttentionType = 3, true, published.CrossSkip
		})
		one := newTest(t, g, c)
		c.EachSensor = true
		each := newTest(t, g, c)
		if one.Inputs() != 3 || each.Inputs() != 3*sensory {
			t.Fatalf("%s: inputs of %d and %d numbers, expected 3 and %d", variant, one.Inputs(), each.Inputs(), 3*sensory)
		}
		x := tensor.Normal[float64](tensor.NewKey(2, "x"), 0, 1, 2, 3)
		all := tensor.New[float64](2, 3*sensory)
		for b := range 2 {
			for i := range 3 * sensory {
				all.Set(x.At(b, i%3), b, i)
			}
		}
		tp := autograd.NewTape[float64]()
		want, got := one.Forward(tp, tp.Input(x)), each.Forward(tp, tp.Input(all))
		for i, w := range autograd.Elements(want) {
			if g := autograd.Elements(got)[i]; math.Abs(g-w) > 1e-12 {
				t.Errorf("%s: element %d is %v, with one input for all %v", variant, i, g, w)
			}
		}
		before := slices.Clone(autograd.Elements(got))
		for s := range sensory {
			other := all.Clone()
			other.Set(7, 0, 3*s)
			if slices.Equal(autograd.Elements(each.Forward(tp, tp.Input(other))), before) {
				t.Errorf("%s: the input of sensory neuron %d has no influence", variant, s)
			}
		}
	}
}

// TestEachSensorQuery: what a skip connection adds, which is the query too, is the mean of the
// inputs.
func TestEachSensorQuery(t *testing.T) {
	g := tinyworm.New(t)
	n := newTest(t, g, changed(published.TorchFunctional, 4, func(c *published.Config) {
		c.EachSensor, c.AttentionType, c.NormOutput = true, published.CrossSkip, false
	}))
	n.MHA.Out.Weight.Value.Zero()
	n.MHA.Out.Bias.Value.Zero()
	tp := autograd.NewTape[float64]()
	x := tp.Input(tensor.Normal[float64](tensor.NewKey(2, "x"), 0, 1, 3, n.Inputs()))
	want := tp.Mean(tp.Reshape(x, 3, -1, 4), 1)
	got := autograd.Elements(n.Forward(tp, x))
	for i, w := range autograd.Elements(want) {
		if math.Abs(got[i]-w) > 1e-12 {
			t.Errorf("element %d is %v, want the mean %v", i, got[i], w)
		}
	}
}

// newTest returns a network with weights by the formula.
func newTest(t *testing.T, g *connectome.Graph, c published.Config) *published.Network[float64] {
	t.Helper()
	n, err := published.New[float64](g, c, tensor.NewKey(1, "test"))
	if err != nil {
		t.Fatal(err)
	}
	n.FillWeights(1)
	return n
}

// TestConcurrentForward: calls at the same time, with tapes of their own and signals of several
// lengths, which compile on first use, give what calls one after the other give.
func TestConcurrentForward(t *testing.T) {
	c := changed(published.TorchFunctional, 4, func(c *published.Config) {
		c.RecurrenceType, c.NormTensorUnit = published.Avg, true
	})
	n, err := published.New[float64](tinyworm.New(t), c, tensor.NewKey(1, "test"))
	if err != nil {
		t.Fatal(err)
	}
	run := func(i int) []float64 {
		tp := autograd.NewTape[float64]()
		x := tp.Variable(tensor.Normal[float64](tensor.NewKey(uint64(i), "test"), 0, 1, 3, 1+i%4, 4))
		y := n.Forward(tp, x)
		return slices.Clone(y.Value.Data())
	}
	const calls = 24
	var got [calls][]float64
	var wait sync.WaitGroup
	for i := range calls {
		wait.Go(func() { got[i] = run(i) })
	}
	wait.Wait()
	for i := range calls {
		if !slices.Equal(got[i], run(i)) {
			t.Errorf("call %d: another result than alone", i)
		}
	}
}

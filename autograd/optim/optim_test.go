package optim

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"elegans/autograd"
	"elegans/internal/allocs"
	"elegans/tensor"
)

// variants are options under which every branch of every method runs.
var variants = []struct{ name, options string }{
	{"sgd", `{"lr": 0.1}`},
	{"sgd", `{"lr": 0.1, "momentum": 0.9, "dampening": 0.1, "weight_decay": 0.1}`},
	{"sgd", `{"lr": 0.1, "momentum": 0.9, "nesterov": true}`},
	{"adam", `{"lr": 0.1, "weight_decay": 0.1}`},
	{"adam", `{"amsgrad": true}`},
	{"adam", `{"eps": 0.1, "epsilon_hat": true}`},
	{"adam", `{"amsgrad": true, "epsilon_hat": true}`},
	{"adamw", `{}`},
	{"rmsprop", `{"momentum": 0.5}`},
	{"rmsprop", `{"centered": true}`},
	{"adagrad", `{"lr_decay": 0.1, "initial_accumulator_value": 0.1}`},
	{"nadam", `{"weight_decay": 0.1}`},
	{"nadam", `{"weight_decay": 0.1, "decoupled_weight_decay": true}`},
	{"radam", `{"weight_decay": 0.1, "betas": [0.9, 0.9]}`},
	{"adamax", ``},
	{"adadelta", `null`},
	{"rprop", `{}`},
	{"asgd", `{"t0": 2, "lambd": 0.1}`},
}

func build[T tensor.Float](t *testing.T, name, options string, params ...*autograd.Var[T]) *Optimizer[T] {
	t.Helper()
	o, err := New(name, params, json.RawMessage(options))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func param[T tensor.Float](name string, key uint64, n int) *autograd.Var[T] {
	return autograd.NewParam(name, tensor.Normal[T](tensor.NewKey(key, "param"), 0, 1, n))
}

// labels names parameters by their labels.
func labels[T tensor.Float](params []*autograd.Var[T]) Paths[T] {
	paths := Paths[T]{}
	for _, p := range params {
		paths[p] = p.Label
	}
	return paths
}

// setGrads gives every parameter a gradient that depends on the step.
func setGrads[T tensor.Float](step int, params ...*autograd.Var[T]) {
	for i, p := range params {
		tensor.FillNormal(p.GradSum(), tensor.NewKey(7, "grad", uint64(step), uint64(i)), 0, 1)
	}
}

// forVariants runs a test for every variant.
func forVariants(t *testing.T, f func(t *testing.T, name, options string)) {
	for _, v := range variants {
		t.Run(v.name+v.options, func(t *testing.T) { f(t, v.name, v.options) })
	}
}

func TestVariantsCoverMethods(t *testing.T) {
	for _, n := range Names() {
		if !slices.ContainsFunc(variants, func(v struct{ name, options string }) bool { return v.name == n }) {
			t.Errorf("no variant of %s", n)
		}
	}
}

// chunk is a length beyond that of the pieces into which updates are cut.
const chunk = 1 << 14

// A long parameter is updated in several chunks; the result must not depend on how many workers
// share them.
func TestWorkersAgree(t *testing.T) {
	before := tensor.Workers()
	defer tensor.SetWorkers(before)
	forVariants(t, func(t *testing.T, name, options string) {
		var want []float32
		for _, w := range []int{1, 2, 3, 8} {
			tensor.SetWorkers(w)
			p := param[float32]("p", 1, 3*chunk+5)
			o := build(t, name, options, p)
			for k := range 3 {
				setGrads(k, p)
				o.Step()
				o.ZeroGrad()
			}
			if want == nil {
				want = slices.Clone(p.Value.Data())
			}
			if !slices.Equal(p.Value.Data(), want) {
				t.Errorf("%d workers differ from 1", w)
			}
		}
	})
}

func TestStepAllocatesNothing(t *testing.T) {
	before := tensor.Workers()
	defer tensor.SetWorkers(before)
	forVariants(t, func(t *testing.T, name, options string) {
		p := param[float32]("p", 1, 2*chunk+5)
		o := build(t, name, options, p)
		e := NewEMA(o.Params(), 0.9)
		schedule := &Cosine{Base: 0.1, Steps: 10}
		setGrads(0, p)
		step := func() {
			tensor.SetWorkers(2)
			Apply(o, schedule, 3)
			ClipNorm(o.Params(), 1, 2)
			ClipValue(o.Params(), 1)
			o.Step()
			e.Update()
			e.Swap()
			e.Swap()
		}
		step()
		if n := allocs.PerStep(5, step); n > 0 {
			t.Errorf("%v allocations a step", n)
		}
	})
}

// The float32 update follows the float64 update.
func TestFloat32(t *testing.T) {
	forVariants(t, func(t *testing.T, name, options string) {
		p32, p64 := param[float32]("p", 1, 50), param[float64]("p", 1, 50)
		o32, o64 := build(t, name, options, p32), build(t, name, options, p64)
		for k := range 10 {
			setGrads(k, p32)
			setGrads(k, p64)
			o32.Step()
			o64.Step()
		}
		for i, want := range p64.Value.Data() {
			if got := float64(p32.Value.Data()[i]); math.Abs(got-want) > 1e-4*(1+math.Abs(want)) {
				t.Errorf("element %d: %v, float64 gives %v", i, got, want)
			}
		}
	})
}

// Maximising along g is minimising along -g.
func TestMaximize(t *testing.T) {
	forVariants(t, func(t *testing.T, name, options string) {
		var o map[string]any
		_ = json.Unmarshal([]byte(options), &o) // the empty variant leaves o nil
		if o == nil {
			o = map[string]any{}
		}
		o["maximize"] = true
		up, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		a, b := param[float64]("p", 1, 20), param[float64]("p", 1, 20)
		oa, ob := build(t, name, options, a), build(t, name, string(up), b)
		for k := range 5 {
			setGrads(k, a)
			setGrads(k, b)
			for i := range b.GradSum().Data() {
				b.GradSum().Data()[i] *= -1
			}
			oa.Step()
			ob.Step()
		}
		if !slices.Equal(a.Value.Data(), b.Value.Data()) {
			t.Errorf("%v and %v", a.Value.Data(), b.Value.Data())
		}
	})
}

func TestParametersWithoutGradient(t *testing.T) {
	forVariants(t, func(t *testing.T, name, options string) {
		a, b, c := param[float64]("a", 1, 3), param[float64]("b", 2, 3), param[float64]("c", 3, 3)
		o := build(t, name, options, a, b, c)
		keep := [][]float64{slices.Clone(b.Value.Data()), slices.Clone(c.Value.Data())}
		setGrads(0, a, c)
		c.SetRequiresGrad(false)
		o.Step()
		if !slices.Equal(b.Value.Data(), keep[0]) || !slices.Equal(c.Value.Data(), keep[1]) {
			t.Error("a parameter without gradient, or a frozen one, has changed")
		}
		st := o.State(labels(o.Params()))
		if st.Numbers["a.count"] != 1 {
			t.Errorf("state %v, want one update of a", st.Numbers)
		}
		if _, ok := st.Numbers["b.count"]; ok {
			t.Errorf("state %v holds a parameter that was never updated", st.Numbers)
		}
	})
}

func TestGroups(t *testing.T) {
	weight, bias, slow := param[float64]("weight", 1, 4), param[float64]("bias", 1, 4), param[float64]("slow", 1, 4)
	o := build(t, "sgd", `{"lr": 0.5, "weight_decay": 0.1}`, weight)
	o.AddGroup(Group[float64]{Params: []*autograd.Var[float64]{bias}, NoWeightDecay: true})
	o.AddGroup(Group[float64]{Params: []*autograd.Var[float64]{slow}, LRScale: 0.1})
	start := slices.Clone(weight.Value.Data())
	for _, p := range o.Params() {
		p.GradSum().Data()[0] = 1
	}
	o.SetLR(0.25)
	o.Step()
	for i, p := range start {
		g := 0.0
		if i == 0 {
			g = 1
		}
		for _, c := range []struct {
			p    *autograd.Var[float64]
			want float64
		}{{weight, p - 0.25*(g+0.1*p)}, {bias, p - 0.25*g}, {slow, p - 0.025*(g+0.1*p)}} {
			if got := c.p.Value.Data()[i]; math.Abs(got-c.want) > 1e-15 {
				t.Errorf("%s[%d] = %v, want %v", c.p.Label, i, got, c.want)
			}
		}
	}
}

func TestSetStateRefuses(t *testing.T) {
	p := param[float64]("p", 1, 3)
	o := build(t, "adam", `{}`, p)
	setGrads(0, p)
	o.Step()
	good := thaw(t, o.State(labels(o.Params())))
	for _, c := range []struct {
		name   string
		change func(st State[float64])
		want   string
	}{
		{"no lr", func(st State[float64]) { delete(st.Numbers, "lr") }, `"lr"`},
		{"no momentum", func(st State[float64]) { delete(st.Numbers, "momentum") }, `"momentum"`},
		{"no tensor", func(st State[float64]) { delete(st.Tensors, "p.exp_avg") }, `no tensor "p.exp_avg"`},
		{"wrong shape", func(st State[float64]) { st.Tensors["p.exp_avg"] = tensor.New[float64](4) }, "shape [4], expected [3]"},
		{"fractional count", func(st State[float64]) { st.Numbers["p.count"] = 1.5 }, "1.5, expected a count"},
		{"stranger", func(st State[float64]) { st.Tensors["q.exp_avg"] = tensor.New[float64](3) }, `"q.exp_avg"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := State[float64]{maps.Clone(good.Tensors), maps.Clone(good.Numbers)}
			c.change(st)
			err := o.SetState(st, labels(o.Params()))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one about %s", err, c.want)
			}
			if !slices.Equal(o.State(labels(o.Params())).Tensors["p.exp_avg"].Data(), good.Tensors["p.exp_avg"].Data()) {
				t.Error("the state has changed")
			}
		})
	}
	if err := build(t, "sgd", `{}`, p).SetState(good, labels(o.Params())); err == nil {
		t.Error("sgd took the state of adam")
	}
}

func TestOptionErrors(t *testing.T) {
	for _, c := range []struct{ name, options, want string }{
		{"adam", `{"lr": -1}`, "optim: adam: lr is -1, want a finite number >= 0"},
		{"adam", `{"betas": [0.9, 1]}`, "betas[1] is 1"},
		{"adam", `{"lr": "big"}`, "lr is a JSON string, want float64"},
		{"adam", `{"learning_rate": 1}`, `unknown field "learning_rate"`},
		{"adam", `[]`, "options"},
		{"adam", `{} {}`, "more than one JSON value"},
		{"sgd", `{"nesterov": true}`, "momentum is 0, want > 0 with nesterov"},
		{"lamb", `{}`, `"lamb": no such optimiser, want one of sgd, adam`},
	} {
		_, err := New[float32](c.name, nil, json.RawMessage(c.options))
		var typed *OptionError
		if !errors.As(err, &typed) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v, want %s", c.name, c.options, err, c.want)
		}
	}
	for _, c := range []struct{ name, options, want string }{
		{"cosine", `{}`, "T_max is 0"},
		{"sequential", `{"parts": [["linear"], ["plateau"]], "milestones": [3]}`, "plateau, want a schedule that is a function of the step"},
		{"sequential", `{"parts": [["linear"], ["cosine", {"T_max": 3}]], "milestones": []}`, "one less than parts"},
		{"sequential", `{"parts": [["linear"], [3]], "milestones": [3]}`, "parts[1]"},
		{"one_cycle", `{"max_lr": 1, "total_steps": 10, "anneal": "step"}`, "anneal is step"},
		{"sawtooth", ``, "no such schedule"},
	} {
		_, err := NewSchedule(c.name, 0.1, json.RawMessage(c.options))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v, want %s", c.name, c.options, err, c.want)
		}
	}
	defer func() {
		if _, ok := recover().(*OptionError); !ok {
			t.Error("the constructor did not panic with an OptionError")
		}
	}()
	SGD[float32](nil, SGDOptions{LR: math.NaN()})
}

func TestApplyCyclesMomentum(t *testing.T) {
	s, err := NewSchedule("one_cycle", 0, json.RawMessage(`{"max_lr": 1, "total_steps": 20}`))
	if err != nil {
		t.Fatal(err)
	}
	p := param[float32]("p", 1, 2)
	for name, has := range map[string]bool{"sgd": true, "rmsprop": true, "adam": true, "nadam": true, "radam": true, "adamax": true, "adagrad": false, "rprop": false, "adadelta": false, "asgd": false} {
		o := build(t, name, ``, p)
		Apply(o, s, 0)
		m, ok := o.Momentum()
		if ok != has || ok && m != 0.95 {
			t.Errorf("%s: momentum %v %v", name, m, ok)
		}
		if math.Abs(o.LR()-1./25) > 1e-15 {
			t.Errorf("%s: learning rate %v", name, o.LR())
		}
	}
}

func ExampleNew() {
	p := autograd.NewParam("p", tensor.FromSlice([]float64{1, -2}, 2))
	opt, err := New("sgd", []*autograd.Var[float64]{p}, json.RawMessage(`{"lr": 0.1, "momentum": 0.9}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 3 { // the gradient of the sum of squares
		g := p.GradSum()
		for i, x := range p.Value.Data() {
			g.Data()[i] = 2 * x
		}
		opt.Step()
		opt.ZeroGrad()
	}
	fmt.Printf("%.3f\n", p.Value.Data())
	_, err = New("sgd", []*autograd.Var[float64]{p}, json.RawMessage(`{"lr": -1}`))
	fmt.Println(err)
	// Output:
	// [0.062 -0.124]
	// optim: sgd: lr is -1, want a finite number >= 0
}

func ExampleNewSchedule() {
	s, err := NewSchedule("sequential", 0.1, json.RawMessage(`{"parts": [["linear", {"start_factor": 0.1, "total_iters": 4}], ["cosine", {"T_max": 4}]], "milestones": [4]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for k := range 9 {
		fmt.Printf("%.4f ", s.At(k).LR)
	}
	// Output: 0.0100 0.0325 0.0550 0.0775 0.1000 0.0854 0.0500 0.0146 0.0000
}

func ExampleEMA() {
	p := autograd.NewParam("p", tensor.FromSlice([]float64{0}, 1))
	e := NewEMA([]*autograd.Var[float64]{p}, 0.5)
	p.Value.Data()[0] = 8
	e.Update()
	e.Swap()
	fmt.Println("evaluate with", p.Value.Item())
	e.Swap()
	fmt.Println("train on with", p.Value.Item())
	// Output:
	// evaluate with 4
	// train on with 8
}

// TestEpsilonHat compares with the update written out, at an eps that matters: Adam as in Keras.
func TestEpsilonHat(t *testing.T) {
	o := AdamKerasDefaults()
	if o.Eps != 1e-7 || !o.EpsilonHat {
		t.Errorf("defaults %+v", o)
	}
	o.Eps = 0.03
	p := autograd.NewParam("p", tensor.FromSlice([]float64{0.5, -2, 3}, 3))
	opt := Adam([]*autograd.Var[float64]{p}, o)
	want, m, v := []float64{0.5, -2, 3}, make([]float64, 3), make([]float64, 3)
	for step := 1; step <= 5; step++ {
		setGrads(step, p)
		for i, g := range p.Grad().Data() {
			m[i] += (g - m[i]) * (1 - 0.9)
			v[i] += (g*g - v[i]) * (1 - 0.999)
			want[i] -= 1e-3 * math.Sqrt(1-math.Pow(0.999, float64(step))) / (1 - math.Pow(0.9, float64(step))) * m[i] / (math.Sqrt(v[i]) + 0.03)
		}
		opt.Step()
		for i, x := range p.Value.Data() {
			if math.Abs(x-want[i]) > 1e-15 {
				t.Fatalf("step %d, element %d is %v, want %v", step, i, x, want[i])
			}
		}
	}
}

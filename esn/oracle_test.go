package esn_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"elegans/esn"
	"elegans/esn/task"
	"elegans/tensor"
)

// naive computes the states of all layers as the package comment writes them, with plain loops.
func naive(c esn.Config, d *esn.Deep[float64], u, fed *tensor.Tensor[float64]) [][]float64 {
	act := map[string]func(x float64) float64{"": math.Tanh, "tanh": math.Tanh}[c.Activation]
	x := make([][]float64, len(d.Layers))
	for l, r := range d.Layers {
		x[l] = make([]float64, r.Size())
	}
	times := func(w *tensor.Tensor[float64], i int, v []float64) (s float64) {
		if w != nil {
			for j, a := range v {
				s += w.At(i, j) * a
			}
		}
		return s
	}
	row := func(t int, x *tensor.Tensor[float64]) []float64 {
		v := make([]float64, x.Dim(1))
		for j := range v {
			if t >= 0 {
				v[j] = x.At(t, j)
			}
		}
		return v
	}
	var all [][]float64
	for t := range u.Dim(0) {
		in := row(t, u)
		var states []float64
		for l, r := range d.Layers {
			w := r.W.Dense
			if r.W.Sparse != nil {
				w = r.W.Sparse.Dense()
			}
			next := make([]float64, r.Size())
			for i := range next {
				s := times(w, i, x[l]) + times(r.Input, i, in)
				if l > 0 && len(d.Skip) > 0 {
					s += times(d.Skip[l-1], i, row(t, u))
				}
				if r.Bias != nil {
					s += r.Bias.At(i)
				}
				if r.Feedback != nil {
					s += times(r.Feedback, i, row(t-1, fed))
				}
				a := 1.0
				if r.Leak != nil {
					a = r.Leak.Data()[i%r.Leak.Len()]
				}
				next[i] = (1-a)*x[l][i] + a*act(s)
			}
			x[l], in = next, next
			states = append(states, next...)
		}
		all = append(all, states)
	}
	return all
}

// TestFitOfNaiveStates fits a readout to states that plain loops compute from the matrices of
// Build, with teacher forcing where there is feedback, and compares it with the readout of a
// network.
func TestFitOfNaiveStates(t *testing.T) {
	for name := range configs {
		if strings.HasPrefix(name, "nvar") || name == "noise" || name == "many inputs" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			c, inputs, outputs := configOf(name)
			d, err := esn.Build[float64](c, inputs, outputs)
			check(err)
			s := sequence(60, inputs, outputs, 1)
			states := naive(c, d, s.Input, s.Target)
			columns, group := []int(nil), d.Layers[0].Size()/c.Groups
			names := c.ReadoutNeurons
			if len(names) == 0 {
				names = []string{"all"}
			}
			chosen, err := c.Select(names, group)
			check(err)
			for g := range c.Groups * c.Layers {
				for _, i := range chosen {
					if !c.ReadoutLastLayer || g >= c.Groups*(c.Layers-1) {
						columns = append(columns, g*group+i)
					}
				}
			}
			width := len(columns)
			if c.ReadoutInput {
				width += inputs
			}
			x := tensor.New[float64](60, width)
			for i := range 60 {
				for j, at := range columns {
					x.Set(states[i][at], i, j)
				}
				for j := len(columns); j < width; j++ {
					x.Set(s.Input.At(i, j-len(columns)), i, j)
				}
			}
			want, err := esn.Ridge(x, s.Target, c.Washout, .01, esn.Centred)
			check(err)
			n, err := esn.NewNetwork[float64](c, inputs, outputs, &esn.RidgeReadout{Penalty: .01, Absolute: true})
			check(err)
			check(n.Fit([]esn.Sequence{s}))
			got := n.Readout().(*esn.RidgeReadout).Linear()
			for i, v := range want.Weight.Data() {
				if d := math.Abs(v - got.Weight.Data()[i]); !(d < 1e-9) {
					t.Fatalf("weight %d is %v, want %v", i, got.Weight.Data()[i], v)
				}
			}
			if c.FeedbackScale == 0 {
				y, err := n.Predict(s.Input)
				check(err)
				want := want.Predict(x)
				for i, v := range y.Data() {
					if math.Abs(v-want.Data()[i]) > 1e-9 {
						t.Fatalf("output %d is %v, want %v", i, v, want.Data()[i])
					}
				}
			}
		})
	}
}

// TestSelections looks at which neurons hear and are read.
func TestSelections(t *testing.T) {
	c, _, _ := configOf("worm")
	n, err := esn.NewNetwork[float64](c, 1, 1, nil)
	check(err)
	c = n.Config()
	in := n.Reservoir().Layers[0].Input
	heard := 0
	for i := range in.Dim(0) {
		sensory := c.Connectome.Graph.RoleOf(i).String() == "sensory"
		if (in.At(i, 0) != 0) != sensory {
			t.Fatalf("neuron %d: sensory %v, weight %v", i, sensory, in.At(i, 0))
		}
		if sensory {
			heard++
		}
	}
	if heard != 98 {
		t.Errorf("%d neurons hear the input, want the 98 sensory ones", heard)
	}
	if n.Features() != 89+1+1 { // motor neurons, AVAL, the input
		t.Errorf("%d features, want 91", n.Features())
	}
	for _, k := range []struct {
		names []string
		want  int
	}{
		{[]string{"all"}, 279}, {[]string{"AVA"}, 2}, {[]string{"AVAL", "AVAR", "AVA"}, 2}, {[]string{"0-9", "5-14", "20"}, 16},
		{[]string{"sensory", "motor", "inter"}, 279}, {[]string{"Sensory"}, 0}, {[]string{"279"}, 0}, {[]string{"9-3"}, 0},
	} {
		list, err := c.Select(k.names, 279)
		if len(list) != k.want || (err != nil) != (k.want == 0) {
			t.Errorf("%v: %d neurons and error %v, want %d", k.names, len(list), err, k.want)
		}
	}
	c, _, _ = configOf("delay line")
	d, err := esn.Build[float64](c, 1, 1)
	check(err)
	for i := range 100 {
		if v := d.Layers[0].Input.At(i, 0); (v != 0) != (i == 0) {
			t.Errorf("neuron %d of a delay line has the input weight %v", i, v)
		}
	}
	c, _, _ = configOf("many inputs")
	d, err = esn.Build[float64](c, 784, 1)
	check(err)
	used := 0
	for _, v := range d.Layers[0].Input.Contiguous().Data() {
		if v != 0 {
			used++
		}
	}
	if part := float64(used) / (784 * 200); math.Abs(part-.1) > .005 {
		t.Errorf("a part %v of the input weights is not 0, want .1", part)
	}
}

// TestDrawsAreIndependent: what a neuron is given for one purpose says nothing of what it, or the
// same neuron of another group or layer, is given for another.
func TestDrawsAreIndependent(t *testing.T) {
	c := esn.Defaults()
	c.Neurons, c.Groups, c.Layers, c.InputToAllLayers = 300, 2, 2, true
	c.BiasScale, c.FeedbackScale, c.Leak = 1, 1, esn.Range{Low: .2, High: 1}
	d, err := esn.Build[float64](c, 2, 2)
	check(err)
	draws := map[string][]float64{}
	take := func(name string, w *tensor.Tensor[float64]) { // [N] or [N, columns]
		w = w.Reshape(w.Dim(0), -1)
		for g := range c.Groups {
			for k := range w.Dim(1) {
				var v []float64
				for i := range c.Neurons {
					v = append(v, w.At(g*c.Neurons+i, k))
				}
				draws[fmt.Sprintf("%s, group %d, column %d", name, g, k)] = v
			}
		}
	}
	take("input", d.Layers[0].Input)
	take("skip", d.Skip[0])
	for l, r := range d.Layers {
		take(fmt.Sprintf("bias of layer %d", l), r.Bias)
		take(fmt.Sprintf("leak of layer %d", l), r.Leak)
		take(fmt.Sprintf("feedback of layer %d", l), r.Feedback)
	}
	names := slices.Sorted(maps.Keys(draws))
	if len(names) != 24 {
		t.Fatalf("%d draws, want 24: %q", len(names), names)
	}
	for i, a := range names {
		for _, b := range names[:i] {
			// Five deviations of the correlation of independent numbers.
			if r := stat.Correlation(draws[a], draws[b], nil); !(math.Abs(r) < 5/math.Sqrt(float64(c.Neurons))) {
				t.Errorf("%s and %s have the correlation %.3f, want about 0", a, b, r)
			}
		}
	}
}

// TestDelayLineHoldsTheInput reads from a linear delay line what the input was.
func TestDelayLineHoldsTheInput(t *testing.T) {
	c := esn.Defaults()
	c.Topology, c.Neurons, c.Activation, c.Scale, c.BiasScale, c.InputWeights = "delay_line", 20, "linear", 1, 0, esn.Constant
	n, err := esn.NewNetwork[float64](c, 1, 1, nil)
	check(err)
	u := sequence(50, 1, 1, 1).Input
	x, err := n.States(u)
	check(err)
	for t0 := range 50 {
		for i := range 20 {
			want := 0.0
			if t0 >= i {
				want = u.At(t0-i, 0)
			}
			if x.At(t0, i) != want {
				t.Fatalf("neuron %d at step %d holds %v, want %v", i, t0, x.At(t0, i), want)
			}
		}
	}
}

// TestNoise makes a closed loop of a chaotic series more stable, is drawn anew for every sequence,
// and only while a readout is fitted.
func TestNoise(t *testing.T) {
	c, _, _ := configOf("random")
	clean, err := esn.NewNetwork[float64](c, 1, 1, nil)
	check(err)
	c.StateNoise, c.InputNoise = .01, .02
	noisy, err := esn.NewNetwork[float64](c, 1, 1, nil)
	check(err)
	a, b := sequence(300, 1, 1, 1), sequence(300, 1, 1, 2)
	var mse [2]float64
	for i, n := range []*esn.Network[float64]{clean, noisy} {
		check(n.Fit([]esn.Sequence{a, a}))
		y, err := n.Predict(b.Input)
		check(err)
		e, err := task.Compare(b.Target, y)
		check(err)
		mse[i] = e.MSE
	}
	if !(mse[1] > mse[0]) {
		t.Errorf("noise while fitting made the error %v from %v", mse[1], mse[0])
	}
	x, err := noisy.States(a.Input)
	check(err)
	y, err := clean.States(a.Input)
	check(err)
	for i, v := range x.Data() {
		if v != y.Data()[i] {
			t.Fatal("there is noise in States")
		}
	}
	// The same twice is not what once with twice the weight would give.
	weight := func(list ...esn.Sequence) float64 {
		n, err := esn.NewNetwork[float64](c, 1, 1, nil)
		check(err)
		check(n.Fit(list))
		return n.Readout().(*esn.RidgeReadout).Linear().Weight.At(0, 0)
	}
	if once, twice := weight(a), weight(a, a); math.Abs(once-twice) < 1e-6*math.Abs(once) {
		t.Error("both sequences had the same noise")
	}
	if weight(a, b) != weight(a, b) {
		t.Error("noise is not the same again")
	}
}

// TestSmallWorld looks at who hears whom.
func TestSmallWorld(t *testing.T) {
	for _, k := range []struct {
		n, degree int
		rewiring  float64
	}{{1, 0, .5}, {2, 1, 1}, {7, 3, 0}, {7, 6, .5}, {100, 6, 0}, {100, 6, .1}, {100, 5, 1}} {
		m, err := esn.SmallWorld[float64](k.n, k.degree, k.rewiring, tensor.NewKey(1, "small"))
		check(err)
		moved := 0
		for i := range k.n {
			row := m.Col[m.RowPtr[i]:m.RowPtr[i+1]]
			if len(row) != k.degree {
				t.Fatalf("%+v: neuron %d hears %d", k, i, len(row))
			}
			for at, j := range row {
				if int(j) == i || at > 0 && row[at-1] >= j {
					t.Fatalf("%+v: neuron %d hears %v", k, i, row)
				}
				if d := (int(j) - i + k.n) % k.n; min(d, k.n-d) > (k.degree+1)/2 {
					moved++
				}
			}
		}
		part := float64(moved) / float64(max(1, k.n*k.degree))
		if k.rewiring == 0 && moved > 0 || k.n == 100 && math.Abs(part-.94*k.rewiring) > .06 {
			t.Errorf("%+v: a part %v of the connections is long", k, part)
		}
	}
	for _, k := range []struct {
		n, degree int
		rewiring  float64
	}{{0, 0, 0}, {5, 5, 0}, {5, -1, 0}, {5, 2, 1.5}, {5, 2, math.NaN()}} {
		if _, err := esn.SmallWorld[float64](k.n, k.degree, k.rewiring, tensor.NewKey(1, "small")); err == nil {
			t.Errorf("%+v was taken", k)
		}
	}
}

// TestNVARIsItsFeatures fits a readout to the features of an NVAR alone and compares it with that
// of a network.
func TestNVARIsItsFeatures(t *testing.T) {
	c, inputs, outputs := configOf("nvar")
	s := sequence(80, inputs, outputs, 1)
	n, err := esn.NewNetwork[float64](c, inputs, outputs, &esn.RidgeReadout{Penalty: .1, Absolute: true})
	check(err)
	check(n.Fit([]esn.Sequence{s}))
	x, err := c.NVAR.Features(s.Input)
	check(err)
	if n.Features() != x.Dim(1) || x.Dim(1) != 1+6+56 {
		t.Fatalf("%d features, NVAR gives %d, want 63", n.Features(), x.Dim(1))
	}
	want, err := esn.Ridge(x, s.Target, c.Washout, .1, esn.Centred)
	check(err)
	for i, v := range want.Weight.Data() {
		if got := n.Readout().(*esn.RidgeReadout).Linear().Weight.Data()[i]; math.Abs(v-got) > 1e-12 {
			t.Fatalf("weight %d is %v, want %v", i, got, v)
		}
	}
}

// TestNVARSize counts the features that Monomials lists.
func TestNVARSize(t *testing.T) {
	for _, v := range []esn.NVAR{{Delay: 1, Stride: 1, Order: 1}, {Delay: 3, Stride: 2, Order: 4, Constant: true}, {Delay: 7, Stride: 1, Order: 2}} {
		for k := range 4 {
			f, err := v.Features(tensor.New[float64](2, k))
			check(err)
			if v.Size(k) != float64(f.Dim(1)) {
				t.Errorf("%+v of %d inputs: size %v, %d features", v, k, v.Size(k), f.Dim(1))
			}
		}
	}
	if v := (esn.NVAR{Delay: 1 << 20, Stride: 1, Order: 1 << 20}); !math.IsInf(v.Size(1000), 1) && v.Size(1000) < 1e300 {
		t.Errorf("size %v of a very large NVAR", v.Size(1000))
	}
}

// TestLorenzByNVAR forecasts the Lorenz system in closed loop, as D. Gauthier and others do (Nature
// Communications 12, 2021): an NVAR of delay 2 and order 2, here of the values and not of their
// differences.
func TestLorenzByNVAR(t *testing.T) {
	const rows, skip, fit, dt = 2000, 500, 1000, .025
	flow := task.Lorenz63
	flow.Sub = int(math.Round(dt / flow.Step))
	if flow.Step = dt / float64(flow.Sub); flow.Sub < 1 {
		t.Fatal(flow.Step)
	}
	scaled := flow.Series(rows).Slice(0, skip, rows, 1).Contiguous()
	sigma := task.Deviations(scaled)
	for i := range scaled.Dim(0) {
		for j := range 3 {
			scaled.Set(scaled.At(i, j)/sigma[j], i, j)
		}
	}
	c := esn.Defaults()
	c.Neurons, c.NVAR, c.Washout = 0, esn.NVAR{Delay: 2, Stride: 1, Order: 2}, 5
	n, err := esn.NewNetwork[float64](c, 3, 3, &esn.RidgeReadout{Penalty: 1e-9})
	check(err)
	s, err := esn.Forecast(scaled.Slice(0, 0, fit, 1), 1)
	check(err)
	check(n.Fit([]esn.Sequence{s}))
	y, err := n.Generate(s.Input, 300)
	check(err)
	truth := scaled.Slice(0, fit, fit+300, 1).Contiguous()
	valid := task.ValidRows(truth, y, []float64{1, 1, 1}, .5)
	if times := float64(valid) * dt * .9056; times < 1.5 {
		t.Errorf("valid for %.2f Lyapunov times, want 1.5 at least", times)
	} else {
		t.Logf("valid for %.2f Lyapunov times", times)
	}
}

package esn_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"elegans/connectome"
	"elegans/esn"
	"elegans/esn/task"
	"elegans/internal/allocs"
	"elegans/tensor"
)

// configs are networks of all kinds, with their numbers of inputs and outputs.
var configs = map[string]struct {
	change          func(c *esn.Config)
	inputs, outputs int
}{
	"random":     {func(c *esn.Config) {}, 1, 1},
	"one neuron": {func(c *esn.Config) { c.Neurons, c.ReadoutInput = 1, true }, 2, 1},
	"dense":      {func(c *esn.Config) { c.Topology, c.Leak = "dense", esn.Range{Low: .2, High: .9} }, 3, 2},
	"ring":       {func(c *esn.Config) { c.Topology, c.InputWeights = "ring", esn.SignDraw }, 1, 1},
	"delay line": {func(c *esn.Config) { c.Topology, c.BiasScale = "delay_line", 0 }, 1, 1},
	"orthogonal": {func(c *esn.Config) { c.Topology, c.Neurons = "orthogonal", 30 }, 1, 3},
	"small world": {func(c *esn.Config) {
		c.Topology, c.Degree, c.Rewiring, c.Weights = "small_world", 6, .2, esn.UniformDraw
	}, 1, 1},
	"worm": {func(c *esn.Config) {
		c.Topology, c.Neurons = "connectome", 0
		c.InputNeurons, c.ReadoutNeurons, c.ReadoutInput = []string{"sensory"}, []string{"motor", "AVAL"}, true
	}, 2, 2},
	"drawn worm": {func(c *esn.Config) { c.Topology, c.Neurons, c.Weights = "connectome", 0, esn.NormalDraw }, 1, 1},
	"deep":       {func(c *esn.Config) { c.Layers, c.Neurons = 3, 20 }, 2, 2},
	"deep and wide": {func(c *esn.Config) {
		c.Layers, c.Groups, c.Neurons, c.InputToAllLayers, c.ReadoutLastLayer = 2, 3, 15, true, true
	}, 2, 1},
	"many inputs": {func(c *esn.Config) { c.Neurons, c.InputDensity = 200, .1 }, 784, 10},
	"nvar": {func(c *esn.Config) {
		c.Neurons, c.NVAR = 0, esn.NVAR{Delay: 3, Stride: 1, Order: 3, Constant: true}
	}, 2, 2},
	"nvar beside": {func(c *esn.Config) {
		c.Neurons, c.NVAR, c.ReadoutInput, c.ReadoutNeurons = 20, esn.NVAR{Delay: 2, Stride: 4, Order: 2}, true, []string{"0-9"}
	}, 1, 1},
	"feedback": {func(c *esn.Config) { c.Neurons, c.FeedbackScale, c.Scale = 50, .3, .5 }, 1, 1},
	"noise":    {func(c *esn.Config) { c.InputNoise, c.StateNoise, c.Leak = .01, .001, esn.Fixed(.5) }, 1, 1},
}

func configOf(name string) (c esn.Config, inputs, outputs int) {
	k := configs[name]
	c = esn.Defaults()
	c.Washout = 10
	k.change(&c)
	return c, k.inputs, k.outputs
}

// sequence returns bounded inputs and targets that depend on them.
func sequence(rows, inputs, outputs int, seed uint64) esn.Sequence {
	key := tensor.NewKey(seed, "sequence")
	s := esn.Sequence{Input: tensor.Uniform[float64](key, -.5, .5, rows, inputs), Target: tensor.New[float64](rows, outputs)}
	for t := range rows {
		for m := range outputs {
			v := .1 * float64(m)
			for back := range min(3, t+1) {
				v += math.Sin(s.Input.At(t-back, m%inputs)) / float64(back+1)
			}
			s.Target.Set(v, t, m)
		}
	}
	return s
}

// TestStreamIsPredict streams sequences through networks of all kinds and compares the outputs with
// those of Predict, bit for bit, in both types.
func TestStreamIsPredict(t *testing.T) {
	for name := range configs {
		t.Run(name+"/float64", func(t *testing.T) { streamIsPredict[float64](t, name) })
		t.Run(name+"/float32", func(t *testing.T) { streamIsPredict[float32](t, name) })
	}
}

func streamIsPredict[T tensor.Float](t *testing.T, name string) {
	c, inputs, outputs := configOf(name)
	n, err := esn.NewNetwork[T](c, inputs, outputs, nil)
	check(err)
	check(n.Fit([]esn.Sequence{sequence(150, inputs, outputs, 1), sequence(60, inputs, outputs, 2)}))
	for _, rows := range []int{1, 2, 3, 40} {
		u := sequence(rows, inputs, outputs, 3).Input
		want, err := n.Predict(u)
		check(err)
		s := n.Stream()
		for i := range rows {
			y, err := s.Step(u.Data()[i*inputs : (i+1)*inputs])
			check(err)
			if !slices.Equal(y, want.Data()[i*outputs:(i+1)*outputs]) {
				t.Fatalf("row %d of %d: streamed %v, predicted %v", i, rows, y, want.Data()[i*outputs:(i+1)*outputs])
			}
		}
		row := u.Data()[:inputs]
		if a := allocs.PerStep(10, func() { _, err = s.Step(row) }); a != 0 || err != nil {
			t.Fatalf("%v allocations a step, error %v", a, err)
		}
	}
}

// TestFitLearns asks every network for a part of the target that it cannot reach by its mean.
func TestFitLearns(t *testing.T) {
	for name := range configs {
		t.Run(name, func(t *testing.T) {
			c, inputs, outputs := configOf(name)
			n, err := esn.NewNetwork[float64](c, inputs, outputs, nil)
			check(err)
			check(n.Fit([]esn.Sequence{sequence(1000, inputs, outputs, 1), sequence(500, inputs, outputs, 2)}))
			test := sequence(300, inputs, outputs, 3)
			y, err := n.Predict(test.Input)
			check(err)
			e, err := task.Compare(test.Target.Slice(0, 50, 300, 1).Contiguous(), y.Slice(0, 50, 300, 1).Contiguous())
			check(err)
			limit := .1
			switch name {
			case "one neuron": // sees the input and one state, not the last three inputs
				limit = .5
			case "many inputs": // more inputs than it can tell apart
				return
			}
			t.Logf("NMSE %.2g", e.NMSE)
			if !(e.NMSE < limit) {
				t.Errorf("NMSE %v, want below %v", e.NMSE, limit)
			}
		})
	}
}

// TestSequencesDoNotLeak fits to the same sequences in another order, with an empty one and one
// that is shorter than the washout between them, in one call and in several.
func TestSequencesDoNotLeak(t *testing.T) {
	a, b, short, empty := sequence(100, 1, 1, 1), sequence(37, 1, 1, 2), sequence(10, 1, 1, 3), sequence(0, 1, 1, 4)
	c, _, _ := configOf("random")
	fit := func(calls ...[]esn.Sequence) []float64 {
		n, err := esn.NewNetwork[float64](c, 1, 1, nil)
		check(err)
		for _, list := range calls {
			check(n.FitMore(list))
		}
		return n.Readout().(*esn.RidgeReadout).Linear().Weight.Data()
	}
	want := fit([]esn.Sequence{a, b})
	for name, calls := range map[string][][]esn.Sequence{
		"other order": {{b, a}}, "others between": {{a, short, empty, b}}, "two calls": {{a}, {b}},
	} {
		for i, v := range fit(calls...) {
			if d := math.Abs(v - want[i]); d > 1e-6*(1+math.Abs(want[i])) {
				t.Fatalf("%s: weight %d is %v, want %v", name, i, v, want[i])
			}
		}
	}
	if slices.Equal(want, fit([]esn.Sequence{a})) {
		t.Error("the second sequence has no effect")
	}
	// Fit forgets what was there.
	n, err := esn.NewNetwork[float64](c, 1, 1, nil)
	check(err)
	check(n.Fit([]esn.Sequence{sequence(80, 1, 1, 9)}))
	check(n.Fit([]esn.Sequence{a, b}))
	if !slices.Equal(want, n.Readout().(*esn.RidgeReadout).Linear().Weight.Data()) {
		t.Error("a second Fit remembers the first")
	}
}

// TestFitKeepsOnError leaves a network as it was when a sequence is refused.
func TestFitKeepsOnError(t *testing.T) {
	c, _, _ := configOf("random")
	n, err := esn.NewNetwork[float64](c, 1, 1, nil)
	check(err)
	good := sequence(100, 1, 1, 1)
	if _, err := n.Predict(good.Input); err == nil || err.Error() != "esn: the readout has not been fitted" {
		t.Errorf("a network that was not fitted: %v", err)
	}
	check(n.Fit([]esn.Sequence{good}))
	before := slices.Clone(n.Readout().(*esn.RidgeReadout).Linear().Weight.Data())
	spoil := func(change func(s esn.Sequence)) esn.Sequence {
		s := sequence(50, 1, 1, 2)
		change(s)
		return s
	}
	for _, k := range []struct {
		s    esn.Sequence
		want string
	}{
		{spoil(func(s esn.Sequence) { s.Input.Set(math.NaN(), 7, 0) }), "esn: sequence 1: input row 7, column 0 is NaN, expected a finite number"},
		{spoil(func(s esn.Sequence) { s.Target.Set(math.Inf(1), 49, 0) }), "esn: sequence 1: target row 49, column 0 is +Inf, expected a finite number"},
		{esn.Sequence{Input: tensor.New[float64](5, 2), Target: tensor.New[float64](5, 1)}, "esn: sequence 1: input of shape [5 2], expected [T, 1]"},
		{esn.Sequence{Input: tensor.New[float64](5, 1), Target: tensor.New[float64](4, 1)}, "esn: sequence 1: 5 rows of input and 4 of target, expected as many"},
		{esn.Sequence{Input: tensor.New[float64](5, 1)}, "esn: sequence 1: no target, expected [T, 1]"},
	} {
		for _, fit := range []func([]esn.Sequence) error{n.Fit, n.FitMore} {
			if err := fit([]esn.Sequence{good, k.s}); err == nil || err.Error() != k.want {
				t.Errorf("error %v, want %s", err, k.want)
			}
		}
	}
	if !slices.Equal(before, n.Readout().(*esn.RidgeReadout).Linear().Weight.Data()) {
		t.Error("a refused sequence changed the readout")
	}
	if err := n.FitMore([]esn.Sequence{sequence(10, 1, 1, 1)}); err == nil || !strings.Contains(err.Error(), "washout of 10") {
		t.Errorf("sequences that are too short: %v", err)
	}
}

// TestStateGoesOn takes a stream apart in the middle and goes on with another.
func TestStateGoesOn(t *testing.T) {
	for name := range configs {
		t.Run(name, func(t *testing.T) {
			c, inputs, outputs := configOf(name)
			n, err := esn.NewNetwork[float32](c, inputs, outputs, nil)
			check(err)
			check(n.Fit([]esn.Sequence{sequence(150, inputs, outputs, 1)}))
			u := sequence(40, inputs, outputs, 2).Input
			whole := n.Stream()
			want, err := whole.Run(u)
			check(err)
			first, second := n.Stream(), n.Stream()
			_, err = first.Run(u.Slice(0, 0, 17, 1))
			check(err)
			check(second.SetState(first.State()))
			rest, err := second.Run(u.Slice(0, 17, 40, 1))
			check(err)
			if !slices.Equal(rest.Data(), want.Data()[17*outputs:]) {
				t.Error("a stream that went on from a state differs")
			}
			if second.State().Steps != 40 {
				t.Errorf("%d steps, want 40", second.State().Steps)
			}
			second.Reset()
			again, err := second.Run(u)
			check(err)
			if !slices.Equal(again.Data(), want.Data()) {
				t.Error("a stream that was reset differs")
			}
			if err := second.SetState(esn.State{Neurons: []float64{1, 2}, Output: []float64{1}}); err == nil {
				t.Error("a state of the wrong size was taken")
			}
		})
	}
}

// TestGenerate lets a network that learnt a sine go on by itself, by its input and by its feedback
// weights alone.
func TestGenerate(t *testing.T) {
	rows := 1200
	series := tensor.New[float64](rows, 1)
	for i := range rows {
		series.Set(.8*math.Sin(.3*float64(i)), i, 0)
	}
	c, _, _ := configOf("random")
	n, err := esn.NewNetwork[float64](c, 1, 1, nil)
	check(err)
	s, err := esn.Forecast(series.Slice(0, 0, 1000, 1), 1)
	check(err)
	check(n.Fit([]esn.Sequence{s}))
	y, err := n.Generate(s.Input, 200)
	check(err)
	for i := range 200 {
		if d := math.Abs(y.At(i, 0) - series.At(1000+i, 0)); d > .01 {
			t.Fatalf("step %d: %v, want %v", i, y.At(i, 0), series.At(1000+i, 0))
		}
	}

	c.FeedbackScale, c.StateNoise, c.Washout = 1, 1e-4, 100
	n, err = esn.NewNetwork[float64](c, 0, 1, nil)
	check(err)
	check(n.Fit([]esn.Sequence{{Input: tensor.New[float64](1000, 0), Target: series.Slice(0, 0, 1000, 1)}}))
	stream := n.Stream()
	for i := range 1000 { // teacher forcing by hand
		_, err := stream.Step(nil)
		check(err)
		st := stream.State()
		st.Output[0] = series.At(i, 0)
		check(stream.SetState(st))
	}
	y, err = stream.Generate(50)
	check(err)
	for i := range 50 {
		if d := math.Abs(y.At(i, 0) - series.At(1000+i, 0)); d > .02 {
			t.Fatalf("feedback alone, step %d: %v, want %v", i, y.At(i, 0), series.At(1000+i, 0))
		}
	}
}

// TestConfigFaults gives each fault a line of its own.
func TestConfigFaults(t *testing.T) {
	for _, k := range []struct{ json, want string }{
		{`{}`, ""},
		{`{"leak":[0.1,0.9]}`, ""},
		{`{"topology":"connectome","neurons":0,"weights":"kept"}`, ""},
		{`{"leak":1.5}`, "esn: leak 1.5, expected above 0 and at most 1"},
		{`{"leak":[1,2,3]}`, "esn: the configuration: found [1,2,3], expected a number or an array of two"},
		{`{"topology":"star"}`, `esn: topology "star", expected one of connectome, delay_line, dense, orthogonal, random, ring, small_world`},
		{`{"topology":"ring","degree":3}`, "esn: degree is given, which the topology ring does not have"},
		{`{"weights":"kept"}`, `esn: weights "kept", expected one of normal, uniform, sign, constant`},
		{`{"neurons":0}`, "esn: neurons 0, expected 1 to 2147483647"},
		{`{"degree":200}`, "esn: degree 200, expected at most the 100 neurons"},
		{`{"degree":2,"density":0.5}`, "esn: degree 2 and density 0.5, expected one of them"},
		{`{"scale":-1,"washout":-1}`, "esn: washout -1, expected 0 to 2147483647\nesn: scale -1, expected a finite number of at least 0"},
		{`{"neurons":0,"nvar":{"delay":2,"stride":1,"order":2}}`, ""},
		{`{"nvar":{"delay":2,"order":2}}`, "esn: NVAR of delay 2, stride 0 and order 2, expected at least 1 each"},
		{`{"nvar":{"delays":2}}`, `unknown field "delays"`},
		{`{"slope":2}`, "esn: slope 2 for the activation tanh, which has none"},
		{`{"spectral_radius":0.9}`, `unknown field "spectral_radius"`},
		{`{"seed":1,"seed":2}`, `key "seed"`},
		{`{"seed":null}`, "null"},
		{`{"connectome":{"signs":"mixed"},"topology":"connectome","neurons":0}`, `esn: connectome.signs "mixed", expected one of transmitter, positive, drawn`},
		{`{"connectome":{"sings":"drawn"}}`, `unknown field "sings"`},
		{`{} {}`, "invalid character"},
	} {
		_, err := esn.ParseConfig([]byte(k.json))
		if (err == nil) != (k.want == "") || err != nil && !strings.Contains(err.Error(), k.want) {
			t.Errorf("%s: error %v, want %s", k.json, err, k.want)
		}
	}
}

// TestBuildFaults are faults that show only when a reservoir is built.
func TestBuildFaults(t *testing.T) {
	for _, k := range []struct {
		change func(c *esn.Config)
		want   string
	}{
		{func(c *esn.Config) { c.Topology, c.Scaling = "delay_line", esn.SpectralRadiusScaling },
			"esn: the topology delay_line has no cycles, so that its spectral radius is 0 and cannot be scaled to 0.9: set scaling to spectral_norm or none"},
		{func(c *esn.Config) { c.Topology, c.Neurons = "connectome", 280 }, "esn: neurons 280, expected the 279 of the connectome, or 0"},
		{func(c *esn.Config) { c.InputNeurons = []string{"sensory"} }, `input_neurons: esn: neurons "sensory", expected all, numbers of 0 to 99`},
		{func(c *esn.Config) { c.InputNeurons = []string{"90-100"} }, `input_neurons: esn: neurons "90-100", expected all, numbers of 0 to 99`},
		{func(c *esn.Config) { c.ReadoutNeurons = []string{"7", "x"} }, `readout_neurons: esn: neurons "x", expected all, numbers of 0 to 99`},
		{func(c *esn.Config) { c.Topology, c.Neurons, c.Connectome.File = "connectome", 0, "no.graphml" }, "no.graphml: no such file"},
		{func(c *esn.Config) { c.Topology, c.Neurons = "dense", 1<<31-1 }, "memory"},
		{func(c *esn.Config) { c.Topology, c.Neurons = "small_world", 1 }, "no connections"},
		{func(c *esn.Config) { c.NVAR = esn.NVAR{Delay: 1000, Stride: 1, Order: 9} }, "memory"},
		{func(c *esn.Config) { c.NVAR = esn.NVAR{Delay: 1<<31 - 1, Stride: 1<<31 - 1, Order: 1} }, "memory"},
		{func(c *esn.Config) {
			c.Neurons, c.NVAR, c.ReadoutNeurons = 0, esn.NVAR{Delay: 1, Stride: 1, Order: 1}, []string{"0"}
		}, "readout_neurons"},
	} {
		c := esn.Defaults()
		k.change(&c)
		_, err := esn.NewNetwork[float64](c, 1, 1, nil)
		if err == nil || !strings.Contains(err.Error(), k.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want %s", err, k.want)
		}
	}
	if _, err := esn.NewNetwork[float64](esn.Defaults(), 0, 1, nil); err == nil {
		t.Error("a network without inputs and feedback")
	}
	if _, err := esn.NewNetwork[float64](esn.Defaults(), 1, 0, nil); err == nil {
		t.Error("a network without outputs")
	}
}

// TestBuildScales looks at radius and norm of what is built, group by group.
func TestBuildScales(t *testing.T) {
	for _, top := range esn.Topologies() {
		for _, scaling := range []esn.Scaling{"", esn.SpectralRadiusScaling, esn.SpectralNormScaling} {
			for _, groups := range []int{1, 2} {
				t.Run(fmt.Sprint(top.Name, scaling, groups), func(t *testing.T) {
					c := esn.Defaults()
					c.Topology, c.Scaling, c.Scale, c.Groups, c.Neurons = top.Name, scaling, .7, groups, 40
					if top.Name == "connectome" {
						c.Neurons = 0
					}
					d, err := esn.Build[float64](c, 1, 1)
					if top.Name == "delay_line" && scaling == esn.SpectralRadiusScaling {
						if err == nil {
							t.Error("a delay line was scaled to a radius")
						}
						return
					}
					check(err)
					w := d.Layers[0].W
					size := esn.SpectralRadius[float64]
					if scaling == esn.SpectralNormScaling || top.Name == "delay_line" {
						size = esn.SpectralNorm[float64]
					}
					got, err := size(w)
					check(err)
					if math.Abs(got-.7) > 1e-10 {
						t.Errorf("size %v, want .7", got)
					}
					again, err := esn.Build[float64](c, 1, 1)
					check(err)
					if !slices.Equal(d.Layers[0].Input.Contiguous().Data(), again.Layers[0].Input.Contiguous().Data()) || !slices.Equal(values(w), values(again.Layers[0].W)) {
						t.Error("the same Config gave other weights")
					}
					if w.Size() != groups*max(c.Neurons, 279*btoi(c.Neurons == 0)) {
						t.Errorf("%d neurons", w.Size())
					}
				})
			}
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func values(w esn.Weights[float64]) []float64 {
	if w.Sparse != nil {
		return w.Sparse.Val
	}
	return w.Dense.Data()
}

// TestConfigRoundTrip writes a Config and reads it again.
func TestConfigRoundTrip(t *testing.T) {
	for name := range configs {
		c, _, _ := configOf(name)
		b, err := json.Marshal(c)
		check(err)
		again, err := esn.ParseConfig(b)
		check(err)
		if !reflect.DeepEqual(again, c) {
			t.Errorf("%s: wrote %+v, read %+v", name, c, again)
		}
	}
	var c esn.Config
	check(c.UnmarshalJSON([]byte(`{}`)))
	if fmt.Sprintf("%+v", c) != fmt.Sprintf("%+v", esn.Defaults()) {
		t.Errorf("an empty object gives %+v, want the defaults", c)
	}
}

// TestWormSigns compares the signs of the worm's weights with what releases GABA.
func TestWormSigns(t *testing.T) {
	g := connectome.Canonical()
	for _, k := range []struct {
		weights esn.Draw
		signs   esn.Signs
		min     int // negative weights, at least and at most
		max     int
	}{
		{"", "", 50, 300}, {"", esn.Positive, 0, 0}, {"", esn.DrawnSigns, 1200, 1900},
		{esn.NormalDraw, "", 1200, 1900}, {esn.NormalDraw, esn.Positive, 0, 0}, {esn.NormalDraw, esn.ByTransmitter, 50, 300},
	} {
		c := esn.Defaults()
		c.Topology, c.Neurons, c.Weights, c.Connectome.Signs, c.Connectome.Graph = "connectome", 0, k.weights, k.signs, g
		d, err := esn.Build[float64](c, 1, 1)
		check(err)
		negative := 0
		for i, m := 0, d.Layers[0].W.Sparse; i < m.Rows; i++ {
			for at := m.RowPtr[i]; at < m.RowPtr[i+1]; at++ {
				if m.Val[at] < 0 {
					negative++
					if k.signs == esn.ByTransmitter && !esn.ReleasesGABA(&g.Neurons[m.Col[at]]) {
						t.Fatalf("%s inhibits", g.Neurons[m.Col[at]].Name)
					}
				}
			}
		}
		if negative < k.min || negative > k.max {
			t.Errorf("weights %q, signs %q: %d negative, want %d to %d", k.weights, k.signs, negative, k.min, k.max)
		}
	}
}

// FuzzConfig looks for text that makes reading panic, or that reads otherwise when it is written
// again.
func FuzzConfig(f *testing.F) {
	for name := range configs {
		c, _, _ := configOf(name)
		b, err := json.Marshal(c)
		check(err)
		f.Add(b)
	}
	f.Add([]byte(`{"kind":"rls","alpha":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := esn.DecodeReadout(b); err == nil {
			if again, err := esn.EncodeReadout(r); err != nil {
				t.Error(err)
			} else if _, err := esn.DecodeReadout(again); err != nil {
				t.Error(err)
			}
		}
		c, err := esn.ParseConfig(b)
		if err != nil {
			return
		}
		text, err := json.Marshal(c)
		check(err)
		again, err := esn.ParseConfig(text)
		check(err)
		if other, err := json.Marshal(again); err != nil || !bytes.Equal(other, text) {
			t.Errorf("%s: written again %s, %v", text, other, err)
		}
	})
}

// TestDefaults holds the defaults to what the package comment says.
func TestDefaults(t *testing.T) {
	b, err := json.Marshal(esn.Defaults())
	check(err)
	const want = `{"seed":1,"topology":"random","neurons":100,"rewiring":0.1,"connectome":{"file":"canonical"},"scale":0.9,"leak":1,` +
		`"activation":"tanh","input_scale":1,"input_density":1,"bias_scale":0.1,"groups":1,"layers":1,"layer_scale":1,"washout":100}`
	if string(b) != want {
		t.Errorf("the defaults are %s, want %s", b, want)
	}
	d, err := esn.Build[float64](esn.Defaults(), 1, 1)
	check(err)
	if n := d.Layers[0].W.Sparse.NNZ(); n != 1000 {
		t.Errorf("%d weights, want 10 of each of 100 neurons", n)
	}
	for kind, want := range map[string]string{
		"ridge": `{"kind":"ridge","penalty":1e-8}`, "rls": `{"alpha":0.001,"forgetting":1,"kind":"rls"}`, "lms": `{"kind":"lms","rate":0.001}`,
	} {
		r, err := esn.NewReadout(kind)
		check(err)
		b, err := esn.EncodeReadout(r)
		check(err)
		if string(b) != want {
			t.Errorf("%s by default is %s, want %s", kind, b, want)
		}
	}
}

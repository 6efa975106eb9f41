package esn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"elegans/tensor"
)

func TestGlimpses(t *testing.T) {
	x := tensor.New[float64](10, 2)
	for i := range x.Data() {
		x.Data()[i] = float64(i / 2) // both columns hold the number of the row
	}
	for _, c := range []struct {
		rows, washout, times int
		want                 []float64
	}{
		{10, 0, 1, []float64{9}}, {10, 0, 2, []float64{4, 9}}, {10, 2, 4, []float64{3, 5, 7, 9}}, {10, 0, 4, []float64{2, 4, 7, 9}},
		{2, 0, 4, []float64{0, 0, 1, 1}}, {1, 0, 3, []float64{0, 0, 0}},
	} {
		y := glimpses(x.Slice(0, 0, c.rows, 1), c.washout, c.times)
		var got []float64
		for k := range c.times {
			if y.At(0, 2*k) != y.At(0, 2*k+1) {
				t.Errorf("%+v: columns %v of two rows", c, y.Data())
			}
			got = append(got, y.At(0, 2*k))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: rows %v", c, got)
		}
	}
}

// TestWholeSequences tells rising sequences from falling ones, of unequal lengths.
func TestWholeSequences(t *testing.T) {
	c := Defaults()
	c.Neurons, c.Washout, c.ReadoutTimes, c.ReadoutInput = 20, 0, 3, true
	net, err := NewNetwork[float64](c, 1, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	if net.Features() != 3*21 {
		t.Errorf("%d features, want 3 times 20 neurons and an input", net.Features())
	}
	key := tensor.NewKey(1, "test")
	sequence := func(i int) Sequence {
		rows := 1 + int(key.Uint64(uint64(i))%7)
		s := Sequence{tensor.New[float64](rows+1, 1), tensor.New[float64](1, 2)}
		class, slope := i%2, []float64{.1, -.1}[i%2]
		s.Target.Set(1, 0, class)
		from := key.Float64(uint64(i+1000)) - .5
		for t := range rows + 1 {
			s.Input.Set(from+slope*float64(t), t, 0)
		}
		return s
	}
	var train []Sequence
	for i := range 300 {
		train = append(train, sequence(i))
	}
	if err := net.Fit(train); err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for i := 300; i < 400; i++ {
		s := sequence(i)
		y, err := net.Predict(s.Input)
		if err != nil || !slices.Equal(y.Shape(), []int{1, 2}) {
			t.Fatalf("%v, %v", y, err)
		}
		if (y.At(0, 1) > y.At(0, 0)) != (i%2 == 1) {
			wrong++
		}
	}
	if wrong > 2 {
		t.Errorf("%d of 100 wrong", wrong)
	}
	if _, err := net.Predict(tensor.New[float64](0, 1)); err == nil || !strings.Contains(err.Error(), "0 rows") {
		t.Errorf("a sequence without rows: %v", err)
	}
	if _, err := net.Stream().Step([]float64{0}); err == nil || !strings.Contains(err.Error(), "whole sequence") {
		t.Errorf("a stream: %v", err)
	}
	two := Sequence{tensor.New[float64](2, 1), tensor.New[float64](2, 2)}
	if err := net.Fit([]Sequence{two}); err == nil || !strings.Contains(err.Error(), "one for the whole") {
		t.Errorf("a target of two rows: %v", err)
	}
	c.FeedbackScale = 1
	if err := c.Validate(); err == nil {
		t.Error("feedback of a whole sequence was taken")
	}
}

// TestReadoutSquares: without a bias the states are odd in the input, so that a readout needs their
// squares to find that of the input; a stream sees them as well.
func TestReadoutSquares(t *testing.T) {
	u := tensor.Uniform[float64](tensor.NewKey(1, "u"), -1, 1, 400, 1)
	y := tensor.New[float64](400, 1)
	tensor.Mul(y, u, u)
	for _, squares := range []bool{false, true} {
		c := Defaults()
		c.BiasScale, c.InputScale, c.Scale, c.ReadoutSquares, c.ReadoutInput, c.ReadoutNeurons = 0, .5, .3, squares, true, []string{"0-49"}
		net, err := NewNetwork[float64](c, 1, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := 51
		if squares {
			want += 50
		}
		if net.Features() != want {
			t.Errorf("%d features, want %d", net.Features(), want)
		}
		if err := net.Fit([]Sequence{{u, y}}); err != nil {
			t.Fatal(err)
		}
		p, err := net.Predict(u)
		if err != nil {
			t.Fatal(err)
		}
		worst := 0.0
		for i := 100; i < 400; i++ {
			worst = max(worst, math.Abs(p.At(i, 0)-y.At(i, 0)))
		}
		if (worst < .02) != squares {
			t.Errorf("squares %v: off by up to %v", squares, worst)
		}
		s, err := net.Stream().Run(u)
		if err != nil || !slices.Equal(s.Data(), p.Data()) {
			t.Errorf("squares %v: a stream differs, %v", squares, err)
		}
	}
}

// TestPredictAll: many sequences at once give what each gives alone, up to rounding, and the
// readout that is fitted to them is the same; what cannot be run at once is run one by one.
func TestPredictAll(t *testing.T) {
	key := tensor.NewKey(3, "sequences")
	var list []Sequence
	var inputs []*tensor.Tensor[float64]
	for i := range 70 {
		rows := 6 + int(key.Uint64(uint64(i))%40)
		s := Sequence{tensor.Uniform[float64](key.Sub("u", uint64(i)), -1, 1, rows, 2), tensor.New[float64](1, 3)}
		s.Target.Set(1, 0, i%3)
		list, inputs = append(list, s), append(inputs, s.Input)
	}
	for _, c := range []struct {
		name   string
		change func(c *Config)
		same   bool // bit for bit, as what is run one by one
	}{
		{"states", func(*Config) {}, false},
		{"squares, some neurons and the input", func(c *Config) {
			c.ReadoutSquares, c.ReadoutInput, c.ReadoutNeurons = true, true, []string{"3-9", "20"}
		}, false},
		{"noise of the input", func(c *Config) { c.InputNoise = .1 }, false},
		{"leaks, groups and sine", func(c *Config) { c.Leak, c.Groups, c.Activation = Range{.3, 1}, 2, "sin" }, false},
		{"noise of the states", func(c *Config) { c.StateNoise = .1 }, true},
		{"two layers", func(c *Config) { c.Layers = 2 }, true},
		{"NVAR", func(c *Config) { c.NVAR = NVAR{Delay: 2, Stride: 1, Order: 2} }, true},
	} {
		config := Defaults()
		config.Neurons, config.Washout, config.ReadoutTimes = 30, 5, 3
		c.change(&config)
		r := NewRidgeReadout()
		r.Penalty = 1e-2
		net, err := NewNetwork[float64](config, 2, 3, r)
		if err != nil {
			t.Fatal(err)
		}
		if net.together() == c.same {
			t.Fatalf("%s: sequences are run together: %v", c.name, net.together())
		}
		if err := net.Fit(list); err != nil {
			t.Fatal(err)
		}
		all, err := net.PredictAll(inputs)
		if err != nil {
			t.Fatal(err)
		}
		seen, err := net.SeenAll(inputs)
		if err != nil {
			t.Fatal(err)
		}
		for i, u := range inputs {
			x, err1 := net.Seen(u)
			y, err2 := net.Predict(u)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			for _, p := range [][2]*tensor.Tensor[float64]{{seen[i], x}, {all[i], y}} {
				for j, v := range p[1].Contiguous().Data() {
					if d := math.Abs(p[0].Contiguous().Data()[j] - v); d > 1e-12 || c.same && d > 0 {
						t.Fatalf("%s: sequence %d, number %d is off by %v", c.name, i, j, d)
					}
				}
			}
		}
		// One by one, a readout that is fitted to the same rows has the same weights.
		one := NewRidgeReadout()
		one.Penalty = 1e-2
		if err := one.Begin(net.Features(), 3); err != nil {
			t.Fatal(err)
		}
		if config.InputNoise > 0 || config.StateNoise > 0 {
			continue // which Seen does not add
		}
		for _, s := range list {
			x, err := net.Seen(s.Input)
			if err == nil {
				err = one.Add(x, s.Target)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := one.Solve(); err != nil {
			t.Fatal(err)
		}
		for j, v := range one.Linear().Weight.Data() {
			if d := math.Abs(r.Linear().Weight.Data()[j] - v); d > 1e-9 {
				t.Fatalf("%s: weight %d is off by %v", c.name, j, d)
			}
		}
	}
}

// TestPredictAllRefuses names the sequence that is at fault.
func TestPredictAllRefuses(t *testing.T) {
	for _, layers := range []int{1, 2} {
		c := Defaults()
		c.Neurons, c.Washout, c.ReadoutTimes, c.Layers = 10, 5, 2, layers
		net, err := NewNetwork[float64](c, 1, 2, nil)
		if err != nil {
			t.Fatal(err)
		}
		good := tensor.New[float64](9, 1)
		if _, err := net.PredictAll([]*tensor.Tensor[float64]{good}); err == nil || !strings.Contains(err.Error(), "not been fitted") {
			t.Errorf("%d layers: before a fit: %v", layers, err)
		}
		for want, bad := range map[string]*tensor.Tensor[float64]{
			"more than the washout of 5": tensor.New[float64](5, 1), "NaN": tensor.Full(math.NaN(), 9, 1), "[9 2]": tensor.New[float64](9, 2),
		} {
			_, err := net.SeenAll([]*tensor.Tensor[float64]{good, bad})
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "sequence 1") {
				t.Errorf("%d layers: %v, want one with %q that names sequence 1", layers, err, want)
			}
		}
		if all, err := net.SeenAll(nil); err != nil || len(all) != 0 {
			t.Errorf("%d layers: no sequences: %v, %v", layers, all, err)
		}
	}
}

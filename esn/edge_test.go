package esn_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"elegans/connectome"
	"elegans/esn"
	"elegans/tensor"
)

// TestShortSequences predicts, streams, fits and generates over 0 rows and over 1.
func TestShortSequences(t *testing.T) {
	for name := range configs {
		t.Run(name, func(t *testing.T) {
			c, inputs, outputs := configOf(name)
			c.Washout = 0
			n, err := esn.NewNetwork[float64](c, inputs, outputs, nil)
			check(err)
			check(n.Fit([]esn.Sequence{sequence(0, inputs, outputs, 1), sequence(1, inputs, outputs, 2), sequence(30, inputs, outputs, 3)}))
			for _, rows := range []int{0, 1} {
				u := sequence(rows, inputs, outputs, 4).Input
				y, err := n.Predict(u)
				check(err)
				if !slices.Equal(y.Shape(), []int{rows, outputs}) {
					t.Errorf("%d rows give outputs of shape %v", rows, y.Shape())
				}
				if c.FeedbackScale == 0 {
					x, err := n.States(u)
					check(err)
					if x.Dim(0) != rows {
						t.Errorf("%d rows give states of shape %v", rows, x.Shape())
					}
				}
				if inputs == outputs {
					y, err := n.Generate(u, rows)
					check(err)
					if y.Dim(0) != rows {
						t.Errorf("%d steps give %v", rows, y.Shape())
					}
				}
			}
			// One row alone is enough for a fit: a constant.
			check(n.Fit([]esn.Sequence{sequence(1, inputs, outputs, 5)}))
			for i := range outputs {
				one := sequence(1, inputs, outputs, 5)
				y, err := n.Predict(one.Input)
				check(err)
				if math.Abs(y.At(0, i)-one.Target.At(0, i)) > 1e-9 {
					t.Errorf("a fit to one row predicts %v for it, want %v", y.At(0, i), one.Target.At(0, i))
				}
			}
		})
	}
	c, _, _ := configOf("random")
	n, err := esn.NewNetwork[float64](c, 1, 1, nil)
	check(err)
	if err := n.Fit(nil); err == nil || err.Error() != "esn: none of 0 sequences has more rows than the washout of 10" {
		t.Errorf("no sequence: %v", err)
	}
	check(n.Fit([]esn.Sequence{sequence(50, 1, 1, 1)}))
	if _, err := n.Generate(sequence(5, 1, 1, 1).Input, -1); err == nil {
		t.Error("-1 steps were made")
	}
}

// TestConstantInput settles: the readout of it is the mean of the target, and no weight is
// infinite.
func TestConstantInput(t *testing.T) {
	for _, penalty := range []float64{0, 1e-8} {
		c, _, _ := configOf("random")
		c.Washout, c.ReadoutInput, c.Scale = 200, true, .5 // long enough for all to settle
		n, err := esn.NewNetwork[float64](c, 1, 1, &esn.RidgeReadout{Penalty: penalty})
		check(err)
		s := sequence(400, 1, 1, 1)
		s.Input = tensor.New[float64](400, 1)
		for i := range 400 {
			s.Input.Set(.5, i, 0)
		}
		mean := 0.0
		for i := 200; i < 400; i++ {
			mean += s.Target.At(i, 0) / 200
		}
		check(n.Fit([]esn.Sequence{s}))
		y, err := n.Predict(s.Input)
		check(err)
		if got := y.At(399, 0); math.Abs(got-mean) > 1e-9 {
			t.Errorf("penalty %v: %v, want the mean %v", penalty, got, mean)
		}
	}
}

// TestSingularRidge fits with the penalty 0 to features that depend on each other: all inputs
// twice.
func TestSingularRidge(t *testing.T) {
	c, _, _ := configOf("random")
	c.Neurons, c.NVAR, c.ReadoutInput = 30, esn.NVAR{Delay: 1, Stride: 1, Order: 1}, true
	n, err := esn.NewNetwork[float64](c, 2, 1, &esn.RidgeReadout{})
	check(err)
	s := sequence(300, 2, 1, 1)
	check(n.Fit([]esn.Sequence{s}))
	y, err := n.Predict(s.Input)
	check(err)
	for i := 10; i < 300; i++ {
		if math.Abs(y.At(i, 0)-s.Target.At(i, 0)) > .05 {
			t.Fatalf("row %d: %v, want %v", i, y.At(i, 0), s.Target.At(i, 0))
		}
	}
}

// TestRadiusZero has states that depend on the present input alone.
func TestRadiusZero(t *testing.T) {
	for _, top := range esn.Topologies() {
		c := esn.Defaults()
		c.Topology, c.Scale, c.Neurons = top.Name, 0, 20
		if top.Name == "connectome" {
			c.Neurons = 0
		}
		n, err := esn.NewNetwork[float64](c, 1, 1, nil)
		check(err)
		u := sequence(10, 1, 1, 1).Input
		whole, err := n.States(u)
		check(err)
		last, err := n.States(u.Slice(0, 8, 10, 1).Contiguous())
		check(err)
		for i := range whole.Dim(1) {
			if whole.At(9, i) != last.At(1, i) || whole.At(8, i) != last.At(0, i) {
				t.Fatalf("%s: neuron %d remembers", top.Name, i)
			}
		}
	}
}

// TestNoCycles asks networks that cannot have one for a radius.
func TestNoCycles(t *testing.T) {
	g, err := connectome.New("chain", []connectome.Neuron{{Name: "a"}, {Name: "b"}, {Name: "c"}},
		[]connectome.Edge{{Pre: 0, Post: 1, Weight: 2}, {Pre: 1, Post: 2, Weight: 1}})
	check(err)
	c := esn.Defaults()
	c.Topology, c.Neurons, c.Connectome.Graph = "connectome", 0, g
	if _, err := esn.Build[float64](c, 1, 1); err == nil || !strings.Contains(err.Error(), "has no cycles, so that its spectral radius is 0") {
		t.Errorf("a chain: %v", err)
	}
	c.Scaling = esn.SpectralNormScaling
	d, err := esn.Build[float64](c, 1, 1)
	check(err)
	if v := d.Layers[0].W.Sparse.Val; len(v) != 2 || math.Abs(v[0]-.9) > 1e-15 || math.Abs(v[1]-.45) > 1e-15 {
		t.Errorf("weights %v, want .9 and .45", v)
	}
	c = esn.Defaults()
	c.Density = .001 // of 100 neurons: none
	if _, err := esn.Build[float64](c, 1, 1); err == nil || !strings.Contains(err.Error(), "connections") {
		t.Errorf("a density that gives no connections: %v", err)
	}
}

// TestBadRowInAStream leaves the stream as it was.
func TestBadRowInAStream(t *testing.T) {
	c, _, _ := configOf("nvar beside")
	n, err := esn.NewNetwork[float32](c, 1, 1, nil)
	check(err)
	check(n.Fit([]esn.Sequence{sequence(60, 1, 1, 1)}))
	a, b := n.Stream(), n.Stream()
	for i, v := range sequence(20, 1, 1, 2).Input.Data() {
		if i == 7 {
			for _, k := range []struct {
				u    []float64
				want string
			}{
				{[]float64{math.NaN()}, "esn: input row 7, column 0 is NaN, expected a finite number"},
				// of float32
				{[]float64{1e300}, "esn: input row 7, column 0 is 1e+300, expected a finite number"},
				{[]float64{1, 2}, "esn: an input of 2 numbers, expected 1"},
			} {
				if _, err := a.Step(k.u); err == nil || err.Error() != k.want {
					t.Errorf("error %v, want %s", err, k.want)
				}
			}
		}
		x, err := a.Step([]float64{v})
		check(err)
		y, err := b.Step([]float64{v})
		check(err)
		if x[0] != y[0] {
			t.Fatalf("row %d: %v after a bad row, %v without", i, x[0], y[0])
		}
	}
	u := sequence(5, 1, 1, 3).Input
	u.Set(math.Inf(1), 3, 0)
	if _, err := n.Predict(u); err == nil || err.Error() != "esn: input row 3, column 0 is +Inf, expected a finite number" {
		t.Error(err)
	}
}

// TestLargeRandom looks at the rows of a large matrix, and at its radius, which is near the root of
// the degree (the circular law).
func TestLargeRandom(t *testing.T) {
	const n, degree = 6000, 9
	m, err := esn.Random[float64](n, degree, tensor.NewKey(1, "large"))
	check(err)
	sources := make([]int, n)
	for i := range n {
		row := m.Col[m.RowPtr[i]:m.RowPtr[i+1]]
		if len(row) != degree || !slices.IsSorted(row) || len(slices.Compact(slices.Clone(row))) != degree {
			t.Fatalf("neuron %d hears %v", i, row)
		}
		for _, j := range row {
			sources[j]++
		}
	}
	if most := slices.Max(sources); most > 35 {
		t.Errorf("one neuron is heard by %d, want about %d", most, degree)
	}
	radius, err := esn.SpectralRadius(esn.Weights[float64]{Sparse: m})
	check(err)
	if math.Abs(radius-3) > .25 {
		t.Errorf("radius %v, want about 3", radius)
	}
	again, err := esn.Random[float64](n, degree, tensor.NewKey(1, "large"))
	check(err)
	if !slices.Equal(m.Col, again.Col) || !slices.Equal(m.Val, again.Val) {
		t.Error("the same key gave another matrix")
	}
}

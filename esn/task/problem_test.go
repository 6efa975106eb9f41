package task

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"

	"elegans/esn"
	"elegans/tensor"
)

// TestProblems looks at the problem of every task that needs no file.
func TestProblems(t *testing.T) {
	for _, name := range Names() {
		task, err := Get(name)
		if err != nil {
			t.Fatal(err)
		}
		if task.Doc == "" || task.Alignment == "" || task.Metric == "" || strings.Contains(task.Doc, "\n") {
			t.Errorf("%s: a task without a line of description, alignment or metric: %+v", name, task)
		}
		if task.Needs != "" || testing.Short() && name == "kuramoto_sivashinsky" {
			continue
		}
		p, err := task.Make(Options{Seed: 1})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if p.Task != task || len(p.Train) == 0 || len(p.Validate) == 0 || len(p.Test) == 0 {
			t.Errorf("%s: of %p, %d, %d and %d sequences", name, p.Task, len(p.Train), len(p.Validate), len(p.Test))
		}
		for _, part := range [][]esn.Sequence{p.Train, p.Validate, p.Test} {
			for i, s := range part {
				if s.Input.Dim(1) != task.Inputs || s.Target.Dim(1) != task.Outputs || s.Input.Dim(0) != s.Target.Dim(0) || s.Input.Dim(0) <= p.Washout {
					t.Fatalf("%s: sequence %d has the shapes %v and %v with a washout of %d", name, i, s.Input.Shape(), s.Target.Shape(), p.Washout)
				}
				for _, x := range []*tensor.Tensor[float64]{s.Input, s.Target} {
					if slices.ContainsFunc(x.Contiguous().Data(), func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }) {
						t.Fatalf("%s: sequence %d is not finite", name, i)
					}
				}
				if task.Kind == Generation && !slices.Equal(s.Target.Slice(0, 0, 9, 1).Contiguous().Data(), s.Input.Slice(0, 1, 10, 1).Contiguous().Data()) {
					t.Fatalf("%s: the target of sequence %d is not the next row of the input", name, i)
				}
			}
		}
		again, err := task.Make(Options{Seed: 1})
		if err != nil || !slices.Equal(again.Test[0].Target.Contiguous().Data(), p.Test[0].Target.Contiguous().Data()) {
			t.Errorf("%s: a seed gives two problems", name)
		}
		other, err := task.Make(Options{Seed: 2})
		if err != nil || slices.Equal(other.Test[0].Target.Contiguous().Data(), p.Test[0].Target.Contiguous().Data()) {
			t.Errorf("%s: two seeds give one problem", name)
		}
	}
}

// TestNoTransient: the training rows of a flow and its last ones have the same mean and deviation.
func TestNoTransient(t *testing.T) {
	for _, a := range attractors {
		if a.width > 100 && testing.Short() {
			continue
		}
		x := a.series(3, 2*a.forecast.train)
		first, last := standardOf(x, a.forecast.train), standardOf(x.Slice(0, a.forecast.train, 2*a.forecast.train, 1), a.forecast.train)
		for i := range a.width {
			if d := math.Abs(first.Mean[i]-last.Mean[i]) / last.Deviation[i]; d > .6 {
				t.Errorf("%s: the means of column %d differ by %.2f deviations", a.name, i, d)
			}
			if r := first.Deviation[i] / last.Deviation[i]; r > 1.5 || r < .66 {
				t.Errorf("%s: the deviations of column %d have the ratio %.2f", a.name, i, r)
			}
		}
	}
}

// TestStatistics are the means and variances that the tasks have, to recognise a series by.
func TestStatistics(t *testing.T) {
	for _, c := range []struct {
		name                   string
		mean, variance, within float64
	}{
		{"narma10", .388, .0117, .05}, {"narma20", .2007, .00858, .05}, {"narma30", .1549, .00849, .05},
		{"mackey_glass", -.0654, .0467, .03}, {"xor", .5, .25, .05}, {"sine_square", .5, .25, .1},
	} {
		task, err := Get(c.name)
		if err != nil {
			t.Fatal(err)
		}
		var all []float64
		for seed := range uint64(8) {
			p, err := task.Make(Options{Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			y := p.Train[0].Target
			all = append(all, y.Slice(0, p.Washout, y.Dim(0), 1).Contiguous().Data()...)
		}
		mean, variance := 0.0, 0.0
		for _, v := range all {
			mean += v / float64(len(all))
		}
		for _, v := range all {
			variance += (v - mean) * (v - mean) / float64(len(all))
		}
		t.Logf("%s: mean %.4f, variance %.5f", c.name, mean, variance)
		if math.Abs(mean-c.mean) > c.within*max(math.Abs(c.mean), math.Sqrt(c.variance)) || math.Abs(variance/c.variance-1) > c.within {
			t.Errorf("%s: mean %.4f and variance %.5f, want %v and %v", c.name, mean, variance, c.mean, c.variance)
		}
	}
}

// TestRegressionParts adjoin: the scored rows of the three parts are those of the whole series.
func TestRegressionParts(t *testing.T) {
	l := lengths{washout: 2, train: 3, validate: 4, test: 5}
	var rows []float64
	for i := range l.total() {
		rows = append(rows, float64(i))
	}
	p := l.regression(column(rows), column(rows))
	var scored []float64
	for _, part := range [][]esn.Sequence{p.Train, p.Validate, p.Test} {
		y := part[0].Target
		scored = append(scored, y.Slice(0, p.Washout, y.Dim(0), 1).Contiguous().Data()...)
	}
	if !slices.Equal(scored, rows[2:]) {
		t.Errorf("scored rows %v, want %v", scored, rows[2:])
	}
}

func TestParity(t *testing.T) {
	bits := []float64{1, 0, 1, 1, 0, 0}
	for _, c := range []struct {
		n, delay int
		want     []float64
	}{
		{1, 0, bits}, {2, 0, []float64{1, 1, 1, 0, 1, 0}}, {3, 0, []float64{1, 1, 0, 0, 0, 1}}, {2, 1, []float64{0, 1, 1, 1, 0, 1}},
	} {
		if got := Parity(bits, c.n, c.delay); !slices.Equal(got, c.want) {
			t.Errorf("%d bits, delay %d: %v, want %v", c.n, c.delay, got, c.want)
		}
	}
}

func TestStandard(t *testing.T) {
	x := tensor.FromSlice([]float64{1, 5, 3, 5, 100, 7}, 3, 2)
	s := standardOf(x, 2)
	y := s.Apply(x)
	if want := []float64{-1, 0, 1, 0, 98, 2}; !slices.Equal(y.Data(), want) {
		t.Errorf("%v, want %v", y.Data(), want)
	}
	if back := s.Undo(y).Data(); !floats.EqualApprox(back, x.Data(), 1e-12) {
		t.Errorf("undone: %v, want %v", back, x.Data())
	}
}

func TestGetNamesTheTasks(t *testing.T) {
	_, err := Get("narma\n")
	if err == nil || !strings.Contains(err.Error(), "narma10") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
}

package esn_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"elegans/esn"
	"elegans/internal/allocs"
	"elegans/tensor"
)

// oneHot returns rows of one 1 for labels, [T, classes], or of one class against the others, [T,
// 1].
func oneHot(labels []int, outputs int) *tensor.Tensor[float64] {
	y := tensor.New[float64](len(labels), outputs)
	for t, l := range labels {
		switch {
		case outputs > 1:
			y.Set(1, t, l)
		case l == 1:
			y.Set(1, t, 0)
		}
	}
	return y
}

// fit gives rows to a readout in two pieces.
func fit(t testing.TB, r esn.Readout, x, y *tensor.Tensor[float64]) {
	t.Helper()
	if err := r.Begin(x.Dim(1), y.Dim(1)); err != nil {
		t.Fatal(err)
	}
	half := x.Dim(0) / 2
	for _, c := range [][2]int{{0, half}, {half, x.Dim(0)}} {
		if err := r.Add(x.Slice(0, c[0], c[1], 1), y.Slice(0, c[0], c[1], 1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Solve(); err != nil {
		t.Fatal(err)
	}
}

// TestClassifiersOfScikitLearn compares predictions with those that testdata/peers/esn_readouts.py
// stored.
func TestClassifiersOfScikitLearn(t *testing.T) {
	b, err := os.ReadFile("testdata/readouts.json")
	if err != nil {
		t.Fatal(err)
	}
	var stored struct {
		X     [][]float64
		Label []int
		Cases []struct {
			Kind        string
			Penalty     float64
			Standardise bool
			Outputs     int
			Prediction  [][]float64
		}
	}
	if err := json.Unmarshal(b, &stored); err != nil {
		t.Fatal(err)
	}
	x := tensor.FromSlice(slices.Concat(stored.X...), len(stored.X), len(stored.X[0]))
	if len(stored.Cases) != 12 {
		t.Fatalf("%d cases, want 12", len(stored.Cases))
	}
	for _, c := range stored.Cases {
		options, err := json.Marshal(map[string]any{"kind": c.Kind, "penalty": c.Penalty, "standardise": c.Standardise})
		if err != nil {
			t.Fatal(err)
		}
		r, err := esn.DecodeReadout(options)
		if err != nil {
			t.Fatal(err)
		}
		fit(t, r, x, oneHot(stored.Label, c.Outputs))
		y := tensor.New[float64](x.Dim(0), c.Outputs)
		r.Predict(y, x)
		worst := 0.0
		for i, want := range slices.Concat(c.Prediction...) {
			worst = max(worst, math.Abs(y.Data()[i]-want))
		}
		t.Logf("%s, penalty %g, standardised %v, %d outputs: largest difference %.1e", c.Kind, c.Penalty, c.Standardise, c.Outputs, worst)
		if !(worst <= 2e-8) {
			t.Errorf("%s: predictions differ by %g, want at most 2e-8", options, worst)
		}
	}
}

// TestSoftmaxOfAlikeFeatures fits states that are nearly the same, as those of reservoirs are: the
// derivatives at the solution are 0.
func TestSoftmaxOfAlikeFeatures(t *testing.T) {
	const rows, n, classes = 300, 40, 5
	k := tensor.NewKey(1, "alike")
	common := tensor.Normal[float64](k.Sub("common"), 0, 1, rows, 3)
	mix := tensor.Normal[float64](k.Sub("mix"), 0, 1, 3, n)
	x := tensor.Normal[float64](k.Sub("own"), 0, 1e-4, rows, n)
	tensor.MatMulAdd(x, common, mix)
	labels := make([]int, rows)
	for t := range labels {
		labels[t] = min(max(int(2.5+1.5*common.At(t, 0)+k.Normal(uint64(t))), 0), classes-1)
	}
	y := oneHot(labels, classes)
	for _, penalty := range []float64{1, 1e-4} {
		r := esn.NewSoftmaxReadout()
		r.Penalty, r.Standardise = penalty, false
		fit(t, r, x, y)
		p := tensor.New[float64](rows, classes)
		r.Predict(p, x)
		tensor.Sub(p, p, y)
		g := tensor.New[float64](n, classes)
		tensor.Gemm(g, x.Transpose(0, 1), p, 1, 0)
		tensor.AddScaled(g, r.Linear().Weight, penalty)
		if worst := tensor.MaxAbs(g); !(worst < 1e-6) {
			t.Errorf("penalty %g: the largest derivative is %g", penalty, worst)
		}
	}
}

func TestReadoutsRefuse(t *testing.T) {
	x := tensor.Full(1.0, 4, 2)
	for _, c := range []struct {
		what, want string
		y          *tensor.Tensor[float64]
		r          func() esn.Readout
	}{
		{"targets that sum to 2", "sums to 2", tensor.Full(1.0, 4, 2), func() esn.Readout { return esn.NewSoftmaxReadout() }},
		{"a negative target", "is -1 at output 0", tensor.Full(-1.0, 4, 1), func() esn.Readout { return esn.NewSoftmaxReadout() }},
		{"NaN", "is NaN at output 0", tensor.Full(math.NaN(), 4, 1), func() esn.Readout { return esn.NewSoftmaxReadout() }},
		{"a negative penalty", "penalty -1", tensor.New[float64](4, 1), func() esn.Readout {
			r := esn.NewSoftmaxReadout()
			r.Penalty = -1
			return r
		}},
		{"other features", "expected [T, 2]", tensor.New[float64](3, 1), func() esn.Readout { return esn.NewSoftmaxReadout() }},
	} {
		r := c.r()
		err := r.Begin(2, c.y.Dim(1))
		if err == nil {
			err = r.Add(x, c.y)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.what, err, c.want)
		}
	}
	r := esn.NewSoftmaxReadout()
	if err := r.Begin(2, 1); err != nil {
		t.Fatal(err)
	}
	if err := r.Solve(); err == nil {
		t.Error("a readout without rows was fitted")
	}
}

// TestSoftmaxOfPartedClasses has no finite solution without a penalty.
func TestSoftmaxOfPartedClasses(t *testing.T) {
	x := tensor.FromSlice([]float64{-2, -1, 1, 2}, 4, 1)
	y := tensor.FromSlice([]float64{0, 0, 1, 1}, 4, 1)
	r := esn.NewSoftmaxReadout()
	r.Penalty, r.Tolerance, r.Iterations = 0, 1e-300, 30
	if err := r.Begin(1, 1); err != nil {
		t.Fatal(err)
	}
	if err := r.Add(x, y); err != nil {
		t.Fatal(err)
	}
	if err := r.Solve(); err == nil || !strings.Contains(err.Error(), "a larger penalty helps") {
		t.Errorf("error %v, want one that names the penalty", err)
	}
}

// TestClassifierReadoutsAreSaved gives the arrays of a readout to a new one.
func TestClassifierReadoutsAreSaved(t *testing.T) {
	k := tensor.NewKey(2, "saved")
	x := tensor.Normal[float64](k, 0, 1, 30, 4)
	labels := make([]int, 30)
	for i := range labels {
		labels[i] = i % 3
	}
	y := oneHot(labels, 3)
	for _, kind := range []string{"softmax", "ridge_classifier"} {
		a, err := esn.NewReadout(kind)
		if err != nil {
			t.Fatal(err)
		}
		fit(t, a, x, y)
		text, err := esn.EncodeReadout(a)
		if err != nil {
			t.Fatal(err)
		}
		b, err := esn.DecodeReadout(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Begin(4, 3); err != nil {
			t.Fatal(err)
		}
		if err := b.SetArrays(a.Arrays()); err != nil {
			t.Fatal(err)
		}
		p, q := tensor.New[float64](30, 3), tensor.New[float64](30, 3)
		a.Predict(p, x)
		b.Predict(q, x)
		if !slices.Equal(p.Data(), q.Data()) {
			t.Errorf("%s: a loaded readout predicts something else", kind)
		}
		if err := b.Add(x, y); (err == nil) != (kind == "ridge_classifier") {
			t.Errorf("%s: more rows for a loaded readout: error %v", kind, err)
		}
		if n := allocs.PerStep(5, func() { a.Predict(p, x) }); n != 0 {
			t.Errorf("%s: %v allocations a prediction", kind, n)
		}
	}
}

func TestClasses(t *testing.T) {
	c := esn.ClassesOf([]string{"b", "a", "c", "a"})
	if !slices.Equal(c, esn.Classes{"a", "b", "c"}) {
		t.Fatalf("classes %v", c)
	}
	y, err := c.Targets("c", "a")
	if err != nil || !slices.Equal(y.Data(), []float64{0, 0, 1, 1, 0, 0}) {
		t.Fatalf("targets %v, error %v", y, err)
	}
	if names := c.Names(y); !slices.Equal(names, []string{"c", "a"}) {
		t.Errorf("names %v", names)
	}
	if _, err := c.Targets("a", "d\n"); err == nil || !strings.Contains(err.Error(), `label 1 is "d\n"`) {
		t.Errorf("an unknown label: error %v", err)
	}
}

// Sequences are classified by their states and inputs at three equally spaced times.
func ExampleClasses() {
	classes := esn.Classes{"falling", "rising"}
	var sequences []esn.Sequence
	key := tensor.NewKey(1, "trends")
	for i := range 60 {
		rows := 10 + i%7 // of unequal length
		u := tensor.Normal[float64](key.Sub("noise", uint64(i)), 0, .3, rows, 1)
		for t := range rows {
			u.Set(u.At(t, 0)+(float64(i%2)*2-1)*float64(t)/float64(rows), t, 0)
		}
		target, err := classes.Targets(classes[i%2])
		check(err)
		sequences = append(sequences, esn.Sequence{Input: u, Target: target})
	}
	config := esn.Defaults()
	config.Neurons, config.Washout, config.ReadoutTimes, config.ReadoutInput = 50, 0, 3, true
	network, err := esn.NewNetwork[float64](config, 1, 2, esn.NewSoftmaxReadout())
	check(err)
	check(network.Fit(sequences[:40]))
	right := 0
	for i, s := range sequences[40:] {
		p, err := network.Predict(s.Input)
		check(err)
		if classes.Names(p)[0] == classes[i%2] {
			right++
		}
	}
	fmt.Println(right, "of 20 right")
	// Output: 20 of 20 right
}

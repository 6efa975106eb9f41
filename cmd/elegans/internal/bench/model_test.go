package bench

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
)

func small(t *testing.T, o ModelOptions) *Model {
	t.Helper()
	m, err := NewModel(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestModelQuantities checks that every quantity says what it is about.
func TestModelQuantities(t *testing.T) {
	m := small(t, ModelOptions{Model: "m2-small", Start: "own", Seed: 1, Batch: 4})
	losses := []float64{}
	for _, what := range slices.Concat(Quantities, slices.Repeat([]string{"step"}, 10)) {
		r, err := m.Measure(what)
		if err != nil {
			t.Fatal(err)
		}
		if r.What != what || r.Model != "m2-small" || r.Start != "own" || r.Batch != 4 || r.Threads < 1 || r.Kernels == "" || r.GOGC < 1 {
			t.Errorf("%s: %+v", what, r)
		}
		if timed := what != "memory"; timed != (r.Seconds > 0) || timed == (r.MiB > 0) {
			t.Errorf("%s: %v s, %v MiB", what, r.Seconds, r.MiB)
		}
		if counted := what == "step" || strings.HasPrefix(what, "forward"); counted != (r.GFLOPS > 0) || counted != (r.PeakShare > 0) {
			t.Errorf("%s: %v GFLOP/s, share of the peak %v", what, r.GFLOPS, r.PeakShare)
		}
		if reads := what == "read" || what == "forward1"; reads != (r.GBPS > 0) {
			t.Errorf("%s: %v GB/s", what, r.GBPS)
		}
		if what == "step" {
			losses = append(losses, r.Loss)
		}
		if strings.HasPrefix(what, "forward") && (r.Mean <= 0 || r.Mean >= 1) {
			t.Errorf("%s: mean probability %v", what, r.Mean)
		}
	}
	if losses[10] >= losses[0] {
		t.Errorf("losses %v: ten steps on the same images did not lower it", losses)
	}
	if _, err := m.Measure("speed"); err == nil {
		t.Error("an unknown quantity was measured")
	}
	if r := m.Built(); r.What != "built" || r.MiB <= 0 {
		t.Errorf("%+v", r)
	}
}

// TestModelStarts checks that the starts and seeds differ, and that one gives the same model again.
func TestModelStarts(t *testing.T) {
	mean := func(o ModelOptions) float64 {
		r, err := small(t, o).Measure("forward")
		if err != nil {
			t.Fatal(err)
		}
		return r.Mean
	}
	a := mean(ModelOptions{Model: "m2-small", Start: "own", Seed: 1, Batch: 2})
	if b := mean(ModelOptions{Model: "m2-small", Start: "own", Seed: 1, Batch: 2}); a != b {
		t.Errorf("seed 1 gives %v and %v", a, b)
	}
	if b := mean(ModelOptions{Model: "m2-small", Start: "own", Seed: 2, Batch: 2}); a == b {
		t.Errorf("seeds 1 and 2 both give %v", a)
	}
}

// TestModelErrors checks that what cannot be built is refused.
func TestModelErrors(t *testing.T) {
	for name, o := range map[string]ModelOptions{
		"unknown model":            {Model: "fly", Start: "own", Batch: 1},
		"unknown start":            {Model: "m2-small", Start: "gamma2", Batch: 1},
		"weights of another model": {Model: "lenet", Start: "gamma05", Batch: 1},
		"no images":                {Model: "m2-small", Start: "own", Batch: 1, Data: t.TempDir()},
	} {
		if _, err := NewModel(context.Background(), o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestReadIsOfAllParameters checks the size that the speed of reading refers to.
func TestReadIsOfAllParameters(t *testing.T) {
	m := small(t, ModelOptions{Model: "lenet", Start: "own", Seed: 1, Batch: 1})
	const parameters = 61706 // of LeNet-5 on images of 28x28
	r, err := m.Measure("read")
	if err != nil {
		t.Fatal(err)
	}
	if got := r.GBPS * r.Seconds * 1e9; math.Abs(got-4*parameters) > 1 {
		t.Errorf("%v bytes, want %d", got, 4*parameters)
	}
}

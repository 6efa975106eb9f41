package task

import (
	"math"
	"testing"
)

// TestExponents computes every stated exponent again.
func TestExponents(t *testing.T) {
	for _, a := range attractors {
		rows, within := 1000000, .02
		switch {
		case a.width > 100:
			rows, within = 10000, .05
		case a.width > 3:
			rows = 100000
		case a.name == "double_scroll":
			rows, within = 60000, .05
		}
		if testing.Short() {
			rows, within = rows/10, 4*within
		}
		step := a.stepper()
		got := Exponent(step, append([]float64{}, a.series(1, 1).Data()...), a.step, rows)
		if !(math.Abs(got/a.lyapunov-1) <= within) {
			t.Errorf("%s: %v over %d rows, stated is %v", a.name, got, rows, a.lyapunov)
		}
	}
}

// TestMackeyGlassExponent also checks that the step is that of the series.
func TestMackeyGlassExponent(t *testing.T) {
	x := make([]float64, 171)
	for i := range x {
		x[i] = 1.2
	}
	y, err := MackeyGlass(1000, 17, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range y {
		if v != x[170] {
			t.Fatalf("row %d: step gives %v, the series has %v", i, x[170], v)
		}
		mackeyGlassStep(x)
	}
	got := Exponent(mackeyGlassStep, x, 1, 200000)
	task, err := Get("mackey_glass")
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(got/task.Time.Lyapunov-1) > .02 {
		t.Errorf("exponent %v, stated is %v", got, task.Time.Lyapunov)
	}
}

// TestLogisticExponent is the mean of the logarithm of the slope.
func TestLogisticExponent(t *testing.T) {
	x := Logistic(1000000, 3.9, .3)
	sum := 0.0
	for _, v := range x {
		sum += math.Log(math.Abs(3.9 * (1 - 2*v)))
	}
	if got := sum / float64(len(x)); math.Abs(got-.4962) > .001 {
		t.Errorf("%v, stated is .4962", got)
	}
}

// TestFourthOrder halves the step: the error of a method of fourth order falls to a sixteenth.
func TestFourthOrder(t *testing.T) {
	for _, f := range []Flow{Lorenz63, Rossler, Chen, DoubleScroll, RabinovichFabrikant, Lorenz96([]float64{8.01, 8, 7, 8, 8}, 8)} {
		end := func(refine int) []float64 {
			f := f
			f.Step, f.Sub = f.Step/float64(refine), f.Sub*refine
			x := append([]float64{}, f.Start...)
			step := f.Stepper()
			for range 20 {
				step(x)
			}
			return x
		}
		exact := end(32)
		off := func(refine int) float64 {
			worst := 0.0
			for i, v := range end(refine) {
				worst = max(worst, math.Abs(v-exact[i]))
			}
			return worst
		}
		if ratio := off(1) / off(2); ratio < 12 || ratio > 22 {
			t.Errorf("%s: the error falls to 1/%.3g, want about 1/16", f.Name, ratio)
		}
	}
}

// TestRabinovichFabrikantEscapes is why the task takes another constant.
func TestRabinovichFabrikantEscapes(t *testing.T) {
	last := RabinovichFabrikant.Series(1400).At(1399, 0)
	if !math.IsNaN(last) && math.Abs(last) < 100 {
		t.Errorf("still at %v after 1,400 rows: the comment says otherwise", last)
	}
}

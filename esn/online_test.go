package esn_test

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"elegans/esn"
	"elegans/internal/allocs"
	"elegans/tensor"
)

// TestRLSIsRidge compares what recursive least squares have learnt after every row with a ridge
// regression on all rows so far, with and without a constant, learnt in a stream and by Fit.
func TestRLSIsRidge(t *testing.T) {
	for _, plain := range []bool{false, true} {
		c, _, _ := configOf("random")
		c.Neurons, c.Washout = 20, 0
		n, err := esn.NewNetwork[float64](c, 1, 1, &esn.RLSReadout{Alpha: .01, Forgetting: 1, NoConstant: plain})
		check(err)
		s := sequence(200, 1, 1, 1)
		stream := n.Stream()
		for i := range 200 {
			_, err := stream.Step(s.Input.Data()[i : i+1])
			check(err)
			check(stream.Learn(s.Target.Data()[i : i+1]))
		}
		x, err := n.States(s.Input)
		check(err)
		intercept := esn.Penalised
		if plain {
			intercept = esn.None
		}
		want, err := esn.Ridge(x, s.Target, 0, .01, intercept)
		check(err)
		got := slices.Clone(n.Readout().Arrays()["weight"].Data())
		all := want.Weight.Data()
		if !plain {
			all = append(slices.Clone(all), want.Bias.At(0))
		}
		if len(got) != len(all) {
			t.Fatalf("%d weights, want %d", len(got), len(all))
		}
		for i, v := range all {
			if math.Abs(got[i]-v) > 1e-8 {
				t.Fatalf("weight %d is %v, ridge regression has %v", i, got[i], v)
			}
		}
		check(n.Fit([]esn.Sequence{s}))
		for i, v := range n.Readout().Arrays()["weight"].Data() {
			if math.Abs(got[i]-v) > 1e-12 {
				t.Fatalf("weight %d is %v by Fit, %v in a stream", i, v, got[i])
			}
		}
	}
}

// TestOnlineFollowsAChange learns a target whose sign turns in the middle: with forgetting the
// error is small again soon after.
func TestOnlineFollowsAChange(t *testing.T) {
	for name, r := range map[string]esn.Readout{
		"rls": &esn.RLSReadout{Alpha: .1, Forgetting: .99}, "lms": &esn.LMSReadout{Rate: .02},
	} {
		t.Run(name, func(t *testing.T) {
			c, _, _ := configOf("random")
			c.Neurons = 30
			n, err := esn.NewNetwork[float32](c, 1, 1, r)
			check(err)
			stream, s := n.Stream(), sequence(6000, 1, 1, 1)
			var e [6]float64 // mean squared error of each thousand rows
			for i := range 6000 {
				y, err := stream.Step(s.Input.Data()[i : i+1])
				check(err)
				target := []float64{s.Target.At(i, 0)}
				if i >= 3000 {
					target[0] = -target[0]
				}
				d := y[0] - target[0]
				e[i/1000] += d * d / 1000
				check(stream.Learn(target))
			}
			t.Logf("%.2g", e)
			if !(e[2] < .01 && e[3] > 3*e[2] && e[5] < .01) {
				t.Errorf("errors %v, want small ones but after the change", e)
			}
			row, target := []float64{.1}, []float64{.2}
			if a := allocs.PerStep(20, func() { _, _ = stream.Step(row); _ = stream.Learn(target) }); a != 0 {
				t.Errorf("%v allocations for a step and a row learnt", a)
			}
		})
	}
}

// TestForce trains the feedback of a chaotic network while it runs, as D. Sussillo and L. Abbott
// do, until it goes on with a sum of sines by itself.
func TestForce(t *testing.T) {
	c := esn.Defaults()
	c.Neurons, c.Scale, c.Leak, c.FeedbackScale, c.BiasScale = 300, 1.3, esn.Fixed(.3), 1, 0
	n, err := esn.NewNetwork[float64](c, 0, 1, &esn.RLSReadout{Alpha: 1, Forgetting: 1})
	check(err)
	s := n.Stream()
	wave := func(t int) float64 { return .6*math.Sin(.1*float64(t)) + .3*math.Sin(.2*float64(t)+1) }
	for i := range 4000 {
		_, err := s.Step(nil)
		check(err)
		check(s.Learn([]float64{wave(i)}))
	}
	y, err := s.Generate(500)
	check(err)
	worst := 0.0
	for i := range 500 {
		worst = max(worst, math.Abs(y.At(i, 0)-wave(4000+i)))
	}
	t.Logf("largest error in 500 free steps %.3g", worst)
	if worst > .1 {
		t.Errorf("the largest error of 500 free steps is %v", worst)
	}
}

// TestUnstableLoopIsNamed makes a readout whose output grows without bound.
func TestUnstableLoopIsNamed(t *testing.T) {
	c := esn.Defaults()
	c.Neurons, c.FeedbackScale, c.Activation, c.Scale = 10, 1, "linear", 3
	n, err := esn.NewNetwork[float64](c, 1, 1, nil)
	check(err)
	c.Washout = 0
	check(n.Fit([]esn.Sequence{sequence(150, 1, 1, 1)}))
	s := n.Stream()
	check(s.SetOutput([]float64{1}))
	for range 100000 {
		if _, err = s.Step([]float64{1}); err != nil {
			break
		}
	}
	if err == nil || !strings.Contains(err.Error(), "the closed loop is not stable") {
		t.Errorf("error %v, want one that names the loop", err)
	}
	if err := s.SetOutput([]float64{math.NaN()}); err == nil {
		t.Error("an output of NaN was taken")
	}
}

// TestLearnFaults are refused.
func TestLearnFaults(t *testing.T) {
	c, _, _ := configOf("random")
	ridge, err := esn.NewNetwork[float64](c, 1, 1, nil)
	check(err)
	check(ridge.Fit([]esn.Sequence{sequence(100, 1, 1, 1)}))
	s := ridge.Stream()
	_, err = s.Step([]float64{0})
	check(err)
	if err := s.Learn([]float64{1}); err == nil || err.Error() != "esn: a ridge readout learns from whole sequences, expected one that learns online" {
		t.Error(err)
	}
	online, err := esn.NewNetwork[float64](c, 1, 1, esn.NewRLSReadout())
	check(err)
	s = online.Stream()
	if err := s.Learn([]float64{1}); err == nil || err.Error() != "esn: a target before the first step" {
		t.Error(err)
	}
	_, err = s.Step([]float64{0})
	check(err)
	for _, k := range []struct {
		target []float64
		want   string
	}{
		{nil, "esn: a target of 0 numbers, expected 1"},
		{[]float64{math.Inf(-1)}, "esn: target of row 0, column 0 is -Inf, expected a finite number"},
	} {
		if err := s.Learn(k.target); err == nil || err.Error() != k.want {
			t.Errorf("%v: %v", k.target, err)
		}
	}
	for _, r := range []esn.Readout{
		&esn.RLSReadout{Forgetting: 1}, &esn.RLSReadout{Alpha: 1}, &esn.RLSReadout{Alpha: 1, Forgetting: 1.1}, &esn.LMSReadout{},
		&esn.LMSReadout{Rate: math.Inf(1)}, &esn.RidgeReadout{Penalty: -1}, &esn.RidgeReadout{Penalty: math.NaN()}, &esn.RidgeReadout{Intercept: "some"},
	} {
		if _, err := esn.NewNetwork[float64](c, 1, 1, r); err == nil {
			t.Errorf("%+v was taken", r)
		}
	}
}

// TestManyStepsKeepMemory streams a million steps through a network that learns.
func TestManyStepsKeepMemory(t *testing.T) {
	steps := 1_000_000
	if testing.Short() {
		steps = 50_000
	}
	c, _, _ := configOf("deep")
	c.Neurons, c.Layers, c.NVAR = 8, 2, esn.NVAR{Delay: 2, Stride: 2, Order: 2}
	n, err := esn.NewNetwork[float64](c, 1, 1, &esn.LMSReadout{Rate: .001})
	check(err)
	s := n.Stream()
	u, target := []float64{0}, []float64{0}
	used := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	run := func(steps int) {
		for i := range steps {
			u[0], target[0] = math.Sin(float64(i)), math.Cos(float64(i))
			_, err := s.Step(u)
			check(err)
			check(s.Learn(target))
		}
	}
	run(1000)
	before := used()
	run(steps)
	if after := used(); after > before+64<<10 {
		t.Errorf("%d steps made the heap grow from %d to %d bytes", steps, before, after)
	}
	if s.State().Steps != steps+1000 {
		t.Errorf("%d steps counted", s.State().Steps)
	}
}

// TestWorkersDoNotChangeBits fits, predicts, adapts and saves with 1, 2, 3 and 8 goroutines.
func TestWorkersDoNotChangeBits(t *testing.T) {
	defer tensor.SetWorkers(tensor.Workers())
	for _, name := range []string{"worm", "deep and wide", "many inputs", "dense", "nvar beside"} {
		var want string
		for _, workers := range []int{1, 2, 3, 8} {
			tensor.SetWorkers(workers)
			c, inputs, outputs := configOf(name)
			if name == "dense" {
				c.Neurons = 270 // whose matrix is shared among goroutines
			}
			n, err := esn.NewNetwork[float32](c, inputs, outputs, nil)
			check(err)
			check(n.Adapt([]esn.Sequence{sequence(30, inputs, outputs, 2)}, esn.DefaultAdaptation()))
			check(n.Fit([]esn.Sequence{sequence(120, inputs, outputs, 1)}))
			var b strings.Builder
			check(n.Encode(&b))
			y, err := n.Predict(sequence(50, inputs, outputs, 3).Input)
			check(err)
			got := fmt.Sprint(b.String(), y.Data())
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("%s: %d workers give other bits than 1", name, workers)
			}
		}
	}
}

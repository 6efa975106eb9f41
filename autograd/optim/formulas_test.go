package optim

import (
	"math"
	"testing"
)

// TestScheduleFormulas compares schedules that no recorded value covers, and the borders of those
// that are put together, with their formulas.
func TestScheduleFormulas(t *testing.T) {
	const base = .8
	cosine := func(x float64) float64 { return (1 + math.Cos(math.Pi*x)) / 2 }
	for _, c := range []struct {
		name, options string
		want          func(k int) float64
	}{
		{"warmup_cosine", `{"warmup": 4, "total": 14}`, func(k int) float64 {
			if k < 4 {
				return base * float64(k) / 4
			}
			return base * cosine(min(float64(k-4)/10, 1))
		}},
		{"warmup_cosine", `{"warmup": 0, "total": 5}`, func(k int) float64 { return base * cosine(min(float64(k)/5, 1)) }},
		{"warmup_linear", `{"steps": 5}`, func(k int) float64 { return base * min(float64(k+1)/5, 1) }},
		{"sequential", `{"parts": [["constant", {"factor": 0.5, "total_iters": 100}], ["linear", {"start_factor": 1, "end_factor": 0, "total_iters": 4}], ["constant", {"factor": 0.25, "total_iters": 100}]], "milestones": [3, 9]}`, func(k int) float64 {
			switch {
			case k < 3:
				return base / 2
			case k < 9:
				return base * (1 - min(float64(k-3), 4)/4)
			}
			return base / 4
		}},
		{"cyclic", `{"base_lr": 0.1, "max_lr": 0.5, "step_size_up": 3, "step_size_down": 2, "mode": "exp_range", "gamma": 0.9}`, func(k int) float64 {
			height := [5]float64{0, 1. / 3, 2. / 3, 1, .5}[k%5]
			return .1 + .4*height*math.Pow(.9, float64(k))
		}},
		{"cyclic", `{"base_lr": 0.1, "max_lr": 0.5, "step_size_up": 3, "step_size_down": 2, "mode": "triangular2"}`, func(k int) float64 {
			height := [5]float64{0, 1. / 3, 2. / 3, 1, .5}[k%5]
			return .1 + .4*height/math.Pow(2, float64(k/5))
		}},
		{"polynomial", `{"total_iters": 4, "power": 2}`, func(k int) float64 { return base * math.Pow(1-float64(min(k, 4))/4, 2) }},
	} {
		s, err := NewSchedule(c.name, base, []byte(c.options))
		if err != nil {
			t.Fatal(err)
		}
		for k := range 20 {
			if got, want := s.At(k).LR, c.want(k); math.Abs(got-want) > 1e-12 {
				t.Errorf("%s %s: %v at step %d, expected %v", c.name, c.options, got, k, want)
			}
		}
	}
}

// TestOneCycleMomentum: the momentum goes down while the rate rises, and comes back.
func TestOneCycleMomentum(t *testing.T) {
	for _, more := range []string{``, `, "three_phase": true`, `, "anneal": "linear"`} {
		s, err := NewSchedule("one_cycle", 1, []byte(`{"max_lr": 1, "total_steps": 40, "pct_start": 0.25, "cycle_momentum": true`+more+`}`))
		if err != nil {
			t.Fatal(err)
		}
		at := func(k int) float64 { return s.At(k).Momentum }
		if math.Abs(at(0)-.95) > 1e-12 || math.Abs(at(9)-.85) > 1e-12 || math.Abs(at(39)-.95) > 1e-12 {
			t.Errorf("%s: momentum %v, %v and %v at the start, the top and the end, expected .95, .85 and .95", more, at(0), at(9), at(39))
		}
		if m := at(15); !(m > .85+1e-3 && m < .95) {
			t.Errorf("%s: momentum %v on its way back", more, m)
		}
	}
}

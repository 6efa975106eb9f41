package task

import (
	"math"
	"testing"

	"elegans/esn"
	"elegans/tensor"
)

// TestScore checks every metric on numbers that can be worked out by hand.
func TestScore(t *testing.T) {
	y := []float64{9, 0, 1, 0, 1}
	p := []float64{0, .5, .5, .5, 1}
	in := tensor.New[float64](5, 1)
	for _, c := range []struct {
		metric Metric
		want   float64
	}{
		{MSE, .1875}, {NMSE, .75}, {NRMSE, math.Sqrt(.75)}, {R2, .25}, {Accuracy, .5}, {MemoryCapacity, 1. / 3},
	} {
		problem := Problem{Task: &Task{Kind: Regression, Metric: c.metric}, Washout: 1}
		part := []esn.Sequence{{Input: in, Target: column(y)}}
		s, err := problem.Score(part, []*tensor.Tensor[float64]{column(p)})
		if err != nil || math.Abs(s.Value-c.want) > 1e-15 {
			t.Errorf("%s: %v, %v, want %v", c.metric, s.Value, err, c.want)
		}
		if _, err := problem.Score(part, nil); err == nil {
			t.Errorf("%s: no prediction was scored", c.metric)
		}
		if _, err := problem.Score(part, []*tensor.Tensor[float64]{column(p[1:])}); err == nil {
			t.Errorf("%s: a shorter prediction was scored", c.metric)
		}
	}
}

// TestScoreTrials of a generation.
func TestScoreTrials(t *testing.T) {
	const rows, washout = 90, 3
	train := tensor.New[float64](8, 1)
	for i := range 8 {
		train.Set(float64(4*(i%2)), i, 0) // deviation 2 behind the washout or not
	}
	problem := Problem{Task: &Task{Kind: Generation, Time: Time{Step: .1, Lyapunov: 2}}, Washout: washout}
	problem.Train = []esn.Sequence{{Input: train, Target: train}}
	problem.Washout = 2
	var part []esn.Sequence
	var guess []*tensor.Tensor[float64]
	for _, wrongFrom := range []int{10, 20, 40} { // scored rows
		y := tensor.New[float64](rows, 1)
		p := y.Clone()
		for i := 2 + wrongFrom; i < rows; i++ {
			p.Set(1.5, i, 0)
		}
		part, guess = append(part, esn.Sequence{Input: y, Target: y}), append(guess, p)
	}
	problem.Task.Metric = ValidTime
	if s, err := problem.Score(part, guess); err != nil || math.Abs(s.Value-20*.2) > 1e-12 || len(s.Trials) != 3 {
		t.Errorf("valid for %+v, %v, want the median of 2, 4 and 8 Lyapunov times", s, err)
	}
	problem.Task.Metric = NRMSE84
	if s, err := problem.Score(part, guess); err != nil || math.Abs(s.Value-.75) > 1e-12 {
		t.Errorf("error %+v, %v, want 1.5 over a deviation of 2", s, err)
	}
	guess[0].Set(math.NaN(), 50, 0)
	problem.Task.Metric = ValidTime
	if s, err := problem.Score(part, guess); err != nil || math.Abs(s.Value-4) > 1e-12 {
		t.Errorf("with a NaN: %+v, %v", s, err)
	}
}

// TestScoreClasses counts sequences, and no NaN as right.
func TestScoreClasses(t *testing.T) {
	row := func(v ...float64) *tensor.Tensor[float64] { return tensor.FromSlice(v, 1, len(v)) }
	problem := Problem{Task: &Task{Kind: Classification, Metric: Accuracy}, Washout: 5}
	var part []esn.Sequence
	for _, y := range []*tensor.Tensor[float64]{row(1, 0), row(0, 1), row(1, 0), row(0, 1)} {
		part = append(part, esn.Sequence{Target: y})
	}
	s, err := problem.Score(part, []*tensor.Tensor[float64]{row(.3, .2), row(0, 9), row(-1, 1), row(math.NaN(), 1)})
	if err != nil || s.Wrong != 2 || s.Total != 4 || s.Value != .5 {
		t.Errorf("%+v, %v, want 2 wrong of 4", s, err)
	}
}

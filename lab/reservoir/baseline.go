package reservoir

import (
	"fmt"

	"elegans/esn"
	"elegans/esn/task"
	"elegans/tensor"
)

// Baseline is what a task gives without a reservoir.
type Baseline struct {
	// Name says what it is, such as "delay line of 100 taps".
	Name    string     `json:"name"`
	Penalty *float64   `json:"penalty,omitempty"` // chosen on the validation part
	Score   task.Score `json:"score"`
}

// baseline returns the best that is known without a reservoir of so many features: linear
// regression on as many taps of a delay line, or for a closed loop the last value for ever.
func baseline(p *task.Problem, features int, penalties []float64) (Baseline, error) {
	if p.Task.Kind == task.Generation {
		score, err := p.Score(p.Test, persist(p))
		return Baseline{Name: "persistence: the last value", Score: score}, err
	}
	k := p.Train[0].Input.Dim(1)
	taps := max(1, features/k)
	b := Baseline{Name: fmt.Sprintf("delay line of %d taps", taps)}
	line := esn.NewRidgeReadout()
	if err := line.Begin(taps*k, p.Train[0].Target.Dim(1)); err != nil {
		return b, err
	}
	for _, s := range p.Train {
		rows := s.Input.Dim(0)
		if err := line.Add(delayed(s.Input, taps).Slice(0, p.Washout, rows, 1), s.Target.Slice(0, p.Washout, rows, 1)); err != nil {
			return b, err
		}
	}
	_, err := choosePenalty(line, p, penalties, ofFeatures(line, delays(p.Validate, taps)))
	if err != nil {
		return b, err
	}
	b.Penalty = &line.Penalty
	y, err := ofFeatures(line, delays(p.Test, taps))()
	if err != nil {
		return b, err
	}
	b.Score, err = p.Score(p.Test, y)
	return b, err
}

// delays returns the taps of each sequence.
func delays(part []task.Sequence, taps int) []*tensor.Tensor[float64] {
	var x []*tensor.Tensor[float64]
	for _, s := range part {
		x = append(x, delayed(s.Input, taps))
	}
	return x
}

// persist predicts that nothing changes any more.
func persist(p *task.Problem) []*tensor.Tensor[float64] {
	var y []*tensor.Tensor[float64]
	for _, s := range p.Test {
		last := s.Input.Slice(0, p.Washout, p.Washout+1, 1)
		guess := tensor.New[float64](s.Target.Shape()...)
		tensor.Add(guess, guess, last)
		y = append(y, guess)
	}
	return y
}

// delayed returns the inputs of the last steps [T, taps*K], the newest first; those before the
// beginning are 0.
func delayed(u *tensor.Tensor[float64], taps int) *tensor.Tensor[float64] {
	rows, k := u.Dim(0), u.Dim(1)
	x := tensor.New[float64](rows, taps*k)
	for d := range min(taps, rows) {
		tensor.Copy(x.Slice(1, d*k, (d+1)*k, 1).Slice(0, d, rows, 1), u.Slice(0, 0, rows-d, 1))
	}
	return x
}

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

// baseline returns what a linear readout finds in the inputs themselves, as many numbers of them as
// the network has features: the last ones for a regression, some of a whole sequence for a
// classification. For a closed loop it is the last value for ever.
func baseline(p *task.Problem, features int) (Baseline, error) {
	if p.Task.Kind == task.Generation {
		score, err := p.Score(p.Test, persist(p))
		return Baseline{Name: "persistence: the last value", Score: score}, err
	}
	k, outputs := p.Train[0].Input.Dim(1), p.Train[0].Target.Dim(1)
	taps := max(1, features/k)
	kind, name, view, from := "ridge", fmt.Sprintf("delay line of %d taps", taps), delayed, p.Washout
	if p.Task.Kind == task.Classification {
		taps = min(taps, longest(p.Train))
		kind, name, view, from = "ridge_classifier", fmt.Sprintf("linear classifier of the input at %d times", taps), spaced, 0
	}
	b := Baseline{Name: name}
	line, err := esn.NewReadout(kind)
	if err != nil {
		return b, err
	}
	if err := line.Begin(taps*k, outputs); err != nil {
		return b, err
	}
	if err := addAll(line, p.Train, view, taps, from); err != nil {
		return b, err
	}
	penalty := penaltyOf(line)
	_, err = choosePenalty(line, penalty, p, penaltiesAbout(*penalty), ofFeatures(line, outputs, views(p.Validate, view, taps)))
	if err != nil {
		return b, err
	}
	b.Penalty = penalty
	if p.Refit {
		if err := addAll(line, p.Validate, view, taps, from); err != nil {
			return b, err
		}
		if err := line.Solve(); err != nil {
			return b, err
		}
	}
	y, err := ofFeatures(line, outputs, views(p.Test, view, taps))()
	if err != nil {
		return b, err
	}
	b.Score, err = p.Score(p.Test, y)
	return b, err
}

// addAll gives a readout the rows of a part, those of each sequence from one on.
func addAll(r esn.Readout, part []esn.Sequence, view func(u *tensor.Tensor[float64], n int) *tensor.Tensor[float64], n, from int) error {
	for _, s := range part {
		x := view(s.Input, n)
		if err := r.Add(x.Slice(0, from, x.Dim(0), 1), s.Target.Slice(0, from, s.Target.Dim(0), 1)); err != nil {
			return err
		}
	}
	return nil
}

// views returns what is made of each sequence.
func views(part []esn.Sequence, view func(u *tensor.Tensor[float64], n int) *tensor.Tensor[float64], n int) []*tensor.Tensor[float64] {
	var x []*tensor.Tensor[float64]
	for _, s := range part {
		x = append(x, view(s.Input, n))
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

// spaced returns the inputs at so many equally spaced times, the last row among them, side by side
// [1, times*K].
func spaced(u *tensor.Tensor[float64], times int) *tensor.Tensor[float64] {
	rows, k := u.Dim(0), u.Dim(1)
	x := tensor.New[float64](1, times*k)
	for i := range times {
		at := max(0, (i+1)*rows/times-1)
		tensor.Copy(x.Slice(1, i*k, (i+1)*k, 1), u.Slice(0, at, at+1, 1))
	}
	return x
}

// longest returns the number of rows of the longest sequence.
func longest(part []esn.Sequence) int {
	rows := 0
	for _, s := range part {
		rows = max(rows, s.Input.Dim(0))
	}
	return rows
}

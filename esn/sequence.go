package esn

import (
	"fmt"
	"math"

	"elegans/tensor"
)

// Sequence is a series of inputs with the targets that belong to them. Row t of the target is what
// the readout is to say when it has read row t of the input: to predict the next value of a series,
// its target is the input one step later.
type Sequence struct {
	Input  *tensor.Tensor[float64] // [T, K]
	Target *tensor.Tensor[float64] // [T, M], or [1, M] for Config.ReadoutTimes
}

// Forecast returns the sequence in which the target is the series [T, K] horizon steps later: its
// T-horizon rows.
func Forecast(series *tensor.Tensor[float64], horizon int) (Sequence, error) {
	if series.Dims() != 2 || horizon < 0 || horizon > series.Dim(0) {
		return Sequence{}, fmt.Errorf("esn: a series of shape %v and a horizon of %d, expected [T, K] and 0 to T steps", series.Shape(), horizon)
	}
	t := series.Dim(0)
	return Sequence{series.Slice(0, 0, t-horizon, 1).Contiguous(), series.Slice(0, horizon, t, 1).Contiguous()}, nil
}

// check refuses what does not fit a network.
func (s Sequence) check(inputs, outputs int, whole bool) error {
	if err := checkRows("input", s.Input, inputs); err != nil {
		return err
	}
	if err := checkRows("target", s.Target, outputs); err != nil {
		return err
	}
	if rows := s.Target.Dim(0); whole && rows != 1 {
		return fmt.Errorf("%d rows of target, expected one for the whole sequence", rows)
	} else if whole {
		return nil
	}
	if s.Input.Dim(0) != s.Target.Dim(0) {
		return fmt.Errorf("%d rows of input and %d of target, expected as many", s.Input.Dim(0), s.Target.Dim(0))
	}
	return nil
}

// checkRows refuses rows of another width and numbers that are not finite.
func checkRows(what string, t *tensor.Tensor[float64], width int) error {
	if t == nil {
		return fmt.Errorf("no %s, expected [T, %d]", what, width)
	}
	if t.Dims() != 2 || t.Dim(1) != width {
		return fmt.Errorf("%s of shape %v, expected [T, %d]", what, t.Shape(), width)
	}
	for i, v := range t.Contiguous().Data() {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s row %d, column %d is %v, expected a finite number", what, i/width, i%width, v)
		}
	}
	return nil
}

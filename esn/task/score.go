package task

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"elegans/esn"
	"elegans/tensor"
)

// Metric is a figure for how well a network does.
type Metric string

// The metrics. "Scored rows" are those from Problem.Washout on.
const (
	// MSE is the mean squared error of the scored rows.
	MSE Metric = "mse"
	// NMSE is MSE over the population variance of the target about the mean of each column, both
	// over the scored rows.
	NMSE Metric = "nmse"
	// NRMSE is the root of NMSE.
	NRMSE Metric = "nrmse"
	// NRMSE84 is the root of the mean over the trials of the squared error of the 84th scored row,
	// over the variance of the training targets in the form in which the network sees them.
	NRMSE84 Metric = "nrmse84"
	// R2 is the coefficient of determination, 1 - NMSE.
	R2 Metric = "r2"
	// ValidTime is the median over the trials of the Lyapunov times until the root mean square over
	// the columns of the error, in deviations of the training targets, exceeds .5.
	ValidTime Metric = "valid_time"
	// Accuracy is the share of rows, or of sequences, whose class was found.
	Accuracy Metric = "accuracy"
	// MemoryCapacity is the sum over the columns of the squared correlation with the target.
	MemoryCapacity Metric = "memory_capacity"
)

// HigherIsBetter reports whether a larger value of a metric is better.
func (m Metric) HigherIsBetter() bool {
	return m == R2 || m == ValidTime || m == Accuracy || m == MemoryCapacity
}

// Score is what a network reached.
type Score struct {
	Metric Metric  `json:"metric"`
	Value  float64 `json:"value"`
	// Errors of all scored rows together; none of a classification, or where they are not finite.
	Errors *Errors `json:"errors,omitempty"`
	// Trials are the values of the trials of a generation one by one: Lyapunov times, or errors.
	Trials []float64 `json:"trials,omitempty"`
	// Wrong of Total sequences or rows were put into a wrong class.
	Wrong int `json:"wrong,omitempty"`
	Total int `json:"total,omitempty"`
}

// Score compares predictions with the targets of a part of the problem, one for each of its
// sequences and of the shape of its target; rows of the washout are not looked at. For a
// classification the class of the largest output counts.
func (p *Problem) Score(part []esn.Sequence, predictions []*tensor.Tensor[float64]) (Score, error) {
	if len(part) == 0 || len(part) != len(predictions) {
		return Score{}, fmt.Errorf("task: %d predictions for %d sequences, expected one for each and at least one", len(predictions), len(part))
	}
	washout := p.Washout
	if p.Task.Kind == Classification {
		washout = 0
	}
	var truth, guess []*tensor.Tensor[float64]
	for i, s := range part {
		if !tensor.SameShape(s.Target, predictions[i]) || s.Target.Dim(0) <= washout {
			return Score{}, fmt.Errorf("task: sequence %d: target of shape %v and prediction of shape %v, expected the same with more rows than the washout of %d",
				i, s.Target.Shape(), predictions[i].Shape(), washout)
		}
		truth = append(truth, s.Target.Slice(0, washout, s.Target.Dim(0), 1))
		guess = append(guess, predictions[i].Slice(0, washout, s.Target.Dim(0), 1))
	}
	score := Score{Metric: p.Task.Metric}
	switch {
	case p.Task.Kind == Classification:
		score.classes(truth, guess)
		return score, nil
	case p.Task.Metric == Accuracy:
		score.binary(truth, guess)
		return score, nil
	}
	all := stack(truth)
	if m := score.Metric; (m == NMSE || m == NRMSE || m == R2) && isConstant(all) {
		return Score{}, fmt.Errorf("task: the target is the same in all %d scored rows, so that it has no %s", all.Dim(0), m)
	}
	e, err := Compare(all, stack(guess))
	if err != nil {
		return Score{}, err
	}
	if finiteAll(e.MSE, e.MAE, e.NMSE) {
		score.Errors = &e
	}
	switch score.Metric {
	case MSE:
		score.Value = e.MSE
	case NMSE:
		score.Value = e.NMSE
	case NRMSE:
		score.Value = e.NRMSE()
	case R2:
		score.Value = e.R2()
	case NRMSE84:
		return score, score.horizon(84, p.Deviations(), truth, guess)
	case ValidTime:
		score.valid(p.Task.Time, p.Deviations(), truth, guess)
	case MemoryCapacity:
		score.Value = capacity(stack(truth), stack(guess))
	default:
		return Score{}, fmt.Errorf("task: metric %q, expected one of those of this package", score.Metric)
	}
	return score, nil
}

// Deviations are those of the columns of the targets over the rows that train.
func (p *Problem) Deviations() []float64 {
	var all []*tensor.Tensor[float64]
	for _, s := range p.Train {
		all = append(all, s.Target.Slice(0, min(p.Washout, s.Target.Dim(0)), s.Target.Dim(0), 1))
	}
	return Deviations(stack(all))
}

// classes counts sequences.
func (s *Score) classes(truth, guess []*tensor.Tensor[float64]) {
	for i := range truth {
		if argmax(truth[i]) != argmax(guess[i]) {
			s.Wrong++
		}
	}
	s.Total = len(truth)
	s.Value = 1 - float64(s.Wrong)/float64(s.Total)
}

// argmax returns the place of the first of the largest values, or -1 if one is NaN.
func argmax(x *tensor.Tensor[float64]) int {
	v := x.Contiguous().Data()
	best := 0
	for i := range v {
		if math.IsNaN(v[i]) {
			return -1
		}
		if v[i] > v[best] {
			best = i
		}
	}
	return best
}

// binary counts values of targets that are 0 or 1.
func (s *Score) binary(truth, guess []*tensor.Tensor[float64]) {
	y, p := stack(truth).Data(), stack(guess).Data()
	for i := range y {
		if (p[i] >= .5) != (y[i] == 1) || math.IsNaN(p[i]) {
			s.Wrong++
		}
	}
	s.Total = len(y)
	s.Value = 1 - float64(s.Wrong)/float64(s.Total)
}

// horizon is the normalised error of one row of every trial.
func (s *Score) horizon(row int, sigma []float64, truth, guess []*tensor.Tensor[float64]) error {
	sum := 0.0
	for i := range truth {
		if truth[i].Dim(0) < row {
			return fmt.Errorf("task: trial %d has %d rows, expected at least %d", i, truth[i].Dim(0), row)
		}
		e := 0.0
		for j := range sigma {
			d := (truth[i].At(row-1, j) - guess[i].At(row-1, j)) / sigma[j]
			e += d * d / float64(len(sigma))
		}
		sum += e
		s.Trials = append(s.Trials, math.Sqrt(e))
	}
	s.Value = math.Sqrt(sum / float64(len(truth)))
	return nil
}

// valid is the valid prediction time.
func (s *Score) valid(time Time, sigma []float64, truth, guess []*tensor.Tensor[float64]) {
	for i := range truth {
		s.Trials = append(s.Trials, time.LyapunovTimes(float64(ValidRows(truth[i], guess[i], sigma, .5))))
	}
	s.Value = median(s.Trials)
}

// median of at least one value.
func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// capacity is the sum of squared correlations of the columns; a constant prediction tells nothing.
func capacity(y, p *tensor.Tensor[float64]) float64 {
	rows, sum := y.Dim(0), 0.0
	a, b := make([]float64, rows), make([]float64, rows)
	for j := range y.Dim(1) {
		for t := range rows {
			a[t], b[t] = y.At(t, j), p.At(t, j)
		}
		if r := stat.Correlation(a, b, nil); !math.IsNaN(r) {
			sum += r * r
		}
	}
	return sum
}

// isConstant reports whether all rows are the same.
func isConstant(x *tensor.Tensor[float64]) bool {
	v, m := x.Data(), x.Dim(1)
	for i := m; i < len(v); i++ {
		if v[i] != v[i-m] {
			return false
		}
	}
	return true
}

// finiteAll reports whether no value is NaN or infinite.
func finiteAll(values ...float64) bool {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// stack returns the rows of all.
func stack(parts []*tensor.Tensor[float64]) *tensor.Tensor[float64] {
	rows := 0
	for _, p := range parts {
		rows += p.Dim(0)
	}
	out := tensor.New[float64](rows, parts[0].Dim(1))
	at := 0
	for _, p := range parts {
		tensor.Copy(out.Slice(0, at, at+p.Dim(0), 1), p)
		at += p.Dim(0)
	}
	return out
}

package task

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"elegans/internal/quote"
	"elegans/tensor"
)

// FromFile returns the task of forecasting a series of one's own: see ReadSeries for the files. The
// parts follow each other in time. The task is not registered; its problem is the same for every
// seed.
func FromFile(path string, o SeriesOptions) (*Task, error) {
	if o.Horizon < 0 || o.Now && o.Horizon > 0 {
		return nil, fmt.Errorf("horizon %d, expected at least 1, or the same row", o.Horizon)
	}
	if o.Horizon == 0 && !o.Now {
		o.Horizon = 1
	}
	for name, part := range map[string]*float64{"validate": &o.Validate, "test": &o.Test} {
		if *part == 0 {
			*part = .2
		}
		if !(*part > 0 && *part < 1) {
			return nil, fmt.Errorf("%s %v, expected a part between 0 and 1", name, *part)
		}
	}
	if o.Validate+o.Test >= 1 || o.Washout < 0 {
		return nil, fmt.Errorf("validate %v, test %v and washout %d, expected parts that leave rows to train and a washout of at least 0", o.Validate, o.Test, o.Washout)
	}
	x, c, err := ReadSeries(path, o)
	if err != nil {
		return nil, err
	}
	p, err := o.problem(path, x, c)
	if err != nil {
		return nil, err
	}
	base := filepath.Base(path)
	t := &Task{
		Name: base, Doc: "a series of " + quote.Name(base), Kind: Regression,
		Inputs: p.Train[0].Input.Dim(1), Outputs: 1, Metric: NMSE,
		Alignment: fmt.Sprintf("row t predicts column %s at t+%d", quote.Text(c.Names[c.Target]), o.Horizon),
		Time:      Time{Step: 1},
	}
	p.Task = t
	t.Make = func(Options) (Problem, error) { return p, nil }
	return t, nil
}

// problem divides a series.
func (o SeriesOptions) problem(path string, x *tensor.Tensor[float64], c Columns) (Problem, error) {
	rows := max(0, x.Dim(0)-o.Horizon)
	l := lengths{washout: o.Washout}
	if l.washout == 0 {
		l.washout = min(200, rows/10)
	}
	scored := rows - l.washout
	l.validate, l.test = int(math.Round(o.Validate*float64(scored))), int(math.Round(o.Test*float64(scored)))
	if l.train = scored - l.validate - l.test; scored < 0 || min(l.train-1, l.validate, l.test) < 1 {
		return Problem{}, &FormatError{File: path, Found: fmt.Sprintf("%d rows, of which %d are washout and %d the horizon", x.Dim(0), l.washout, o.Horizon), Expected: "rows left to train, validate and test"}
	}
	in, target := tensor.New[float64](rows, len(c.Inputs)), x.Slice(1, c.Target, c.Target+1, 1)
	for to, from := range c.Inputs {
		tensor.Copy(in.Slice(1, to, to+1, 1), x.Slice(1, from, from+1, 1).Slice(0, 0, rows, 1))
	}
	target = target.Slice(0, o.Horizon, x.Dim(0), 1).Contiguous()
	for _, part := range []struct {
		name       string
		from, rows int
	}{
		{"validates", l.washout + l.train, l.validate}, {"tests", l.washout + l.train + l.validate, l.test},
	} {
		// An error is measured in units of the variance of the target.
		if v := target.Slice(0, part.from, part.from+part.rows, 1).Data(); slices.Min(v) == slices.Max(v) {
			return Problem{}, &FormatError{
				File:     path,
				Found:    fmt.Sprintf("column %s has one value, %v, in all %d rows of the part that %s", quote.Text(c.Names[c.Target]), v[0], part.rows, part.name),
				Expected: "a target that varies",
			}
		}
	}
	if o.Raw {
		return o.notes(l.regression(in, target), path, c), nil
	}
	si, st := standardOf(in, l.washout+l.train), standardOf(target, l.washout+l.train)
	p := l.regression(si.Apply(in), st.Apply(target))
	p.InputScale, p.TargetScale = &si, &st
	return o.notes(p, path, c), nil
}

// notes adds what was left out or filled.
func (o SeriesOptions) notes(p Problem, path string, c Columns) Problem {
	if n := len(c.Unused); n > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("%s: columns without numbers are not used: %s", quote.Name(path), few(c.Unused)))
	}
	if c.Filled > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("%s: %d missing values were interpolated", quote.Name(path), c.Filled))
	}
	return p
}

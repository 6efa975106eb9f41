package task

import (
	"elegans/esn"
	"elegans/tensor"
)

// lengths says into how many rows a series is divided, in the order of time.
type lengths struct{ washout, train, validate, test int }

func (l lengths) total() int { return l.washout + l.train + l.validate + l.test }

// regression divides a series: every part is preceded by the washout rows before it, so that its
// scored rows adjoin those of the part before.
func (l lengths) regression(input, target *tensor.Tensor[float64]) Problem {
	at := 0
	part := func(rows int) []esn.Sequence {
		s := esn.Sequence{Input: input.Slice(0, at, at+l.washout+rows, 1), Target: target.Slice(0, at, at+l.washout+rows, 1)}
		at += rows
		return []esn.Sequence{s}
	}
	return Problem{Train: part(l.train), Validate: part(l.validate), Test: part(l.test), Washout: l.washout}
}

// column returns a series as a tensor [T, 1].
func column(v []float64) *tensor.Tensor[float64] { return tensor.FromSlice(v, len(v), 1) }

// Standard is how the columns of a series were brought to mean 0 and deviation 1.
type Standard struct {
	Mean      []float64 `json:"mean"`
	Deviation []float64 `json:"deviation"`
}

// standardOf measures the first rows of a series. A constant column keeps its scale.
func standardOf(x *tensor.Tensor[float64], rows int) Standard {
	part := x.Slice(0, 0, rows, 1).Contiguous()
	mean := tensor.New[float64](x.Dim(1))
	tensor.ReduceMean(mean, part, 0)
	s := Standard{mean.Data(), Deviations(part)}
	for i, d := range s.Deviation {
		if !(d > 0) {
			s.Deviation[i] = 1
		}
	}
	return s
}

// Apply returns x in units of the deviations about the means.
func (s Standard) Apply(x *tensor.Tensor[float64]) *tensor.Tensor[float64] {
	y := tensor.New[float64](x.Shape()...)
	tensor.Sub(y, x, tensor.FromSlice(s.Mean, len(s.Mean)))
	tensor.Div(y, y, tensor.FromSlice(s.Deviation, len(s.Deviation)))
	return y
}

// Undo is the opposite of Apply.
func (s Standard) Undo(x *tensor.Tensor[float64]) *tensor.Tensor[float64] {
	y := tensor.New[float64](x.Shape()...)
	tensor.Mul(y, x, tensor.FromSlice(s.Deviation, len(s.Deviation)))
	tensor.Add(y, y, tensor.FromSlice(s.Mean, len(s.Mean)))
	return y
}

// forecast says how a series is divided for generation: train rows, then trials of the validation
// and of the test. Every trial reads washout rows and goes on by itself for free rows.
type forecast struct {
	washout, train     int
	validations, tests int
	free, apart        int // rows a trial is scored on; rows from one start to the next
}

// total returns the number of rows that the series needs.
func (f forecast) total() int {
	return f.washout + f.train + f.washout + (f.validations+f.tests-1)*f.apart + f.free + 1
}

// problem divides a series [T, K]: row t of a target is row t+1 of the series.
func (f forecast) problem(x *tensor.Tensor[float64]) Problem {
	cut := func(from, rows int) esn.Sequence {
		return esn.Sequence{Input: x.Slice(0, from, from+rows, 1), Target: x.Slice(0, from+1, from+rows+1, 1)}
	}
	p := Problem{Train: []esn.Sequence{cut(0, f.washout+f.train)}, Washout: f.washout}
	start := f.washout + f.train
	for i := range f.validations + f.tests {
		s := cut(start+i*f.apart, f.washout+f.free)
		if i < f.validations {
			p.Validate = append(p.Validate, s)
		} else {
			p.Test = append(p.Test, s)
		}
	}
	return p
}

package gradcheck

import (
	"fmt"
	"math"
	"slices"

	"elegans/autograd"
	"elegans/tensor"
)

// Func is a differentiable function of several inputs: it records its operations on the tape and
// returns its outputs.
type Func func(tp *autograd.Tape[float64], in []*autograd.Var[float64]) []*autograd.Var[float64]

// Options of Check; the zero value stands for the defaults.
type Options struct {
	Step      float64 // of the central difference, relative to max(1, |x|); default 1e-5
	Tolerance float64 // |a-n| <= Tolerance * max(1, |a|, |n|); default 1e-6
	Constant  []bool  // inputs that are not differentiated
	// Key draws the random cotangents, and the tape's random numbers, the same at every evaluation.
	Key    tensor.Key
	Params []*autograd.Var[float64]
}

// Result is the worst difference that Check found.
type Result struct {
	Checked             int // partial derivatives compared
	MaxDiff             float64
	Where               string
	Analytic, Numerical float64
	// Device says what ran on a device, if one computes, and what stayed on the processor.
	Device tensor.DeviceTally
}

// Check differentiates L = sum over the outputs, and the losses that f adds (Tape.AddLoss), of
// sum(output * random cotangent) with respect to every element of every input and of opts.Params,
// by the tape and by (L(x+h)-L(x-h))/2h, and returns an error that names the worst element if they
// differ by more than the tolerance.
func Check(f Func, opts Options, inputs ...*tensor.Tensor[float64]) (Result, error) {
	if opts.Step == 0 {
		opts.Step = 1e-5
	}
	if opts.Tolerance == 0 {
		opts.Tolerance = 1e-6
	}
	var res Result
	tensor.TakeDeviceTally()
	tp := autograd.NewTape[float64]()
	var cotangents []*tensor.Tensor[float64]
	evaluate := func(record bool) (float64, []*autograd.Var[float64], []*autograd.Var[float64]) {
		tp.Reset()
		tp.SetNoGrad(!record)
		tp.SetKey(opts.Key)
		in := make([]*autograd.Var[float64], len(inputs))
		for i, x := range inputs {
			if i < len(opts.Constant) && opts.Constant[i] {
				in[i] = tp.Input(x)
			} else {
				in[i] = tp.Variable(x)
			}
		}
		out := slices.Clip(f(tp, in))
		for _, a := range tp.AddedLosses() {
			out = append(out, a.Var)
		}
		sum := 0.0
		for i, y := range out {
			if i == len(cotangents) {
				cotangents = append(cotangents, tensor.Uniform[float64](opts.Key.Sub("cotangent", uint64(i)), -1, 1, y.Shape()...))
			}
			for j, v := range y.Value.Data() {
				sum += v * cotangents[i].Data()[j]
			}
		}
		return sum, in, out
	}

	for _, p := range opts.Params {
		p.ZeroGrad()
	}
	_, in, out := evaluate(true)
	tp.BackwardFrom(out, cotangents)
	type target struct {
		name     string
		value    []float64
		gradient []float64
	}
	var targets []target
	add := func(name string, v *autograd.Var[float64]) {
		g := make([]float64, v.Value.Len())
		if v.Grad() != nil {
			copy(g, v.Grad().Data())
		}
		targets = append(targets, target{name, v.Value.Data(), g})
	}
	for i, v := range in {
		if v.RequiresGrad() {
			add(fmt.Sprintf("input %d", i), v)
		}
	}
	for i, p := range opts.Params {
		if p.RequiresGrad() {
			name := fmt.Sprintf("parameter %d", i)
			if p.Label != "" {
				name += " (" + p.Label + ")"
			}
			add(name, p)
		}
	}

	var failure error
	for _, t := range targets {
		for j, x := range t.value {
			h := opts.Step * max(1, math.Abs(x))
			t.value[j] = x + h
			plus, _, _ := evaluate(false)
			t.value[j] = x - h
			minus, _, _ := evaluate(false)
			t.value[j] = x
			numerical, analytic := (plus-minus)/(2*h), t.gradient[j]
			diff := math.Abs(numerical-analytic) / max(1, math.Abs(numerical), math.Abs(analytic))
			res.Checked++
			if diff > res.MaxDiff || math.IsNaN(diff) && !math.IsNaN(res.MaxDiff) {
				res.MaxDiff, res.Where, res.Analytic, res.Numerical = diff, fmt.Sprintf("%s, element %d", t.name, j), analytic, numerical
			}
		}
	}
	res.Device = tensor.TakeDeviceTally()
	if !(res.MaxDiff <= opts.Tolerance) {
		failure = fmt.Errorf("gradient of %s: backward pass gives %g, central difference %g", res.Where, res.Analytic, res.Numerical)
	}
	return res, failure
}

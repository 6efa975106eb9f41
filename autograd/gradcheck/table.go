package gradcheck

import (
	"fmt"
	"maps"
	"slices"

	"elegans/autograd"
	"elegans/tensor"
)

// row is one check of an operation or layer: a function of it and inputs at which to differentiate
// it.
type row struct {
	name   string // what is special about it; unique within the operation
	f      Func
	inputs func(k tensor.Key) []*tensor.Tensor[float64]
	opts   Options
}

// rows holds the checks of every operation, under the name of the method of autograd.Tape ("Tanh"),
// and of every layer ("nn.Linear"). The files rows_*.go fill it.
var rows = map[string][]row{}

type (
	tape     = autograd.Tape[float64]
	variable = autograd.Var[float64]
)

// unary adapts a function with one input and one result to the form of a row.
func unary(f func(tp *tape, x *variable) *variable) Func {
	return func(tp *tape, in []*variable) []*variable { return []*variable{f(tp, in[0])} }
}

// binary adapts a function with two inputs and one result.
func binary(f func(tp *tape, a, b *variable) *variable) Func {
	return func(tp *tape, in []*variable) []*variable { return []*variable{f(tp, in[0], in[1])} }
}

// uniform returns inputs of the given shapes, uniform in [lo, hi).
func uniform(lo, hi float64, shapes ...[]int) func(k tensor.Key) []*tensor.Tensor[float64] {
	return func(k tensor.Key) []*tensor.Tensor[float64] {
		var ts []*tensor.Tensor[float64]
		for i, s := range shapes {
			ts = append(ts, tensor.Uniform[float64](k.Sub("input", uint64(i)), lo, hi, s...))
		}
		return ts
	}
}

// distinct returns inputs of the given shapes whose elements, over all inputs together, are a
// shuffled sequence with steps of 0.1: no ties, nothing within 0.05 of zero.
func distinct(shapes ...[]int) func(k tensor.Key) []*tensor.Tensor[float64] {
	return func(k tensor.Key) []*tensor.Tensor[float64] {
		var ts []*tensor.Tensor[float64]
		n := 0
		for _, s := range shapes {
			ts = append(ts, tensor.New[float64](s...))
			n += ts[len(ts)-1].Len()
		}
		order := k.Rand().Perm(n)
		for _, t := range ts {
			for i := range t.Data() {
				t.Data()[i] = 0.1*float64(order[0]-n/2) + 0.05
				order = order[1:]
			}
		}
		return ts
	}
}

// Operations lists the operations of autograd.Tape ("Tanh") and the layers of package nn
// ("nn.Linear") that CheckOperation knows, sorted: all there are.
func Operations() []string { return slices.Sorted(maps.Keys(rows)) }

// Finding is the result of one check of an operation.
type Finding struct {
	Operation string
	Case      string // what is special about it; empty if nothing is
	Result
	Err error // the backward pass is wrong
}

// CheckOperation checks an operation or layer by name, in all its cases and with shapes and numbers
// of its own. It applies the function once, and twice to the same inputs: that finds backward
// passes that overwrite a gradient instead of adding to it.
func CheckOperation(name string) ([]Finding, error) {
	if len(rows[name]) == 0 {
		return nil, fmt.Errorf("gradcheck: no operation or layer %q", name)
	}
	var found []Finding
	for i, r := range rows[name] {
		k := tensor.NewKey(1, "gradcheck "+name, uint64(i))
		if r.opts.Key == (tensor.Key{}) {
			r.opts.Key = k.Sub("options")
		}
		twice := func(tp *tape, in []*variable) []*variable {
			return append(slices.Clone(r.f(tp, in)), r.f(tp, in)...)
		}
		for _, c := range []struct {
			how string
			f   Func
		}{{"", r.f}, {"applied twice", twice}} {
			res, err := Check(c.f, r.opts, r.inputs(k)...)
			if err == nil && res.Checked == 0 {
				err = fmt.Errorf("nothing was differentiated")
			}
			what := r.name
			if c.how != "" && what != "" {
				what += ", "
			}
			found = append(found, Finding{name, what + c.how, res, err})
		}
	}
	return found, nil
}

package optim

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"elegans/autograd"
	"elegans/tensor"
)

// State is what must be saved to continue exactly: named tensors and named numbers.
type State[T tensor.Float] struct {
	Tensors map[string]*tensor.Tensor[T]
	Numbers map[string]float64
}

// Paths are the names under which the states of parameters are saved: those of nn.Paths. A
// parameter that has none goes by its number.
type Paths[T tensor.Float] map[*autograd.Var[T]]string

// of returns the name of parameter number i.
func (paths Paths[T]) of(i int, p *autograd.Var[T]) string {
	if name, ok := paths[p]; ok {
		return name
	}
	return strconv.Itoa(i)
}

// State returns the state of the optimiser: for every parameter that has been updated "NAME.count"
// and "NAME.STATE", with STATE as the rule calls it, and "lr" and "momentum". The tensors share
// memory with the optimiser: write them before the next step, or clone them. The names must differ.
func (o *Optimizer[T]) State(paths Paths[T]) State[T] {
	st := State[T]{map[string]*tensor.Tensor[T]{}, map[string]float64{"lr": o.lr}}
	if m := o.rule.Momentum(); m != nil {
		st.Numbers["momentum"] = *m
	}
	tensors, numbers := o.rule.StateNames()
	for i, s := range o.slots {
		if s.Tensors == nil {
			continue
		}
		name := paths.of(i, s.Param)
		st.Numbers[name+".count"] = float64(s.Count)
		for i, n := range tensors {
			st.Tensors[name+"."+n] = s.Tensors[i]
		}
		for i, n := range numbers {
			st.Numbers[name+"."+n] = s.Numbers[i]
		}
	}
	return st
}

// SetState restores what State returned for the same names, copying the values. The optimiser must
// have the same rule and the same parameters; otherwise it returns an error and changes nothing.
func (o *Optimizer[T]) SetState(st State[T], paths Paths[T]) error {
	tensors, numbers := o.rule.StateNames()
	expected := map[string]bool{"lr": true, "momentum": o.rule.Momentum() != nil}
	if _, ok := st.Numbers["lr"]; !ok {
		return fmt.Errorf("optimiser state: no number %q", "lr")
	}
	if _, ok := st.Numbers["momentum"]; ok != expected["momentum"] {
		return fmt.Errorf("optimiser state: number %q present: %v, expected %v: it belongs to another method", "momentum", ok, !ok)
	}
	for i, s := range o.slots {
		prefix := paths.of(i, s.Param) + "."
		count, started := st.Numbers[prefix+"count"]
		if !started {
			continue
		}
		if !(count >= 0 && count < 1<<53 && count == float64(int(count))) {
			return fmt.Errorf("optimiser state: %q is %v, expected a count", prefix+"count", count)
		}
		expected[prefix+"count"] = true
		for _, n := range numbers {
			name := prefix + n
			if _, ok := st.Numbers[name]; !ok {
				return fmt.Errorf("optimiser state: no number %q", name)
			}
			expected[name] = true
		}
		for _, n := range tensors {
			name := prefix + n
			if err := fits(st.Tensors[name], name, s.Param.Shape()); err != nil {
				return fmt.Errorf("optimiser state: %w", err)
			}
			expected[name] = true
		}
	}
	for _, names := range [][]string{slices.Sorted(maps.Keys(st.Numbers)), slices.Sorted(maps.Keys(st.Tensors))} {
		for _, n := range names {
			if !expected[n] {
				return fmt.Errorf("optimiser state: %q belongs to no parameter or to another method", n)
			}
		}
	}
	o.lr = st.Numbers["lr"]
	if m := o.rule.Momentum(); m != nil {
		*m = st.Numbers["momentum"]
	}
	for i, s := range o.slots {
		prefix := paths.of(i, s.Param) + "."
		count, started := st.Numbers[prefix+"count"]
		s.Count, s.Tensors, s.Numbers = int(count), nil, nil
		if !started {
			continue
		}
		s.Tensors = make([]*tensor.Tensor[T], len(tensors))
		for i, n := range tensors {
			s.Tensors[i] = st.Tensors[prefix+n].Clone()
		}
		s.Numbers = make([]float64, len(numbers))
		for i, n := range numbers {
			s.Numbers[i] = st.Numbers[prefix+n]
		}
	}
	return nil
}

// fits checks a tensor of a state that is to be restored.
func fits[T tensor.Float](t *tensor.Tensor[T], name string, shape []int) error {
	if t == nil {
		return fmt.Errorf("no tensor %q", name)
	}
	if !slices.Equal(t.Shape(), shape) {
		return fmt.Errorf("tensor %q has shape %v, expected %v", name, t.Shape(), shape)
	}
	return nil
}

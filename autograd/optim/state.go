package optim

import (
	"fmt"
	"maps"
	"slices"

	"elegans/tensor"
)

// State is what must be saved to continue exactly: named tensors and named numbers.
type State[T tensor.Float] struct {
	Tensors map[string]*tensor.Tensor[T]
	Numbers map[string]float64
}

// State returns the state of the optimiser: for every parameter that has been updated "NAME.count"
// and "NAME.STATE", with STATE as the rule calls it, and "lr" and "momentum". The tensors share
// memory with the optimiser: write them before the next step, or clone them.
func (o *Optimizer[T]) State() State[T] {
	st := State[T]{map[string]*tensor.Tensor[T]{}, map[string]float64{"lr": o.lr}}
	if m := o.rule.Momentum(); m != nil {
		st.Numbers["momentum"] = *m
	}
	tensors, numbers := o.rule.StateNames()
	for _, s := range o.slots {
		if s.Tensors == nil {
			continue
		}
		st.Numbers[s.name+".count"] = float64(s.Count)
		for i, n := range tensors {
			st.Tensors[s.name+"."+n] = s.Tensors[i]
		}
		for i, n := range numbers {
			st.Numbers[s.name+"."+n] = s.Numbers[i]
		}
	}
	return st
}

// SetState restores what State returned, copying the values. The optimiser must have the same rule
// and the same parameters; otherwise it returns an error and changes nothing.
func (o *Optimizer[T]) SetState(st State[T]) error {
	tensors, numbers := o.rule.StateNames()
	expected := map[string]bool{"lr": true, "momentum": o.rule.Momentum() != nil}
	if _, ok := st.Numbers["lr"]; !ok {
		return fmt.Errorf("optimiser state: no number %q", "lr")
	}
	if _, ok := st.Numbers["momentum"]; ok != expected["momentum"] {
		return fmt.Errorf("optimiser state: number %q present: %v, expected %v: it belongs to another method", "momentum", ok, !ok)
	}
	for _, s := range o.slots {
		count, started := st.Numbers[s.name+".count"]
		if !started {
			continue
		}
		if !(count >= 0 && count < 1<<53 && count == float64(int(count))) {
			return fmt.Errorf("optimiser state: %q is %v, expected a count", s.name+".count", count)
		}
		expected[s.name+".count"] = true
		for _, n := range numbers {
			name := s.name + "." + n
			if _, ok := st.Numbers[name]; !ok {
				return fmt.Errorf("optimiser state: no number %q", name)
			}
			expected[name] = true
		}
		for _, n := range tensors {
			name := s.name + "." + n
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
	for _, s := range o.slots {
		count, started := st.Numbers[s.name+".count"]
		s.Count, s.Tensors, s.Numbers = int(count), nil, nil
		if !started {
			continue
		}
		s.Tensors = make([]*tensor.Tensor[T], len(tensors))
		for i, n := range tensors {
			s.Tensors[i] = st.Tensors[s.name+"."+n].Clone()
		}
		s.Numbers = make([]float64, len(numbers))
		for i, n := range numbers {
			s.Numbers[i] = st.Numbers[s.name+"."+n]
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

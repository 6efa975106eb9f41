package optim

import (
	"errors"
	"fmt"

	"elegans/autograd"
	"elegans/tensor"
)

// EMA keeps an exponential moving average of parameters, which often generalises better than the
// last values (Polyak and Juditsky, 1992; Tarvainen and Valpola, "Mean teachers are better role
// models", 2017). Buffers such as running statistics may be among the parameters.
type EMA[T tensor.Float] struct {
	decay   float64
	params  []*autograd.Var[T]
	shadow  []*tensor.Tensor[T]
	updates int
	swapped bool
}

// NewEMA returns averages that start at the present values; each Update moves them by 1-decay of
// the way to the parameters. It panics unless 0 <= decay < 1.
func NewEMA[T tensor.Float](params []*autograd.Var[T], decay float64) *EMA[T] {
	if !(decay >= 0 && decay < 1) {
		panic(&OptionError{Of: "ema", Option: "decay", Found: fmt.Sprint(decay), Want: "a number in [0, 1)"})
	}
	e := &EMA[T]{decay: decay, params: params}
	for _, p := range params {
		e.shadow = append(e.shadow, p.Value.Clone())
	}
	return e
}

// Update moves the averages, after a step of the optimiser.
func (e *EMA[T]) Update() {
	e.mustNotBeSwapped("Update")
	e.updates++
	for i, p := range e.params {
		tensor.Lerp(e.shadow[i], p.Value, T(1-e.decay))
	}
}

// Swap exchanges the parameters with their averages: the first call puts the averages in force, for
// evaluation, the second puts the parameters back, bit for bit.
func (e *EMA[T]) Swap() {
	e.swapped = !e.swapped
	for i, p := range e.params {
		tensor.Swap(p.Value, e.shadow[i])
	}
}

// Swapped reports whether the averages are in force.
func (e *EMA[T]) Swapped() bool { return e.swapped }

func (e *EMA[T]) mustNotBeSwapped(op string) {
	if e.swapped {
		tensor.PanicUsage("optim.EMA."+op, "the averages are swapped in, expected the parameters: call Swap first")
	}
}

// State returns the averages by the names of the parameters, which must differ, and the number of
// updates. The tensors share memory with e. It panics while the averages are swapped in.
func (e *EMA[T]) State(paths Paths[T]) State[T] {
	e.mustNotBeSwapped("State")
	st := State[T]{map[string]*tensor.Tensor[T]{}, map[string]float64{"updates": float64(e.updates)}}
	for i, p := range e.params {
		st.Tensors[paths.of(i, p)] = e.shadow[i]
	}
	return st
}

// SetState restores what State returned for the same names, copying the values; after an error
// nothing has changed.
func (e *EMA[T]) SetState(st State[T], paths Paths[T]) error {
	if e.swapped {
		return errors.New("average state: the averages are swapped in")
	}
	updates, ok := st.Numbers["updates"]
	if !ok || len(st.Numbers) != 1 {
		return fmt.Errorf("average state: numbers %v, expected updates", st.Numbers)
	}
	if len(st.Tensors) != len(e.params) {
		return fmt.Errorf("average state: %d tensors, expected %d", len(st.Tensors), len(e.params))
	}
	for i, p := range e.params {
		n := paths.of(i, p)
		if err := fits(st.Tensors[n], n, e.shadow[i].Shape()); err != nil {
			return fmt.Errorf("average state: %w", err)
		}
	}
	e.updates = int(updates)
	for i, p := range e.params {
		e.shadow[i] = st.Tensors[paths.of(i, p)].Clone()
	}
	return nil
}

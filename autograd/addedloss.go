package autograd

import "elegans/tensor"

// AddedLoss is what a module has added to the loss of a step.
type AddedLoss[T tensor.Float] struct {
	Name string
	Var  *Var[T] // one element
}

// AddLoss adds v, a variable of one element, to the loss of the step, whatever the objective is: a
// module calls it in Forward for a penalty on what it has just computed, such as the load of the
// experts of a mixture. Several of one name simply add up.
//
// The tape only keeps v. What trains has to minimise WithAddedLosses of its own loss, as package
// train does; what validates leaves it out.
func (tp *Tape[T]) AddLoss(name string, v *Var[T]) {
	if v.Value.Len() != 1 {
		tensor.PanicShape("AddLoss", "a loss must have one element", v.Shape())
	}
	tp.losses = append(tp.losses, AddedLoss[T]{name, v})
}

// AddedLosses returns what was added since Reset, in order; it is valid until the next Reset.
func (tp *Tape[T]) AddedLosses() []AddedLoss[T] { return tp.losses }

// WithAddedLosses returns the sum of loss, a variable of one element, and of all losses that were
// added since Reset, in order; without any it returns loss itself.
func (tp *Tape[T]) WithAddedLosses(loss *Var[T]) *Var[T] {
	if loss.Value.Len() != 1 {
		tensor.PanicShape("WithAddedLosses", "a loss must have one element", loss.Shape())
	}
	for _, a := range tp.losses {
		loss = tp.Add(loss, tp.Reshape(a.Var, loss.Shape()...))
	}
	return loss
}

package autograd

import "elegans/tensor"

// Mark is a variable that a model has named while it ran: the result of a layer.
type Mark[T tensor.Float] struct {
	Name string // path of the layer, "enc.conv1"
	Var  *Var[T]
	// MACs are the multiply-accumulates counted since the mark before: the work of the layer on the
	// whole batch.
	MACs int
}

// Mark gives the result v of a layer a name. It costs nothing unless KeepMarks is set. Then Marks
// returns what was marked since Reset, in order, so that the values of every layer, and with
// RetainGrad their gradients, can be looked at or compared with those of another program.
//
// Within Enter the path of the module goes before the name; an empty name stands for the module
// itself. A name that ends in "attention" is kept for the weights of an attention, a softmax over
// the last axis.
func (tp *Tape[T]) Mark(name string, v *Var[T]) {
	if tp.KeepMarks {
		tp.marks = append(tp.marks, Mark[T]{join(tp.path, name), v, tp.macs - tp.marked})
		tp.marked = tp.macs
	}
}

// Marks returns what was marked since Reset; it is valid until the next Reset.
func (tp *Tape[T]) Marks() []Mark[T] { return tp.marks }

// Enter says that a part of a module runs from now on, called name, so that its marks are named as
// its parameters are. It returns the path so far, which goes to Leave.
func (tp *Tape[T]) Enter(name string) (outer string) {
	outer = tp.path
	if tp.KeepMarks {
		tp.path = join(outer, name)
	}
	return outer
}

// Leave ends what Enter began.
func (tp *Tape[T]) Leave(outer string) { tp.path = outer }

// join appends a name to a path; either may be empty.
func join(path, name string) string {
	if path == "" || name == "" {
		return path + name
	}
	return path + "." + name
}

// CountMACs adds to the multiply-accumulates of the forward pass. Operations whose work is a sum of
// products (matrix products, convolutions, attention) call it with the number that their definition
// has, whatever shorter way they take. Bias and element-by-element work are left out. So MACs
// describes the model, not the cleverness of its kernels.
func (tp *Tape[T]) CountMACs(n int) { tp.macs += n }

// MACs returns the multiply-accumulates counted since Reset.
func (tp *Tape[T]) MACs() int { return tp.macs }

package autograd

import "elegans/tensor"

// Mark is a variable that a model has named while it ran: the result of a layer.
type Mark[T tensor.Float] struct {
	Name string // path of the layer, "enc.conv1"
	Var  *Var[T]
}

// Mark gives the result v of a layer a name. It costs nothing unless KeepMarks is set: then Marks returns what was marked since Reset, in order, so that every layer's values can be
// looked at or compared with those of another program; with RetainGrad, its gradients too.
func (tp *Tape[T]) Mark(name string, v *Var[T]) {
	if tp.KeepMarks {
		tp.marks = append(tp.marks, Mark[T]{name, v})
	}
}

// Marks returns what was marked since Reset; it is valid until the next Reset.
func (tp *Tape[T]) Marks() []Mark[T] { return tp.marks }

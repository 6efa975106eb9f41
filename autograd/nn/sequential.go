package nn

import (
	"strconv"

	"elegans/autograd"
	"elegans/tensor"
)

// Sequential applies modules one after the other; their parameters are named by position, as in
// "0.weight".
type Sequential[T tensor.Float] []Module[T]

// Forward passes x through all modules and marks their results by position.
func (s Sequential[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	for i, m := range s {
		outer := tp.Enter(strconv.Itoa(i))
		x = m.Forward(tp, x)
		if _, nested := m.(Sequential[T]); !nested { // whose last module has marked x
			tp.Mark("", x)
		}
		tp.Leave(outer)
	}
	return x
}

// Func is a module without parameters: a function such as an activation, a pooling or a reshape.
type Func[T tensor.Float] func(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T]

// Forward calls the function.
func (f Func[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] { return f(tp, x) }

// Flatten joins all axes but the first: [N, ...] to [N, D].
func Flatten[T tensor.Float]() Func[T] {
	return func(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
		return tp.Reshape(x, x.Value.Dim(0), -1)
	}
}

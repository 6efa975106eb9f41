package crosscheck

import (
	"fmt"

	"elegans/autograd"
	"elegans/tensor"
)

// Operations of the manifests are mapped to calls of the engine by the generic functions in the
// files ops_*.go, one for each family. They are listed in families below and instantiated for both
// element types. An operation reads its arguments and attributes from the case and hands over its
// results in the order of the manifest:
//
//	func opsRows[T tensor.Float](r registry[T]) {
//		r.add("tanh", unary((*autograd.Tape[T]).Tanh))
//		r.add("linear", func(c *Case[T]) {
//			c.Out(c.Tape.Linear(c.Var("x"), c.Var("weight"), c.Opt("bias")))
//		})
//	}

// families lists what defines the operations; each family adds its line.
func families[T tensor.Float]() []func(registry[T]) {
	return []func(registry[T]){
		opsShape[T],
		opsProgram[T],
		opsElementwise[T],
		opsRows[T],
		opsAttention[T],
		opsRecurrent[T],
		opsImage[T],
		opsReduce[T],
		opsIndex[T],
		opsLoss[T],
		opsLayers[T],
	}
}

// registry maps the operation names of the manifests to functions that run them.
type registry[T tensor.Float] map[string]func(c *Case[T])

func (r registry[T]) add(op string, run func(c *Case[T])) {
	if r[op] != nil {
		panic(fmt.Sprintf("crosscheck: operation %q is registered twice", op))
	}
	r[op] = run
}

func newRegistry[T tensor.Float]() registry[T] {
	r := registry[T]{}
	for _, family := range families[T]() {
		family(r)
	}
	return r
}

// unary runs a method of the tape on the only argument.
func unary[T tensor.Float](f func(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T]) func(c *Case[T]) {
	return func(c *Case[T]) { c.Out(f(c.Tape, c.VarAt(0))) }
}

// binary runs a method of the tape on the first two arguments.
func binary[T tensor.Float](f func(tp *autograd.Tape[T], a, b *autograd.Var[T]) *autograd.Var[T]) func(c *Case[T]) {
	return func(c *Case[T]) { c.Out(f(c.Tape, c.VarAt(0), c.VarAt(1))) }
}

package crosscheck

import (
	"fmt"
	"slices"

	"elegans/autograd"
	"elegans/data/safetensors"
	"elegans/internal/memory"
	"elegans/internal/quote"
	"elegans/tensor"
)

// Case is one case of a manifest of operations, as the function that runs it sees it: arguments by
// name, attributes, and a tape. Its methods panic if the manifest does not hold what is asked for;
// the case is then reported as skipped, with the reason.
//
// Every argument and attribute must be read, or named in Ignore if it describes what the others
// already say. One that nobody looks at would mean that the case is checked for something else than
// it says, so such a case is skipped too.
type Case[T tensor.Float] struct {
	Attrs                   // by name
	Tape  *autograd.Tape[T] // on which the operation records itself

	entry *opEntry
	file  *tensorFile
	vars  map[string]*autograd.Var[T]
	read  map[string]bool // arguments that were looked at
	outs  []output[T]
}

// output is a result: a variable, a tensor without gradient, or integers.
type output[T tensor.Float] struct {
	v     *autograd.Var[T]
	t     *tensor.Tensor[T]
	ints  []int
	shape []int
}

// skipError is the panic by which a case declares that it cannot be run.
type skipError struct{ reason string }

// Error returns the reason.
func (e *skipError) Error() string { return e.reason }

// unreadable is the panic by which a case declares that a tensor cannot be read: it fails, whatever
// the reference does.
type unreadable struct{ err error }

// Error returns the reason.
func (e *unreadable) Error() string { return e.err.Error() }

// Unwrap returns the reader's error.
func (e *unreadable) Unwrap() error { return e.err }

func skip(format string, args ...any) { panic(&skipError{fmt.Sprintf(format, args...)}) }

// Has reports whether there is an argument of that name.
func (c *Case[T]) Has(arg string) bool { return slices.Contains(c.entry.Args, arg) }

// Args returns the names of all arguments.
func (c *Case[T]) Args() []string { return c.entry.Args }

// index finds an argument.
func (c *Case[T]) index(arg string) int {
	i := slices.Index(c.entry.Args, arg)
	if i < 0 {
		skip("no argument %q, there are %s", arg, quote.Names(c.entry.Args))
	}
	c.read[arg] = true
	return i
}

// Var returns an argument as a variable: differentiable if the manifest has a gradient for it, else
// a constant. Masks are zeros and ones.
func (c *Case[T]) Var(arg string) *autograd.Var[T] {
	i := c.index(arg)
	if v := c.vars[arg]; v != nil {
		return v
	}
	t, err := safetensors.Get[T](c.file.File, c.entry.Inputs[i])
	if err != nil {
		panic(&unreadable{err})
	}
	v := c.Tape.Input(t)
	if i < len(c.entry.Grads) && c.entry.Grads[i] != nil {
		v = c.Tape.Variable(t)
	}
	c.vars[arg] = v
	return v
}

// Opt is Var for an argument that may be absent; it is nil then.
func (c *Case[T]) Opt(arg string) *autograd.Var[T] {
	if !c.Has(arg) {
		return nil
	}
	return c.Var(arg)
}

// VarAt is Var by position.
func (c *Case[T]) VarAt(i int) *autograd.Var[T] {
	if i >= len(c.entry.Args) {
		skip("%d arguments, expected more than %d", len(c.entry.Args), i)
	}
	return c.Var(c.entry.Args[i])
}

// Vars returns all arguments as variables.
func (c *Case[T]) Vars() []*autograd.Var[T] {
	vs := make([]*autograd.Var[T], len(c.entry.Args))
	for i := range vs {
		vs[i] = c.VarAt(i)
	}
	return vs
}

// Tensor returns the value of an argument; operations that change it in place (running statistics)
// do so for this case only.
func (c *Case[T]) Tensor(arg string) *tensor.Tensor[T] { return c.Var(arg).Value }

// OptTensor is Tensor for an argument that may be absent; it is nil then.
func (c *Case[T]) OptTensor(arg string) *tensor.Tensor[T] {
	if !c.Has(arg) {
		return nil
	}
	return c.Tensor(arg)
}

// Ints returns an argument of an integer or boolean type, in row-major order; its shape is
// Shape(arg).
func (c *Case[T]) Ints(arg string) []int {
	v, err := c.file.Int64s(c.entry.Inputs[c.index(arg)])
	if err != nil {
		panic(&unreadable{err})
	}
	ints := make([]int, len(v))
	for i, x := range v {
		ints[i] = int(x)
	}
	return ints
}

// Bools returns a mask, in row-major order; its shape is Shape(arg).
func (c *Case[T]) Bools(arg string) []bool {
	ints := c.Ints(arg)
	bools := make([]bool, len(ints))
	for i, x := range ints {
		bools[i] = x != 0
	}
	return bools
}

// Shape returns the shape of an argument.
func (c *Case[T]) Shape(arg string) []int { return c.info(arg).Shape }

// IsMask reports whether an argument is stored as a mask (uint8 or boolean) rather than as
// floating-point numbers.
func (c *Case[T]) IsMask(arg string) bool {
	d := c.info(arg).Dtype
	return d == safetensors.U8 || d == safetensors.BOOL
}

func (c *Case[T]) info(arg string) safetensors.Info {
	info, err := c.file.Info(c.entry.Inputs[c.index(arg)])
	if err != nil {
		skip("%v", err)
	}
	return info
}

// need refuses a tensor of the given shape if it is larger than one input may ask for.
func (c *Case[T]) need(what string, shape ...int) {
	bytes := 8.0
	for _, n := range shape {
		bytes *= float64(n)
	}
	if err := memory.Need(fmt.Sprintf("%s of shape %v", what, shape), bytes); err != nil {
		panic(err)
	}
}

// Out hands over results, in the order of the manifest.
func (c *Case[T]) Out(results ...*autograd.Var[T]) {
	for _, v := range results {
		c.outs = append(c.outs, output[T]{v: v})
	}
}

// OutTensor hands over a result that is not differentiable, such as a running mean.
func (c *Case[T]) OutTensor(t *tensor.Tensor[T]) { c.outs = append(c.outs, output[T]{t: t}) }

// OutInts hands over a result of integers in row-major order, such as the positions of maxima.
// Without a shape it is a scalar.
func (c *Case[T]) OutInts(ints []int, shape ...int) {
	if ints == nil {
		ints = []int{}
	}
	c.outs = append(c.outs, output[T]{ints: ints, shape: shape})
}

package autograd

import (
	"elegans/tensor"
)

// Tape records the operations of one step, and owns and recycles their memory.
type Tape[T tensor.Float] struct {
	// Training is what layers with two modes (dropout, batch normalisation) look at.
	Training bool
	// RetainGrad keeps the gradients of intermediate results until Reset or the next backward pass,
	// for inspection.
	RetainGrad bool
	// KeepMarks records what Mark names.
	KeepMarks bool
	// MaxBytes, if it is not 0, bounds the memory of values, gradients and scratch, as Bytes counts
	// it, where the sizes come from somebody else: an operation that needs more panics with a
	// *MemoryError before it takes it.
	MaxBytes int

	noGrad bool
	key    tensor.Key
	draws  uint64 // keys handed out in this step

	ops    []Op[T] // the record; slots beyond nops hold structs to recycle
	ends   []int   // ends[i]: number of variables when op i had been recorded
	nops   int
	vars   []*Var[T] // slots beyond nvars are free
	nvars  int
	fresh  bool // a variable made since the last Record requires a gradient
	views  []*tensor.Tensor[T]
	nviews int
	kept   []*Var[T] // lists of variables that operations remember, end to end
	marks  []Mark[T]
	losses []AddedLoss[T]
	path   string // of the module that runs, put before the names of marks
	macs   int    // multiply-accumulates since Reset
	marked int    // of these, counted when the last mark was made

	store arena[T]
}

// Op is the record of one operation. Backward adds to the gradients of the operation's inputs,
// given those of its results (Var.GradSum).
type Op[T tensor.Float] interface{ Backward(tp *Tape[T]) }

// NewTape returns an empty tape, in training mode.
func NewTape[T tensor.Float]() *Tape[T] { return &Tape[T]{Training: true} }

// Reset starts a new step: every variable and tensor that the tape has handed out becomes invalid
// and its memory is used again.
func (tp *Tape[T]) Reset() {
	for _, v := range tp.vars[:tp.nvars] {
		v.Value, v.grad, v.hasGrad = nil, nil, false
	}
	tp.nops, tp.nvars, tp.nviews, tp.draws, tp.fresh = 0, 0, 0, 0, false
	tp.ends, tp.kept, tp.marks, tp.losses = tp.ends[:0], tp.kept[:0], tp.marks[:0], tp.losses[:0]
	tp.path, tp.macs, tp.marked = "", 0, 0
	tp.store.reset()
}

// SetNoGrad switches recording off (true), for inference, or on again.
func (tp *Tape[T]) SetNoGrad(off bool) { tp.noGrad = off }

// SetKey sets the key from which the random numbers of the next steps are drawn; set it to a
// function of seed and step, after Reset, to make steps reproducible.
func (tp *Tape[T]) SetKey(k tensor.Key) { tp.key, tp.draws = k, 0 }

// NextKey returns a key for one operation that needs random numbers.
func (tp *Tape[T]) NextKey() tensor.Key {
	tp.draws++
	return tp.key.Sub("op", tp.draws)
}

// Bytes returns the memory that the tape holds for values, gradients and scratch.
func (tp *Tape[T]) Bytes() int { return tp.store.bytes }

// Input returns a constant with value t, which must be contiguous and stay unchanged until Reset.
func (tp *Tape[T]) Input(t *tensor.Tensor[T]) *Var[T] {
	checkContiguous("Input", t)
	v := tp.newVar(false)
	v.Value, v.leaf = t, true
	return v
}

// Variable returns a variable with value t whose gradient is wanted; it is kept until Reset.
func (tp *Tape[T]) Variable(t *tensor.Tensor[T]) *Var[T] {
	v := tp.Input(t)
	v.requiresGrad = true
	return v
}

func (tp *Tape[T]) newVar(requiresGrad bool) *Var[T] {
	if tp.nvars == len(tp.vars) {
		tp.vars = append(tp.vars, &Var[T]{tape: tp})
	}
	v := tp.vars[tp.nvars]
	tp.nvars++
	v.requiresGrad, v.leaf = requiresGrad, false
	return v
}

// NewResult returns a variable of the given shape, of undefined content, for the result of an
// operation that the caller then records. Pass requiresGrad = Needs(inputs...).
func (tp *Tape[T]) NewResult(requiresGrad bool, shape ...int) *Var[T] {
	v := tp.newVar(requiresGrad && !tp.noGrad)
	v.Value = tp.NewTensor(shape...)
	tp.fresh = tp.fresh || v.requiresGrad
	return v
}

// newView is NewResult for a result that shares the elements of t, which is contiguous.
func (tp *Tape[T]) newView(requiresGrad bool, t *tensor.Tensor[T], shape ...int) *Var[T] {
	v := tp.newVar(requiresGrad && !tp.noGrad)
	if tp.nviews == len(tp.views) {
		tp.views = append(tp.views, &tensor.Tensor[T]{})
	}
	v.Value = tp.views[tp.nviews]
	tp.nviews++
	v.Value.ViewOf(t, shape...)
	tp.fresh = tp.fresh || v.requiresGrad
	return v
}

// keep returns a copy of a list of variables that is valid until Reset.
func (tp *Tape[T]) keep(vs []*Var[T]) []*Var[T] {
	n := len(tp.kept)
	tp.kept = append(tp.kept, vs...)
	return tp.kept[n:len(tp.kept):len(tp.kept)]
}

// Needs reports whether any of the variables requires a gradient; nil variables do not.
func Needs[T tensor.Float](vs ...*Var[T]) bool {
	for _, v := range vs {
		if v != nil && v.requiresGrad {
			return true
		}
	}
	return false
}

// Record appends the record o of the operation that made the variables since the last Record. It is
// dropped if none of them requires a gradient.
func Record[T tensor.Float, O any, P interface {
	*O
	Op[T]
}](tp *Tape[T], o O) {
	if !tp.fresh {
		return
	}
	tp.fresh = false
	if tp.nops == len(tp.ops) {
		tp.ops = append(tp.ops, nil)
	}
	if p, ok := tp.ops[tp.nops].(P); ok {
		*p = o // the same operation stood here in the last step: recycle its record
	} else {
		p := P(new(O))
		*p = o
		tp.ops[tp.nops] = p
	}
	tp.nops++
	tp.ends = append(tp.ends, tp.nvars)
}

// Backward computes the gradient of loss, a variable of one element, with respect to everything
// that it depends on and that requires a gradient.
func (tp *Tape[T]) Backward(loss *Var[T]) {
	if loss.Value.Len() != 1 {
		tensor.PanicShape("Backward", "the loss must have one element", loss.Shape())
	}
	tp.forget()
	g := loss.GradSum()
	tensor.Map(tensor.OpAddScalar, g, g, 1, 0)
	tp.run()
}

// BackwardFrom is Backward for a program with several outputs, or with an output of any shape: it
// differentiates the sum of outputs[i]*cotangents[i] over all elements.
func (tp *Tape[T]) BackwardFrom(outputs []*Var[T], cotangents []*tensor.Tensor[T]) {
	tp.forget()
	for i, v := range outputs {
		if !tensor.SameShape(v.Value, cotangents[i]) {
			tensor.PanicShape("BackwardFrom", "output and cotangent differ", v.Shape(), cotangents[i].Shape())
		}
		tensor.Accumulate(v.GradSum(), cotangents[i])
	}
	tp.run()
}

// forget drops the gradients of results that RetainGrad kept in an earlier backward pass: they have
// been passed on to the inputs already.
func (tp *Tape[T]) forget() {
	for _, v := range tp.vars[:tp.nvars] {
		if !v.leaf {
			tp.freeGrad(v)
		}
	}
}

// freeGrad takes the gradient of a variable of the tape back, if it has one.
func (tp *Tape[T]) freeGrad(v *Var[T]) {
	if v.hasGrad {
		tp.Free(v.grad)
		v.grad, v.hasGrad = nil, false
	}
}

// run calls the recorded operations in reverse, skipping those that no gradient reaches, and
// recycles the gradients of results that are no longer needed.
func (tp *Tape[T]) run() {
	for i := tp.nops - 1; i >= 0; i-- {
		begin := 0
		if i > 0 {
			begin = tp.ends[i-1]
		}
		results := tp.vars[begin:tp.ends[i]]
		reached := false
		for _, v := range results {
			reached = reached || v.hasGrad && !v.leaf
		}
		if reached {
			tp.ops[i].Backward(tp)
		}
		for _, v := range results {
			if !v.leaf && !tp.RetainGrad {
				tp.freeGrad(v)
			}
		}
	}
}

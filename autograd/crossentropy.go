package autograd

import (
	"fmt"

	"elegans/tensor"
)

// CrossEntropyOptions are the options of CrossEntropy and CrossEntropySoft; the zero value is the
// plain mean.
type CrossEntropyOptions[T tensor.Float] struct {
	Reduction      Reduction
	Weight         *tensor.Tensor[T] // one weight for each class, or nil
	LabelSmoothing T                 // share e of the target that is spread evenly over all classes
	// Ignore lists, when HasIgnore is set, the label whose terms count for nothing.
	HasIgnore bool
	Ignore    int
}

// CrossEntropy returns the cross entropy of softmax(logits) with integer labels:
//
//	logits [N, C] or [N, C, d1, ...], labels of N d1 ... classes in row-major order
//	->  a scalar, or [N, d1, ...] without reduction
//	term = (1-e) w[t] (-log p[t]) + e/C sum over c of w[c] (-log p[c]),   p = softmax(logits)
//
// Mean divides the sum of the terms by the sum of w[t]; it is NaN if every label is ignored.
func (tp *Tape[T]) CrossEntropy(logits *Var[T], labels []int, opts CrossEntropyOptions[T]) *Var[T] {
	c := tp.newCrossEntropy("CrossEntropy", logits, &opts)
	n, rows := c.classes, len(labels)
	if rows*n != logits.Value.Len() {
		tensor.PanicShape("CrossEntropy", fmt.Sprintf("%d labels", len(labels)), logits.Shape())
	}
	c.labels = tp.NewInts(rows)
	for i, t := range labels {
		c.labels[i] = -1
		if opts.HasIgnore && t == opts.Ignore {
			continue
		}
		if t < 0 || t >= n {
			tensor.PanicShape("CrossEntropy", fmt.Sprintf("label %d of item %d is no class", t, i), logits.Shape())
		}
		c.labels[i] = t
	}
	terms := tp.NewTensor(rows)
	total := tensor.CrossEntropy(terms, c.p, opts.Weight, c.labels, opts.LabelSmoothing)
	c.scale = 1
	if opts.Reduction == Mean {
		c.scale = 1 / T(total)
	}
	return tp.reduceCrossEntropy(c, terms)
}

// CrossEntropySoft is CrossEntropy with a distribution over the classes as target, of the shape of
// the logits:
//
//	term = sum over c of w[c] ((1-e) target[c] + e/C) (-log p[c])
//
// Mean divides by the number of terms. The target may require a gradient.
func (tp *Tape[T]) CrossEntropySoft(logits, target *Var[T], opts CrossEntropyOptions[T]) *Var[T] {
	c := tp.newCrossEntropy("CrossEntropySoft", logits, &opts)
	if !tensor.SameShape(logits.Value, target.Value) {
		tensor.PanicShape("CrossEntropySoft", "logits and target differ", logits.Shape(), target.Shape())
	}
	rows := c.p.Dim(0)
	c.target, c.q = target, tp.classesLast(target.Value)
	c.scale = 1
	if opts.Reduction == Mean {
		c.scale = 1 / T(rows)
	}
	terms := tp.NewTensor(rows)
	c.logp = tp.NewTensor(rows, c.classes)
	tensor.CrossEntropySoft(terms, c.p, c.logp, c.q, opts.Weight, opts.LabelSmoothing)
	return tp.reduceCrossEntropy(c, terms)
}

// newCrossEntropy brings the logits into rows of classes.
func (tp *Tape[T]) newCrossEntropy(op string, logits *Var[T], opts *CrossEntropyOptions[T]) crossEntropyOp[T] {
	x := logits.Value
	if x.Dims() < 2 {
		tensor.PanicShape(op, "want logits [N, C, ...]", x.Shape())
	}
	if e := opts.LabelSmoothing; !(e >= 0 && e <= 1) {
		tensor.PanicUsage("autograd."+op, fmt.Sprintf("label smoothing %v, expected 0 to 1", e))
	}
	if w := opts.Weight; w != nil && w.Len() != x.Dim(1) {
		tensor.PanicShape(op, "want one weight for each class", x.Shape(), w.Shape())
	}
	return crossEntropyOp[T]{logits: logits, p: tp.classesLast(x), classes: x.Dim(1), weight: opts.Weight, smoothing: opts.LabelSmoothing, reduction: opts.Reduction}
}

// classesLast copies [N, C, d...] to [N*d, C].
func (tp *Tape[T]) classesLast(x *tensor.Tensor[T]) *tensor.Tensor[T] {
	c := x.Dim(1)
	y := tp.NewTensor(x.Len()/max(1, c), c)
	tensor.ClassesLast(y, x)
	return y
}

// reduceCrossEntropy makes the result of the loss from its terms and records it.
func (tp *Tape[T]) reduceCrossEntropy(c crossEntropyOp[T], terms *tensor.Tensor[T]) *Var[T] {
	need := Needs(c.logits, c.target)
	if c.reduction == None {
		var buf [tensor.MaxDims]int
		shape := append(append(buf[:0], c.logits.Shape()[0]), c.logits.Shape()[2:]...)
		c.y = tp.NewResult(need, shape...)
	} else {
		c.y = tp.NewResult(need)
	}
	tp.collectTerms(c.y.Value, terms, c.reduction == None, c.scale)
	Record(tp, c)
	return c.y
}

type crossEntropyOp[T tensor.Float] struct {
	logits, target, y *Var[T]
	p                 *tensor.Tensor[T] // softmax, [rows, C]
	q, logp           *tensor.Tensor[T] // target and log softmax of the soft form, [rows, C]
	weight            *tensor.Tensor[T]
	labels            []int // of the other form; -1 is ignored
	classes           int
	smoothing, scale  T
	reduction         Reduction
}

func (o *crossEntropyOp[T]) Backward(tp *Tape[T]) {
	rows := o.p.Dim(0)
	dterms, d := tp.NewTensor(rows), tp.NewTensor(rows, o.classes)
	tensor.SpreadTerms(dterms, o.y.GradSum(), o.scale)
	if o.target != nil && o.target.RequiresGrad() {
		tensor.CrossEntropySoftGradTarget(d, o.logp, dterms, o.weight, o.smoothing)
		tensor.ClassesLastGrad(o.target.GradSum(), d)
	}
	if o.logits.RequiresGrad() {
		if o.target != nil {
			tensor.CrossEntropySoftGrad(d, o.p, dterms, o.q, o.weight, o.smoothing)
		} else {
			tensor.CrossEntropyGrad(d, o.p, dterms, o.weight, o.labels, o.smoothing)
		}
		tensor.ClassesLastGrad(o.logits.GradSum(), d)
	}
	tp.Free(dterms)
	tp.Free(d)
}

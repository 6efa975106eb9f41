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
//	logits [N, C] or [N, C, d1, ...], labels of N d1 ... classes in row-major order  ->  a scalar, or [N, d1, ...] without reduction
//	term = (1-e) w[t] (-log p[t]) + e/C sum over c of w[c] (-log p[c]),   p = softmax(logits)
//
// Mean divides the sum of the terms by the sum of w[t].
func (tp *Tape[T]) CrossEntropy(logits *Var[T], labels []int, opts CrossEntropyOptions[T]) *Var[T] {
	c := tp.newCrossEntropy("CrossEntropy", logits, &opts)
	n, rows := c.classes, len(labels)
	if rows*n != logits.Value.Len() {
		tensor.PanicShape("CrossEntropy", fmt.Sprintf("%d labels", len(labels)), logits.Shape())
	}
	c.labels = tp.NewInts(rows)
	total := T(0)
	for i, t := range labels {
		c.labels[i] = -1
		if opts.HasIgnore && t == opts.Ignore {
			continue
		}
		if t < 0 || t >= n {
			tensor.PanicShape("CrossEntropy", fmt.Sprintf("label %d of item %d is no class", t, i), logits.Shape())
		}
		c.labels[i] = t
		total += weightOf(opts.Weight, t)
	}
	c.scale = 1
	if opts.Reduction == Mean {
		c.scale = 1 / total
	}
	terms := tp.NewTensor(rows)
	tensor.CrossEntropy(terms, c.p, opts.Weight, c.labels, opts.LabelSmoothing)
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

func weightOf[T tensor.Float](w *tensor.Tensor[T], class int) T {
	if w == nil {
		return 1
	}
	return w.Data()[class]
}

// newCrossEntropy brings the logits into rows of classes.
func (tp *Tape[T]) newCrossEntropy(op string, logits *Var[T], opts *CrossEntropyOptions[T]) crossEntropyOp[T] {
	x := logits.Value
	if x.Dims() < 2 {
		tensor.PanicShape(op, "want logits [N, C, ...]", x.Shape())
	}
	if w := opts.Weight; w != nil && w.Len() != x.Dim(1) {
		tensor.PanicShape(op, "want one weight for each class", x.Shape(), w.Shape())
	}
	return crossEntropyOp[T]{logits: logits, p: tp.classesLast(x), classes: x.Dim(1), weight: opts.Weight, smoothing: opts.LabelSmoothing, reduction: opts.Reduction}
}

// classesLast copies [N, C, d...] to [N*d, C].
func (tp *Tape[T]) classesLast(x *tensor.Tensor[T]) *tensor.Tensor[T] {
	n, c := x.Dim(0), x.Dim(1)
	d := 1
	for _, l := range x.Shape()[2:] {
		d *= l
	}
	y := tp.NewTensor(n*d, c)
	tensor.ClassesLast(y.Data(), x.Data(), n, c, d)
	return y
}

// reduceCrossEntropy makes the result of the loss from its terms and records it.
func (tp *Tape[T]) reduceCrossEntropy(c crossEntropyOp[T], terms *tensor.Tensor[T]) *Var[T] {
	need := Needs(c.logits, c.target)
	if c.reduction == None {
		var buf [tensor.MaxDims]int
		shape := append(append(buf[:0], c.logits.Shape()[0]), c.logits.Shape()[2:]...)
		c.y = tp.NewResult(need, shape...)
		copy(c.y.Value.Data(), terms.Data())
	} else {
		c.y = tp.NewResult(need)
		sum := 0.0
		for _, v := range terms.Data() {
			sum += float64(v)
		}
		c.y.Value.Data()[0] = T(sum) * c.scale
	}
	tp.Free(terms)
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
	rows, n := o.p.Dim(0), o.logits.Shape()[0]
	dterms, d := tp.NewTensor(rows), tp.NewTensor(rows, o.classes)
	g := o.y.GradSum().Data()
	for i := range dterms.Data() {
		if o.reduction == None {
			dterms.Data()[i] = g[i]
		} else {
			dterms.Data()[i] = g[0] * o.scale
		}
	}
	if o.target != nil && o.target.RequiresGrad() {
		tensor.CrossEntropySoftGradTarget(d, o.logp, dterms, o.weight, o.smoothing)
		tensor.AddClassesLast(o.target.GradSum().Data(), d.Data(), n, o.classes, rows/max(1, n))
	}
	if o.logits.RequiresGrad() {
		if o.target != nil {
			tensor.CrossEntropySoftGrad(d, o.p, dterms, o.q, o.weight, o.smoothing)
		} else {
			tensor.CrossEntropyGrad(d, o.p, dterms, o.weight, o.labels, o.smoothing)
		}
		tensor.AddClassesLast(o.logits.GradSum().Data(), d.Data(), n, o.classes, rows/max(1, n))
	}
	tp.Free(dterms)
	tp.Free(d)
}

package crosscheck

import (
	"fmt"
	"runtime"
	"slices"

	"elegans/autograd"
	"elegans/data/safetensors"
	"elegans/tensor"
)

// opEntry is a case of a manifest of kind "ops". Names of tensors that do not exist are null.
type opEntry struct {
	Name       string
	Op         string
	Attrs      map[string]any
	Dtype      string
	Args       []string
	Inputs     []string
	Outputs    []string
	Cotangents []*string
	Grads      []*string
	Error      string // the reference's refusal
}

// opRunner runs the cases of one element type, all on one tape.
type opRunner[T tensor.Float] struct {
	ops  registry[T]
	tape *autograd.Tape[T]
	tol  tolerance
	file *safetensors.File
	rec  *recorder
}

func runOps(m *manifest, rec *recorder) error {
	var tol struct{ Float64, Float32 tolerance }
	if err := m.decode("tolerance", m.Tolerance, &tol); err != nil {
		return err
	}
	file, err := safetensors.Open(m.tensors())
	if err != nil {
		return err
	}
	defer file.Close() // only read from
	r64 := &opRunner[float64]{newRegistry[float64](), autograd.NewTape[float64](), tol.Float64, file, rec}
	r32 := &opRunner[float32]{newRegistry[float32](), autograd.NewTape[float32](), tol.Float32, file, rec}
	return eachCase(m, rec, func(e *opEntry) (name, dtype string) { return e.Name, e.Dtype }, r64.run, r32.run)
}

// run runs one case and records how it went.
func (r *opRunner[T]) run(e *opEntry) {
	op := r.ops[e.Op]
	if op == nil {
		r.rec.skip(fmt.Sprintf("unknown operation %q", e.Op))
		return
	}
	r.tape.Reset()
	c := &Case[T]{Attrs: newAttrs(e.Attrs), Tape: r.tape, entry: e, file: r.file, vars: map[string]*autograd.Var[T]{}, read: map[string]bool{}}
	end := protect(func() { op(c) })
	if end.kind == returned {
		if reason := c.unreadReason(); reason != "" {
			end = ending{unusable, reason}
		}
	}
	switch {
	case end.kind == unusable:
		r.rec.skip(end.text)
	case e.Error != "" && end.kind == refused:
		r.rec.refused(end.text)
	case end.kind != returned:
		r.rec.fail(end.text)
	case e.Error != "":
		r.rec.fail("ran, but the reference refuses: " + e.Error)
	case len(c.outs) != len(e.Outputs):
		r.rec.fail(fmt.Sprintf("%d outputs, the reference has %d", len(c.outs), len(e.Outputs)))
	default:
		r.compare(c)
	}
}

// unreadReason names an argument or attribute that the operation did not look at.
func (c *Case[T]) unreadReason() string {
	if names := c.unread(); len(names) > 0 {
		return fmt.Sprintf("attribute %q is not understood", names[0])
	}
	for _, a := range c.entry.Args {
		if !c.read[a] {
			return fmt.Sprintf("argument %q is not understood", a)
		}
	}
	return ""
}

// compare compares outputs, differentiates, and compares gradients.
func (r *opRunner[T]) compare(c *Case[T]) {
	var outputs []*autograd.Var[T]
	var cotangents []*tensor.Tensor[T]
	for i, o := range c.outs {
		r.output(fmt.Sprintf("out%d", i), c.entry.Outputs[i], o)
		if o.v == nil || i >= len(c.entry.Cotangents) || c.entry.Cotangents[i] == nil {
			continue
		}
		cot, err := safetensors.Get[T](r.file, *c.entry.Cotangents[i])
		if err != nil {
			r.rec.skip(err.Error())
			return
		}
		if !sameForm(o.v.Shape(), cot.Shape()) {
			return // reported with the output
		}
		outputs, cotangents = append(outputs, o.v), append(cotangents, cot.Reshape(o.v.Shape()...))
	}
	if !slices.ContainsFunc(c.entry.Grads, func(g *string) bool { return g != nil }) {
		return
	}
	if end := protect(func() { r.tape.BackwardFrom(outputs, cotangents) }); end.kind != returned {
		r.rec.fail("backward: " + end.text)
		return
	}
	for i, g := range c.entry.Grads {
		if g == nil || i >= len(c.entry.Args) {
			continue
		}
		want, err := safetensors.Get[float64](r.file, *g)
		if err != nil {
			r.rec.skip(err.Error())
			return
		}
		v := c.vars[c.entry.Args[i]]
		if v == nil {
			r.rec.skip(fmt.Sprintf("a gradient is recorded for %q, which is no variable here", c.entry.Args[i]))
			return
		}
		var grad []T
		if v.Grad() != nil {
			grad = v.Grad().Data()
		}
		name := "grad " + c.entry.Args[i]
		if v.Value.Len() != want.Len() {
			r.rec.compare(name, wrongShape(v.Shape(), want.Shape()))
			continue
		}
		r.rec.compare(name, compare(grad, want.Data(), r.tol))
	}
}

// output compares one output with the tensor of the given name.
func (r *opRunner[T]) output(label, name string, o output[T]) {
	info, err := r.file.Info(name)
	if err != nil {
		r.rec.fail(err.Error())
		return
	}
	if o.ints != nil {
		want, err := r.file.Int64s(name)
		if err != nil {
			r.rec.fail(err.Error())
			return
		}
		shape := o.shape
		if len(shape) == 0 {
			shape = info.Shape
		}
		if len(want) != len(o.ints) || !sameForm(shape, info.Shape) {
			r.rec.compare(label, wrongShape(shape, info.Shape))
			return
		}
		a, b := make([]float64, len(want)), make([]float64, len(want))
		for i := range want {
			a[i], b[i] = float64(o.ints[i]), float64(want[i])
		}
		r.rec.compare(label, compare(a, b, tolerance{}))
		return
	}
	t := o.t
	if o.v != nil {
		t = o.v.Value
	}
	want, err := safetensors.Get[float64](r.file, name)
	if err != nil {
		r.rec.fail(err.Error())
		return
	}
	if !sameForm(t.Shape(), want.Shape()) {
		r.rec.compare(label, wrongShape(t.Shape(), want.Shape()))
		return
	}
	r.rec.compare(label, compare(t.Contiguous().Data(), want.Data(), r.tol))
}

// ending says how a call ended.
type ending struct {
	kind endKind
	text string
}

type endKind int

const (
	returned endKind = iota
	unusable         // the case cannot be run
	refused          // the engine refused the operands
	crashed          // a runtime error such as an index out of range: a defect, never a refusal
)

// protect calls f and turns a panic into an ending.
func protect(f func()) (end ending) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *skipError:
			end = ending{unusable, p.reason}
		case runtime.Error:
			end = ending{crashed, p.Error()}
		default:
			end = ending{refused, fmt.Sprint(p)}
		}
	}()
	f()
	return ending{}
}

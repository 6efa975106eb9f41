package crosscheck

import (
	"errors"
	"fmt"
	"slices"

	"elegans/autograd"
	"elegans/data/safetensors"
	"elegans/internal/memory"
	"elegans/internal/quote"
	"elegans/tensor"
)

// opEntry is a case of a manifest of kind "ops". Lists of tensors are in the order of Args or of
// the outputs; a tensor that does not exist is null.
type opEntry struct {
	Name       string         `json:"name"`
	Op         string         `json:"op"` // PyTorch's name
	Attrs      map[string]any `json:"attrs"`
	Dtype      string         `json:"dtype"`
	Args       []string       `json:"args"` // PyTorch's names
	Inputs     []string       `json:"inputs"`
	Outputs    []string       `json:"outputs"`
	Cotangents []*string      `json:"cotangents"`
	Grads      []*string      `json:"grads"`
	Error      string         `json:"error"` // with which the reference refuses
	Departs    *departure     `json:"departs"`
	Note       string         `json:"note"` // for people

	missing []string // tensors that the file does not have
}

// departure says that the engine does something else than the reference on purpose.
type departure struct {
	// "refuses" what the reference computes; or "computes" other values than it, or what it
	// refuses: then Outputs and Grads are those of another formula
	Ours string `json:"ours"`
	Why  string `json:"why"`
}

// refusal returns with what the engine is expected to refuse the case, empty if it is to compute.
func (e *opEntry) refusal() string {
	switch {
	case e.Departs == nil:
		return e.Error
	case e.Departs.Ours == "refuses":
		return e.Departs.Why
	}
	return ""
}

func (e *opEntry) caseName() string { return e.Name }

func (e *opEntry) check() error {
	switch {
	case e.Op == "":
		return errors.New("key \"op\": missing")
	case duplicate(e.Args) != "":
		return fmt.Errorf("key \"args\": %s twice", quote.Text(duplicate(e.Args)))
	case len(e.Inputs) != len(e.Args):
		return fmt.Errorf("key \"inputs\": %d, expected one for each of %d args", len(e.Inputs), len(e.Args))
	case e.Departs != nil && e.Departs.Ours != "refuses" && e.Departs.Ours != "computes":
		return fmt.Errorf("key \"departs.ours\" is %s, expected refuses or computes", quote.Text(e.Departs.Ours))
	case e.Departs != nil && e.Departs.Why == "":
		return errors.New("key \"departs.why\": missing")
	case e.Departs != nil && e.Departs.Ours == "refuses" && e.Error != "":
		return errors.New("key \"departs.ours\" is refuses, as the reference does")
	case len(e.Outputs) == 0 && e.refusal() == "":
		return errors.New("key \"outputs\": empty, expected at least one")
	case len(e.Cotangents) > len(e.Outputs):
		return fmt.Errorf("key \"cotangents\": %d, expected at most one for each of %d outputs", len(e.Cotangents), len(e.Outputs))
	case len(e.Grads) > len(e.Args):
		return fmt.Errorf("key \"grads\": %d, expected at most one for each of %d args", len(e.Grads), len(e.Args))
	case e.Error != "" && e.Departs == nil && (len(e.Outputs) > 0 || slices.ContainsFunc(e.Grads, given)):
		return errors.New("key \"outputs\": given beside \"error\", but a refusal has no results")
	case slices.ContainsFunc(e.Cotangents, given) && !slices.ContainsFunc(e.Grads, given):
		return errors.New("key \"grads\": empty, but \"cotangents\" are given")
	case slices.ContainsFunc(e.Grads, given) && !slices.ContainsFunc(e.Cotangents, given):
		return errors.New("key \"cotangents\": empty, but the gradients in \"grads\" depend on them")
	}
	return nil
}

// duplicate returns the first name that is twice in a list, empty if there is none.
func duplicate(names []string) string {
	seen := map[string]bool{}
	for _, n := range names {
		if seen[n] {
			return n
		}
		seen[n] = true
	}
	return ""
}

func given(name *string) bool { return name != nil }

// tensors returns the names of all tensors of the case.
func (e *opEntry) tensors() []string {
	names := append(slices.Clone(e.Inputs), e.Outputs...)
	for _, n := range append(slices.Clone(e.Cotangents), e.Grads...) {
		if given(n) {
			names = append(names, *n)
		}
	}
	return names
}

// opRunner runs the cases of one element type, all on one tape.
type opRunner[T tensor.Float] struct {
	ops  registry[T]
	tape *autograd.Tape[T]
	tol  *tolerance
	file *tensorFile
	rec  *recorder
}

func runOps(m *manifest, rec *recorder) error {
	tol, err := m.tolerances()
	if err != nil {
		return err
	}
	file, err := m.open()
	if err != nil {
		return err
	}
	defer file.Close() // only read from
	limit, err := memory.Limit()
	if err != nil {
		return err
	}
	r64 := &opRunner[float64]{newRegistry[float64](), autograd.NewTape[float64](), tol.of("float64"), file, rec}
	r32 := &opRunner[float32]{newRegistry[float32](), autograd.NewTape[float32](), tol.of("float32"), file, rec}
	r64.tape.MaxBytes, r32.tape.MaxBytes = int(limit), int(limit)
	for name, op := range rec.opts.Operations {
		r64.ops[name], r32.ops[name] = op.Float64, op.Float32
	}
	err = eachCase(m, rec, func(e *opEntry) {
		e.missing = file.name(e.tensors()...)
		rec.inPrecision(e.Dtype, func() { r64.run(e) }, func() { r32.run(e) })
	})
	if err == nil {
		rec.unnamed(file)
	}
	return err
}

// run runs one case and records how it went.
func (r *opRunner[T]) run(e *opEntry) {
	op := r.ops[e.Op]
	switch {
	case op == nil:
		r.rec.skip("unknown operation " + quote.Text(e.Op))
		return
	case r.tol == nil:
		r.rec.skip(fmt.Sprintf("the tolerance of the manifest has no key for dtype %q", e.Dtype))
		return
	case len(e.missing) > 0:
		r.rec.fail("tensors that are missing from the file: " + quote.Names(e.missing))
		return
	}
	r.tape.Reset()
	c := &Case[T]{Attrs: newAttrs(e.Attrs), Tape: r.tape, entry: e, file: r.file, vars: map[string]*autograd.Var[T]{}, read: map[string]bool{}}
	end := protect(func() error { op(c); return nil })
	if end.kind == returned {
		if reason := c.unreadReason(); reason != "" {
			end = ending{kind: unusable, text: reason}
		}
	}
	if !r.rec.judge(end, e.refusal()) {
		return
	}
	if len(c.outs) != len(e.Outputs) {
		r.rec.fail(fmt.Sprintf("%d outputs, the reference has %d", len(c.outs), len(e.Outputs)))
		return
	}
	r.compare(c)
}

// unreadReason names an argument or attribute that the operation did not look at.
func (c *Case[T]) unreadReason() string {
	if names := c.unread(); len(names) > 0 {
		return fmt.Sprintf("attribute %s is not understood", quote.Text(names[0]))
	}
	for _, a := range c.entry.Args {
		if !c.read[a] {
			return fmt.Sprintf("argument %s is not understood", quote.Text(a))
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
		if i >= len(c.entry.Cotangents) || !given(c.entry.Cotangents[i]) {
			continue
		}
		if o.v == nil {
			r.rec.fail(fmt.Sprintf("a cotangent is recorded for output %d, which has no gradient here", i))
			return
		}
		cot, err := safetensors.Get[T](r.file.File, *c.entry.Cotangents[i])
		if err != nil {
			r.rec.fail(err.Error())
			return
		}
		if !sameForm(o.v.Shape(), cot.Shape()) {
			r.rec.fail(fmt.Sprintf("the cotangent of output %d has shape %v, the output %v", i, cot.Shape(), o.v.Shape()))
			return
		}
		outputs, cotangents = append(outputs, o.v), append(cotangents, cot.Reshape(o.v.Shape()...))
	}
	if !slices.ContainsFunc(c.entry.Grads, given) {
		return
	}
	end := protect(func() error { r.tape.BackwardFrom(outputs, cotangents); return nil })
	if end.kind == excessive {
		r.rec.excess = end.err
		return
	}
	if end.kind != returned {
		r.rec.fail("backward: " + end.text)
		return
	}
	for i, g := range c.entry.Grads {
		if !given(g) {
			continue
		}
		want, err := safetensors.Get[float64](r.file.File, *g)
		if err != nil {
			r.rec.fail(err.Error())
			return
		}
		v := c.vars[c.entry.Args[i]]
		if v == nil {
			r.rec.fail(fmt.Sprintf("a gradient is recorded for %s, which is no variable here", quote.Text(c.entry.Args[i])))
			return
		}
		var grad []T
		if v.Grad() != nil {
			grad = v.Grad().Data()
		}
		name := "grad " + c.entry.Args[i]
		if !sameForm(v.Shape(), want.Shape()) {
			r.rec.compare(name, wrongShape(v.Shape(), want.Shape()))
			continue
		}
		r.rec.compare(name, compare(grad, want.Data(), *r.tol))
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
		if len(want) != len(o.ints) || !sameForm(o.shape, info.Shape) {
			r.rec.compare(label, wrongShape(o.shape, info.Shape))
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
	want, err := safetensors.Get[float64](r.file.File, name)
	if err != nil {
		r.rec.fail(err.Error())
		return
	}
	if !sameForm(t.Shape(), want.Shape()) {
		r.rec.compare(label, wrongShape(t.Shape(), want.Shape()))
		return
	}
	r.rec.compare(label, compare(t.Contiguous().Data(), want.Data(), *r.tol))
}

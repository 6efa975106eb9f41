package crosscheck

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"elegans/autograd"
	"elegans/connectome/m2"
	"elegans/tensor"
)

// run compares the results of all layers in the order in which they are computed, then the loss,
// then gradients in the order of the backward pass.
func (r *layersRun[T]) run() {
	tp := autograd.NewTape[T]()
	tp.MaxBytes = r.limit
	tp.Training, tp.KeepMarks, tp.RetainGrad = r.entry.Training, true, true
	x := get[T](r, "x")
	if x.Dims() != 4 || [3]int(x.Shape()[1:]) != r.config.Model.Input {
		skip("tensor %q has shape %v, %s reads images [N C H W] of %v", r.entry.Prefix+r.entry.tensor("x"), x.Shape(), r.config.Model.Model, r.config.Model.Input)
	}
	images := tp.Input(x)
	y := r.model.Forward(tp, images)
	var loss *autograd.Var[T]
	if a, ok := r.model.(*m2.Autoencoder[T]); ok { // which aims at x
		loss = a.Loss(tp, y, images).Total
	} else if r.has("labels") {
		loss = tp.WithAddedLosses(tp.CrossEntropy(y, r.labels(x.Dim(0)), autograd.CrossEntropyOptions[T]{}))
	}
	marks := tp.Marks()
	for _, m := range marks {
		r.value("a."+m.Name, m.Var.Value)
	}
	r.value("y", y.Value)
	if loss != nil {
		r.value("loss", loss.Value)
	}
	switch {
	case r.has("cotangent"):
		c := get[T](r, "cotangent")
		if !tensor.SameShape(c, y.Value) {
			skip("the cotangent has shape %v, the output %v", c.Shape(), y.Shape())
		}
		tp.BackwardFrom([]*autograd.Var[T]{y}, []*tensor.Tensor[T]{c})
	case loss != nil:
		tp.Backward(loss)
	default:
		return // gradients, if there are any, are left over: nothing says of what they are
	}
	r.gradients(marks)
}

// labels reads the classes of n images.
func (r *layersRun[T]) labels(n int) []int {
	stored := r.entry.Prefix + r.entry.tensor("labels")
	v, err := r.file.Int64s(stored)
	if err != nil {
		skip("%v", err)
	}
	r.file.name(stored)
	if len(v) != n {
		skip("tensor %q holds %d labels for %d images", stored, len(v), n)
	}
	labels := make([]int, n)
	for i, l := range v {
		if labels[i] = int(l); l < 0 || l >= int64(r.config.Model.Classes) {
			skip("tensor %q: label %d is %d, expected 0 to %d", stored, i, l, r.config.Model.Classes-1)
		}
	}
	return labels
}

// value compares a tensor if it was recorded and has not been compared yet, as a layer that runs
// again is marked again. A gradient that does not exist here (nil) counts as zeros.
func (r *layersRun[T]) value(ours string, t *tensor.Tensor[T]) {
	stored := r.entry.Prefix + r.entry.tensor(ours)
	if !r.has(ours) || r.compared[stored] {
		return
	}
	r.compared[stored] = true
	want := get[float64](r, ours)
	var v []T
	if t != nil {
		if !sameForm(t.Shape(), want.Shape()) {
			r.rec.compare(stored, wrongShape(t.Shape(), want.Shape()))
			return
		}
		v = t.Contiguous().Data()
	}
	largest := 0.0
	for _, x := range want.Data() {
		if a := math.Abs(x); a > largest && !math.IsInf(a, 1) {
			largest = a
		}
	}
	r.rec.compare(stored, compare(v, want.Data(), tolerance{Atol: r.tol.Atol + r.tol.Rtol*largest}))
}

// gradients compares those of the results and parameters of every layer, the last layer first.
func (r *layersRun[T]) gradients(marks []autograd.Mark[T]) {
	for i := len(marks) - 1; i >= 0; i-- {
		r.value("ga."+marks[i].Name, marks[i].Var.Grad())
		for j := len(r.params) - 1; j >= 0; j-- {
			if p := r.params[j]; strings.HasPrefix(p.Path, marks[i].Name+".") {
				r.value("g."+p.Path, p.Grad())
			}
		}
	}
	for j := len(r.params) - 1; j >= 0; j-- {
		r.value("g."+r.params[j].Path, r.params[j].Grad())
	}
}

// leftOver returns the recorded tensors of the case that nothing has looked at, and the names in
// its keys that fit none. It takes them for named, whatever becomes of the case.
func (e *layersEntry) leftOver(file *tensorFile) []string {
	var left []string
	for _, name := range file.Names() {
		rest, ours := strings.CutPrefix(name, e.Prefix)
		if !ours || file.named[name] || uncounted(name) {
			continue
		}
		if kind, _, dotted := strings.Cut(rest, "."); rest == e.tensor("loss") || dotted && slices.Contains([]string{"w", "a", "g", "ga"}, kind) {
			left = append(left, name)
		}
	}
	for ours := range e.Names {
		if stored := e.Prefix + e.tensor(ours); !file.named[stored] && !slices.Contains(left, stored) {
			left = append(left, fmt.Sprintf("%s (as %s)", stored, ours))
		}
	}
	for ours := range e.Permute {
		if stored := e.Prefix + e.tensor(ours); !file.named[stored] && !slices.Contains(left, stored) {
			left = append(left, fmt.Sprintf("%s (to permute)", stored))
		}
	}
	file.name(left...)
	slices.Sort(left)
	return left
}

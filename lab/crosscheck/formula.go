package crosscheck

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"elegans/connectome/tensornet/published"
	"elegans/data/safetensors"
	"elegans/internal/quote"
	"elegans/tensor"
)

// This file holds what the manifests of published networks have in common, whose weights, inputs
// and cotangents a formula makes (published.HashFill), so that no file holds them. A case states
// how well two other programs agree on it, from which its tolerance follows.

// formulaMeta are the keys of "meta" that all such manifests have.
type formulaMeta struct {
	Torch string `json:"torch"` // its version
	Seed  uint64 `json:"seed"`
	Set   string `json:"set"`
	Graph string `json:"graph"`
}

// formulaManifest is such a manifest. M is what it says of how the numbers were made.
type formulaManifest[M any] struct {
	head
	Meta      M `json:"meta"`
	Tolerance struct {
		Rule    string    `json:"rule"` // in words, see formulaTolerance
		Float32 tolerance `json:"float32"`
	} `json:"tolerance"`
}

// formulaEntry is a case of such a manifest.
type formulaEntry[E any] interface {
	entry[E]
	// agreements returns the differences between two other programs, by what they were found in.
	agreements() map[string]float64
}

// readFormula decodes a manifest and all of its cases.
func readFormula[M, E any, P formulaEntry[E]](m *manifest) (man formulaManifest[M], err error) {
	if err := m.decode("", m.raw, &man); err != nil {
		return man, err
	}
	if err := m.check(man.Tolerance.Float32); err != nil {
		return man, m.errorf("tolerance.float32: %w", err)
	}
	all, err := entries[E, P](m)
	if err != nil {
		return man, err
	}
	for i, e := range all {
		for key, v := range e.agreements() {
			if err := m.bound("agreement."+key, v); err != nil {
				return man, m.errorf("case %d %s: %w", i, quote.Text(e.caseName()), err)
			}
		}
	}
	return man, nil
}

// checkAgreement refuses a key that is none of the known ones.
func checkAgreement[V any](found map[string]V, known []string) error {
	for key := range found {
		if !slices.Contains(known, key) {
			return fmt.Errorf("key %s: unknown, expected one of %s", quote.Text("agreement."+key), strings.Join(known, ", "))
		}
	}
	return nil
}

// filled returns a tensor made by the formula, with elements in [-1, 1).
func filled[T tensor.Float](seed uint64, name string, shape []int) *tensor.Tensor[T] {
	if product(shape) < 0 {
		skip("tensor %q has shape %v", name, shape)
	}
	t := tensor.New[T](shape...)
	published.HashFill(t, seed, name, 1, 0)
	return t
}

// formulaTolerance is relative to the largest element of a tensor, or to 1e-3 if that is larger. It
// is the given one, or, where that is 0, ten times what two other programs differ by, and at least
// 1e-10.
func formulaTolerance(want []float64, given, agreement float64) tolerance {
	largest := 1e-3
	for _, v := range want {
		largest = max(largest, math.Abs(v))
	}
	if given == 0 {
		given = max(10*agreement, 1e-10)
	}
	return tolerance{Atol: given * largest}
}

// seriesOf compares a list of numbers with the tensor CASE/what of the reference.
func (rec *recorder) seriesOf(file *tensorFile, of, what string, ours []float64, bound func(want []float64) tolerance) {
	want, err := safetensors.Get[float64](file.File, of+"/"+what)
	if err != nil {
		rec.fail(err.Error())
		return
	}
	rec.series(what, ours, want.Data(), bound(want.Data()))
}

// tensorOf compares ours, nil for none, with the tensor CASE/what of the reference. same says which
// shapes agree, and more lists other shapes that must agree with ours.
func tensorOf[T tensor.Float](
	rec *recorder, file *tensorFile, of, what string, ours *tensor.Tensor[T], same func(a, b []int) bool, bound func(want []float64) tolerance, more ...[]int,
) {
	want, err := safetensors.Get[float64](file.File, of+"/"+what)
	if err != nil {
		rec.fail(err.Error())
		return
	}
	var data []T
	if ours != nil {
		for _, s := range append([][]int{want.Shape()}, more...) {
			if !same(ours.Shape(), s) {
				rec.compare(what, wrongShape(ours.Shape(), s))
				return
			}
		}
		data = ours.Contiguous().Data()
	}
	rec.compare(what, compare(data, want.Data(), bound(want.Data())))
}

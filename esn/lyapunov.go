package esn

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"elegans/tensor"
)

// LyapunovOptions of Deep.Lyapunov and Deep.Separation. The zero value asks for one exponent over
// all rows.
type LyapunovOptions struct {
	Washout   int     // rows that only bring state and tangents into step
	Exponents int     // how many, the largest first: 1
	Distance  float64 // of the two trajectories of Separation: 1e-7
	Seed      uint64  // of the first tangents and displacements
}

func (o *LyapunovOptions) complete(rows, n int) error {
	if o.Exponents == 0 {
		o.Exponents = 1
	}
	if o.Distance == 0 {
		o.Distance = 1e-7
	}
	if o.Washout < 0 || o.Washout >= rows || o.Exponents < 1 || o.Exponents > n || !(o.Distance > 0) {
		return fmt.Errorf("esn: washout %d of %d rows, %d exponents of %d neurons and distance %v, expected rows left, 1 to all exponents and a distance above 0",
			o.Washout, rows, o.Exponents, n, o.Distance)
	}
	return nil
}

// Lyapunov returns the largest Lyapunov exponents of the stack driven by u [T, K] from the zero
// state, without feedback: the mean growth in a step, as a natural logarithm, of tangent vectors
// that the exact Jacobian moves and that are made orthogonal again in every step (G. Benettin, L.
// Galgani, A. Giorgilli and J.-M. Strelcyn, Meccanica 15, 1980). If the largest is below 0, the
// network under this input forgets how it began; the same number for a constant input tells
// whether it is stable by itself. The exponents of a stack are those of its layers, each under the
// states below it. What grows in no direction, as in a delay line, has the exponent -Inf.
//
// For a linear layer the largest is the logarithm of the spectral radius of (1-a) I + a W.
func (d *Deep[T]) Lyapunov(u *tensor.Tensor[T], o LyapunovOptions) ([]float64, error) {
	layers, err := d.dynamicsOf(u)
	if err != nil {
		return nil, err
	}
	if err := o.complete(u.Dim(0), d.Size()); err != nil {
		return nil, err
	}
	var all []float64
	for l, m := range layers {
		all = append(all, m.exponents(u.Dim(0), o, l)...)
	}
	slices.SortFunc(all, func(a, b float64) int { return cmp.Compare(b, a) })
	return all[:o.Exponents], nil
}

// exponents returns those of one layer, at most o.Exponents.
func (m *dynamics) exponents(rows int, o LyapunovOptions, layer int) []float64 {
	n := m.w.n
	key := tensor.NewKey(o.Seed, "esn.lyapunov", uint64(layer))
	vs := make([][]float64, min(o.Exponents, n))
	for i := range vs {
		vs[i] = tensor.Normal[float64](key.Sub("tangent", uint64(i)), 0, 1, n).Data()
	}
	orthonormal(vs, nil)
	sums := make([]float64, len(vs))
	x := make([]float64, n)
	for t := range rows {
		m.step(x, t)
		m.differentiate()
		for _, v := range vs {
			m.tangent(v)
		}
		if t < o.Washout {
			orthonormal(vs, nil)
		} else {
			orthonormal(vs, sums)
		}
	}
	floats.Scale(1/float64(rows-o.Washout), sums)
	return sums
}

// orthonormal makes vectors orthonormal, in order, and adds the logarithms of their lengths to
// sums, unless that is nil. A vector without length stays 0.
func orthonormal(vs [][]float64, sums []float64) {
	for i, v := range vs {
		for _, w := range vs[:i] {
			floats.AddScaled(v, -floats.Dot(w, v), w)
		}
		length := floats.Norm(v, 2)
		if sums != nil {
			sums[i] += math.Log(length)
		}
		if length > 0 {
			floats.Scale(1/length, v)
		}
	}
}

// Separation returns the largest Lyapunov exponent found in another way, from two trajectories: in
// every step the second is brought back to the distance of LyapunovOptions from the first, and the
// logarithm of the factor by which the step parted them is averaged (G. Benettin, L. Galgani and
// J.-M. Strelcyn, Physical Review A 14, 1976). It needs no derivative, and has the error of a
// finite distance: use it to check.
func (d *Deep[T]) Separation(u *tensor.Tensor[T], o LyapunovOptions) (float64, error) {
	layers, err := d.dynamicsOf(u)
	if err != nil {
		return 0, err
	}
	if err := o.complete(u.Dim(0), d.Size()); err != nil {
		return 0, err
	}
	top := math.Inf(-1)
	for l, m := range layers {
		n := m.w.n
		x, y := make([]float64, n), tensor.Normal[float64](tensor.NewKey(o.Seed, "esn.separation", uint64(l)), 0, 1, n).Data()
		floats.Scale(o.Distance/floats.Norm(y, 2), y)
		sum := 0.0
		for t := range u.Dim(0) {
			m.step(x, t)
			m.step(y, t)
			floats.Sub(y, x)
			length := floats.Norm(y, 2)
			if t >= o.Washout {
				sum += math.Log(length / o.Distance)
			}
			if length > 0 {
				floats.Scale(o.Distance/length, y)
			}
			floats.Add(y, x)
		}
		top = max(top, sum/float64(u.Dim(0)-o.Washout))
	}
	return top, nil
}

package cuda

import (
	"fmt"
	"math"
	"testing"

	"elegans/tensor"
)

func normalizeChecks[T tensor.Float]() (checks []check[T]) {
	inf := math.Inf(1)
	for _, s := range lineShapes {
		x := normal[T]("x "+s.name, s.shape...)
		if data := x.Data(); len(data) > 4 {
			data[1], data[4] = 0, 0
		}
		norms := func() *tensor.Tensor[T] { return tensor.New[T](alongAxis(s.shape, s.axis)...) }
		kernels := []string{"normalize", "normalize_grad"}
		cosine := []string{"cosine", "cosine_grad"}
		if x.Len() == 0 {
			kernels, cosine = nil, nil
		}
		for _, p := range []float64{2, 1, 3.5, 0, -2, inf, -inf} {
			for _, eps := range []T{1e-3, 2.5} {
				checks = append(checks, check[T]{name: fmt.Sprintf("%s, p %v, eps %v", s.name, p, eps), kernels: kernels, run: func() []*tensor.Tensor[T] {
					y, of := tensor.New[T](s.shape...), norms()
					tensor.Normalize(y, of, x, p, s.axis, eps)
					dx := normal[T]("dx", s.shape...)
					tensor.NormalizeGrad(dx, normal[T]("dy", s.shape...), of, x, y, p, s.axis, eps)
					return []*tensor.Tensor[T]{y, of, dx}
				}})
			}
		}
		for _, eps := range []T{1e-8, 2.5} {
			checks = append(checks, check[T]{name: fmt.Sprintf("cosine, %s, eps %v", s.name, eps), kernels: cosine, run: func() []*tensor.Tensor[T] {
				b, y, na, nb := normal[T]("b", s.shape...), norms(), norms(), norms()
				tensor.CosineSimilarity(y, na, nb, x, b, s.axis, eps)
				da, dy := normal[T]("da", s.shape...), normal[T]("dy", y.Shape()...)
				tensor.CosineSimilarityGrad(da, dy, na, nb, x, b, y, s.axis, eps)
				return []*tensor.Tensor[T]{y, na, nb, da}
			}})
		}
	}
	nan := T(math.NaN())
	huge, tiny := T(1e30), T(1e-30)
	if _, double := any(huge).(float64); double {
		big, small := 1e200, 1e-200
		huge, tiny = T(big), T(small)
	}
	// Squares of huge and tiny elements are no numbers; lines of both kinds are neighbours.
	x := tensor.FromSlice([]T{huge, -huge, 1, tiny, tiny, 0, 1, nan, 2, T(inf), 1, 2, 0, 0, 0}, 5, 3)
	for axis := range 2 {
		x := x
		if axis == 0 {
			x = x.T().Contiguous()
		}
		for _, p := range []float64{2, inf, -inf} {
			checks = append(checks, check[T]{name: fmt.Sprintf("range of numbers, axis %d, p %v", axis, p), run: func() []*tensor.Tensor[T] {
				y, of := tensor.New[T](x.Shape()...), tensor.New[T](5)
				tensor.Normalize(y, of, x, p, axis, 0)
				log := tensor.New[T](5) // norms of all sizes side by side
				tensor.Log(log, of)
				return []*tensor.Tensor[T]{y, log}
			}})
		}
		checks = append(checks, check[T]{name: fmt.Sprintf("cosine of the range of numbers, axis %d", axis), run: func() []*tensor.Tensor[T] {
			y, na, nb := tensor.New[T](5), tensor.New[T](5), tensor.New[T](5)
			tensor.CosineSimilarity(y, na, nb, x, x, axis, 0)
			return []*tensor.Tensor[T]{y}
		}})
	}
	return checks
}

func TestNormalize(t *testing.T) {
	compare(t, normalizeChecks[float32]())
	compare(t, normalizeChecks[float64]())
}

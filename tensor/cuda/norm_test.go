package cuda

import (
	"fmt"
	"testing"

	"elegans/tensor"
)

// some returns x or, without, nil.
func some[T tensor.Float](with bool, x *tensor.Tensor[T]) *tensor.Tensor[T] {
	if !with {
		return nil
	}
	return x
}

func layerNormChecks[T tensor.Float]() (checks []check[T]) {
	for _, s := range []struct{ rows, n int }{{1, 1}, {3, 5}, {2, 400}, {70, 33}, {300, 2}, {33000, 1}, {4, 0}, {0, 3}} {
		for _, affine := range []bool{true, false} {
			checks = append(checks, check[T]{name: fmt.Sprintf("%d rows of %d, affine %v", s.rows, s.n, affine), run: func() []*tensor.Tensor[T] {
				x, w, b := normal[T]("x", s.rows, s.n), some(affine, normal[T]("w", s.n)), some(affine, normal[T]("b", s.n))
				y, mean, rstd := tensor.New[T](s.rows, s.n), tensor.New[T](s.rows), tensor.New[T](s.rows)
				tensor.LayerNorm(y, x, w, b, mean, rstd, 0.1)
				rms, root := x.Clone(), tensor.New[T](s.rows)
				tensor.RMSNorm(rms, rms, w, root, 0.1)
				dy := normal[T]("dy", s.rows, s.n)
				results := []*tensor.Tensor[T]{y, mean, rstd, rms, root}
				for _, of := range []struct{ mean, rstd *tensor.Tensor[T] }{{mean, rstd}, {nil, root}} {
					dx, dw, db := normal[T]("dx", s.rows, s.n), normal[T]("dw", s.n), normal[T]("db", s.n)
					tensor.LayerNormGrad(dx, dw, some(of.mean != nil, db), dy, x, w, of.mean, of.rstd)
					tensor.LayerNormGrad(nil, nil, db, dy, x, w, of.mean, of.rstd)
					results = append(results, dx, dw, db)
				}
				return results
			}})
			if s.rows > 1000 { // the gradient of a bias is a sum of so many numbers of both signs
				checks[len(checks)-1].tol = tolerance[T](3e-4, 1e-12)
			}
			if s.rows*s.n > 0 {
				checks[len(checks)-1].kernels = []string{"row_norm", "row_norm_grad", "layer_norm_params"}
			}
		}
	}
	for _, s := range []struct{ groups, rows, n int }{{3, 4, 5}, {2, 1, 70}, {1, 9, 1}, {2, 0, 3}} {
		checks = append(checks, check[T]{name: fmt.Sprintf("%d groups of %d rows of %d", s.groups, s.rows, s.n), run: func() []*tensor.Tensor[T] {
			x, w, b := normal[T]("x", s.groups, s.rows, s.n), normal[T]("w", s.groups, s.n), normal[T]("b", s.groups, s.n)
			y, mean, rstd := x.Clone(), tensor.New[T](s.groups, s.rows), tensor.New[T](s.groups, s.rows)
			tensor.GroupedLayerNorm(y, y, w, b, mean, rstd, 0.1)
			dx, dw, db := normal[T]("dx", x.Shape()...), normal[T]("dw", s.groups, s.n), normal[T]("db", s.groups, s.n)
			dy := normal[T]("dy", x.Shape()...)
			tensor.GroupedLayerNormGrad(dx, dw, db, dy, x, w, mean, rstd)
			tensor.GroupedLayerNormGrad(dx, nil, nil, dy, x, w, mean, rstd)
			return []*tensor.Tensor[T]{y, mean, rstd, dx, dw, db}
		}})
		if s.rows > 0 {
			checks[len(checks)-1].kernels = []string{"row_norm", "row_norm_grad", "layer_norm_params"}
		}
	}
	return checks
}

func channelNormChecks[T tensor.Float]() (checks []check[T]) {
	for _, s := range []struct {
		shape  []int
		groups int
	}{{[]int{3, 6, 2, 5}, 2}, {[]int{70, 40}, 40}, {[]int{2, 4, 300}, 1}, {[]int{1, 1, 1}, 1}, {[]int{20, 3, 30, 9}, 3}, {[]int{0, 3, 2}, 3}, {[]int{2, 3, 0}, 1}} {
		for _, affine := range []bool{true, false} {
			checks = append(checks, check[T]{name: fmt.Sprintf("%v in %d groups, affine %v", s.shape, s.groups, affine), run: func() []*tensor.Tensor[T] {
				n, c := s.shape[0], s.shape[1]
				x, w, b := normal[T]("x", s.shape...), some(affine, normal[T]("w", c)), some(affine, normal[T]("b", c))
				dy, dx, dw, db := normal[T]("dy", s.shape...), normal[T]("dx", s.shape...), normal[T]("dw", c), normal[T]("db", c)
				y, mean, rstd := x.Clone(), tensor.New[T](n, s.groups), tensor.New[T](n, s.groups)
				tensor.GroupNorm(y, y, w, b, mean, rstd, s.groups, 0.1)
				sums, dots := tensor.New[T](n, c), tensor.New[T](n, c)
				tensor.GroupNormGrad(dx, dw, db, dy, x, w, mean, rstd, sums, dots, s.groups)
				tensor.GroupNormGrad(dx, nil, nil, dy, x, w, mean, rstd, sums, dots, s.groups)
				tensor.GroupNormGrad(nil, nil, db, dy, x, w, mean, rstd, sums, dots, s.groups)
				return []*tensor.Tensor[T]{y, mean, rstd, dx, dw, db}
			}}, check[T]{name: fmt.Sprintf("batch %v, affine %v", s.shape, affine), run: func() []*tensor.Tensor[T] {
				c := s.shape[1]
				x, w, b := normal[T]("x", s.shape...), some(affine, normal[T]("w", c)), some(affine, normal[T]("b", c))
				y, mean, variance := x.Clone(), tensor.New[T](c), tensor.New[T](c)
				tensor.BatchNormStats(mean, variance, x)
				tensor.BatchNorm(y, y, w, b, mean, variance, 0.1)
				results := []*tensor.Tensor[T]{y, mean, variance}
				dy := normal[T]("dy", s.shape...)
				for _, train := range []bool{true, false} {
					dx, dw, db := normal[T]("dx", s.shape...), normal[T]("dw", c), normal[T]("db", c)
					tensor.BatchNormGrad(dx, nil, db, dy, x, w, mean, variance, 0.1, train)
					tensor.BatchNormGrad(nil, dw, nil, dy, x, w, mean, variance, 0.1, train)
					results = append(results, dx, dw, db)
				}
				return results
			}})
			if x := tensor.New[T](s.shape...); x.Len() > 0 {
				checks[len(checks)-2].kernels = []string{"row_norm", "row_norm_grad", "plane_dots", "group_norm_params"}
				checks[len(checks)-1].kernels = []string{"batch_stats", "batch_norm", "batch_norm_grad"}
			}
		}
	}
	return checks
}

func TestLayerNorm(t *testing.T) {
	compare(t, layerNormChecks[float32]())
	compare(t, layerNormChecks[float64]())
}

func TestChannelNorm(t *testing.T) {
	compare(t, channelNormChecks[float32]())
	compare(t, channelNormChecks[float64]())
}

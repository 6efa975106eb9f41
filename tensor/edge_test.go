package tensor_test

import (
	"errors"
	"testing"

	"elegans/tensor"
)

// TestEmptyLines: the norm of nothing is 0, wherever the empty axis stands.
func TestEmptyLines(t *testing.T) {
	x, norms := tensor.New[float32](2, 0, 3), tensor.Full[float32](7, 6)
	tensor.Normalize(x, norms, x, 2, 1, 1e-3)
	y, norms2 := tensor.Full[float32](7, 6), norms.Clone()
	tensor.CosineSimilarity(y, norms, norms2, x, x, 1, 1e-3)
	for i := range 6 {
		if norms.Data()[i] != 0 || norms2.Data()[i] != 0 || y.Data()[i] != 0 {
			t.Fatalf("norms %v and %v, cosines %v, want zeros", norms, norms2, y)
		}
	}
}

// TestSpMMWithoutColumns: the product with a matrix of no columns is beta times what dst holds, at
// widths of one panel and of several.
func TestSpMMWithoutColumns(t *testing.T) {
	for _, width := range []int{1, 32, 40, 2000, 40000} {
		s := tensor.NewCSR(2, 0, []int32{0, 0, 0}, nil, []float32{})
		dst := tensor.Full[float32](3, 2, width)
		tensor.SpMM(dst, s, s.Val, tensor.New[float32](0, width), 0.5)
		for i, v := range dst.Data() {
			if v != 1.5 {
				t.Fatalf("width %d: element %d is %v, want 1.5", width, i, v)
			}
		}
	}
}

// TestPointLossScale: the terms are scaled as their sum is, also where there is only one.
func TestPointLossScale(t *testing.T) {
	for _, n := range []int{1, 2} {
		x, target := tensor.Full[float64](3, n), tensor.Full[float64](1, n)
		dst, dx := tensor.New[float64](n), tensor.New[float64](n)
		f := tensor.LossFunc{Kind: tensor.LossSquared}
		tensor.PointLoss(f, dst, x, target, nil, nil, 0.5)
		tensor.PointLossGrad(f, dx, nil, tensor.Full[float64](1, n), x, target, nil, nil, 0.5)
		if dst.At(0) != 2 || dx.At(0) != 2 {
			t.Errorf("%d terms: %v with gradient %v, want 2 and 2", n, dst.At(0), dx.At(0))
		}
	}
}

// TestClassWithoutWeight: a list of weights that is too short is refused by name.
func TestClassWithoutWeight(t *testing.T) {
	defer func() {
		var e *tensor.ShapeError
		if err, ok := recover().(error); !ok || !errors.As(err, &e) || e.Op != "ClassWeights" {
			t.Errorf("panic %v, want a *ShapeError of ClassWeights", err)
		}
	}()
	tensor.ClassWeights(tensor.New[float32](2), tensor.New[float32](3), []int{2, 3})
}

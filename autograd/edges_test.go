package autograd

import (
	"errors"
	"math"
	"testing"

	"elegans/tensor"
)

// What PyTorch computes at the edges of attributes is compared in lab/crosscheck (TestEdges). The
// tests of this file are of what it cannot tell.

// TestCrossEntropyCountsInDouble: in float32 2^24 + 1 is 2^24.
func TestCrossEntropyCountsInDouble(t *testing.T) {
	p, terms := tensor.New[float32](3, 2), tensor.New[float32](3)
	weight := tensor.FromSlice([]float32{1 << 24, 1}, 2)
	if total := tensor.CrossEntropy(terms, p, weight, []int{0, 1, 1}, 0); total != 1<<24+2 {
		t.Errorf("the weights sum to %v, want %v", total, 1<<24+2)
	}
}

// TestAllLabelsIgnored: both losses of classes agree, and have no gradient.
func TestAllLabelsIgnored(t *testing.T) {
	tp := NewTape[float64]()
	x := NewParam("x", tensor.FromSlice([]float64{1, 2, 3, 4}, 2, 2))
	labels := []int{-100, -100}
	for name, loss := range map[string]*Var[float64]{
		"NLLLoss":      tp.NLLLoss(x, labels, NLLOptions[float64]{HasIgnore: true, Ignore: -100}),
		"CrossEntropy": tp.CrossEntropy(x, labels, CrossEntropyOptions[float64]{HasIgnore: true, Ignore: -100}),
	} {
		if v := loss.Value.Item(); !math.IsNaN(v) {
			t.Errorf("%s: %v, want NaN", name, v)
		}
		x.ZeroGrad()
		tp.BackwardFrom([]*Var[float64]{loss}, []*tensor.Tensor[float64]{tensor.Scalar(1.0)})
		if g := x.Grad(); tensor.MaxAbs(g) != 0 {
			t.Errorf("%s: gradient %v, want zeros", name, g)
		}
	}
}

// TestLargeVectors: the products of their elements and of their norms are beyond all numbers.
func TestLargeVectors(t *testing.T) {
	for _, size := range []float64{1e20, 1e-20, 1e200, 1e-200, 1e300} {
		wide := NewTape[float64]()
		a, b := wide.Variable(tensor.FromSlice([]float64{size, size}, 1, 2)), wide.Input(tensor.FromSlice([]float64{size, 0}, 1, 2))
		y := wide.CosineSimilarity(a, b, 1, 0)
		if got := y.Value.Item(); math.Abs(got-math.Sqrt(0.5)) > 1e-15 {
			t.Errorf("float64, %g: cosine %v, want sqrt(1/2)", size, got)
		}
		wide.Backward(wide.Reshape(y))
		want := math.Sqrt(0.125) / size
		for i, g := range a.Grad().Data() {
			if w := want * []float64{1, -1}[i]; math.Abs(g-w) > 1e-14*want {
				t.Errorf("float64, %g: derivative %d is %v, want %v", size, i, g, w)
			}
		}
		if n := wide.Normalize(a, 2, 1, 0).Value.Data()[0]; math.Abs(n-math.Sqrt(0.5)) > 1e-15 {
			t.Errorf("float64, %g: normalised to %v, want sqrt(1/2)", size, n)
		}
		if size > 1e30 || size < 1e-30 {
			continue
		}
		narrow := NewTape[float32]()
		v := narrow.Input(tensor.FromSlice([]float32{float32(size), float32(size)}, 1, 2))
		if got := narrow.CosineSimilarity(v, v, 1, 1e-30).Value.Item(); math.Abs(float64(got)-1) > 1e-6 {
			t.Errorf("float32, %g: cosine %v of a vector with itself, want 1", size, got)
		}
	}
}

// TestMaxBytes: a tape that has a limit refuses what exceeds it before it takes the memory, and
// goes on.
func TestMaxBytes(t *testing.T) {
	tp := NewTape[float32]()
	tp.MaxBytes = 1 << 20
	x := tp.Input(tensor.New[float32](1, 1))
	for name, f := range map[string]func(){
		"Tile":             func() { tp.Tile(x, 1e10, 1) },
		"Expand":           func() { tp.Expand(x, 1e6, 1e6) },
		"Pad":              func() { tp.Pad(x, []int{1e9, 0}, tensor.PadConstant, 0) },
		"RepeatInterleave": func() { tp.RepeatInterleave(x, 1e10, 0) },
		"Upsample": func() {
			tp.Upsample(tp.Input(tensor.New[float32](1, 1, 2, 2)), tensor.ResizeOptions{Size: [2]int{1e5, 1e5}})
		},
	} {
		err := caught(f)
		var limit *MemoryError
		if !errors.As(err, &limit) || limit.Limit != 1<<20 || limit.Bytes < 1e9 {
			t.Errorf("%s: %v, want a MemoryError", name, err)
		}
	}
	if y := tp.Tile(x, 10, 1); y.Value.Len() != 10 || tp.Bytes() > 1<<20 {
		t.Errorf("afterwards %d elements and %d bytes", y.Value.Len(), tp.Bytes())
	}
}

// TestOverflowingLengths: products beyond an int are refused by name, not by a runtime error.
func TestOverflowingLengths(t *testing.T) {
	tp := NewTape[float32]()
	x := tp.Input(tensor.New[float32](2, 3))
	for name, f := range map[string]func(){
		"Tile":             func() { tp.Tile(x, math.MaxInt/2, math.MaxInt/2) },
		"Expand":           func() { tp.Expand(tp.Input(tensor.New[float32](1, 1)), math.MaxInt, math.MaxInt) },
		"RepeatInterleave": func() { tp.RepeatInterleave(x, math.MaxInt, 1) },
		"Pad":              func() { tp.Pad(x, []int{math.MaxInt, math.MaxInt}, tensor.PadConstant, 0) },
		"PixelShuffle":     func() { tp.PixelShuffle(tp.Input(tensor.New[float32](1, 0, 2, 2)), 1<<40) },
		"Upsample": func() {
			tp.Upsample(tp.Input(tensor.New[float32](1, 1, 2, 2)), tensor.ResizeOptions{Scale: [2]float64{1e300, 1e300}})
		},
		"Conv2d": func() {
			tp.Conv2d(tp.Input(tensor.New[float32](1, 1, 2, 2)), tp.Input(tensor.New[float32](1, 1, 1, 1)), nil, tensor.ConvOptions{Padding: [2]int{math.MaxInt, math.MaxInt}})
		},
		"MaxPool2d": func() {
			tp.MaxPool2d(tp.Input(tensor.New[float32](1, 1, 2, 2)), tensor.PoolOptions{Kernel: [2]int{math.MaxInt, 1}, Padding: [2]int{math.MaxInt / 2, 0}})
		},
		"ConvTranspose2d": func() {
			tp.ConvTranspose2d(tp.Input(tensor.New[float32](1, 1, 2, 2)), tp.Input(tensor.New[float32](1, 1, 1, 1)), nil, tensor.ConvOptions{Stride: [2]int{math.MaxInt, math.MaxInt}})
		},
	} {
		err := caught(f)
		var shape *tensor.ShapeError
		if !errors.As(err, &shape) {
			t.Errorf("%s: %v, want a ShapeError", name, err)
		}
	}
}

// caught returns the error with which f panics, nil if it returns.
func caught(f func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			var ok bool
			if err, ok = p.(error); !ok {
				panic(p)
			}
		}
	}()
	f()
	return nil
}

package tensor

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"elegans/internal/allocs"
)

// eachIndex calls f with every index of the shape, in row-major order. The slice is f's to read
// only.
func eachIndex(shape []int, f func(index []int)) {
	index := make([]int, len(shape))
	var walk func(axis int)
	walk = func(axis int) {
		if axis == len(shape) {
			f(index)
			return
		}
		for i := range shape[axis] {
			index[axis] = i
			walk(axis + 1)
		}
	}
	walk(0)
}

func equal[T Float](a, b *Tensor[T]) bool {
	return SameShape(a, b) && slices.Equal(a.Contiguous().Data(), b.Contiguous().Data())
}

// drawView draws a tensor and a chain of views of it.
func drawView(t *rapid.T, label string) *Tensor[float32] {
	shape := rapid.SliceOfN(rapid.IntRange(0, 40), 0, 4).Draw(t, label+" shape")
	for i := range shape {
		if i > 1 {
			shape[i] %= 7 // keep them small
		}
	}
	x := New[float32](shape...)
	for i := range x.data {
		x.data[i] = float32(i + 1)
	}
	for range rapid.IntRange(0, 3).Draw(t, label+" views") {
		if x.Dims() == 0 {
			break
		}
		axis := rapid.IntRange(0, x.Dims()-1).Draw(t, "axis")
		switch rapid.IntRange(0, 2).Draw(t, "view") {
		case 0:
			n := x.Dim(axis)
			start := rapid.IntRange(0, n).Draw(t, "start")
			x = x.Slice(axis, start, rapid.IntRange(start, n).Draw(t, "stop"), rapid.IntRange(1, 3).Draw(t, "step"))
		case 1:
			x = x.Transpose(axis, rapid.IntRange(0, x.Dims()-1).Draw(t, "other"))
		case 2:
			x = x.Permute(rapid.Permutation(count(x.Dims())).Draw(t, "axes")...)
		}
	}
	return x
}

func count(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// TestCopyProperty compares copies and sums between strided tensors with element-by-element
// assignment.
func TestCopyProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := drawView(t, "src")
		axes := rapid.Permutation(count(src.Dims())).Draw(t, "axes of dst")
		stored := make([]int, src.Dims())
		for i, a := range axes {
			stored[a] = src.Dim(i)
		}
		dst := Full[float32](0.5, stored...).Permute(axes...)
		Copy(dst, src)
		eachIndex(src.Shape(), func(i []int) {
			if dst.At(i...) != src.At(i...) {
				t.Fatalf("copy: element %v is %v, want %v", i, dst.At(i...), src.At(i...))
			}
		})
		Accumulate(dst, src)
		eachIndex(src.Shape(), func(i []int) {
			if dst.At(i...) != 2*src.At(i...) {
				t.Fatalf("accumulate: element %v is %v, want %v", i, dst.At(i...), 2*src.At(i...))
			}
		})
	})
}

// TestCopyLarge covers the parallel paths, transposed and in runs, for several numbers of workers.
func TestCopyLarge(t *testing.T) {
	defer SetWorkers(Workers())
	for _, shape := range [][]int{{300, 500}, {3, 40000}, {40000, 3}, {5, 70, 130}, {100000}} {
		x := Uniform[float64](NewKey(1, "test"), -1, 1, shape...)
		for axis := range shape {
			v := x.Transpose(0, axis)
			for _, w := range []int{1, 2, 3, 8} {
				SetWorkers(w)
				c := v.Clone()
				eachIndex(c.Shape(), func(i []int) {
					if c.At(i...) != v.At(i...) {
						t.Fatalf("%v transposed by %d, %d workers: element %v", shape, axis, w, i)
					}
				})
			}
		}
	}
}

func TestCopyBroadcasts(t *testing.T) {
	dst := Full[float64](1, 2, 3, 4)
	row := FromSlice([]float64{1, 2, 3}, 3, 1)
	Copy(dst, row)
	Accumulate(dst, row)
	eachIndex(dst.Shape(), func(i []int) {
		if want := 2 * float64(i[1]+1); dst.At(i...) != want {
			t.Fatalf("element %v is %v, want %v", i, dst.At(i...), want)
		}
	})
}

// TestViewsOnTheStack: a copy between views that are made in place allocates nothing, also when it
// runs on two goroutines.
func TestViewsOnTheStack(t *testing.T) {
	defer SetWorkers(Workers())
	SetWorkers(2)
	x, y := New[float32](64, 20, 96), New[float32](96, 64, 20)
	part := New[float32](64, 5, 96)
	n := allocs.PerStep(20, func() {
		Copy(y, x.Permute(2, 0, 1))
		Copy(part, x.Slice(1, 3, 13, 2))
		Accumulate(x.Slice(1, 0, 5, 1), part)
		Copy(x, part.Slice(1, 0, 1, 1).Squeeze(1).Unsqueeze(1).Expand(64, 20, 96))
		Copy(y.Transpose(0, 1).Transpose(0, 1), y.Permute(0, 1, 2))
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkCopyPermuted(b *testing.B) {
	for _, c := range []struct {
		shape, axes []int
	}{
		{[]int{1024, 1024}, []int{1, 0}},
		{[]int{32, 128, 8, 64}, []int{0, 2, 1, 3}},
		{[]int{32, 64, 28, 28}, []int{0, 2, 3, 1}},
		{[]int{128, 279, 64}, []int{1, 0, 2}},
		{[]int{1 << 20}, []int{0}},
	} {
		b.Run(fmt.Sprint(c.shape, c.axes), func(b *testing.B) {
			x := New[float32](c.shape...)
			dst := x.Permute(c.axes...).Clone()
			b.SetBytes(int64(8 * x.Len()))
			b.ReportAllocs()
			for b.Loop() {
				Copy(dst, x.Permute(c.axes...))
			}
		})
	}
}

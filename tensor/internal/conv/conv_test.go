package conv

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"

	"pgregory.net/rapid"
)

// shape completes a description of square kernels.
func shape(n, c, h, w, o, kernel, stride, padding, dilation, groups int) Shape {
	s := Shape{
		N: n, C: c, O: o, Groups: groups, In: [2]int{h, w}, Kernel: [2]int{kernel, kernel},
		Stride: [2]int{stride, stride}, Padding: [2]int{padding, padding}, Dilation: [2]int{dilation, dilation},
	}
	s.complete()
	return s
}

func (s *Shape) complete() {
	for d := range 2 {
		s.Out[d] = OutLen(s.In[d], s.Kernel[d], s.Stride[d], s.Padding[d], s.Dilation[d])
	}
}

var shapes = map[string]Shape{
	"lenet1":         shape(3, 1, 28, 28, 6, 5, 1, 2, 1, 1),
	"lenet2":         shape(3, 6, 14, 14, 16, 5, 1, 0, 1, 1),
	"3x3":            shape(2, 17, 13, 11, 19, 3, 1, 1, 1, 1),
	"long sum":       shape(2, 70, 5, 6, 9, 3, 1, 1, 1, 1),
	"stride 2":       shape(2, 5, 15, 14, 7, 3, 2, 1, 1, 1),
	"stride over":    shape(2, 5, 15, 14, 7, 2, 3, 0, 1, 1),
	"patches":        shape(2, 3, 32, 32, 20, 4, 4, 0, 1, 1),
	"pointwise":      shape(2, 20, 9, 7, 33, 1, 1, 0, 1, 1),
	"pointwise 2":    shape(2, 20, 9, 7, 33, 1, 2, 0, 1, 1),
	"dilated":        shape(2, 4, 17, 17, 6, 3, 1, 2, 2, 1),
	"dilated 3 by 2": shape(2, 4, 17, 17, 6, 3, 2, 3, 3, 1),
	"groups":         shape(2, 12, 8, 8, 18, 3, 1, 1, 1, 3),
	"depthwise":      shape(3, 10, 12, 12, 10, 3, 1, 1, 1, 10),
	"depthwise s2":   shape(3, 10, 13, 12, 20, 3, 2, 1, 1, 10),
	"over-padded":    shape(2, 3, 4, 5, 4, 2, 1, 4, 1, 1),
	"tiny images":    shape(70, 6, 4, 4, 8, 3, 1, 1, 1, 1),
	"one result":     shape(40, 6, 5, 5, 8, 5, 1, 0, 1, 2),
	"bands":          shape(1, 40, 80, 60, 12, 3, 1, 1, 1, 1),
	"no images":      shape(0, 3, 5, 5, 4, 3, 1, 1, 1, 1),
}

func fill(r *rand.Rand, n int) []float64 {
	s := make([]float64, n)
	for i := range s {
		s[i] = 2*r.Float64() - 1
	}
	return s
}

func convert[T kernel.Float](s []float64) []T {
	if s == nil {
		return nil
	}
	r := make([]T, len(s))
	for i, v := range s {
		r[i] = T(v)
	}
	return r
}

// compare runs all three computations on random data and compares them with the loops; the factor of the former content is 0 or 1, and garbage must not matter with 0.
func compare[T kernel.Float](s Shape, seed uint64, tolerance float64) error {
	r := rand.New(rand.NewPCG(seed, 1))
	x, weight, dy := fill(r, s.N*s.C*s.inLen()), fill(r, s.weights()), fill(r, s.N*s.O*s.outLen())
	withBias, beta := seed&1 == 0, float64(seed>>1&1)
	var biasO, biasC []float64
	if withBias {
		biasO, biasC = fill(r, s.O), fill(r, s.C)
	}
	check := func(what string, n int, terms float64, naive func(want []float64), run func(got []T)) error {
		want, before := make([]float64, n), fill(r, n)
		naive(want)
		got := make([]T, n)
		for i := range got {
			got[i] = T(math.NaN())
			if beta != 0 {
				got[i] = T(before[i])
				want[i] += before[i]
			}
		}
		run(got)
		for i, v := range got {
			if !(math.Abs(float64(v)-want[i]) <= tolerance*math.Sqrt(terms+1)) {
				return fmt.Errorf("%s, %+v: element %d is %v, want %v", what, s, i, v, want[i])
			}
		}
		return nil
	}
	per := float64(s.C / s.Groups * s.taps())
	if err := check("forward", len(dy), per, func(y []float64) { naiveForward(&s, y, x, weight, biasO) },
		func(y []T) { Forward(&s, y, convert[T](x), convert[T](weight), convert[T](biasO), T(beta)) }); err != nil {
		return err
	}
	if err := check("gradient of the input", len(x), float64(s.O/s.Groups*s.taps()), func(dx []float64) { naiveGradInput(&s, dx, dy, weight, biasC) },
		func(dx []T) { GradInput(&s, dx, convert[T](dy), convert[T](weight), convert[T](biasC), T(beta)) }); err != nil {
		return err
	}
	return check("gradient of the weights", len(weight), float64(s.N*s.outLen()), func(dw []float64) { naiveGradWeight(&s, dw, x, dy) },
		func(dw []T) { GradWeight(&s, dw, convert[T](x), convert[T](dy), T(beta)) })
}

// everySet runs a test under every kernel set of this processor.
func everySet(t *testing.T, f func(t *testing.T)) {
	before := kernel.Of[float32]().Name
	defer func() {
		if err := kernel.Use(before); err != nil {
			t.Fatal(err)
		}
	}()
	for _, name := range kernel.Names() {
		if err := kernel.Use(name); err != nil {
			t.Fatal(err)
		}
		t.Run(name, f)
	}
}

func TestAgainstLoops(t *testing.T) {
	everySet(t, func(t *testing.T) {
		for name, s := range shapes {
			for _, seed := range []uint64{0, 3} { // with bias, overwriting; without bias, adding
				if err := compare[float64](s, seed, 1e-13); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			if err := compare[float32](s, 0, 2e-6); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// TestAnyShape tries shapes that no one thought of.
func TestAnyShape(t *testing.T) {
	everySet(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			upTo := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
			s := Shape{N: upTo("images", 1, 5), Groups: upTo("groups", 1, 3)}
			s.C, s.O = s.Groups*upTo("channels", 1, 4), s.Groups*upTo("outputs", 1, 9)
			for d := range 2 {
				s.In[d], s.Kernel[d] = upTo("in", 1, 12), upTo("kernel", 1, 4)
				s.Stride[d], s.Padding[d], s.Dilation[d] = upTo("stride", 1, 4), upTo("padding", 0, 4), upTo("dilation", 1, 3)
			}
			s.complete()
			if err := compare[float64](s, rapid.Uint64().Draw(t, "seed"), 1e-13); err != nil {
				t.Fatal(err)
			}
		})
	})
}

// TestWorkers: the same bits for every number of workers, and nothing allocated when repeated.
func TestWorkers(t *testing.T) {
	defer parallel.SetWorkers(parallel.Workers())
	everySet(t, func(t *testing.T) {
		for name, s := range shapes {
			r := rand.New(rand.NewPCG(3, 4))
			x, weight, dy := fill(r, s.N*s.C*s.inLen()), fill(r, s.weights()), fill(r, s.N*s.O*s.outLen())
			y, dx, dw := make([]float64, len(dy)), make([]float64, len(x)), make([]float64, len(weight))
			all := func() {
				Forward(&s, y, x, weight, nil, 0)
				GradInput(&s, dx, dy, weight, nil, 0)
				GradWeight(&s, dw, x, dy, 0)
			}
			parallel.SetWorkers(1)
			all()
			want := [][]float64{append([]float64{}, y...), append([]float64{}, dx...), append([]float64{}, dw...)}
			for _, workers := range []int{2, 3, 8} {
				parallel.SetWorkers(workers)
				all()
				for i, got := range [][]float64{y, dx, dw} {
					for j, v := range got {
						if v != want[i][j] {
							t.Fatalf("%s, %d workers: result %d, element %d is %v, with one worker %v", name, workers, i, j, v, want[i][j])
						}
					}
				}
			}
			parallel.SetWorkers(2)
			if n := testing.AllocsPerRun(3, all); n != 0 {
				t.Errorf("%s: %v allocations", name, n)
			}
		}
	})
}

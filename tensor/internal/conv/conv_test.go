package conv

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"elegans/internal/allocs"
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
	"pointwise 3":    shape(2, 130, 9, 7, 33, 1, 1, 0, 1, 1),
	"pointwise 2":    shape(2, 20, 9, 7, 33, 1, 2, 0, 1, 1),
	"dilated":        shape(2, 4, 17, 17, 6, 3, 1, 2, 2, 1),
	"dilated 3 by 2": shape(2, 4, 17, 17, 6, 3, 2, 3, 3, 1),
	"groups":         shape(2, 12, 8, 8, 18, 3, 1, 1, 1, 3),
	"depthwise":      shape(3, 10, 12, 12, 10, 3, 1, 1, 1, 10),
	"depthwise s2":   shape(3, 10, 13, 12, 20, 3, 2, 1, 1, 10),
	"over-padded":    shape(2, 3, 4, 5, 4, 2, 1, 4, 1, 1),
	"tiny images":    shape(70, 6, 4, 4, 8, 3, 1, 1, 1, 1),
	"one result":     shape(40, 6, 5, 5, 8, 5, 1, 0, 1, 2),
	"bands":          shape(1, 10, 64, 64, 10, 3, 1, 1, 1, 1),
	"one output":     shape(3, 24, 9, 7, 1, 3, 1, 1, 1, 1),
	"few outputs":    shape(2, 30, 8, 9, 5, 3, 1, 0, 1, 1),
	"many, stride 2": shape(2, 45, 15, 14, 13, 3, 2, 1, 1, 1),
	"many, dilated":  shape(2, 44, 17, 16, 43, 3, 1, 2, 2, 1),
	"many, groups":   shape(2, 42, 8, 7, 60, 3, 1, 1, 1, 3),
	"many, padded":   shape(2, 18, 4, 5, 17, 2, 1, 4, 1, 1),
	"many, tiny":     shape(40, 33, 4, 4, 35, 3, 1, 1, 1, 1),
	"many, bands":    shape(1, 44, 40, 36, 43, 3, 1, 1, 1, 1),
	"many, valid":    shape(2, 43, 16, 16, 44, 3, 1, 0, 1, 1),
	"long runs":      shape(1, 400, 4, 4, 13, 3, 1, 1, 1, 1),
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

// trial is random data for a shape, and what the loops make of it. The factor beta of the former
// content is 0 or 1, and garbage must not matter with 0.
type trial struct {
	s                                         Shape
	x, weight, dy, biasO, biasC               []float64
	beta                                      float64
	oldY, oldDx, oldDw, wantY, wantDx, wantDw []float64
}

func newTrial(s Shape, seed uint64) *trial {
	r := rand.New(rand.NewPCG(seed, 1))
	t := &trial{s: s, x: fill(r, s.N*s.C*s.inLen()), weight: fill(r, s.weights()), dy: fill(r, s.N*s.O*s.outLen()), beta: float64(seed >> 1 & 1)}
	if seed&1 == 0 {
		t.biasO, t.biasC = fill(r, s.O), fill(r, s.C)
	}
	t.oldY, t.oldDx, t.oldDw = fill(r, len(t.dy)), fill(r, len(t.x)), fill(r, len(t.weight))
	t.wantY, t.wantDx, t.wantDw = make([]float64, len(t.dy)), make([]float64, len(t.x)), make([]float64, len(t.weight))
	naiveForward(&s, t.wantY, t.x, t.weight, t.biasO)
	naiveGradInput(&s, t.wantDx, t.dy, t.weight, t.biasC)
	naiveGradWeight(&s, t.wantDw, t.x, t.dy)
	return t
}

// check runs all three computations and compares them with the loops.
func check[T kernel.Float](t *trial, tolerance float64) error {
	s := &t.s
	compare := func(what string, terms int, old, want []float64, run func(got []T)) error {
		got := convert[T](old)
		for i := range got {
			if t.beta == 0 {
				got[i] = T(math.NaN())
			}
		}
		run(got)
		for i, v := range got {
			if w := want[i] + t.beta*old[i]; !(math.Abs(float64(v)-w) <= tolerance*math.Sqrt(float64(terms+1))) {
				return fmt.Errorf("%s, %+v: element %d is %v, want %v", what, *s, i, v, w)
			}
		}
		return nil
	}
	x, weight, dy := convert[T](t.x), convert[T](t.weight), convert[T](t.dy)
	return errors.Join(
		compare("forward", s.C/s.Groups*s.taps(), t.oldY, t.wantY,
			func(y []T) { Forward(s, y, x, weight, convert[T](t.biasO), T(t.beta)) }),
		compare("gradient of the input", s.O/s.Groups*s.taps(), t.oldDx, t.wantDx,
			func(dx []T) { GradInput(s, dx, dy, weight, convert[T](t.biasC), T(t.beta)) }),
		compare("gradient of the weights", s.N*s.outLen(), t.oldDw, t.wantDw,
			func(dw []T) { GradWeight(s, dw, x, dy, T(t.beta)) }))
}

// everySet runs a test under every kernel set of this processor, with -short under the one in use.
func everySet(t *testing.T, f func(t *testing.T)) {
	active := kernel.Of[float32]().Name
	defer restoreSet(t, active)
	for _, name := range kernel.Names() {
		if testing.Short() && name != active {
			continue
		}
		if err := kernel.Use(name); err != nil {
			t.Fatal(err)
		}
		t.Run(name, f)
	}
}

func TestAgainstLoops(t *testing.T) {
	trials := map[string]*trial{}
	for name, s := range shapes {
		trials[name+", with bias, overwriting"] = newTrial(s, 0)
		trials[name+", without bias, adding"] = newTrial(s, 3)
	}
	everySet(t, func(t *testing.T) {
		for name, trial := range trials {
			if err := errors.Join(check[float64](trial, 1e-13), check[float32](trial, 2e-6)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// TestAnyShape tries shapes that no one thought of.
func TestAnyShape(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: many shapes")
	}
	defer restoreSet(t, kernel.Of[float32]().Name)
	rapid.Check(t, func(t *rapid.T) {
		upTo := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
		s := Shape{N: upTo("images", 1, 3), Groups: upTo("groups", 1, 3)}
		s.C, s.O = s.Groups*upTo("channels", 1, 9), s.Groups*upTo("outputs", 1, 9)
		for d := range 2 {
			s.In[d], s.Kernel[d] = upTo("in", 1, 10), upTo("kernel", 1, 4)
			s.Stride[d], s.Padding[d], s.Dilation[d] = upTo("stride", 1, 4), upTo("padding", 0, 4), upTo("dilation", 1, 3)
		}
		s.complete()
		trial := newTrial(s, rapid.Uint64().Draw(t, "seed"))
		for _, name := range kernel.Names() {
			if err := errors.Join(kernel.Use(name), check[float64](trial, 1e-13)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	})
}

func restoreSet(t *testing.T, name string) {
	if err := kernel.Use(name); err != nil {
		t.Fatal(err)
	}
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
			if n := allocs.PerStep(3, all); n != 0 {
				t.Errorf("%s: %v allocations", name, n)
			}
		}
	})
}

package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestUpdates(t *testing.T) { eachSet(t, testUpdates[float32], testUpdates[float64]) }

func testUpdates[T Float](t *testing.T, k *Set[T]) {
	reference := Named[T]("go")
	r := rand.New(rand.NewPCG(7, 8))
	adam := Adam[T]{Beta1: 0.9, Rest1: 0.1, Beta2: 0.999, Rest2: 0.001, Step: 0.01, RootScale: 1.3, Eps: 1e-8, Decay: 0.99, L2: 0.02, GradScale: -0.7}
	sgd := SGD[T]{Momentum: 0.9, Rest: 0.8, LR: 0.1, Nesterov: 0.6, Direct: 0.5, L2: 0.01, GradScale: 0.7}
	for name, f := range map[string]func(k *Set[T], a, b, c, d []T){
		"MulAdd":    func(k *Set[T], a, b, c, d []T) { k.MulAdd(a, b, c) },
		"AddScaled": func(k *Set[T], a, b, c, d []T) { k.AddScaled(a, b, 0.3) },
		"Fill":      func(k *Set[T], a, b, c, d []T) { k.Fill(a, 2.5) },
		"Select":    func(k *Set[T], a, b, c, d []T) { k.Select(a, b, c, d) },
		"Adam":      func(k *Set[T], a, b, c, d []T) { k.Adam(a, b, c, d, adam) },
		"SGD":       func(k *Set[T], a, b, c, d []T) { k.SGD(a, b, c, sgd) },
		"Dropout": func(k *Set[T], a, b, c, d []T) {
			k.Dropout(a, b, Drop[T]{Key: 99, First: 1 << 33, Threshold: 1 << 30, Scale: 2, Beta: 0})
			k.Dropout(c, b, Drop[T]{Key: 99, First: 0, Threshold: 1 << 31, Scale: 2, Beta: 1})
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachLength(func(n, offset int) {
				s, check := bandedSlices[T](t, n, offset, 4)
				var want [][]T
				for j, x := range s {
					for i := range x {
						if x[i] = T(r.NormFloat64()); name == "Select" && r.IntN(2) == 0 {
							x[i] = 0
						}
						if j == 3 {
							x[i] = T(math.Abs(float64(x[i])))
						}
					}
					want = append(want, slices.Clone(x))
				}
				f(reference, want[0], want[1], want[2], want[3])
				f(k, s[0], s[1], s[2], s[3])
				check()
				for j := range s {
					for i, v := range s[j] {
						// One fused rounding instead of two, in sums of numbers of order 1.
						if math.Abs(float64(v-want[j][i])) > 8*ulpOf[T](1+math.Abs(float64(v))) {
							t.Fatalf("length %d: operand %d, element %d: %v, want %v", n, j, i, v, want[j][i])
						}
					}
				}
			})
		})
	}
}

func TestFolds(t *testing.T) { eachSet(t, testFolds[float32], testFolds[float64]) }

func testFolds[T Float](t *testing.T, k *Set[T]) {
	reference := Named[T]("go")
	r := rand.New(rand.NewPCG(9, 10))
	eachLength(func(n, offset int) {
		s, _ := bandedSlices[T](t, n, offset, 2)
		a, b := s[0], s[1]
		for i := range a {
			a[i], b[i] = T(r.NormFloat64()), T(r.NormFloat64())
		}
		for _, c := range []struct {
			name      string
			got, want float64
		}{
			{"Sum", k.Sum(a), reference.Sum(a)}, {"Dot", k.Dot(a, b), reference.Dot(a, b)}, {"SumSq", k.SumSq(a), reference.SumSq(a)},
		} {
			if math.Abs(c.got-c.want) > 1e-12*float64(n+1) {
				t.Fatalf("%s of %d elements: %v, want %v", c.name, n, c.got, c.want)
			}
		}
		if got, want := k.Max(a), reference.Max(a); got != want {
			t.Fatalf("Max of %d elements: %v, want %v", n, got, want)
		}
		if got, want := k.Min(a), reference.Min(a); got != want {
			t.Fatalf("Min of %d elements: %v, want %v", n, got, want)
		}
		if !k.Finite(a) {
			t.Fatalf("%d finite elements are said not to be", n)
		}
		if n == 0 {
			return
		}
		at := r.IntN(n)
		for _, v := range []T{T(math.NaN()), T(inf(1)), T(inf(-1))} {
			a[at] = v
			if k.Finite(a) {
				t.Fatalf("%v at %d of %d is not noticed", v, at, n)
			}
			if v != v && (k.Max(a) == k.Max(a) || k.Min(a) == k.Min(a)) {
				t.Fatalf("NaN at %d of %d is lost", at, n)
			}
			if v == v && (k.Max(a) != reference.Max(a) || k.Min(a) != reference.Min(a)) {
				t.Fatalf("%v at %d of %d: %v and %v", v, at, n, k.Max(a), k.Min(a))
			}
		}
	})
}

package leaky_test

import (
	"fmt"
	"math"
	"testing"

	"elegans/internal/allocs"
	"elegans/tensor"
	"elegans/tensor/leaky"
)

// pattern returns a random sparse matrix [n, n] with rows of 0 to most entries, or of most entries
// each.
func pattern[T tensor.Float](n, most int, equal bool) *tensor.CSR[T] {
	r := tensor.NewKey(uint64(n), "pattern").Rand()
	ptr := []int32{0}
	var col []int32
	var val []T
	for range n {
		length := most
		if !equal {
			length = r.IntN(most + 1)
		}
		for range length {
			col, val = append(col, int32(r.IntN(n))), append(val, T(r.NormFloat64()/math.Sqrt(float64(most))))
		}
		ptr = append(ptr, int32(len(col)))
	}
	return tensor.NewCSR(n, n, ptr, col, val)
}

// simple is Run as a loop over a dense matrix.
func simple[T tensor.Float](states, start, w, leak, noise *tensor.Tensor[T]) {
	n := w.Dim(0)
	before := make([]float64, n)
	for i := range before {
		if start != nil {
			before[i] = float64(start.At(i))
		}
	}
	for t := range states.Dim(0) {
		for i := range n {
			s := float64(states.At(t, i))
			for j := range n {
				s += float64(w.At(i, j)) * before[j]
			}
			a := 1.0
			if leak != nil {
				a = float64(leak.Data()[i%leak.Len()])
			}
			x := (1-a)*before[i] + a*math.Tanh(s)
			if noise != nil {
				x += float64(noise.At(t, i))
			}
			states.Set(T(x), t, i)
		}
		for i := range n {
			before[i] = float64(states.At(t, i))
		}
	}
}

func TestRun(t *testing.T) {
	t.Run("float32", func(t *testing.T) { testRun[float32](t, 2e-6) })
	t.Run("float64", func(t *testing.T) { testRun[float64](t, 1e-14) })
}

// testRun compares all forms of a layer with the simple loop, for every number of goroutines.
func testRun[T tensor.Float](t *testing.T, tolerance float64) {
	const steps = 5
	for _, n := range []int{1, 2, 3, 7, 8, 9, 50, 279, 400} {
		key := tensor.NewKey(1, fmt.Sprint("run ", n))
		forms := map[string]leaky.Weights[T]{
			"dense":         {Dense: tensor.Normal[T](key.Sub("dense"), 0, 1/math.Sqrt(float64(n)), n, n)},
			"sparse":        {Sparse: pattern[T](n, min(n, 40), false)},
			"equal rows":    {Sparse: pattern[T](n, min(n, 100), true)},
			"no connection": {Sparse: tensor.NewCSR(n, n, make([]int32, n+1), nil, []T{})},
		}
		drive := tensor.Normal[T](key.Sub("drive"), 0, 1, steps, n)
		start, noise := tensor.Normal[T](key.Sub("start"), 0, 1, n), tensor.Normal[T](key.Sub("noise"), 0, 0.1, steps, n)
		one, each := tensor.Full[T](0.3, 1), tensor.Uniform[T](key.Sub("leak"), 0.1, 1, n)
		for name, w := range forms {
			dense := w.Dense
			if dense == nil {
				dense = w.Sparse.Dense()
			}
			for _, c := range []struct {
				what               string
				start, leak, noise *tensor.Tensor[T]
			}{{"plain", nil, nil, nil}, {"one leak", start, one, nil}, {"leaks and noise", start, each, noise}} {
				want := drive.Clone()
				simple(want, c.start, dense, c.leak, c.noise)
				var first *tensor.Tensor[T]
				for _, workers := range []int{1, 2, 3, 8} {
					setWorkers(t, workers)
					got := drive.Clone()
					leaky.Run(got, c.start, w, c.leak, tensor.OpTanh, 0, c.noise)
					for i, v := range want.Data() {
						if d := math.Abs(float64(got.Data()[i] - v)); !(d <= tolerance) {
							t.Fatalf("%d neurons, %s, %s: step %d, neuron %d is %v, want %v", n, name, c.what, i/n, i%n, got.Data()[i], v)
						}
					}
					if first == nil {
						first = got
					} else if !same(first, got) {
						t.Fatalf("%d neurons, %s, %s: %d goroutines change a result", n, name, c.what, workers)
					}
				}
			}
			r := leaky.NewRunner(w, each, tensor.OpTanh, 0)
			run, byStep := drive.Clone(), drive.Clone()
			r.Run(run, start, nil)
			before := start.Data()
			for s := range steps {
				row := byStep.Data()[s*n : (s+1)*n]
				r.Step(row, before)
				before = row
			}
			if !same(run, byStep) {
				t.Fatalf("%d neurons, %s: steps one by one give another result than a run", n, name)
			}
		}
	}
}

func same[T tensor.Float](a, b *tensor.Tensor[T]) bool {
	for i, v := range a.Data() {
		if b.Data()[i] != v {
			return false
		}
	}
	return true
}

func setWorkers(t *testing.T, n int) {
	old := tensor.Workers()
	tensor.SetWorkers(n)
	t.Cleanup(func() { tensor.SetWorkers(old) })
}

// TestRunInParts has so many neurons that their states leave the first-level cache, with rows of
// unsorted columns, equal and not.
func TestRunInParts(t *testing.T) {
	t.Run("float32", func(t *testing.T) { testRunInParts[float32](t, 9001, 2e-6) })
	t.Run("float64", func(t *testing.T) { testRunInParts[float64](t, 4003, 1e-14) })
}

func testRunInParts[T tensor.Float](t *testing.T, n int, tolerance float64) {
	const steps = 3
	drive := tensor.Normal[T](tensor.NewKey(1, "parts"), 0, 1, steps, n)
	leak := tensor.Uniform[T](tensor.NewKey(1, "leak"), 0.1, 1, n)
	for _, equal := range []bool{true, false} {
		w := pattern[T](n, 90, equal)
		want, before := drive.Clone(), make([]T, n)
		for s := range steps {
			row := want.Data()[s*n : (s+1)*n]
			for i := range row {
				sum := float64(row[i])
				for k := w.RowPtr[i]; k < w.RowPtr[i+1]; k++ {
					sum += float64(w.Val[k]) * float64(before[w.Col[k]])
				}
				a := float64(leak.Data()[i])
				row[i] = T((1-a)*float64(before[i]) + a*math.Tanh(sum))
			}
			before = row
		}
		var first *tensor.Tensor[T]
		for _, workers := range []int{1, 2, 3, 8} {
			setWorkers(t, workers)
			got := drive.Clone()
			leaky.Run(got, nil, leaky.Weights[T]{Sparse: w}, leak, tensor.OpTanh, 0, nil)
			for i, v := range want.Data() {
				if d := math.Abs(float64(got.Data()[i] - v)); !(d <= tolerance) {
					t.Fatalf("equal rows %v: step %d, neuron %d is %v, want %v", equal, i/n, i%n, got.Data()[i], v)
				}
			}
			if first == nil {
				first = got
			} else if !same(first, got) {
				t.Fatalf("equal rows %v: %d goroutines change a result", equal, workers)
			}
		}
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	setWorkers(t, 2)
	for _, w := range []leaky.Weights[float64]{
		{Sparse: pattern[float64](500, 150, false)},
		{Sparse: pattern[float64](4000, 90, true)}, // in parts
		{Dense: tensor.Normal[float64](tensor.NewKey(1, "w"), 0, 0.01, 300, 300)},
	} {
		r := leaky.NewRunner(w, tensor.Full[float64](0.5, 1), tensor.OpTanh, 0)
		x, y := make([]float64, r.Size()), make([]float64, r.Size())
		if n := allocs.PerStep(100, func() { r.Step(x, y); r.Step(y, x) }); n != 0 {
			t.Errorf("%v allocations in two steps", n)
		}
	}
}

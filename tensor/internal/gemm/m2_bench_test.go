package gemm

import (
	"fmt"
	"testing"
	"time"

	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// m2Products are the matrix products of a step of the M2 models at batch 128: the layers of 784
// units for each of 118 neurons, keys and values of 86 motors, the dense layers of the encoder, and
// their gradients.
var m2Products = []struct {
	name    string
	groups  int
	m, n, k int
	form    string
	beta    float32
}{
	{"neurons", 118, 128, 784, 784, "nt", 0},
	{"neuron", 1, 128, 784, 784, "nt", 0},
	{"neurons-dx", 118, 128, 784, 784, "nn", 1},
	{"neurons-dw", 118, 784, 784, 128, "tn", 0},
	{"neurons-dw-add", 118, 784, 784, 128, "tn", 1},
	{"keys", 1, 86 * 128, 2752, 784, "nt", 0},
	{"keys-dx", 1, 86 * 128, 784, 2752, "nn", 1},
	{"keys-dw", 1, 2752, 784, 86 * 128, "tn", 0},
	{"dense", 1, 128, 784, 5880, "nt", 0},
	{"dense-dx", 1, 128, 5880, 784, "nn", 0},
	{"dense-dw", 1, 784, 5880, 128, "tn", 0},
}

func BenchmarkM2(b *testing.B) {
	for _, w := range []int{1, 2} {
		for _, s := range m2Products {
			b.Run(fmt.Sprintf("%s/%dx%dx%dx%d/%s/%d", s.name, s.groups, s.m, s.n, s.k, s.form, w), func(b *testing.B) {
				benchProduct(b, grouped(s.groups, s.m, s.n, s.k, s.form, s.beta), w)
			})
		}
	}
}

// grouped describes a product for each of several groups.
func grouped(groups, m, n, k int, form string, beta float32) Product[float32] {
	p := Product[float32]{M: m, N: n, K: k, Alpha: 1, Beta: beta, CRow: n, C: values(groups * m * n)}
	p.A = Operand[float32]{Data: values(groups * m * k), Row: k, Col: 1}
	p.B = Operand[float32]{Data: values(groups * k * n), Row: n, Col: 1}
	p = exact(p, form[0] == 't', form[1] == 't')
	p.Batch = Batch{Axes: 1, Dims: [MaxBatch]int{groups}, A: [MaxBatch]int{m * k}, B: [MaxBatch]int{k * n}, C: [MaxBatch]int{m * n}}
	return p
}

// values returns n numbers of moderate size; making random ones would take longer than the
// benchmarks.
func values(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i%61)/61 - 0.5
	}
	return x
}

// BenchmarkFewRows measures products of a few rows with weights that are read once, and beside them
// a plain sum over as many elements: both are bound by memory.
func BenchmarkFewRows(b *testing.B) {
	for _, w := range []int{1, 2} {
		for _, s := range []struct{ groups, n, k int }{{118, 784, 784}, {1, 2752, 784}, {1, 784, 5880}} {
			bytes := 4 * float64(s.groups*s.n*s.k)
			rate := func(b *testing.B, f func()) {
				withWorkers(b, w)
				best := time.Hour
				for b.Loop() {
					start := clock()
					f()
					best = min(best, (clock() - start))
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(bytes/float64(best.Nanoseconds()), "GB/s")
			}
			weights := values(s.groups * s.n * s.k)
			b.Run(fmt.Sprintf("sum/%dx%dx%d/%d", s.groups, s.n, s.k, w), func(b *testing.B) {
				rate(b, func() { parallel.For(len(weights), 1<<16, reading{weights}) })
			})
			for _, m := range []int{1, 2, 4, 8, 16} {
				for _, form := range []string{"nt", "nn"} {
					p := grouped(s.groups, m, s.n, s.k, form, 0)
					p.B.Data = weights
					b.Run(fmt.Sprintf("%s/%dx%dx%dx%d/%d", form, s.groups, m, s.n, s.k, w), func(b *testing.B) { rate(b, func() { Run(p) }) })
				}
			}
		}
	}
}

// reading looks at every element once.
type reading struct{ x []float32 }

func (r *reading) Do(lo, hi int) {
	k := kernel.Of[float32]()
	for ; lo < hi; lo += 1 << 13 {
		k.Max(r.x[lo:min(lo+1<<13, hi)])
	}
}

// clock is the time that benchmarks measure.
var clock = func() time.Duration { return time.Since(began) }

var began = time.Now()

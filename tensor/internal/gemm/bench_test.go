package gemm

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"elegans/tensor/internal/kernel"
)

// benchProduct reports the rate of the fastest call, and the median over the calls of the rate's
// share of the peak of all workers together. The peak is measured before each call, because the
// clock of a shared processor changes from moment to moment.
func benchProduct[T number](b *testing.B, p Product[T], workers int) {
	withWorkers(b, workers)
	k := &kernel.Of[T]().Gemm
	flops := 2 * float64(p.M) * float64(p.N) * float64(p.K) * float64(p.Batch.Len())
	const rounds = 5000
	calls := min(max(1, int(flops)/(rounds*k.PeakFLOPs)), 100)
	best, shares := time.Hour, []float64{}
	for b.Loop() {
		start := clock()
		for range calls {
			k.Peak(rounds)
		}
		peak := float64(workers*calls*rounds*k.PeakFLOPs) / float64((clock() - start).Nanoseconds())
		start = clock()
		Run(p)
		d := (clock() - start)
		best = min(best, d)
		shares = append(shares, flops/float64(d.Nanoseconds())/peak)
	}
	slices.Sort(shares)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(flops/float64(best.Nanoseconds()), "GFLOP/s")
	b.ReportMetric(100*shares[len(shares)/2], "%peak")
}

func dense[T number](m, n, k int, a, b layout) Product[T] {
	r := rand.New(rand.NewPCG(1, 1))
	return Product[T]{M: m, N: n, K: k, A: operand[T](r, a, m, k), B: operand[T](r, b, k, n), C: make([]T, m*n), CRow: n, Alpha: 1}
}

// exact is like transpose without padding, the layout of a transposed contiguous matrix.
func exact[T number](p Product[T], ta, tb bool) Product[T] {
	if ta {
		p.A.Row, p.A.Col = 1, p.M
	}
	if tb {
		p.B.Row, p.B.Col = 1, p.K
	}
	return p
}

func BenchmarkRun(b *testing.B) {
	for _, w := range []int{1, 2} {
		for _, s := range []struct {
			m, n, k int
			forms   []string
		}{
			{784, 784, 784, []string{"nn", "nt", "tn"}}, {1024, 1024, 1024, []string{"nn", "nt", "tn"}}, {128, 784, 784, []string{"nn", "nt", "tn"}},
			{784, 784, 128, []string{"tn"}}, {128, 8192, 784, []string{"nn"}}, {128, 64, 64, []string{"nn", "nt"}}, {2048, 2048, 2048, []string{"nn"}},
			{128, 10, 512, []string{"nn"}}, {60000, 10, 128, []string{"nn"}}, {512, 10, 60000, []string{"tn"}},
		} {
			for _, f := range s.forms {
				b.Run(fmt.Sprintf("f32/%dx%dx%d/%s/%d", s.m, s.n, s.k, f, w), func(b *testing.B) {
					benchProduct(b, exact(dense[float32](s.m, s.n, s.k, rowMajor, rowMajor), f[0] == 't', f[1] == 't'), w)
				})
			}
		}
		for _, n := range []int{784, 1024} {
			b.Run(fmt.Sprintf("f64/%dx%dx%d/nn/%d", n, n, n, w), func(b *testing.B) { benchProduct(b, dense[float64](n, n, n, rowMajor, rowMajor), w) })
		}
		b.Run(fmt.Sprintf("f32/279x128x64x64/nn/%d", w), func(b *testing.B) { benchProduct(b, neurons(false), w) })
		b.Run(fmt.Sprintf("f32/279x128x64x64/batch-first/%d", w), func(b *testing.B) { benchProduct(b, neurons(true), w) })
	}
}

// neurons is the product of a round of a connectome network: 279 neurons, batch 128, 64 features, a
// weight matrix each. The states are [neuron, batch, feature] or, batch first, [batch, neuron,
// feature].
func neurons(batchFirst bool) Product[float32] {
	const g, m, d = 279, 128, 64
	r := rand.New(rand.NewPCG(1, 1))
	p := Product[float32]{M: m, N: d, K: d, Alpha: 1, C: make([]float32, g*m*d)}
	p.A.Data, p.B.Data = random[float32](r, g*m*d), random[float32](r, g*d*d)
	p.B.Row, p.B.Col = d, 1
	p.A.Row, p.A.Col, p.CRow = d, 1, d
	p.Batch = Batch{Axes: 1, Dims: [MaxBatch]int{g}, A: [MaxBatch]int{m * d}, B: [MaxBatch]int{d * d}, C: [MaxBatch]int{m * d}}
	if batchFirst {
		p.A.Row, p.CRow = g*d, g*d
		p.Batch.A[0], p.Batch.C[0] = d, d
	}
	return p
}

// BenchmarkVector measures matrix times vector, bound by memory: the rate is that of reading the
// matrix.
func BenchmarkVector(b *testing.B) {
	for _, s := range []struct {
		name    string
		m, n, k int
		tb      bool
	}{{"row", 1, 2048, 2048, false}, {"row-transposed", 1, 2048, 2048, true}, {"column", 2048, 1, 2048, false}, {"row-L2", 1, 512, 512, false}, {"column-L2", 512, 1, 512, false}} {
		b.Run(s.name, func(b *testing.B) {
			withWorkers(b, 1)
			p := exact(dense[float32](s.m, s.n, s.k, rowMajor, rowMajor), false, s.tb)
			best := time.Hour
			for b.Loop() {
				start := clock()
				Run(p)
				best = min(best, (clock() - start))
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(s.m*s.n*s.k)/float64(max(s.m, s.n))*float64(max(s.m, s.n))*4/float64(best.Nanoseconds()), "GB/s")
		})
	}
}

package tensor_test

import (
	"math"
	"testing"
	"time"

	"elegans/tensor"
)

// TestGroupedLinearGrad compares the fused backward pass with the operations that it is made of.
func TestGroupedLinearGrad(t *testing.T) {
	old := tensor.Workers()
	defer tensor.SetWorkers(old)
	for _, workers := range []int{1, 2, 3, 8} {
		tensor.SetWorkers(workers)
		for _, s := range [][4]int{{1, 1, 1, 1}, {5, 7, 3, 4}, {40, 33, 16, 17}, {3, 0, 2, 2}} {
			groups, m, out, in := s[0], s[1], s[2], s[3]
			k := tensor.NewKey(1, "test")
			random := func(name string, shape ...int) *tensor.Tensor[float64] {
				return tensor.Normal[float64](k.Sub(name), 0, 1, shape...)
			}
			x, w, dy := random("x", groups, m, in), random("w", groups, out, in), random("dy", groups, m, out)
			y := tensor.New[float64](groups, m, out)
			tensor.GroupedLinear(y, x, w, nil, tensor.OpTanh)
			dz := tensor.New[float64](groups, m, out)
			tensor.MapGrad(tensor.OpTanh, dz, dy, y, y, 1, 0, 1)
			for _, beta := range []float64{0, 1} {
				dx, dw, db := random("dx", groups, m, in), random("dw", groups, out, in), random("db", groups, out)
				wantX, wantW, wantB := dx.Clone(), dw.Clone(), db.Clone()
				tensor.GroupedMatMul(wantX, dz, w, 1, beta)
				tensor.LinearGradWeight(wantW, dz, x, beta)
				if beta == 0 {
					wantB.Zero()
				}
				tensor.SumRows(wantB, dz)
				tensor.GroupedLinearGrad(tensor.OpTanh, tensor.GroupedLinearGrads[float64]{X: dx, Weight: dw, Bias: db, BetaX: beta, BetaW: beta, BetaB: beta}, dy, y, x, w)
				for i, pair := range [][2]*tensor.Tensor[float64]{{dx, wantX}, {dw, wantW}, {db, wantB}} {
					for j, v := range pair[0].Data() {
						if math.Abs(v-pair[1].Data()[j]) > 1e-12 {
							t.Fatalf("workers %d, %v, beta %v: gradient %d, element %d is %v, want %v", workers, s, beta, i, j, v, pair[1].Data()[j])
						}
					}
				}
			}
		}
	}
}

// BenchmarkGrouped has the size of a round of the worm's network. Four sets of operands take turns,
// as in a network of four rounds, so that none is found in the cache.
func BenchmarkGrouped(b *testing.B) {
	const groups, m, d, sets = 279, 128, 64, 4
	old := tensor.Workers()
	defer tensor.SetWorkers(old)
	tensor.SetWorkers(1)
	states := func() *tensor.Tensor[float32] {
		return tensor.Uniform[float32](tensor.NewKey(1, "test"), -1, 1, groups, m, d)
	}
	w, bias := tensor.Uniform[float32](tensor.NewKey(2, "test"), -1, 1, groups, d, d), tensor.New[float32](groups, d)
	dw, db := w.Clone(), bias.Clone()
	var x, y, dy, dx [sets]*tensor.Tensor[float32]
	for i := range sets {
		x[i], y[i], dy[i], dx[i] = states(), states(), states(), states()
	}
	round := 0
	for _, c := range []struct {
		name     string
		products float64
		f        func(i int)
	}{
		{"forward", 1, func(i int) { tensor.GroupedLinear(y[i], x[i], w, bias, tensor.OpTanh) }},
		{"backward", 2, func(i int) {
			d := tensor.GroupedLinearGrads[float32]{X: dx[i], Weight: dw, Bias: db, BetaW: 1, BetaB: 1}
			tensor.GroupedLinearGrad(tensor.OpTanh, d, dy[i], y[i], x[i], w)
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			best := time.Duration(1 << 62)
			for b.Loop() {
				start := time.Now()
				c.f(round % sets)
				best = min(best, time.Since(start))
				round++
			}
			b.ReportMetric(c.products*2*groups*m*d*d/best.Seconds()/1e9, "best-GFLOP/s")
		})
	}
}

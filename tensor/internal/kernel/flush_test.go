package kernel

import (
	"fmt"
	"testing"
)

// TestSubnormalsAreFlushed: the assembly of products and optimiser steps takes subnormal numbers
// for 0, and leaves the processor as it was, whichever way it returns.
func TestSubnormalsAreFlushed(t *testing.T) {
	t.Run("float32", func(t *testing.T) { testFlushed[float32](t, 1e-40) })
	t.Run("float64", func(t *testing.T) { testFlushed(t, 1e-310) })
}

func testFlushed[T Float](t *testing.T, tiny T) {
	const n = 2048
	x, one, c, probe := make([]T, n), make([]T, n), make([]T, n), []T{tiny}
	fill := func(dst []T, v T) {
		for i := range dst {
			dst[i] = v
		}
	}
	for _, name := range Names() {
		if name == "go" {
			continue // plain Go cannot
		}
		s := Named[T](name)
		check := func(what string, got []T) {
			t.Helper()
			for i, v := range got {
				if v != 0 {
					t.Fatalf("%s, %s: element %d is %v, want 0", name, what, i, v)
				}
			}
			if half := probe[0] / 2; half == 0 {
				t.Fatalf("%s, %s: the processor still flushes", name, what)
			}
		}
		fill(x, tiny)
		fill(one, 1)
		for m := 1; m <= s.Gemm.MR; m++ {
			for cols := 1; cols <= s.Gemm.NR; cols++ {
				for _, beta := range []T{0, 1} {
					for k := range 3 {
						clear(c)
						panels := 1
						if cols == s.Gemm.NR {
							panels = 1 + k
						}
						s.Gemm.Run(&Tile[T]{A: &x[0], B: &one[0], C: &c[0], M: m, N: cols, K: k, ARow: 1, ACol: m, BRow: s.Gemm.NR, CRow: panels * cols, Alpha: 1, Beta: beta, Panels: panels, BPanel: 1})
						check(fmt.Sprintf("Run of %d by %d by %d, beta %v", m, cols, k, beta), c[:m*cols*panels])
					}
				}
			}
		}
		var four [4]T
		s.Gemm.Dot4(&four, x, 0, one[:16])
		check("Dot4", four[:])
		var sixteen [16]T
		s.Gemm.Dot4x4(&sixteen, x, 16, one, 16, 16)
		check("Dot4x4", sixteen[:])
		clear(c)
		s.Gemm.AddRows8(c[:16], (*[8]T)(one), x, 16)
		check("AddRows8", c[:16])
		for length := range 40 {
			p, g, m, v := make([]T, length), make([]T, length), make([]T, length), make([]T, length)
			fill(m, tiny)
			fill(v, 1)
			s.Adam(p, g, m, v, Adam[T]{Beta1: 0.9, Beta2: 0.999, Step: 1, RootScale: 1, Decay: 1, GradScale: 1})
			check("Adam", m)
			fill(m, tiny)
			s.SGD(p, g, m, SGD[T]{Momentum: 0.9, Rest: 1, LR: 1, Direct: 1, GradScale: 1})
			check("SGD", m)
		}
	}
}

// BenchmarkSubnormalProduct compares a product of ordinary with one of subnormal numbers.
func BenchmarkSubnormalProduct(b *testing.B) {
	for _, name := range Names() {
		k := Named[float32](name).Gemm
		for _, v := range []float32{1, 1e-40} {
			b.Run(fmt.Sprintf("%s/%g", name, v), func(b *testing.B) {
				a, bb, c := make([]float32, k.MR*256), make([]float32, k.NR*256), make([]float32, k.MR*k.NR)
				for i := range a {
					a[i] = v
				}
				for i := range bb {
					bb[i] = 1
				}
				t := &Tile[float32]{A: &a[0], B: &bb[0], C: &c[0], M: k.MR, N: k.NR, K: 256, ARow: 1, ACol: k.MR, BRow: k.NR, CRow: k.NR, Alpha: 1}
				for b.Loop() {
					k.Run(t)
				}
				b.ReportMetric(float64(b.N)*2*float64(k.MR*k.NR*256)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}

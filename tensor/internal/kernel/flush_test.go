package kernel

import (
	"fmt"
	"testing"
)

// TestSubnormalsAreFlushed: the assembly of products and optimiser steps takes subnormal numbers for 0, and leaves the processor as it was.
func TestSubnormalsAreFlushed(t *testing.T) {
	const tiny = float32(1e-40)
	for _, name := range Names() {
		if name == "go" {
			continue // plain Go cannot
		}
		s := Named[float32](name)
		x := make([]float32, 100)
		for i := range x {
			x[i] = tiny
		}
		one := make([]float32, 100)
		for i := range one {
			one[i] = 1
		}
		c := []float32{5}
		s.Gemm.Run(&Tile[float32]{A: &x[0], B: &one[0], C: &c[0], M: 1, N: 1, K: 1, ARow: 1, ACol: 1, BRow: s.Gemm.Lanes, CRow: 1, Alpha: 1})
		var dots [4]float32
		s.Gemm.Dot4(&dots, x, 0, one[:16])
		m, v, p := x[:20], one[:20], one[20:40]
		s.Adam(p, make([]float32, 20), m, v, Adam[float32]{Beta1: 0.9, Beta2: 0.999, Step: 1, RootScale: 1, Decay: 1, GradScale: 1})
		for _, got := range []float32{c[0], dots[0], m[0], m[19]} {
			if got != 0 {
				t.Errorf("%s: got %v, want 0", name, got)
			}
		}
		if half := x[50] / 2; half == 0 {
			t.Errorf("%s: the processor still flushes", name)
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

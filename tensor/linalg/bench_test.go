package linalg_test

import (
	"fmt"
	"testing"

	"elegans/tensor"
	"elegans/tensor/linalg"
)

func BenchmarkGram(b *testing.B) {
	for _, n := range []int{100, 300, 1000} {
		const rows = 512
		x, a := random("x", rows, n), tensor.New[float64](n, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				linalg.AddGram(a, x)
			}
			b.ReportMetric(rows*float64(n)*float64(n+1)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
		})
	}
}

func BenchmarkCholesky(b *testing.B) {
	for _, n := range []int{100, 300, 1000} {
		a := definite(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			l := tensor.New[float64](n, n)
			for b.Loop() {
				tensor.Copy(l, a)
				if !linalg.Cholesky(l) {
					b.Fatal("not positive definite")
				}
			}
			b.ReportMetric(float64(n)*float64(n)*float64(n)/3*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
		})
	}
}

package esn

import (
	"fmt"
	"testing"

	"elegans/connectome"
	"elegans/tensor"
)

func BenchmarkSpectralRadius(b *testing.B) {
	worm, err := FromGraph[float64](connectome.Canonical(), Wiring{})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("worm", func(b *testing.B) { benchmarkRadius(b, worm) })
	for _, n := range []int{100, 200, 400, 1000} {
		m, err := Random[float64](n, max(10, n/20), tensor.NewKey(1, "radius"))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchmarkRadius(b, m) })
	}
}

func benchmarkRadius(b *testing.B, m *tensor.CSR[float64]) {
	for b.Loop() {
		if _, err := SpectralRadius(Weights[float64]{Sparse: m}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRandom(b *testing.B) {
	for _, n := range []int{1000, 20000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := Random[float64](n, 100, tensor.NewKey(1, "random")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

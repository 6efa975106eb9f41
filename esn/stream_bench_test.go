package esn_test

import (
	"fmt"
	"testing"

	"elegans/esn"
)

// BenchmarkStream makes steps of a network with one input and one output, of the sizes of the
// peers' measurements: drive, recurrent product, tanh and readout.
func BenchmarkStream(b *testing.B) {
	for _, n := range []int{50, 100, 300, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := esn.Defaults()
			c.Neurons = n
			net, err := esn.NewNetwork[float64](c, 1, 1, nil)
			check(err)
			check(net.Fit([]esn.Sequence{sequence(300, 1, 1, 1)}))
			s, u := net.Stream(), []float64{.3}
			b.ReportAllocs()
			for b.Loop() {
				_, _ = s.Step(u)
			}
		})
	}
}

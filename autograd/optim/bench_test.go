package optim

import (
	"testing"

	"elegans/autograd"
)

// BenchmarkStep measures updates of a million float32 parameters.
func BenchmarkStep(b *testing.B) {
	const n = 1 << 20
	for _, name := range Names() {
		b.Run(name, func(b *testing.B) {
			p := param[float32]("p", 1, n)
			o, err := New(name, []*autograd.Var[float32]{p}, nil)
			if err != nil {
				b.Fatal(err)
			}
			setGrads(0, p)
			o.Step()
			b.ReportAllocs()
			for b.Loop() {
				o.Step()
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gparam/s")
		})
	}
}

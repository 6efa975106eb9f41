package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// benchSizes are a length whose operands fit in the L2 cache, and the one of the comparisons with
// PyTorch.
var benchSizes = []int{1 << 11, 1 << 15, 1 << 20}

var unaryNames = map[Unary]string{
	Exp: "exp", Tanh: "tanh", Sigmoid: "sigmoid", SiLU: "silu", GELU: "gelu", GELUTanh: "gelu_tanh", Erf: "erf", ELU: "elu", ReLU: "relu", Log: "log",
}

func random32(n int, scale float64) []float32 {
	r := rand.New(rand.NewPCG(11, 12))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64() * scale)
	}
	return x
}

// BenchmarkUnary reports nanoseconds an element; kernels "go" are the scalar loops that the others
// are measured against.
func BenchmarkUnary(b *testing.B) {
	for _, n := range benchSizes {
		x, dst, dy := random32(n, 3), make([]float32, n), random32(n, 1)
		b.Run(fmt.Sprintf("math.Exp/%d", n), func(b *testing.B) {
			for b.Loop() {
				for i, v := range x {
					dst[i] = float32(math.Exp(float64(v)))
				}
			}
			perElement(b, n)
		})
		for _, name := range Names() {
			k := Named[float32](name)
			for op, opName := range unaryNames {
				b.Run(fmt.Sprintf("%s/%d/%s", opName, n, name), func(b *testing.B) {
					for b.Loop() {
						k.Map[op](dst, x, 1, 0)
					}
					perElement(b, n)
				})
				b.Run(fmt.Sprintf("%s_grad/%d/%s", opName, n, name), func(b *testing.B) {
					for b.Loop() {
						k.MapGrad[op](dst, dy, x, x, 1, 0, 1)
						clear(dst[:1])
					}
					perElement(b, n)
				})
			}
		}
	}
}

func perElement(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/element")
	b.ReportMetric(0, "ns/op")
}

func BenchmarkArithmetic(b *testing.B) {
	for _, n := range benchSizes {
		x, y, dst, v := random32(n, 1), random32(n, 1), random32(n, 1), make([]float32, n)
		for _, name := range Names() {
			k := Named[float32](name)
			for _, c := range []struct {
				name string
				f    func()
			}{
				{"add", func() { k.Binary[Add](dst, x, y) }},
				{"mul", func() { k.Binary[Mul](dst, x, y) }},
				{"div", func() { k.Binary[Div](dst, x, y) }},
				{"max", func() { k.Binary[Max](dst, x, y) }},
				{"mul_scalar", func() { k.BinaryVS[Mul](dst, x, 2) }},
				{"muladd", func() { k.MulAdd(dst, x, y) }},
				{"axpy", func() { k.AddScaled(dst, x, 1e-3) }},
				{"fill", func() { k.Fill(dst, 1) }},
				{"sum", func() { sink += k.Sum(x) }},
				{"dot", func() { sink += k.Dot(x, y) }},
				{"sumsq", func() { sink += k.SumSq(x) }},
				{"maximum", func() { sink += float64(k.Max(x)) }},
				{"finite", func() { k.Finite(x) }},
				{"dropout", func() { k.Dropout(dst, x, Drop[float32]{Key: 1, Threshold: 1 << 30, Scale: 1.3}) }},
				{"adam", func() {
					k.Adam(dst, x, y, v, Adam[float32]{Beta1: 0.9, Rest1: 0.1, Beta2: 0.999, Rest2: 1e-3, Step: 1e-3, RootScale: 1, Eps: 1e-8, Decay: 1, GradScale: 1})
				}},
			} {
				b.Run(fmt.Sprintf("%s/%d/%s", c.name, n, name), func(b *testing.B) {
					for b.Loop() {
						c.f()
					}
					perElement(b, n)
				})
			}
		}
	}
}

// BenchmarkSubnormal shows what subnormal operands and results cost.
func BenchmarkSubnormal(b *testing.B) {
	const n = 1 << 15
	dst := make([]float32, n)
	fill := func(v float32) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = v
		}
		return x
	}
	for _, name := range Names() {
		k := Named[float32](name)
		for _, c := range []struct {
			name string
			f    func(x []float32)
			x    []float32
		}{
			{"exp/normal result", func(x []float32) { k.Map[Exp](dst, x, 0, 0) }, fill(-80)},
			{"exp/subnormal result", func(x []float32) { k.Map[Exp](dst, x, 0, 0) }, fill(-95)},
			{"mul_scalar/normal", func(x []float32) { k.BinaryVS[Mul](dst, x, 0.9) }, fill(1e-30)},
			{"mul_scalar/subnormal", func(x []float32) { k.BinaryVS[Mul](dst, x, 0.9) }, fill(1e-40)},
			{"add/subnormal", func(x []float32) { k.Binary[Add](dst, x, x) }, fill(1e-40)},
			{"sumsq/subnormal", func(x []float32) { sink += k.SumSq(x) }, fill(1e-40)},
		} {
			b.Run(c.name+"/"+name, func(b *testing.B) {
				for b.Loop() {
					c.f(c.x)
				}
				perElement(b, n)
			})
		}
	}
}

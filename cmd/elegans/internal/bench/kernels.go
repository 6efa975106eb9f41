package bench

import (
	"fmt"
	"math"

	"elegans/tensor"
)

// random returns a tensor of standard normal numbers.
func random[T tensor.Float](purpose string, shape ...int) *tensor.Tensor[T] {
	return tensor.Normal[T](tensor.NewKey(1, purpose), 0, 1, shape...)
}

// products measures matrix products: plain, with the second operand transposed and with the first.
func products[T tensor.Float](r *runner, label string) {
	for _, s := range [][3]int{{784, 784, 784}, {1024, 1024, 1024}, {128, 784, 784}, {128, 64, 64}} {
		m, n, k := s[0], s[1], s[2]
		a, b, c := random[T]("a", m, k), random[T]("b", k, n), tensor.New[T](m, n)
		at, bt := a.T().Clone().T(), b.T().Clone().T()
		for _, form := range []struct {
			name string
			a, b *tensor.Tensor[T]
		}{{"nn", a, b}, {"nt", a, bt}, {"tn", at, b}} {
			share[T](r, fmt.Sprintf("gemm/%s/%dx%dx%d/%s", label, m, n, k, form.name), 2e-9*float64(m)*float64(n)*float64(k), func() { tensor.MatMul(c, form.a, form.b) })
		}
	}
}

// functions measures elementwise operations, each beside the plain Go loop.
func functions(r *runner) {
	unary[float32](r, "f32")
	unary[float64](r, "f64")
	additions(r)
}

// unary measures functions of one variable in one element type, so that the two stand side by side.
func unary[T tensor.Float](r *runner, label string) {
	const n = 1 << 20
	x, y := random[T]("x", n), tensor.New[T](n)
	for _, f := range []struct {
		name   string
		op     tensor.UnaryOp
		scalar func(float64) float64
	}{
		{"exp", tensor.OpExp, math.Exp},
		{"tanh", tensor.OpTanh, math.Tanh},
		{"sigmoid", tensor.OpSigmoid, func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }},
		{"gelu", tensor.OpGELU, func(v float64) float64 { return v * 0.5 * math.Erfc(-v*math.Sqrt2/2) }},
		{"gelu_tanh", tensor.OpGELUTanh, func(v float64) float64 {
			return v * 0.5 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(v+0.044715*v*v*v)))
		}},
	} {
		name := "unary/" + label + "/" + f.name + "/1M"
		r.rate(name, set(), "M/s", n*1e-6, func() { tensor.Map(f.op, y, x, 0, 0) })
		xs, ys := x.Data(), y.Data()
		r.rate(name, "scalar", "M/s", n*1e-6, func() {
			for i, v := range xs {
				ys[i] = T(f.scalar(float64(v)))
			}
		})
	}
}

// additions measures sums and products of two vectors.
func additions(r *runner) {
	const small = 1 << 15 // two operands and a result fill a good part of an L2 cache
	a, b, c := random[float32]("a", small), random[float32]("b", small), tensor.New[float32](small)
	as, bs, cs := a.Data(), b.Data(), c.Data()
	const repeat = 100 // single runs are too short to time
	r.rate("binary/f32/add/32K", set(), "M/s", repeat*small*1e-6, func() {
		for range repeat {
			tensor.Add(c, a, b)
		}
	})
	r.rate("binary/f32/add/32K", "scalar", "M/s", repeat*small*1e-6, func() {
		for range repeat {
			for i, v := range as {
				cs[i] = v + bs[i]
			}
		}
	})
	r.rate("binary/f32/mul/32K", set(), "M/s", repeat*small*1e-6, func() {
		for range repeat {
			tensor.Mul(c, a, b)
		}
	})
	r.rate("binary/f32/mul/32K", "scalar", "M/s", repeat*small*1e-6, func() {
		for range repeat {
			for i, v := range as {
				cs[i] = v * bs[i]
			}
		}
	})
}

// rows measures operations along the rows of a matrix.
func rows(r *runner) {
	const n = 1024
	x, y := random[float32]("x", n, n), tensor.New[float32](n, n)
	w, b, mean, rstd := random[float32]("w", n), random[float32]("b", n), tensor.New[float32](n), tensor.New[float32](n)
	r.rate("rows/f32/softmax/1024x1024", set(), "M/s", n*n*1e-6, func() { tensor.Softmax(y, x, -1) })
	r.rate("rows/f32/layernorm/1024x1024", set(), "M/s", n*n*1e-6, func() { tensor.LayerNorm(y, x, w, b, mean, rstd, 1e-5) })
}

// sparse measures the product of a sparse matrix of the size of the worm with a vector, beside the
// plain Go loop.
func sparse(r *runner) {
	const n, nnz = 279, 2993
	key := tensor.NewKey(1, "sparse")
	counts := make([]int32, n+1)
	for i := range nnz {
		counts[key.Uint64(uint64(i))%n+1]++
	}
	for i := range n {
		counts[i+1] += counts[i]
	}
	col := make([]int32, nnz)
	for i := range col {
		col[i] = int32(key.Uint64(uint64(nnz+i)) % n)
	}
	s := tensor.NewCSR(n, n, counts, col, random[float32]("values", nnz).Data())
	x, y := random[float32]("x", n), tensor.New[float32](n)
	xs, ys := x.Data(), y.Data()
	const repeat = 100
	name := "csr/f32/279x2993/vector"
	r.rate(name, set(), "GFLOP/s", repeat*2e-9*nnz, func() {
		for range repeat {
			tensor.SpMV(y, s, x, 1, 0)
		}
	})
	r.rate(name, "scalar", "GFLOP/s", repeat*2e-9*nnz, func() {
		for range repeat {
			for i := range n {
				sum := float32(0)
				for k := s.RowPtr[i]; k < s.RowPtr[i+1]; k++ {
					sum += s.Val[k] * xs[s.Col[k]]
				}
				ys[i] = sum
			}
		}
	})
}

// convolutions measures the forward pass of a 3x3 convolution.
func convolutions(r *runner) {
	x, w, y := random[float32]("x", 128, 64, 28, 28), random[float32]("w", 64, 64, 3, 3), tensor.New[float32](128, 64, 28, 28)
	share[float32](r, "conv/f32/128x64x28x28/3x3x64/forward", 2e-9*128*28*28*64*64*9, func() {
		tensor.Conv(y, x, w, nil, tensor.ConvOptions{Padding: [2]int{1, 1}})
	})
}

package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// accuracy is what a function promises in float32: the result differs from the exact one by at most
// ulps units in the last place or by abs.
type accuracy struct{ ulps, abs float64 }

// promises lists the functions whose assembly is not correctly rounded arithmetic; see Vector.
var promises = map[Unary]accuracy{
	Exp: {ulps: 2}, Tanh: {ulps: 2}, Sigmoid: {ulps: 2}, SiLU: {ulps: 2}, ELU: {ulps: 2}, CELU: {ulps: 2}, SELU: {ulps: 2},
	Erf: {abs: 1e-6}, GELU: {abs: 1e-6}, GELUTanh: {abs: 1e-6},
}

// promises64 is the same for float64, without the functions that have no assembly.
var promises64 = map[Unary]accuracy{
	Exp: {ulps: 2}, Tanh: {ulps: 2}, Sigmoid: {ulps: 2}, SiLU: {ulps: 2}, ELU: {ulps: 2}, CELU: {ulps: 2}, SELU: {ulps: 2},
	Erf: {ulps: 2}, GELU: {ulps: 2}, GELUTanh: {ulps: 2, abs: 2e-16},
}

// unaryParams are the parameters a and b with which functions are tested.
var unaryParams = map[Unary][2]float64{
	LeakyReLU: {0.01}, ELU: {1.5}, CELU: {0.75}, Softplus: {2, 20}, PowScalar: {1.5}, Clamp: {-0.5, 2}, AddScalar: {0.3}, MulScalar: {-1.7},
}

// eachSet runs f for every kernel set of this machine and both element types.
func eachSet(t *testing.T, f32 func(t *testing.T, k *Set[float32]), f64 func(t *testing.T, k *Set[float64])) {
	for _, name := range Names() {
		t.Run(name+"/float32", func(t *testing.T) { f32(t, Named[float32](name)) })
		t.Run(name+"/float64", func(t *testing.T) { f64(t, Named[float64](name)) })
	}
}

func inf(sign int) float64 { return math.Inf(sign) }

// specials are values at which functions change their behaviour.
func specials[T Float]() []T {
	tiny, huge, normal := T(math.SmallestNonzeroFloat32), T(math.MaxFloat32), T(0x1p-126)
	if _, ok := any(tiny).(float64); ok {
		d, h, n := math.SmallestNonzeroFloat64, math.MaxFloat64, 0x1p-1022
		tiny, huge, normal = T(d), T(h), T(n)
	}
	var s []T
	for _, v := range []T{0, tiny, 7 * tiny, normal - tiny, normal, 1e-30, 1e-8, 0.3, 0.5, 1, 2, 3, 5.6, 8.9, 17, 20, 87.3, 88.7, 88.8, 90, 95, 103, 104, 110, 150, 709, 746, 1e4, 1e19, huge, T(inf(1))} {
		s = append(s, v, -v)
	}
	return append(s, T(math.NaN()))
}

// bandedSlices returns slices of n elements at an offset within larger ones, and a function that
// fails the test if anything beside them was written.
func bandedSlices[T Float](t *testing.T, n, offset, count int) (slices [][]T, check func()) {
	const band = 40
	var whole [][]T
	for range count {
		w := make([]T, band+offset+n+band)
		for i := range w {
			w[i] = -12345
		}
		whole = append(whole, w)
		slices = append(slices, w[band+offset:band+offset+n:band+offset+n])
	}
	return slices, func() {
		t.Helper()
		for _, w := range whole {
			for i, v := range w {
				if (i < band+offset || i >= band+offset+n) && v != -12345 {
					t.Fatalf("length %d, offset %d: wrote outside the slice", n, offset)
				}
			}
		}
	}
}

// fillMixed fills x with ordinary numbers and special ones.
func fillMixed[T Float](r *rand.Rand, x []T) {
	s := specials[T]()
	for i := range x {
		if x[i] = T(r.NormFloat64() * 3); r.IntN(3) == 0 {
			x[i] = s[r.IntN(len(s))]
		}
	}
}

// eachLength calls f for lengths 0 to 67 at every offset up to 3 elements, and some longer ones.
func eachLength(f func(n, offset int)) {
	for n := range 68 {
		for offset := range 4 {
			f(n, offset)
		}
	}
	for _, n := range []int{127, 256, 1001} {
		f(n, n%3)
	}
}

// ulpOf is the distance from x to the next number of type T.
func ulpOf[T Float](x float64) float64 {
	if _, ok := any(T(0)).(float64); ok {
		return max(math.Nextafter(math.Abs(x), inf(1))-math.Abs(x), math.SmallestNonzeroFloat64)
	}
	e := math.Ilogb(max(math.Abs(x), 0x1p-126))
	return math.Ldexp(1, e-23)
}

// nearly reports whether got is an acceptable rounding of the exact value want.
func nearly[T Float](got T, want float64, a accuracy) bool {
	g := float64(got)
	if math.IsNaN(want) || math.IsNaN(g) {
		return math.IsNaN(want) && math.IsNaN(g)
	}
	rounded := float64(T(want))
	if g == rounded {
		return true
	}
	if math.IsInf(g, 0) || math.IsInf(rounded, 0) {
		// within 2 ulp of the border
		border := math.MaxFloat32 * (1 - 0x1p-22)
		if _, ok := any(got).(float64); ok {
			border = math.MaxFloat64 * (1 - 0x1p-51)
		}
		return math.Abs(want) > border && math.Signbit(g) == math.Signbit(want)
	}
	return math.Abs(g-want) <= max(a.ulps*ulpOf[T](want), a.abs)
}

func TestUnary(t *testing.T) { eachSet(t, testUnary[float32], testUnary[float64]) }

func testUnary[T Float](t *testing.T, k *Set[T]) {
	r := rand.New(rand.NewPCG(1, 2))
	for op := range Unary(NumUnary) {
		p := unaryParams[op]
		a, b := T(p[0]), T(p[1])
		allowed := promises[op]
		if _, ok := any(a).(float64); ok {
			allowed = promises64[op]
			allowed.ulps += 2 // that package math is off itself
			if op == SiLU {
				// where the sigmoid of the reference is subnormal and then multiplied
				allowed.abs = 1e-320
			}
		} else if allowed == (accuracy{}) {
			allowed = accuracy{ulps: 1}
		}
		eachLength(func(n, offset int) {
			s, check := bandedSlices[T](t, n, offset, 2)
			dst, x := s[0], s[1]
			fillMixed(r, x)
			if op == Erf || op == GELU || op == GELUTanh {
				for i := range x {
					x[i] = max(x[i], -1e18) // where 1e-6 is no longer more than the error of x*x
				}
			}
			k.Map[op](dst, x, a, b)
			check()
			for i, v := range x {
				want := definitions[op].f(float64(v), float64(a), float64(b))
				if !nearly(dst[i], want, allowed) {
					t.Fatalf("function %d, length %d: f(%v) = %v, want %v", op, n, v, dst[i], want)
				}
			}
			k.Map[op](x, x, a, b)
			for i := range x {
				if x[i] != dst[i] && dst[i] == dst[i] {
					t.Fatalf("function %d, length %d: in place %v, else %v", op, n, x[i], dst[i])
				}
			}
		})
	}
}

// TestAccuracy sweeps the float32 numbers of every magnitude.
func TestAccuracy(t *testing.T) {
	stride := uint64(9973)
	if testing.Short() {
		stride *= 20
	}
	for _, name := range Names()[1:] {
		k := Named[float32](name)
		for op, allowed := range promises {
			p := unaryParams[op]
			a, b := float32(p[0]), float32(p[1])
			x, y := make([]float32, 0, 1<<20), make([]float32, 1<<20)
			for bits := uint64(0); bits < 1<<32; bits += stride {
				x = append(x, math.Float32frombits(uint32(bits)))
			}
			y = y[:len(x)]
			k.Map[op](y, x, a, b)
			worst, where := 0.0, float32(0)
			for i, v := range x {
				want := definitions[op].f(float64(v), float64(a), float64(b))
				if !nearly(y[i], want, allowed) {
					t.Fatalf("%s: function %d of %v = %v, want %v", name, op, v, y[i], want)
				}
				d := math.Abs(float64(y[i]) - want)
				if allowed.abs == 0 {
					d /= ulpOf[float32](want)
				}
				if d > worst && !math.IsInf(d, 0) {
					worst, where = d, v
				}
			}
			t.Logf("%s: function %d: worst error %.3g at %v", name, op, worst, where)
		}
	}
}

func TestUnaryGrad(t *testing.T) { eachSet(t, testUnaryGrad[float32], testUnaryGrad[float64]) }

func testUnaryGrad[T Float](t *testing.T, k *Set[T]) {
	r := rand.New(rand.NewPCG(3, 4))
	for op := range Unary(NumUnary) {
		p := unaryParams[op]
		a, b := T(p[0]), T(p[1])
		for _, beta := range []T{0, 1} {
			eachLength(func(n, offset int) {
				s, check := bandedSlices[T](t, n, offset, 4)
				dx, dy, x, y := s[0], s[1], s[2], s[3]
				before := make([]T, n)
				for i := range x {
					x[i], dy[i], dx[i] = T(r.NormFloat64()*4), T(r.NormFloat64()), T(r.NormFloat64())
					if op == Sqrt || op == Rsqrt || op == Log || op == Log1p || op == PowScalar || op == Reciprocal {
						x[i] = T(math.Abs(float64(x[i]))) + 0.25
					}
					if beta == 0 && i%3 == 0 {
						dx[i] = T(math.NaN()) // must not be looked at
					}
					before[i] = dx[i]
					y[i] = T(definitions[op].f(float64(x[i]), float64(a), float64(b)))
				}
				if n > 5 {
					x[5] = 0
					y[5] = T(definitions[op].f(0, float64(a), float64(b)))
				}
				k.MapGrad[op](dx, dy, x, y, a, b, beta)
				check()
				for i := range x {
					slope := definitions[op].df(float64(x[i]), float64(y[i]), float64(a), float64(b))
					want := float64(dy[i]) * slope
					if beta == 1 {
						want += float64(before[i])
					}
					scale := max(1, math.Abs(slope)) * math.Abs(float64(dy[i]))
					if !nearly(dx[i], want, accuracy{2, 1e-6 * scale}) {
						t.Fatalf("gradient of function %d at %v (y %v, dy %v, beta %v) = %v, want %v", op, x[i], y[i], dy[i], beta, dx[i], want)
					}
				}
			})
		}
	}
}

// TestUnaryGradFarOut looks at arguments where intermediate results could overflow.
func TestUnaryGradFarOut(t *testing.T) {
	for _, name := range Names() {
		k := Named[float32](name)
		for _, op := range []Unary{ReLU, SiLU, GELU, GELUTanh} {
			x := []float32{-float32(inf(1)), -math.MaxFloat32, -1e15, -200, -95, 95, 200, 1e15, math.MaxFloat32, float32(inf(1)), float32(math.NaN())}
			dx, dy := make([]float32, len(x)), make([]float32, len(x))
			for i := range dy {
				dy[i] = 1
			}
			k.MapGrad[op](dx, dy, x, x, 0, 0, 0)
			for i, v := range x {
				want := float32(0)
				if v > 0 {
					want = 1
				}
				if op != ReLU && v != v {
					want = v
				}
				if d := dx[i] - want; d > 1e-6 || d < -1e-6 || (d != d) != (want != want) {
					t.Errorf("%s: derivative of function %d at %v = %v, want %v", name, op, v, dx[i], want)
				}
			}
		}
	}
}

func TestBinary(t *testing.T) { eachSet(t, testBinary[float32], testBinary[float64]) }

func testBinary[T Float](t *testing.T, k *Set[T]) {
	reference := Named[T]("go")
	r := rand.New(rand.NewPCG(5, 6))
	for op := range Binary(NumBinary) {
		eachLength(func(n, offset int) {
			s, check := bandedSlices[T](t, n, offset, 3)
			dst, a, b := s[0], s[1], s[2]
			fillMixed(r, a)
			fillMixed(r, b)
			want := make([]T, n)
			compare := func(what string) {
				t.Helper()
				check()
				for i := range want {
					if dst[i] != want[i] && (dst[i] == dst[i] || want[i] == want[i]) {
						t.Fatalf("%s %d of %v, %v = %v, want %v", what, op, a[i], b[i], dst[i], want[i])
					}
				}
			}
			reference.Binary[op](want, a, b)
			k.Binary[op](dst, a, b)
			compare("Binary")
			c := []T{2, -0.5, 0, T(math.NaN()), T(inf(1))}[n%5]
			reference.BinaryVS[op](want, a, c)
			k.BinaryVS[op](dst, a, c)
			compare(fmt.Sprint("BinaryVS with ", c))
			reference.BinarySV[op](want, c, b)
			k.BinarySV[op](dst, c, b)
			compare(fmt.Sprint("BinarySV with ", c))
		})
	}
}

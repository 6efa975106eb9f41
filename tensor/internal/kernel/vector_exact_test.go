package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// bits is the precision of the exact values.
const bits = 192

func bigOf(x float64) *big.Float { return new(big.Float).SetPrec(bits).SetFloat64(x) }

func bigNew() *big.Float { return new(big.Float).SetPrec(bits) }

func bigParse(digits string) *big.Float {
	f, _, err := big.ParseFloat(digits, 10, bits, big.ToNearestEven)
	if err != nil {
		panic(err)
	}
	return f
}

var (
	bigOne = bigOf(1)
	bigLn2 = bigParse("0.6931471805599453094172321214581765680755001343602552541206800094933936219696947")
	bigPi  = bigParse("3.1415926535897932384626433832795028841971693993751058209749445923078164062862090")
)

// bigExpm1 returns e^x - 1: for |x| > 1/16 from e^r, x = n*ln2 + r, else from the series.
func bigExpm1(x *big.Float) *big.Float {
	f, _ := x.Float64()
	n := 0
	r := bigNew().Set(x)
	if math.Abs(f) > 1.0/16 {
		n = int(math.Round(f / math.Ln2))
		r.Sub(r, bigNew().Mul(bigOf(float64(n)), bigLn2))
	}
	const halvings = 6
	r.SetMantExp(r, -halvings)
	sum, term := bigNew(), bigNew().Set(bigOne)
	for k := 1; k < 28; k++ {
		term.Quo(term.Mul(term, r), bigOf(float64(k)))
		sum.Add(sum, term)
	}
	for range halvings { // e^(2r)-1 = s*(s+2)
		sum.Mul(sum, bigNew().Add(sum, bigOf(2)))
	}
	if n == 0 {
		return sum
	}
	sum.Add(sum, bigOne)
	return sum.Sub(sum.SetMantExp(sum, n), bigOne)
}

// bigExp returns e^x.
func bigExp(x *big.Float) *big.Float {
	// The sum of 1 and a tiny e^x - 1 keeps nothing of it, so e^x is 1/(1+(e^-x-1)).
	if x.Sign() < 0 {
		e := bigExpm1(bigNew().Neg(x))
		return e.Quo(bigOne, e.Add(e, bigOne))
	}
	e := bigExpm1(x)
	return e.Add(e, bigOne)
}

// bigErfSeries returns erf(x) by a series of positive terms.
func bigErfSeries(x *big.Float) *big.Float {
	square := bigNew().Mul(x, x)
	twice := bigNew().Add(square, square)
	sum, term := bigNew().Set(x), bigNew().Set(x)
	for k := 3.0; term.Sign() != 0 && term.MantExp(nil) > sum.MantExp(nil)-bits; k += 2 {
		term.Quo(term.Mul(term, twice), bigOf(k))
		sum.Add(sum, term)
	}
	sum.Mul(sum, bigExp(square.Neg(square)))
	return sum.Quo(sum.Add(sum, sum), bigNew().Sqrt(bigPi))
}

// bigUpperTail returns 1-Phi(t) for t >= 0: from the error function, or from 3 on, where that would
// cancel, from the continued fraction of Mills' ratio, 1/(t+1/(t+2/(t+...))).
func bigUpperTail(t *big.Float) *big.Float {
	if f, _ := t.Float64(); f < 3 {
		e := bigErfSeries(bigNew().Quo(t, bigNew().Sqrt(bigOf(2))))
		e.Sub(bigOne, e)
		return e.SetMantExp(e, -1)
	}
	fraction := bigNew().Set(t)
	for k := 400; k > 0; k-- {
		fraction.Add(t, fraction.Quo(bigOf(float64(k)), fraction))
	}
	density := bigNew().Mul(t, t)
	density = bigExp(density.SetMantExp(density.Neg(density), -1))
	density.Quo(density, bigNew().Sqrt(bigNew().Add(bigPi, bigPi)))
	return density.Quo(density, fraction)
}

func bigSigmoid(x *big.Float) *big.Float {
	e := bigExp(bigNew().Neg(x))
	return e.Quo(bigOne, e.Add(e, bigOne))
}

// exact gives the functions whose float64 assembly is not correctly rounded arithmetic.
var exact = map[Unary]func(x, a *big.Float) *big.Float{
	Exp: func(x, _ *big.Float) *big.Float { return bigExp(x) },
	Tanh: func(x, _ *big.Float) *big.Float {
		e := bigExpm1(bigNew().Add(x, x))
		return e.Quo(e, bigNew().Add(e, bigOf(2)))
	},
	Sigmoid: func(x, _ *big.Float) *big.Float { return bigSigmoid(x) },
	SiLU:    func(x, _ *big.Float) *big.Float { return bigNew().Mul(x, bigSigmoid(x)) },
	ELU: func(x, a *big.Float) *big.Float {
		if x.Sign() > 0 {
			return x
		}
		return bigNew().Mul(a, bigExpm1(x))
	},
	CELU: func(x, a *big.Float) *big.Float {
		if x.Sign() > 0 {
			return x
		}
		return bigNew().Mul(a, bigExpm1(bigNew().Quo(x, a)))
	},
	SELU: func(x, _ *big.Float) *big.Float {
		if x.Sign() > 0 {
			return bigNew().Mul(x, bigOf(SELUScale))
		}
		return bigNew().Mul(bigOf(SELUAlpha*SELUScale), bigExpm1(x))
	},
	Erf: func(x, _ *big.Float) *big.Float { return bigErfSeries(x) },
	GELU: func(x, _ *big.Float) *big.Float {
		if x.Sign() < 0 {
			return bigNew().Mul(x, bigUpperTail(bigNew().Neg(x)))
		}
		return bigNew().Mul(x, bigNew().Sub(bigOne, bigUpperTail(x)))
	},
	GELUTanh: func(x, _ *big.Float) *big.Float {
		w := bigNew().Mul(bigNew().Mul(x, x), bigOf(geluCube))
		w.Mul(w.Add(w, bigOne), x)
		w.Mul(w.Add(w, w), bigNew().Sqrt(bigNew().Quo(bigOf(2), bigPi)))
		return w.Mul(bigSigmoid(w), x)
	},
}

// accuracyArguments returns numbers of every magnitude, ordinary ones, and those around the borders
// of the results.
func accuracyArguments(op Unary, count int) []float64 {
	r := rand.New(rand.NewPCG(13, uint64(op)))
	var x []float64
	for i := range count {
		x = append(x, r.NormFloat64()*[]float64{1, 4, 20}[i%3])
		m := math.Ldexp(1+r.Float64(), r.IntN(2090)-1080)
		if i%4 != 0 {
			m = math.Ldexp(1+r.Float64(), r.IntN(20)-10)
		}
		x = append(x, m, -m)
	}
	for _, border := range []float64{-745.13, -752, -708.4, 709.78, 36.7, -36.7, 19.06, 18.7, 0.3466, 0.1733, 0.02166, 5.92, 8.3, -38.5, -37.5, -21.6, -21, 8.5, -8.5} {
		for range count / 16 {
			x = append(x, border+r.NormFloat64()*0.1)
		}
	}
	for _, v := range specials[float64]() {
		if !math.IsInf(v, 0) && v == v {
			x = append(x, v)
		}
	}
	return x
}

// TestAccuracy64 compares float64 results with exact ones.
func TestAccuracy64(t *testing.T) {
	count := 12000
	if testing.Short() {
		count = 600
	}
	for op, f := range exact {
		a := unaryParams[op][0]
		var want []*big.Float
		var x []float64
		for _, v := range accuracyArguments(op, count) {
			if limit := argumentLimit[op]; limit == 0 || math.Abs(v) < limit {
				x = append(x, v)
				want = append(want, f(bigOf(v), bigOf(a)))
			}
		}
		for _, name := range Names() {
			if name == "go" && op != GELU {
				continue // package math
			}
			y := make([]float64, len(x))
			Named[float64](name).Map[op](y, x, a, 0)
			worst, where := 0.0, 0.0
			for i, v := range x {
				w, _ := want[i].Float64()
				if y[i] == w {
					continue
				}
				d, _ := bigNew().Sub(bigOf(y[i]), want[i]).Float64()
				d = math.Abs(d)
				allowed := promises64[op]
				ulps := d / ulpOf[float64](w)
				if !(ulps <= allowed.ulps || d <= allowed.abs) {
					t.Errorf("%s: function %d of %v = %v, want %v: %.2f ulp", name, op, v, y[i], w, ulps)
					break
				}
				if d > allowed.abs && ulps > worst {
					worst, where = ulps, v
				}
			}
			t.Logf("%s: function %d: worst error %.3f ulp at %v", name, op, worst, where)
		}
	}
}

// argumentLimit bounds the arguments of TestAccuracy64 where the exact function takes long.
var argumentLimit = map[Unary]float64{
	Exp: 1100, Tanh: 1100, Sigmoid: 1100, SiLU: 1100, ELU: 1100, CELU: 1100, SELU: 1100, Erf: 7, GELU: 45, GELUTanh: 60,
}

// TestExactFunctions checks the exact values against package math.
func TestExactFunctions(t *testing.T) {
	for op, f := range exact {
		for _, x := range []float64{-30, -3, -0.7, -1e-5, 1e-300, 1e-9, 0.02, 0.5, 1.5, 6, 30} {
			got, _ := f(bigOf(x), bigOf(1.5)).Float64()
			want := definitions[op].f(x, 1.5, 0)
			if !(math.Abs(got-want) <= 1e-13*math.Abs(want)) {
				t.Errorf("function %d of %v is %v, package math says %v", op, x, got, want)
			}
		}
	}
}

// TestGELUGrad64 compares the derivative of GELU in float64 with exact values.
func TestGELUGrad64(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	x := []float64{0, math.Copysign(0, -1), -0.7517915, 8.5, -8.5, 9, -9, 40, -40, inf(1), inf(-1), math.NaN()}
	for range 2000 {
		x = append(x, r.NormFloat64()*3)
	}
	dy, dx := make([]float64, len(x)), make([]float64, len(x))
	for i := range dy {
		dy[i] = 1
	}
	for _, name := range Names() {
		Named[float64](name).MapGrad[GELU](dx, dy, x, x, 0, 0, 0)
		for i, v := range x {
			want := v
			if c := min(max(v, -20), 20); v == v {
				b := bigOf(c)
				e := bigExp(bigNew().Neg(bigNew().Quo(bigNew().Mul(b, b), bigOf(2))))
				e.Quo(e.Mul(e, b), bigNew().Sqrt(bigNew().Add(bigPi, bigPi))) // x*Phi'(x)
				tail := bigUpperTail(bigOf(math.Abs(c)))
				if c > 0 {
					tail.Sub(bigOne, tail)
				}
				want, _ = e.Add(e, tail).Float64()
			}
			if d := math.Abs(dx[i] - want); !(d <= 2e-15) && (v == v || dx[i] == dx[i]) {
				t.Errorf("%s: derivative at %v = %v, want %v", name, v, dx[i], want)
			}
		}
	}
}

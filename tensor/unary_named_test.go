package tensor

import (
	"math"
	"testing"
)

// TestNamedFunctions compares each named function with its definition.
func TestNamedFunctions(t *testing.T) {
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	x := FromSlice([]float64{0.25, 0.5, 1, 2.5}, 4)
	for name, c := range map[string]struct {
		f    func(dst, x *Tensor[float64])
		want func(x float64) float64
	}{
		"Neg":        {Neg[float64], func(x float64) float64 { return -x }},
		"Abs":        {func(dst, x *Tensor[float64]) { Neg(dst, x); Abs(dst, dst) }, math.Abs},
		"Square":     {Square[float64], func(x float64) float64 { return x * x }},
		"Sqrt":       {Sqrt[float64], math.Sqrt},
		"Rsqrt":      {Rsqrt[float64], func(x float64) float64 { return 1 / math.Sqrt(x) }},
		"Reciprocal": {Reciprocal[float64], func(x float64) float64 { return 1 / x }},
		"Exp":        {Exp[float64], math.Exp},
		"Expm1":      {Expm1[float64], math.Expm1},
		"Log":        {Log[float64], math.Log},
		"Log1p":      {Log1p[float64], math.Log1p},
		"Sin":        {Sin[float64], math.Sin},
		"Cos":        {Cos[float64], math.Cos},
		"Erf":        {Erf[float64], math.Erf},
		"Tanh":       {Tanh[float64], math.Tanh},
		"Sigmoid":    {Sigmoid[float64], sigmoid},
		"ReLU":       {func(dst, x *Tensor[float64]) { AddScalar(dst, x, -1); ReLU(dst, dst) }, func(x float64) float64 { return max(x-1, 0) }},
		"SiLU":       {SiLU[float64], func(x float64) float64 { return x * sigmoid(x) }},
		"GELU":       {GELU[float64], func(x float64) float64 { return x / 2 * math.Erfc(-x/math.Sqrt2) }},
		"PowScalar":  {func(dst, x *Tensor[float64]) { PowScalar(dst, x, 2.5) }, func(x float64) float64 { return math.Pow(x, 2.5) }},
		"Clamp":      {func(dst, x *Tensor[float64]) { Clamp(dst, x, 0.3, 2) }, func(x float64) float64 { return min(max(x, 0.3), 2) }},
		"AddScalar":  {func(dst, x *Tensor[float64]) { AddScalar(dst, x, 3) }, func(x float64) float64 { return x + 3 }},
		"Scale":      {func(dst, x *Tensor[float64]) { Scale(dst, x, 3) }, func(x float64) float64 { return x * 3 }},
	} {
		dst := New[float64](4)
		c.f(dst, x)
		for i, v := range x.Data() {
			if got, want := dst.At(i), c.want(v); !(math.Abs(got-want) <= 1e-14*(1+math.Abs(want))) {
				t.Errorf("%s(%v) is %v, want %v", name, v, got, want)
			}
		}
	}
}

func TestEye(t *testing.T) {
	x := Uniform[float64](NewKey(1, "test"), -1, 1, 3, 3)
	if y := x.MatMul(Eye[float64](3)); y.String() != x.String() {
		t.Errorf("x times the identity is %v, want %v", y, x)
	}
}

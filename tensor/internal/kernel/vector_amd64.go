//go:build amd64 && !purego

package kernel

// The assembly of elementwise functions is built from macros, in layers: vector_stream.h has the
// loops; vector_avx2.h and vector_avx512.h the registers and selections; vector_f32.h and
// vector_f64.h the instructions; vector_plain.h arithmetic for both types and vector_math.h the
// float32 functions; each of the four files vector_*_amd64.s puts the layers of its kind together.

func vectorAVX2(f32 *Vector[float32], f64 *Vector[float64]) {
	f32.Map[Neg] = negF32AVX2
	f32.Map[Abs] = absF32AVX2
	f32.Map[Square] = squareF32AVX2
	f32.Map[Sqrt] = sqrtF32AVX2
	f32.Map[Reciprocal] = reciprocalF32AVX2
	f32.Map[ReLU] = reluF32AVX2
	f32.Map[LeakyReLU] = leakyReLUF32AVX2
	f32.Map[Clamp] = clampF32AVX2
	f32.Map[AddScalar] = addScalarF32AVX2
	f32.Map[MulScalar] = mulScalarF32AVX2
	f32.Map[Exp] = expF32AVX2
	f32.Map[Tanh] = tanhF32AVX2
	f32.Map[Sigmoid] = sigmoidF32AVX2
	f32.Map[SiLU] = siluF32AVX2
	f32.Map[GELU] = geluF32AVX2
	f32.Map[GELUTanh] = geluTanhF32AVX2
	f32.Map[Erf] = erfF32AVX2
	f32.Map[ELU] = eluF32AVX2
	f32.Map[CELU] = celuF32AVX2
	f32.Map[SELU] = seluF32AVX2
	f32.MapGrad[ReLU] = reluGradF32AVX2
	f32.MapGrad[LeakyReLU] = leakyReLUGradF32AVX2
	f32.MapGrad[Clamp] = clampGradF32AVX2
	f32.MapGrad[Tanh] = tanhGradF32AVX2
	f32.MapGrad[Sigmoid] = sigmoidGradF32AVX2
	f32.MapGrad[Exp] = expGradF32AVX2
	f32.MapGrad[MulScalar] = mulScalarGradF32AVX2
	f32.MapGrad[AddScalar] = addScalarGradF32AVX2
	f32.MapGrad[SiLU] = siluGradF32AVX2
	f32.MapGrad[GELU] = geluGradF32AVX2
	f32.MapGrad[GELUTanh] = geluTanhGradF32AVX2
	f32.MapGrad[SELU] = seluGradF32AVX2
	f32.MapGrad[ELU] = forPositiveA(eluGradF32AVX2, f32.MapGrad[ELU])
	f32.Binary[Add], f32.BinaryVS[Add] = addF32AVX2, addVSF32AVX2
	f32.BinarySV[Add] = swap(addVSF32AVX2)
	f32.Binary[Sub], f32.BinaryVS[Sub] = subF32AVX2, subVSF32AVX2
	f32.BinarySV[Sub] = subSVF32AVX2
	f32.Binary[Mul], f32.BinaryVS[Mul] = mulF32AVX2, mulVSF32AVX2
	f32.BinarySV[Mul] = swap(mulVSF32AVX2)
	f32.Binary[Div], f32.BinaryVS[Div] = divF32AVX2, divVSF32AVX2
	f32.BinarySV[Div] = divSVF32AVX2
	f32.Binary[Max], f32.BinaryVS[Max] = maxF32AVX2, maxVSF32AVX2
	f32.BinarySV[Max] = swap(maxVSF32AVX2)
	f32.Binary[Min], f32.BinaryVS[Min] = minF32AVX2, minVSF32AVX2
	f32.BinarySV[Min] = swap(minVSF32AVX2)
	f32.MulAdd, f32.AddScaled, f32.Fill, f32.Select = mulAddF32AVX2, addScaledF32AVX2, fillF32AVX2, selectF32AVX2
	f32.Adam, f32.SGD = adamF32AVX2, sgdF32AVX2
	f32.Sum = func(x []float32) float64 {
		var acc [16]float64
		sumF32AVX2(x, &acc)
		return addLanes(acc[:])
	}
	f32.SumSq = func(x []float32) float64 {
		var acc [16]float64
		sumSqF32AVX2(x, &acc)
		return addLanes(acc[:])
	}
	f32.Dot = func(a, b []float32) float64 {
		var acc [16]float64
		dotF32AVX2(a, b, &acc)
		return addLanes(acc[:])
	}
	f32.Max = func(x []float32) float32 {
		var acc [32]float32
		maxFoldF32AVX2(x, &acc)
		return maxGo(acc[:])
	}
	f32.Min = func(x []float32) float32 {
		var acc [32]float32
		minFoldF32AVX2(x, &acc)
		return minGo(acc[:])
	}
	f32.Finite = func(x []float32) bool {
		var acc [32]float32
		finiteFoldF32AVX2(x, &acc)
		return finiteGo(acc[:])
	}
	f64.Map[Neg] = negF64AVX2
	f64.Map[Abs] = absF64AVX2
	f64.Map[Square] = squareF64AVX2
	f64.Map[Sqrt] = sqrtF64AVX2
	f64.Map[Reciprocal] = reciprocalF64AVX2
	f64.Map[ReLU] = reluF64AVX2
	f64.Map[LeakyReLU] = leakyReLUF64AVX2
	f64.Map[Clamp] = clampF64AVX2
	f64.Map[AddScalar] = addScalarF64AVX2
	f64.Map[MulScalar] = mulScalarF64AVX2
	f64.Map[Exp] = expF64AVX2
	f64.Map[Tanh] = tanhF64AVX2
	f64.Map[Erf] = erfF64AVX2
	f64.Map[Sigmoid] = sigmoidF64AVX2
	f64.Map[SiLU] = siluF64AVX2
	f64.Map[GELU] = withFarGELU(geluF64AVX2)
	f64.Map[GELUTanh] = geluTanhF64AVX2
	f64.Map[ELU] = eluF64AVX2
	f64.Map[CELU] = celuF64AVX2
	f64.Map[SELU] = seluF64AVX2
	f64.MapGrad[ReLU] = reluGradF64AVX2
	f64.MapGrad[LeakyReLU] = leakyReLUGradF64AVX2
	f64.MapGrad[Clamp] = clampGradF64AVX2
	f64.MapGrad[Tanh] = tanhGradF64AVX2
	f64.MapGrad[Sigmoid] = sigmoidGradF64AVX2
	f64.MapGrad[Exp] = expGradF64AVX2
	f64.MapGrad[GELU] = geluGradF64AVX2
	f64.MapGrad[SELU] = seluGradF64AVX2
	f64.MapGrad[ELU] = forPositiveA(eluGradF64AVX2, f64.MapGrad[ELU])
	f64.MapGrad[MulScalar] = mulScalarGradF64AVX2
	f64.MapGrad[AddScalar] = addScalarGradF64AVX2
	f64.Binary[Add], f64.BinaryVS[Add] = addF64AVX2, addVSF64AVX2
	f64.BinarySV[Add] = swap(addVSF64AVX2)
	f64.Binary[Sub], f64.BinaryVS[Sub] = subF64AVX2, subVSF64AVX2
	f64.BinarySV[Sub] = subSVF64AVX2
	f64.Binary[Mul], f64.BinaryVS[Mul] = mulF64AVX2, mulVSF64AVX2
	f64.BinarySV[Mul] = swap(mulVSF64AVX2)
	f64.Binary[Div], f64.BinaryVS[Div] = divF64AVX2, divVSF64AVX2
	f64.BinarySV[Div] = divSVF64AVX2
	f64.Binary[Max], f64.BinaryVS[Max] = maxF64AVX2, maxVSF64AVX2
	f64.BinarySV[Max] = swap(maxVSF64AVX2)
	f64.Binary[Min], f64.BinaryVS[Min] = minF64AVX2, minVSF64AVX2
	f64.BinarySV[Min] = swap(minVSF64AVX2)
	f64.MulAdd, f64.AddScaled, f64.Fill, f64.Select = mulAddF64AVX2, addScaledF64AVX2, fillF64AVX2, selectF64AVX2
	f64.Adam, f64.SGD = adamF64AVX2, sgdF64AVX2
	f64.Sum = func(x []float64) float64 {
		var acc [16]float64
		sumF64AVX2(x, &acc)
		return addLanes(acc[:])
	}
	f64.SumSq = func(x []float64) float64 {
		var acc [16]float64
		sumSqF64AVX2(x, &acc)
		return addLanes(acc[:])
	}
	f64.Dot = func(a, b []float64) float64 {
		var acc [16]float64
		dotF64AVX2(a, b, &acc)
		return addLanes(acc[:])
	}
	f64.Max = func(x []float64) float64 {
		var acc [16]float64
		maxFoldF64AVX2(x, &acc)
		return maxGo(acc[:])
	}
	f64.Min = func(x []float64) float64 {
		var acc [16]float64
		minFoldF64AVX2(x, &acc)
		return minGo(acc[:])
	}
	f64.Finite = func(x []float64) bool {
		var acc [16]float64
		finiteFoldF64AVX2(x, &acc)
		return finiteGo(acc[:])
	}
}

// vectorAVX512 replaces what gains by wider vectors. Addition, multiplication and their like do
// not: they wait for memory, from the L2 cache on.
func vectorAVX512(f32 *Vector[float32], f64 *Vector[float64]) {
	f32.Map[Sqrt] = sqrtF32AVX512
	f32.Map[Reciprocal] = reciprocalF32AVX512
	f32.Map[ReLU] = reluF32AVX512
	f32.Map[LeakyReLU] = leakyReLUF32AVX512
	f32.Map[Clamp] = clampF32AVX512
	f32.Map[Exp] = expF32AVX512
	f32.Map[Tanh] = tanhF32AVX512
	f32.Map[Sigmoid] = sigmoidF32AVX512
	f32.Map[SiLU] = siluF32AVX512
	f32.Map[GELU] = geluF32AVX512
	f32.Map[GELUTanh] = geluTanhF32AVX512
	f32.Map[Erf] = erfF32AVX512
	f32.Map[ELU] = eluF32AVX512
	f32.Map[CELU] = celuF32AVX512
	f32.Map[SELU] = seluF32AVX512
	f32.MapGrad[ReLU] = reluGradF32AVX512
	f32.MapGrad[LeakyReLU] = leakyReLUGradF32AVX512
	f32.MapGrad[Clamp] = clampGradF32AVX512
	f32.MapGrad[Tanh] = tanhGradF32AVX512
	f32.MapGrad[Sigmoid] = sigmoidGradF32AVX512
	f32.MapGrad[Exp] = expGradF32AVX512
	f32.MapGrad[SiLU] = siluGradF32AVX512
	f32.MapGrad[GELU] = geluGradF32AVX512
	f32.MapGrad[GELUTanh] = geluTanhGradF32AVX512
	f32.MapGrad[SELU] = seluGradF32AVX512
	f32.MapGrad[ELU] = forPositiveA(eluGradF32AVX512, f32.MapGrad[ELU])
	f32.Binary[Div], f32.BinaryVS[Div] = divF32AVX512, divVSF32AVX512
	f32.BinarySV[Div] = divSVF32AVX512
	f32.Binary[Max], f32.BinaryVS[Max] = maxF32AVX512, maxVSF32AVX512
	f32.BinarySV[Max] = swap(maxVSF32AVX512)
	f32.Binary[Min], f32.BinaryVS[Min] = minF32AVX512, minVSF32AVX512
	f32.BinarySV[Min] = swap(minVSF32AVX512)
	f32.Select = selectF32AVX512
	f32.Adam, f32.SGD = adamF32AVX512, sgdF32AVX512
	f32.Sum = func(x []float32) float64 {
		var acc [32]float64
		sumF32AVX512(x, &acc)
		return addLanes(acc[:])
	}
	f32.SumSq = func(x []float32) float64 {
		var acc [32]float64
		sumSqF32AVX512(x, &acc)
		return addLanes(acc[:])
	}
	f32.Dot = func(a, b []float32) float64 {
		var acc [32]float64
		dotF32AVX512(a, b, &acc)
		return addLanes(acc[:])
	}
	f32.Max = func(x []float32) float32 {
		var acc [64]float32
		maxFoldF32AVX512(x, &acc)
		return maxGo(acc[:])
	}
	f32.Min = func(x []float32) float32 {
		var acc [64]float32
		minFoldF32AVX512(x, &acc)
		return minGo(acc[:])
	}
	f32.Finite = func(x []float32) bool {
		var acc [64]float32
		finiteFoldF32AVX512(x, &acc)
		return finiteGo(acc[:])
	}
	f64.Map[Sqrt] = sqrtF64AVX512
	f64.Map[Reciprocal] = reciprocalF64AVX512
	f64.Map[ReLU] = reluF64AVX512
	f64.Map[LeakyReLU] = leakyReLUF64AVX512
	f64.Map[Clamp] = clampF64AVX512
	f64.Map[Exp] = expF64AVX512
	f64.Map[Tanh] = tanhF64AVX512
	f64.Map[Erf] = erfF64AVX512
	f64.Map[Sigmoid] = sigmoidF64AVX512
	f64.Map[SiLU] = siluF64AVX512
	f64.Map[GELU] = withFarGELU(geluF64AVX512)
	f64.Map[GELUTanh] = geluTanhF64AVX512
	f64.Map[ELU] = eluF64AVX512
	f64.Map[CELU] = celuF64AVX512
	f64.Map[SELU] = seluF64AVX512
	f64.MapGrad[ReLU] = reluGradF64AVX512
	f64.MapGrad[LeakyReLU] = leakyReLUGradF64AVX512
	f64.MapGrad[Clamp] = clampGradF64AVX512
	f64.MapGrad[Tanh] = tanhGradF64AVX512
	f64.MapGrad[Sigmoid] = sigmoidGradF64AVX512
	f64.MapGrad[Exp] = expGradF64AVX512
	f64.MapGrad[GELU] = geluGradF64AVX512
	f64.MapGrad[SELU] = seluGradF64AVX512
	f64.MapGrad[ELU] = forPositiveA(eluGradF64AVX512, f64.MapGrad[ELU])
	f64.Binary[Div], f64.BinaryVS[Div] = divF64AVX512, divVSF64AVX512
	f64.BinarySV[Div] = divSVF64AVX512
	f64.Binary[Max], f64.BinaryVS[Max] = maxF64AVX512, maxVSF64AVX512
	f64.BinarySV[Max] = swap(maxVSF64AVX512)
	f64.Binary[Min], f64.BinaryVS[Min] = minF64AVX512, minVSF64AVX512
	f64.BinarySV[Min] = swap(minVSF64AVX512)
	f64.Select = selectF64AVX512
	f64.Adam, f64.SGD = adamF64AVX512, sgdF64AVX512
	f64.Sum = func(x []float64) float64 {
		var acc [32]float64
		sumF64AVX512(x, &acc)
		return addLanes(acc[:])
	}
	f64.SumSq = func(x []float64) float64 {
		var acc [32]float64
		sumSqF64AVX512(x, &acc)
		return addLanes(acc[:])
	}
	f64.Dot = func(a, b []float64) float64 {
		var acc [32]float64
		dotF64AVX512(a, b, &acc)
		return addLanes(acc[:])
	}
	f64.Max = func(x []float64) float64 {
		var acc [32]float64
		maxFoldF64AVX512(x, &acc)
		return maxGo(acc[:])
	}
	f64.Min = func(x []float64) float64 {
		var acc [32]float64
		minFoldF64AVX512(x, &acc)
		return minGo(acc[:])
	}
	f64.Finite = func(x []float64) bool {
		var acc [32]float64
		finiteFoldF64AVX512(x, &acc)
		return finiteGo(acc[:])
	}
	f32.Dropout = dropoutAVX512
}

// swap makes the form with a number in the first place of a commutative function from that with a
// number in the second.
func swap[T Float](vs func(dst, a []T, b T)) func(dst []T, a T, b []T) {
	return func(dst []T, a T, b []T) { vs(dst, b, a) }
}

// forPositiveA uses the kernel fast, which recognises x > 0 by y > 0, where that holds.
func forPositiveA[T Float](fast, general func(dx, dy, x, y []T, a, b, beta T)) func(dx, dy, x, y []T, a, b, beta T) {
	return func(dx, dy, x, y []T, a, b, beta T) {
		if a > 0 {
			fast(dx, dy, x, y, a, b, beta)
		} else {
			general(dx, dy, x, y, a, b, beta)
		}
	}
}

// withFarGELU completes a kernel that leaves elements below -normalEnd as they are.
func withFarGELU(near func(dst, x []float64, a, b float64) bool) func(dst, x []float64, a, b float64) {
	return func(dst, x []float64, a, b float64) {
		if near(dst, x, a, b) {
			for i, v := range dst {
				if v < -normalEnd {
					dst[i] = geluFar(v)
				}
			}
		}
	}
}

// addLanes adds up the lanes of accumulators, halving their number until one is left.
func addLanes(acc []float64) float64 {
	for n := len(acc) / 2; n > 0; n /= 2 {
		for i := range n {
			acc[i] += acc[i+n]
		}
	}
	return acc[0]
}

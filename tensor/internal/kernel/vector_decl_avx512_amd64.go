//go:build amd64 && !purego

package kernel

// The functions below are in vector_avx512_f32_amd64.s and vector_avx512_f64_amd64.s. Each equals
// the field of Vector in whose place vector_amd64.go puts it; the folds and sums leave their lanes
// in acc.

//go:noescape
func sqrtF32AVX512(dst, x []float32, a, b float32)

//go:noescape
func reciprocalF32AVX512(dst, x []float32, a, b float32)

//go:noescape
func reluF32AVX512(dst, x []float32, a, b float32)

//go:noescape
func leakyReLUF32AVX512(dst, x []float32, a, b float32)

//go:noescape
func clampF32AVX512(dst, x []float32, a, b float32)

//go:noescape
func expF32AVX512(dst, x []float32, a, b float32)

//go:noescape
func tanhF32AVX512(dst, x []float32, a, b float32)

//go:noescape
func sigmoidF32AVX512(dst, x []float32, a, b float32)

//go:noescape
func siluF32AVX512(dst, x []float32, a, b float32)

//go:noescape
func geluF32AVX512(dst, x []float32, a, b float32)

//go:noescape
func geluTanhF32AVX512(dst, x []float32, a, b float32)

//go:noescape
func erfF32AVX512(dst, x []float32, a, b float32)

//go:noescape
func eluF32AVX512(dst, x []float32, a, b float32)

//go:noescape
func celuF32AVX512(dst, x []float32, a, b float32)

//go:noescape
func seluF32AVX512(dst, x []float32, a, b float32)

//go:noescape
func reluGradF32AVX512(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func leakyReLUGradF32AVX512(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func clampGradF32AVX512(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func tanhGradF32AVX512(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func sigmoidGradF32AVX512(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func expGradF32AVX512(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func siluGradF32AVX512(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func geluGradF32AVX512(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func geluTanhGradF32AVX512(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func eluGradF32AVX512(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func seluGradF32AVX512(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func divF32AVX512(dst, a, b []float32)

//go:noescape
func divVSF32AVX512(dst, a []float32, b float32)

//go:noescape
func divSVF32AVX512(dst []float32, a float32, b []float32)

//go:noescape
func maxF32AVX512(dst, a, b []float32)

//go:noescape
func maxVSF32AVX512(dst, a []float32, b float32)

//go:noescape
func minF32AVX512(dst, a, b []float32)

//go:noescape
func minVSF32AVX512(dst, a []float32, b float32)

//go:noescape
func selectF32AVX512(dst, cond, a, b []float32)

//go:noescape
func adamF32AVX512(p, g, m, v []float32, c Adam[float32])

//go:noescape
func sgdF32AVX512(p, g, m []float32, c SGD[float32])

//go:noescape
func maxFoldF32AVX512(x []float32, acc *[64]float32)

//go:noescape
func minFoldF32AVX512(x []float32, acc *[64]float32)

//go:noescape
func finiteFoldF32AVX512(x []float32, acc *[64]float32)

//go:noescape
func sumF32AVX512(x []float32, acc *[32]float64)

//go:noescape
func sumSqF32AVX512(x []float32, acc *[32]float64)

//go:noescape
func dotF32AVX512(a, b []float32, acc *[32]float64)

//go:noescape
func sqrtF64AVX512(dst, x []float64, a, b float64)

//go:noescape
func reciprocalF64AVX512(dst, x []float64, a, b float64)

//go:noescape
func reluF64AVX512(dst, x []float64, a, b float64)

//go:noescape
func leakyReLUF64AVX512(dst, x []float64, a, b float64)

//go:noescape
func clampF64AVX512(dst, x []float64, a, b float64)

//go:noescape
func expF64AVX512(dst, x []float64, a, b float64)

//go:noescape
func tanhF64AVX512(dst, x []float64, a, b float64)

//go:noescape
func erfF64AVX512(dst, x []float64, a, b float64)

//go:noescape
func sigmoidF64AVX512(dst, x []float64, a, b float64)

//go:noescape
func siluF64AVX512(dst, x []float64, a, b float64)

// geluF64AVX512 leaves elements below -normalEnd as they are and says whether there are any.
//
//go:noescape
func geluF64AVX512(dst, x []float64, a, b float64) bool

//go:noescape
func geluTanhF64AVX512(dst, x []float64, a, b float64)

//go:noescape
func eluF64AVX512(dst, x []float64, a, b float64)

//go:noescape
func celuF64AVX512(dst, x []float64, a, b float64)

//go:noescape
func seluF64AVX512(dst, x []float64, a, b float64)

//go:noescape
func reluGradF64AVX512(dx, dy, x, y []float64, a, b, beta float64)

//go:noescape
func leakyReLUGradF64AVX512(dx, dy, x, y []float64, a, b, beta float64)

//go:noescape
func clampGradF64AVX512(dx, dy, x, y []float64, a, b, beta float64)

//go:noescape
func tanhGradF64AVX512(dx, dy, x, y []float64, a, b, beta float64)

//go:noescape
func sigmoidGradF64AVX512(dx, dy, x, y []float64, a, b, beta float64)

//go:noescape
func expGradF64AVX512(dx, dy, x, y []float64, a, b, beta float64)

//go:noescape
func geluGradF64AVX512(dx, dy, x, y []float64, a, b, beta float64)

//go:noescape
func eluGradF64AVX512(dx, dy, x, y []float64, a, b, beta float64)

//go:noescape
func seluGradF64AVX512(dx, dy, x, y []float64, a, b, beta float64)

//go:noescape
func divF64AVX512(dst, a, b []float64)

//go:noescape
func divVSF64AVX512(dst, a []float64, b float64)

//go:noescape
func divSVF64AVX512(dst []float64, a float64, b []float64)

//go:noescape
func maxF64AVX512(dst, a, b []float64)

//go:noescape
func maxVSF64AVX512(dst, a []float64, b float64)

//go:noescape
func minF64AVX512(dst, a, b []float64)

//go:noescape
func minVSF64AVX512(dst, a []float64, b float64)

//go:noescape
func selectF64AVX512(dst, cond, a, b []float64)

//go:noescape
func adamF64AVX512(p, g, m, v []float64, c Adam[float64])

//go:noescape
func sgdF64AVX512(p, g, m []float64, c SGD[float64])

//go:noescape
func maxFoldF64AVX512(x []float64, acc *[32]float64)

//go:noescape
func minFoldF64AVX512(x []float64, acc *[32]float64)

//go:noescape
func finiteFoldF64AVX512(x []float64, acc *[32]float64)

//go:noescape
func sumF64AVX512(x []float64, acc *[32]float64)

//go:noescape
func sumSqF64AVX512(x []float64, acc *[32]float64)

//go:noescape
func dotF64AVX512(a, b []float64, acc *[32]float64)

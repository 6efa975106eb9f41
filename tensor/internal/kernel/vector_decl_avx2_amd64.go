//go:build amd64 && !purego

package kernel

// The functions below are in vector_avx2_f32_amd64.s and vector_avx2_f64_amd64.s. Each equals the
// field of Vector in whose place vector_amd64.go puts it; the folds and sums leave their lanes in
// acc.

//go:noescape
func negF32AVX2(dst, x []float32, a, b float32)

//go:noescape
func absF32AVX2(dst, x []float32, a, b float32)

//go:noescape
func squareF32AVX2(dst, x []float32, a, b float32)

//go:noescape
func sqrtF32AVX2(dst, x []float32, a, b float32)

//go:noescape
func reciprocalF32AVX2(dst, x []float32, a, b float32)

//go:noescape
func reluF32AVX2(dst, x []float32, a, b float32)

//go:noescape
func leakyReLUF32AVX2(dst, x []float32, a, b float32)

//go:noescape
func clampF32AVX2(dst, x []float32, a, b float32)

//go:noescape
func addScalarF32AVX2(dst, x []float32, a, b float32)

//go:noescape
func mulScalarF32AVX2(dst, x []float32, a, b float32)

//go:noescape
func expF32AVX2(dst, x []float32, a, b float32)

//go:noescape
func tanhF32AVX2(dst, x []float32, a, b float32)

//go:noescape
func sigmoidF32AVX2(dst, x []float32, a, b float32)

//go:noescape
func siluF32AVX2(dst, x []float32, a, b float32)

//go:noescape
func geluF32AVX2(dst, x []float32, a, b float32)

//go:noescape
func geluTanhF32AVX2(dst, x []float32, a, b float32)

//go:noescape
func erfF32AVX2(dst, x []float32, a, b float32)

//go:noescape
func eluF32AVX2(dst, x []float32, a, b float32)

//go:noescape
func celuF32AVX2(dst, x []float32, a, b float32)

//go:noescape
func seluF32AVX2(dst, x []float32, a, b float32)

//go:noescape
func reluGradF32AVX2(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func leakyReLUGradF32AVX2(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func clampGradF32AVX2(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func tanhGradF32AVX2(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func sigmoidGradF32AVX2(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func expGradF32AVX2(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func mulScalarGradF32AVX2(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func addScalarGradF32AVX2(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func siluGradF32AVX2(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func geluGradF32AVX2(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func geluTanhGradF32AVX2(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func eluGradF32AVX2(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func seluGradF32AVX2(dx, dy, x, y []float32, a, b, beta float32)

//go:noescape
func addF32AVX2(dst, a, b []float32)

//go:noescape
func addVSF32AVX2(dst, a []float32, b float32)

//go:noescape
func subF32AVX2(dst, a, b []float32)

//go:noescape
func subVSF32AVX2(dst, a []float32, b float32)

//go:noescape
func subSVF32AVX2(dst []float32, a float32, b []float32)

//go:noescape
func mulF32AVX2(dst, a, b []float32)

//go:noescape
func mulVSF32AVX2(dst, a []float32, b float32)

//go:noescape
func divF32AVX2(dst, a, b []float32)

//go:noescape
func divVSF32AVX2(dst, a []float32, b float32)

//go:noescape
func divSVF32AVX2(dst []float32, a float32, b []float32)

//go:noescape
func maxF32AVX2(dst, a, b []float32)

//go:noescape
func maxVSF32AVX2(dst, a []float32, b float32)

//go:noescape
func minF32AVX2(dst, a, b []float32)

//go:noescape
func minVSF32AVX2(dst, a []float32, b float32)

//go:noescape
func mulAddF32AVX2(dst, a, b []float32)

//go:noescape
func addScaledF32AVX2(dst, x []float32, alpha float32)

//go:noescape
func fillF32AVX2(dst []float32, v float32)

//go:noescape
func selectF32AVX2(dst, cond, a, b []float32)

//go:noescape
func adamF32AVX2(p, g, m, v []float32, c Adam[float32])

//go:noescape
func sgdF32AVX2(p, g, m []float32, c SGD[float32])

//go:noescape
func maxFoldF32AVX2(x []float32, acc *[32]float32)

//go:noescape
func minFoldF32AVX2(x []float32, acc *[32]float32)

//go:noescape
func finiteFoldF32AVX2(x []float32, acc *[32]float32)

//go:noescape
func sumF32AVX2(x []float32, acc *[16]float64)

//go:noescape
func sumSqF32AVX2(x []float32, acc *[16]float64)

//go:noescape
func dotF32AVX2(a, b []float32, acc *[16]float64)

//go:noescape
func negF64AVX2(dst, x []float64, a, b float64)

//go:noescape
func absF64AVX2(dst, x []float64, a, b float64)

//go:noescape
func squareF64AVX2(dst, x []float64, a, b float64)

//go:noescape
func sqrtF64AVX2(dst, x []float64, a, b float64)

//go:noescape
func reciprocalF64AVX2(dst, x []float64, a, b float64)

//go:noescape
func reluF64AVX2(dst, x []float64, a, b float64)

//go:noescape
func leakyReLUF64AVX2(dst, x []float64, a, b float64)

//go:noescape
func clampF64AVX2(dst, x []float64, a, b float64)

//go:noescape
func addScalarF64AVX2(dst, x []float64, a, b float64)

//go:noescape
func mulScalarF64AVX2(dst, x []float64, a, b float64)

//go:noescape
func expF64AVX2(dst, x []float64, a, b float64)

//go:noescape
func tanhF64AVX2(dst, x []float64, a, b float64)

//go:noescape
func erfF64AVX2(dst, x []float64, a, b float64)

//go:noescape
func sigmoidF64AVX2(dst, x []float64, a, b float64)

//go:noescape
func siluF64AVX2(dst, x []float64, a, b float64)

// geluF64AVX2 leaves elements below -normalEnd as they are and says whether there are any.
//
//go:noescape
func geluF64AVX2(dst, x []float64, a, b float64) bool

//go:noescape
func geluTanhF64AVX2(dst, x []float64, a, b float64)

//go:noescape
func eluF64AVX2(dst, x []float64, a, b float64)

//go:noescape
func celuF64AVX2(dst, x []float64, a, b float64)

//go:noescape
func seluF64AVX2(dst, x []float64, a, b float64)

//go:noescape
func reluGradF64AVX2(dx, dy, x, y []float64, a, b, beta float64)

//go:noescape
func leakyReLUGradF64AVX2(dx, dy, x, y []float64, a, b, beta float64)

//go:noescape
func clampGradF64AVX2(dx, dy, x, y []float64, a, b, beta float64)

//go:noescape
func tanhGradF64AVX2(dx, dy, x, y []float64, a, b, beta float64)

//go:noescape
func sigmoidGradF64AVX2(dx, dy, x, y []float64, a, b, beta float64)

//go:noescape
func expGradF64AVX2(dx, dy, x, y []float64, a, b, beta float64)

//go:noescape
func mulScalarGradF64AVX2(dx, dy, x, y []float64, a, b, beta float64)

//go:noescape
func addScalarGradF64AVX2(dx, dy, x, y []float64, a, b, beta float64)

//go:noescape
func geluGradF64AVX2(dx, dy, x, y []float64, a, b, beta float64)

//go:noescape
func eluGradF64AVX2(dx, dy, x, y []float64, a, b, beta float64)

//go:noescape
func seluGradF64AVX2(dx, dy, x, y []float64, a, b, beta float64)

//go:noescape
func addF64AVX2(dst, a, b []float64)

//go:noescape
func addVSF64AVX2(dst, a []float64, b float64)

//go:noescape
func subF64AVX2(dst, a, b []float64)

//go:noescape
func subVSF64AVX2(dst, a []float64, b float64)

//go:noescape
func subSVF64AVX2(dst []float64, a float64, b []float64)

//go:noescape
func mulF64AVX2(dst, a, b []float64)

//go:noescape
func mulVSF64AVX2(dst, a []float64, b float64)

//go:noescape
func divF64AVX2(dst, a, b []float64)

//go:noescape
func divVSF64AVX2(dst, a []float64, b float64)

//go:noescape
func divSVF64AVX2(dst []float64, a float64, b []float64)

//go:noescape
func maxF64AVX2(dst, a, b []float64)

//go:noescape
func maxVSF64AVX2(dst, a []float64, b float64)

//go:noescape
func minF64AVX2(dst, a, b []float64)

//go:noescape
func minVSF64AVX2(dst, a []float64, b float64)

//go:noescape
func mulAddF64AVX2(dst, a, b []float64)

//go:noescape
func addScaledF64AVX2(dst, x []float64, alpha float64)

//go:noescape
func fillF64AVX2(dst []float64, v float64)

//go:noescape
func selectF64AVX2(dst, cond, a, b []float64)

//go:noescape
func adamF64AVX2(p, g, m, v []float64, c Adam[float64])

//go:noescape
func sgdF64AVX2(p, g, m []float64, c SGD[float64])

//go:noescape
func maxFoldF64AVX2(x []float64, acc *[16]float64)

//go:noescape
func minFoldF64AVX2(x []float64, acc *[16]float64)

//go:noescape
func finiteFoldF64AVX2(x []float64, acc *[16]float64)

//go:noescape
func sumF64AVX2(x []float64, acc *[16]float64)

//go:noescape
func sumSqF64AVX2(x []float64, acc *[16]float64)

//go:noescape
func dotF64AVX2(a, b []float64, acc *[16]float64)

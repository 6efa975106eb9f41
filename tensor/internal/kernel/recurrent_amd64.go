//go:build amd64 && !purego

package kernel

func recurrentAVX2(f32 *Recurrent[float32], f64 *Recurrent[float64]) {
	*f32 = Recurrent[float32]{SlicedVec: slicedVecF32AVX2, MatVec: matVecF32AVX2, CSRLanes: csrLanesF32AVX2, Leak: leakF32AVX2, LeakEach: leakEachF32AVX2}
	*f64 = Recurrent[float64]{SlicedVec: slicedVecF64AVX2, MatVec: matVecF64AVX2, CSRLanes: csrLanesF64AVX2, Leak: leakF64AVX2, LeakEach: leakEachF64AVX2}
}

//go:noescape
func slicedVecF32AVX2(y []float32, ptr, row, col []int32, val, x []float32, ahead int)

//go:noescape
func slicedVecF64AVX2(y []float64, ptr, row, col []int32, val, x []float64, ahead int)

//go:noescape
func leakF32AVX2(y, x []float32, a float32)

//go:noescape
func leakF64AVX2(y, x []float64, a float64)

//go:noescape
func leakEachF32AVX2(y, x, a []float32)

//go:noescape
func leakEachF64AVX2(y, x, a []float64)

//go:noescape
func matVecF32AVX2(y, a []float32, stride int, x []float32)

//go:noescape
func matVecF64AVX2(y, a []float64, stride int, x []float64)

//go:noescape
func csrLanesF32AVX2(y []float32, ptr, col []int32, val, x []float32)

//go:noescape
func csrLanesF64AVX2(y []float64, ptr, col []int32, val, x []float64)

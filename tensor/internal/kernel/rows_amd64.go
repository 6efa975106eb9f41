//go:build amd64 && !purego

package kernel

func rowsAVX2(r *Rows[float32]) {
	*r = Rows[float32]{
		RowMax:          rowMaxAVX2,
		RowSum:          rowSumAVX2,
		RowScale:        rowScaleAVX2,
		SoftmaxGrad:     softmaxGradAVX2,
		RowDot:          rowDotAVX2,
		SumSquaresAbout: sumSquaresAboutAVX2,
		Normalize:       normalizeAVX2,
		NormalizeAffine: normalizeAffineAVX2,
		NormDots:        normDotsAVX2,
		NormDotsAffine:  normDotsAffineAVX2,
		NormGrad:        normGradAVX2,
		NormGradAffine:  normGradAffineAVX2,
		ExpSum:          expSumAVX2,
		NormGradParams:  normGradParamsAVX2,
		AddRows:         addRowsAVX2,
	}
}

func rowsAVX512(r *Rows[float32]) {
	*r = Rows[float32]{
		RowMax:          rowMaxAVX512,
		RowSum:          rowSumAVX512,
		RowScale:        rowScaleAVX512,
		SoftmaxGrad:     softmaxGradAVX512,
		RowDot:          rowDotAVX512,
		SumSquaresAbout: sumSquaresAboutAVX512,
		Normalize:       normalizeAVX512,
		NormalizeAffine: normalizeAffineAVX512,
		NormDots:        normDotsAVX512,
		NormDotsAffine:  normDotsAffineAVX512,
		NormGrad:        normGradAVX512,
		NormGradAffine:  normGradAffineAVX512,
		ExpSum:          expSumAVX512,
		NormGradParams:  normGradParamsAVX512,
		AddRows:         addRowsAVX512,
	}
}

//go:noescape
func rowMaxAVX2(x []float32) float32

//go:noescape
func rowMaxAVX512(x []float32) float32

//go:noescape
func rowSumAVX2(x []float32) float32

//go:noescape
func rowSumAVX512(x []float32) float32

//go:noescape
func rowScaleAVX2(dst, x []float32, a float32)

//go:noescape
func rowScaleAVX512(dst, x []float32, a float32)

//go:noescape
func softmaxGradAVX2(dx, y, dy []float32, c float32)

//go:noescape
func softmaxGradAVX512(dx, y, dy []float32, c float32)

//go:noescape
func rowDotAVX2(x, y []float32) float32

//go:noescape
func rowDotAVX512(x, y []float32) float32

//go:noescape
func sumSquaresAboutAVX2(x []float32, mean float32) float32

//go:noescape
func sumSquaresAboutAVX512(x []float32, mean float32) float32

//go:noescape
func normalizeAVX2(dst, x []float32, mean, a, b float32)

//go:noescape
func normalizeAVX512(dst, x []float32, mean, a, b float32)

//go:noescape
func normalizeAffineAVX2(dst, x, w, b []float32, mean, a float32)

//go:noescape
func normalizeAffineAVX512(dst, x, w, b []float32, mean, a float32)

//go:noescape
func normDotsAVX2(dy, x []float32, mean float32) (sum, dot float32)

//go:noescape
func normDotsAVX512(dy, x []float32, mean float32) (sum, dot float32)

//go:noescape
func normDotsAffineAVX2(dy, x, w []float32, mean float32) (sum, dot float32)

//go:noescape
func normDotsAffineAVX512(dy, x, w []float32, mean float32) (sum, dot float32)

//go:noescape
func normGradAVX2(dx, dy, x []float32, mean, a, b, c float32)

//go:noescape
func normGradAVX512(dx, dy, x []float32, mean, a, b, c float32)

//go:noescape
func normGradAffineAVX2(dx, dy, x, w []float32, mean, a, b, c float32)

//go:noescape
func normGradAffineAVX512(dx, dy, x, w []float32, mean, a, b, c float32)

//go:noescape
func expSumAVX2(dst, x []float32, shift float32) float32

//go:noescape
func expSumAVX512(dst, x []float32, shift float32) float32

//go:noescape
func normGradParamsAVX2(dw, db, dy, x, mean, a []float32, stride int)

//go:noescape
func normGradParamsAVX512(dw, db, dy, x, mean, a []float32, stride int)

//go:noescape
func addRowsAVX2(dst, x []float32, rows, stride int)

//go:noescape
func addRowsAVX512(dst, x []float32, rows, stride int)

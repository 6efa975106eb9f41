//go:build amd64 && !purego

package kernel

func convAVX2(f32 *Conv[float32], f64 *Conv[float64]) {
	*f32 = Conv[float32]{
		Width: 8,
		Gather: func(dst []float32, ld int, src []float32, rows []int32, blocks []Block) {
			gather32AVX2(&dst[0], ld, &src[0], rows, blocks)
		},
		Scatter: func(dst, src []float32, ld int, rows []int32, blocks []Block) {
			scatter32AVX2(&dst[0], &src[0], ld, rows, blocks)
		},
	}
	*f64 = Conv[float64]{
		Width: 4,
		Gather: func(dst []float64, ld int, src []float64, rows []int32, blocks []Block) {
			gather64AVX2(&dst[0], ld, &src[0], rows, blocks)
		},
		Scatter: func(dst, src []float64, ld int, rows []int32, blocks []Block) {
			scatter64AVX2(&dst[0], &src[0], ld, rows, blocks)
		},
	}
}

func convAVX512(f32 *Conv[float32], f64 *Conv[float64]) {
	*f32 = Conv[float32]{
		Width: 16,
		Gather: func(dst []float32, ld int, src []float32, rows []int32, blocks []Block) {
			gather32AVX512(&dst[0], ld, &src[0], rows, blocks)
		},
		Scatter: func(dst, src []float32, ld int, rows []int32, blocks []Block) {
			scatter32AVX512(&dst[0], &src[0], ld, rows, blocks)
		},
	}
	*f64 = Conv[float64]{
		Width: 8,
		Gather: func(dst []float64, ld int, src []float64, rows []int32, blocks []Block) {
			gather64AVX512(&dst[0], ld, &src[0], rows, blocks)
		},
		Scatter: func(dst, src []float64, ld int, rows []int32, blocks []Block) {
			scatter64AVX512(&dst[0], &src[0], ld, rows, blocks)
		},
	}
}

//go:noescape
func gather32AVX2(dst *float32, ld int, src *float32, rows []int32, blocks []Block)

//go:noescape
func scatter32AVX2(dst, src *float32, ld int, rows []int32, blocks []Block)

//go:noescape
func gather64AVX2(dst *float64, ld int, src *float64, rows []int32, blocks []Block)

//go:noescape
func scatter64AVX2(dst, src *float64, ld int, rows []int32, blocks []Block)

//go:noescape
func gather32AVX512(dst *float32, ld int, src *float32, rows []int32, blocks []Block)

//go:noescape
func scatter32AVX512(dst, src *float32, ld int, rows []int32, blocks []Block)

//go:noescape
func gather64AVX512(dst *float64, ld int, src *float64, rows []int32, blocks []Block)

//go:noescape
func scatter64AVX512(dst, src *float64, ld int, rows []int32, blocks []Block)

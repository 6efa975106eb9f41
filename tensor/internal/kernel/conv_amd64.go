//go:build amd64 && !purego

package kernel

func convAVX2(f32 *Conv[float32], f64 *Conv[float64]) {
	f32.Width, f32.Gather = 8, func(dst []float32, ld int, src []float32, rows []int32, blocks []Block) {
		gather32AVX2(&dst[0], ld, &src[0], rows, blocks)
	}
	f64.Width, f64.Gather = 4, func(dst []float64, ld int, src []float64, rows []int32, blocks []Block) {
		gather64AVX2(&dst[0], ld, &src[0], rows, blocks)
	}
}

func convAVX512(f32 *Conv[float32], f64 *Conv[float64]) {
	f32.Width, f32.Gather = 16, func(dst []float32, ld int, src []float32, rows []int32, blocks []Block) {
		gather32AVX512(&dst[0], ld, &src[0], rows, blocks)
	}
	f64.Width, f64.Gather = 8, func(dst []float64, ld int, src []float64, rows []int32, blocks []Block) {
		gather64AVX512(&dst[0], ld, &src[0], rows, blocks)
	}
}

//go:noescape
func gather32AVX2(dst *float32, ld int, src *float32, rows []int32, blocks []Block)

//go:noescape
func gather64AVX2(dst *float64, ld int, src *float64, rows []int32, blocks []Block)

//go:noescape
func gather32AVX512(dst *float32, ld int, src *float32, rows []int32, blocks []Block)

//go:noescape
func gather64AVX512(dst *float64, ld int, src *float64, rows []int32, blocks []Block)

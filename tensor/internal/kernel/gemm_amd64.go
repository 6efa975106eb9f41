//go:build amd64 && !purego

package kernel

func gemmAVX2(f32 *MicroKernel[float32], f64 *MicroKernel[float64])   {}
func gemmAVX512(f32 *MicroKernel[float32], f64 *MicroKernel[float64]) {}

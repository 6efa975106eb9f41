//go:build amd64 && !purego

package kernel

func vectorAVX2(f32 *Vector[float32], f64 *Vector[float64])   {}
func vectorAVX512(f32 *Vector[float32], f64 *Vector[float64]) {}

//go:build amd64 && !purego

package kernel

import "github.com/klauspost/cpuid/v2"

func available() []level {
	ls := []level{goLevel()}
	if cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3) {
		l := goLevel()
		l.name, l.f32.Name, l.f64.Name = "avx2", "avx2", "avx2"
		vectorAVX2(&l.f32.Vector, &l.f64.Vector)
		gemmAVX2(&l.f32.Gemm, &l.f64.Gemm)
		rowsAVX2(&l.f32.Rows)
		columnsAVX2(&l.f32.Columns)
		csrAVX2(&l.f32.CSR)
		recurrentAVX2(&l.f32.Recurrent, &l.f64.Recurrent)
		convAVX2(&l.f32.Conv, &l.f64.Conv)
		poolAVX2(&l.f32.Pool)
		ls = append(ls, l)
		if cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512DQ, cpuid.AVX512BW, cpuid.AVX512VL) {
			l512 := level{"avx512", clone(l.f32, "avx512"), clone(l.f64, "avx512")}
			vectorAVX512(&l512.f32.Vector, &l512.f64.Vector)
			gemmAVX512(&l512.f32.Gemm, &l512.f64.Gemm)
			rowsAVX512(&l512.f32.Rows)
			columnsAVX512(&l512.f32.Columns)
			csrAVX512(&l512.f32.CSR)
			convAVX512(&l512.f32.Conv, &l512.f64.Conv)
			ls = append(ls, l512)
		}
	}
	return ls
}

// clone starts a set from a plainer one: what the better set does not replace stays.
func clone[T Float](s *Set[T], name string) *Set[T] {
	c := *s
	c.Name = name
	return &c
}

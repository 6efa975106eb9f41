//go:build amd64 && !purego

#include "textflag.h"

// As many independent multiply-adds as the micro-kernel has accumulators, all in registers: the
// rate it is measured against.

#define CLEAR4(a, b, c, d) VXORPS a, a, a; VXORPS b, b, b; VXORPS c, c, c; VXORPS d, d, d
#define FMA4(fma, x, a, b, c, d) fma x, x, a; fma x, x, b; fma x, x, c; fma x, x, d

#define PEAK256(loop, fma) \
	MOVQ n+0(FP), CX; \
	CLEAR4(Y0, Y1, Y2, Y3); CLEAR4(Y4, Y5, Y6, Y7); CLEAR4(Y8, Y9, Y10, Y11); CLEAR4(Y12, Y13, Y14, Y15); \
loop: \
	FMA4(fma, Y0, Y4, Y5, Y6, Y7); FMA4(fma, Y0, Y8, Y9, Y10, Y11); FMA4(fma, Y0, Y12, Y13, Y14, Y15); \
	DECQ CX; \
	JGT  loop; \
	VZEROUPPER; \
	RET

#define PEAK512(loop, fma) \
	MOVQ n+0(FP), CX; \
	VXORPS Z0, Z0, Z0; \
	CLEAR4(Z4, Z5, Z6, Z7); CLEAR4(Z8, Z9, Z10, Z11); CLEAR4(Z12, Z13, Z14, Z15); CLEAR4(Z16, Z17, Z18, Z19); \
	CLEAR4(Z20, Z21, Z22, Z23); CLEAR4(Z24, Z25, Z26, Z27); CLEAR4(Z28, Z29, Z30, Z31); \
loop: \
	FMA4(fma, Z0, Z4, Z5, Z6, Z7); FMA4(fma, Z0, Z8, Z9, Z10, Z11); FMA4(fma, Z0, Z12, Z13, Z14, Z15); FMA4(fma, Z0, Z16, Z17, Z18, Z19); \
	FMA4(fma, Z0, Z20, Z21, Z22, Z23); FMA4(fma, Z0, Z24, Z25, Z26, Z27); FMA4(fma, Z0, Z28, Z29, Z30, Z31); \
	DECQ CX; \
	JGT  loop; \
	VZEROUPPER; \
	RET

// func peak32AVX2(n int)
TEXT ·peak32AVX2(SB), NOSPLIT, $0-8
	PEAK256(loop, VFMADD231PS)

// func peak64AVX2(n int)
TEXT ·peak64AVX2(SB), NOSPLIT, $0-8
	PEAK256(loop, VFMADD231PD)

// func peak32AVX512(n int)
TEXT ·peak32AVX512(SB), NOSPLIT, $0-8
	PEAK512(loop, VFMADD231PS)

// func peak64AVX512(n int)
TEXT ·peak64AVX512(SB), NOSPLIT, $0-8
	PEAK512(loop, VFMADD231PD)

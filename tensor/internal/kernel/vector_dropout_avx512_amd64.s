//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "vector_f32.h"
#include "vector_avx512.h"
#include "vector_stream.h"

// Dropout: see Drop. A vector holds the states of eight consecutive numbers of the stream, so after
// mixing its sixteen 32-bit lanes are the random bits of sixteen consecutive elements, in order.
//
// V1 states, V14 their increment, V13 and V12 multipliers, V11 the threshold, V10 the scale, V9 all
// ones if beta is not 0.
#define F_DROPOUT \
	VPSRLQ   $30, V1, V2; \
	VPXORQ   V1, V2, V2; \
	VPMULLQ  V13, V2, V2; \
	VPSRLQ   $27, V2, V3; \
	VPXORQ   V3, V2, V2; \
	VPMULLQ  V12, V2, V2; \
	VPSRLQ   $31, V2, V3; \
	VPXORQ   V3, V2, V2; \
	VPADDQ   V14, V1, V1; \
	VPCMPUD  $5, V11, V2, K2; \
	VMULPS.Z V10, V0, K2, V0
#define DROPOUT_BODY(off, F) LD(SI, off, V0); F; LD(DI, off, V2); VANDPS V9, V2, V2; VADDPS V2, V0, V0; ST(V0, DI, off)
#define DROPOUT_LAST(F) LDT(SI, V0); F; LDT(DI, V2); VANDPS V9, V2, V2; VADDPS V2, V0, V0; STT(V0, DI)

// func dropoutF32AVX512(dst, x []float32, states *[8]uint64, d *Drop[float32])
TEXT ·dropoutF32AVX512(SB), NOSPLIT, $0-64
	MOVQ         dst_base+0(FP), DI
	MOVQ         dst_len+8(FP), CX
	MOVQ         x_base+24(FP), SI
	MOVQ         states+48(FP), BX
	MOVQ         d+56(FP), DX
	VMOVDQU64    (BX), V1
	VPBROADCASTD const_dropThreshold(DX), V11
	VBROADCASTSS const_dropScale(DX), V10
	VBROADCASTSS const_dropBeta(DX), V9
	NONZERO(V9)
	MOVQ         $0xf1bbcdcbfa53e0a8, R8     // 8*golden mod 2^64
	VPBROADCASTQ R8, V14
	MOVQ         $0xbf58476d1ce4e5b9, R8
	VPBROADCASTQ R8, V13
	MOVQ         $0x94d049bb133111eb, R8
	VPBROADCASTQ R8, V12
	SINGLE(DROPOUT_BODY, DROPOUT_LAST, F_DROPOUT)
	RETURN

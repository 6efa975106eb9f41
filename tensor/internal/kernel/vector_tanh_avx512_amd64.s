//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "vector_f32.h"
#include "vector_avx512.h"
#include "vector_stream.h"

// tanh, 2 ulp, by a polynomial of degree 5 for each of 26 pieces of the axis (tanhTable): the
// coefficients are looked up in registers. This takes 19 instructions a vector and no division. |x|
// is cut at 9.1, where the result is 1; NaN passes through the last multiply-adds.
//
// Z17 to Z30 hold the seven rows of the table, in two halves each; V14 the least index, V13 and V12
// masks. V1 is |x|, V2 the index, V3 |x|-m, V4 the sum.
#define LOOKUP(lo, hi, dst) VMOVDQA64 V2, dst; VPERMI2PS hi, lo, dst
#define F_TANH_TABLE \
	VANDPS      V13, V0, V1; \
	VMINPS      V1, V11, V1; \
	VPSRLD      $21, V1, V2; \
	VPMAXUD     V14, V2, V2; \
	LOOKUP(Z17, Z18, V3); \
	VSUBPS      V3, V1, V3; \
	LOOKUP(Z29, Z30, V4); \
	LOOKUP(Z27, Z28, V5); \
	VFMADD213PS V5, V3, V4; \
	LOOKUP(Z25, Z26, V6); \
	VFMADD213PS V6, V3, V4; \
	LOOKUP(Z23, Z24, V7); \
	VFMADD213PS V7, V3, V4; \
	LOOKUP(Z21, Z22, V8); \
	VFMADD213PS V8, V3, V4; \
	LOOKUP(Z19, Z20, V9); \
	VFMADD213PS V9, V3, V4; \
	VPTERNLOGD  $0xf8, V12, V0, V4; \
	VMOVAPS     V4, V0

TEXT ·tanhF32AVX512(SB), NOSPLIT, $0-56
	MAP_ARGS
	LEAQ         ·tanhTable(SB), R9
	VMOVUPS      (R9), Z17
	VMOVUPS      64(R9), Z18
	VMOVUPS      128(R9), Z19
	VMOVUPS      192(R9), Z20
	VMOVUPS      256(R9), Z21
	VMOVUPS      320(R9), Z22
	VMOVUPS      384(R9), Z23
	VMOVUPS      448(R9), Z24
	VMOVUPS      512(R9), Z25
	VMOVUPS      576(R9), Z26
	VMOVUPS      640(R9), Z27
	VMOVUPS      704(R9), Z28
	VMOVUPS      768(R9), Z29
	VMOVUPS      832(R9), Z30
	MOVL         $const_tanhFirst, R9
	VPBROADCASTD R9, V14
	VMOVUPS      const_kMagnitude(R8), V13
	VMOVUPS      const_kSign(R8), V12
	VMOVUPS      const_kTanhMax(R8), V11
	SINGLE(LONG_BODY, MAP_LAST, F_TANH_TABLE)
	RETURN

//go:build amd64 && !purego

#include "textflag.h"
#include "rows_avx2.h"

// Constants of exp.
DATA expf_log2e<>+0(SB)/4, $0x3fb8aa3b // 1/ln 2
GLOBL expf_log2e<>(SB), RODATA|NOPTR, $4
DATA expf_ln2hi<>+0(SB)/4, $0x3f318000 // ln 2, upper bits
GLOBL expf_ln2hi<>(SB), RODATA|NOPTR, $4
DATA expf_ln2lo<>+0(SB)/4, $0xb95e8083 // ln 2, the rest
GLOBL expf_ln2lo<>(SB), RODATA|NOPTR, $4
DATA expf_one<>+0(SB)/4, $0x3f800000 // 1
GLOBL expf_one<>(SB), RODATA|NOPTR, $4
DATA expf_least<>+0(SB)/4, $0xc2aeac4f // ln of the smallest normal number
GLOBL expf_least<>(SB), RODATA|NOPTR, $4
DATA expf_most<>+0(SB)/4, $0x42b20000 // exp(89) is infinite
GLOBL expf_most<>(SB), RODATA|NOPTR, $4
DATA expf_c2x8<>+0(SB)/8, $0x3efffffe3efffffe // polynomial
DATA expf_c2x8<>+8(SB)/8, $0x3efffffe3efffffe
DATA expf_c2x8<>+16(SB)/8, $0x3efffffe3efffffe
DATA expf_c2x8<>+24(SB)/8, $0x3efffffe3efffffe
GLOBL expf_c2x8<>(SB), RODATA|NOPTR, $32
DATA expf_c3x8<>+0(SB)/8, $0x3e2aaa493e2aaa49
DATA expf_c3x8<>+8(SB)/8, $0x3e2aaa493e2aaa49
DATA expf_c3x8<>+16(SB)/8, $0x3e2aaa493e2aaa49
DATA expf_c3x8<>+24(SB)/8, $0x3e2aaa493e2aaa49
GLOBL expf_c3x8<>(SB), RODATA|NOPTR, $32
DATA expf_c4x8<>+0(SB)/8, $0x3d2aac793d2aac79
DATA expf_c4x8<>+8(SB)/8, $0x3d2aac793d2aac79
DATA expf_c4x8<>+16(SB)/8, $0x3d2aac793d2aac79
DATA expf_c4x8<>+24(SB)/8, $0x3d2aac793d2aac79
GLOBL expf_c4x8<>(SB), RODATA|NOPTR, $32
DATA expf_c5x8<>+0(SB)/8, $0x3c091d103c091d10
DATA expf_c5x8<>+8(SB)/8, $0x3c091d103c091d10
DATA expf_c5x8<>+16(SB)/8, $0x3c091d103c091d10
DATA expf_c5x8<>+24(SB)/8, $0x3c091d103c091d10
GLOBL expf_c5x8<>(SB), RODATA|NOPTR, $32
DATA expf_c6x8<>+0(SB)/8, $0x3ab511e73ab511e7
DATA expf_c6x8<>+8(SB)/8, $0x3ab511e73ab511e7
DATA expf_c6x8<>+16(SB)/8, $0x3ab511e73ab511e7
DATA expf_c6x8<>+24(SB)/8, $0x3ab511e73ab511e7
GLOBL expf_c6x8<>(SB), RODATA|NOPTR, $32

#define ROWMAX(at, r) \
	VMOVUPS at(DI), Y4 \
	VMAXPS r, Y4, r

// func rowMaxAVX2(x []float32) float32
//
// Four running maxima. MAXPS returns its second source if one is NaN: the maximum so far.
TEXT ·rowMaxAVX2(SB), NOSPLIT, $0-28
	MOVQ x_base+0(FP), DI
	MOVQ x_len+8(FP), CX
	MOVL $0xFF800000, AX // -Inf
	VMOVD AX, X0
	VBROADCASTSS X0, Y0
	VMOVAPS Y0, Y1
	VMOVAPS Y0, Y2
	VMOVAPS Y0, Y3
	VMOVAPS Y0, Y5
	BEGIN

four:
	ROWMAX(0, Y0)
	ROWMAX(32, Y1)
	ROWMAX(64, Y2)
	ROWMAX(96, Y3)
	ADDQ $128, DI
	REPEAT
	REST

	VMASKMOVPS (DI), Y15, Y4
	VBLENDVPS Y15, Y4, Y5, Y4
	VMAXPS Y0, Y4, Y0
	ADDQ $32, DI
	LAST

	FOLDMAX
	VMOVSS X0, ret+24(FP)
	VZEROUPPER
	RET

#define EXPSUM(at, r) \
	VMOVUPS at(SI), Y11 \
	VSUBPS Y4, Y11, Y11 \
	VMINPS Y11, Y10, Y11 \
	VCMPPS $5, Y9, Y11, Y14 \
	VMULPS Y5, Y11, Y12 \
	VROUNDPS $8, Y12, Y12 \
	VFNMADD231PS Y6, Y12, Y11 \
	VFNMADD231PS Y7, Y12, Y11 \
	VMOVUPS expf_c6x8<>(SB), Y13 \
	VFMADD213PS expf_c5x8<>(SB), Y11, Y13 \
	VFMADD213PS expf_c4x8<>(SB), Y11, Y13 \
	VFMADD213PS expf_c3x8<>(SB), Y11, Y13 \
	VFMADD213PS expf_c2x8<>(SB), Y11, Y13 \
	VFMADD213PS Y8, Y11, Y13 \
	VFMADD213PS Y8, Y11, Y13 \
	VCVTPS2DQ Y12, Y12 \
	VPSRAD $1, Y12, Y11 \
	VPSUBD Y11, Y12, Y12 \
	VPSLLD $23, Y11, Y11 \
	VPSLLD $23, Y12, Y12 \
	VPADDD Y8, Y11, Y11 \
	VPADDD Y8, Y12, Y12 \
	VMULPS Y11, Y13, Y13 \
	VMULPS Y12, Y13, Y13 \
	VANDPS Y14, Y13, Y13 \
	VMOVUPS Y13, at(DI) \
	VADDPS Y13, r, r

// func expSumAVX2(dst []float32, x []float32, shift float32) float32
//
// exp(t) = 2^n exp(r), n = round(t/ln 2), r = t - n ln 2 in two steps, exp(r) by a polynomial of degree 6.
TEXT ·expSumAVX2(SB), NOSPLIT, $0-60
	MOVQ dst_base+0(FP), DI
	MOVQ x_base+24(FP), SI
	MOVQ x_len+32(FP), CX
	VBROADCASTSS shift+48(FP), Y4
	VXORPS X0, X0, X0
	VXORPS X1, X1, X1
	VXORPS X2, X2, X2
	VXORPS X3, X3, X3
	VBROADCASTSS expf_log2e<>(SB), Y5
	VBROADCASTSS expf_ln2hi<>(SB), Y6
	VBROADCASTSS expf_ln2lo<>(SB), Y7
	VBROADCASTSS expf_one<>(SB), Y8
	VBROADCASTSS expf_least<>(SB), Y9
	VBROADCASTSS expf_most<>(SB), Y10
	BEGIN

four:
	EXPSUM(0, Y0)
	EXPSUM(32, Y1)
	EXPSUM(64, Y2)
	EXPSUM(96, Y3)
	ADDQ $128, DI
	ADDQ $128, SI
	REPEAT
	REST

	VMASKMOVPS (SI), Y15, Y11
	VSUBPS Y4, Y11, Y11
	VMINPS Y11, Y10, Y11
	VCMPPS $5, Y9, Y11, Y14
	VANDPS Y15, Y14, Y14
	VMULPS Y5, Y11, Y12
	VROUNDPS $8, Y12, Y12
	VFNMADD231PS Y6, Y12, Y11
	VFNMADD231PS Y7, Y12, Y11
	VMOVUPS expf_c6x8<>(SB), Y13
	VFMADD213PS expf_c5x8<>(SB), Y11, Y13
	VFMADD213PS expf_c4x8<>(SB), Y11, Y13
	VFMADD213PS expf_c3x8<>(SB), Y11, Y13
	VFMADD213PS expf_c2x8<>(SB), Y11, Y13
	VFMADD213PS Y8, Y11, Y13
	VFMADD213PS Y8, Y11, Y13
	VCVTPS2DQ Y12, Y12
	VPSRAD $1, Y12, Y11
	VPSUBD Y11, Y12, Y12
	VPSLLD $23, Y11, Y11
	VPSLLD $23, Y12, Y12
	VPADDD Y8, Y11, Y11
	VPADDD Y8, Y12, Y12
	VMULPS Y11, Y13, Y13
	VMULPS Y12, Y13, Y13
	VANDPS Y14, Y13, Y13
	VMASKMOVPS Y13, Y15, (DI)
	VADDPS Y13, Y0, Y0
	ADDQ $32, DI
	ADDQ $32, SI
	LAST

	FOLD
	VMOVSS X0, ret+56(FP)
	VZEROUPPER
	RET

#define ROWSUM(at, r) \
	VADDPS at(DI), r, r

// func rowSumAVX2(x []float32) float32
TEXT ·rowSumAVX2(SB), NOSPLIT, $0-28
	MOVQ x_base+0(FP), DI
	MOVQ x_len+8(FP), CX
	VXORPS X0, X0, X0
	VXORPS X1, X1, X1
	VXORPS X2, X2, X2
	VXORPS X3, X3, X3
	BEGIN

four:
	ROWSUM(0, Y0)
	ROWSUM(32, Y1)
	ROWSUM(64, Y2)
	ROWSUM(96, Y3)
	ADDQ $128, DI
	REPEAT
	REST

	VMASKMOVPS (DI), Y15, Y4
	VADDPS Y4, Y0, Y0
	ADDQ $32, DI
	LAST

	FOLD
	VMOVSS X0, ret+24(FP)
	VZEROUPPER
	RET

#define ROWSCALE(at, r) \
	VMULPS at(SI), Y0, r \
	VMOVUPS r, at(DI)

// func rowScaleAVX2(dst []float32, x []float32, a float32)
TEXT ·rowScaleAVX2(SB), NOSPLIT, $0-52
	MOVQ dst_base+0(FP), DI
	MOVQ x_base+24(FP), SI
	MOVQ x_len+32(FP), CX
	VBROADCASTSS a+48(FP), Y0
	BEGIN

four:
	ROWSCALE(0, Y1)
	ROWSCALE(32, Y2)
	ROWSCALE(64, Y3)
	ROWSCALE(96, Y4)
	ADDQ $128, DI
	ADDQ $128, SI
	REPEAT
	REST

	VMASKMOVPS (SI), Y15, Y1
	VMULPS Y0, Y1, Y1
	VMASKMOVPS Y1, Y15, (DI)
	ADDQ $32, DI
	ADDQ $32, SI
	LAST

	VZEROUPPER
	RET

#define SOFTMAXGRAD(at) \
	VMOVUPS at(DX), Y1 \
	VMOVUPS at(SI), Y2 \
	VMOVUPS at(DI), Y3 \
	VSUBPS Y0, Y1, Y1 \
	VFMADD231PS Y2, Y1, Y3 \
	VMOVUPS Y3, at(DI)

// func softmaxGradAVX2(dx []float32, y []float32, dy []float32, c float32)
TEXT ·softmaxGradAVX2(SB), NOSPLIT, $0-76
	MOVQ dx_base+0(FP), DI
	MOVQ y_base+24(FP), SI
	MOVQ dy_base+48(FP), DX
	MOVQ dx_len+8(FP), CX
	VBROADCASTSS c+72(FP), Y0
	BEGIN

four:
	SOFTMAXGRAD(0)
	SOFTMAXGRAD(32)
	SOFTMAXGRAD(64)
	SOFTMAXGRAD(96)
	ADDQ $128, DI
	ADDQ $128, SI
	ADDQ $128, DX
	REPEAT
	REST

	VMASKMOVPS (DX), Y15, Y1
	VMASKMOVPS (SI), Y15, Y2
	VMASKMOVPS (DI), Y15, Y3
	VSUBPS Y0, Y1, Y1
	VFMADD231PS Y2, Y1, Y3
	VMASKMOVPS Y3, Y15, (DI)
	ADDQ $32, DI
	ADDQ $32, SI
	ADDQ $32, DX
	LAST

	VZEROUPPER
	RET

#define ROWDOT(at, r, s) \
	VMOVUPS at(DI), r \
	VFMADD231PS at(SI), r, s

// func rowDotAVX2(x []float32, y []float32) float32
TEXT ·rowDotAVX2(SB), NOSPLIT, $0-52
	MOVQ x_base+0(FP), DI
	MOVQ y_base+24(FP), SI
	MOVQ x_len+8(FP), CX
	VXORPS X0, X0, X0
	VXORPS X1, X1, X1
	VXORPS X2, X2, X2
	VXORPS X3, X3, X3
	BEGIN

four:
	ROWDOT(0, Y4, Y0)
	ROWDOT(32, Y5, Y1)
	ROWDOT(64, Y6, Y2)
	ROWDOT(96, Y7, Y3)
	ADDQ $128, DI
	ADDQ $128, SI
	REPEAT
	REST

	VMASKMOVPS (DI), Y15, Y4
	VMASKMOVPS (SI), Y15, Y5
	VFMADD231PS Y5, Y4, Y0
	ADDQ $32, DI
	ADDQ $32, SI
	LAST

	FOLD
	VMOVSS X0, ret+48(FP)
	VZEROUPPER
	RET

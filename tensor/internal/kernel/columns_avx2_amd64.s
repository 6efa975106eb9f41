//go:build amd64 && !purego

#include "textflag.h"

#define EIGHT(name, bits) \
	DATA name<>+0(SB)/4, bits \
	DATA name<>+4(SB)/4, bits \
	DATA name<>+8(SB)/4, bits \
	DATA name<>+12(SB)/4, bits \
	DATA name<>+16(SB)/4, bits \
	DATA name<>+20(SB)/4, bits \
	DATA name<>+24(SB)/4, bits \
	DATA name<>+28(SB)/4, bits \
	GLOBL name<>(SB), RODATA|NOPTR, $32

EIGHT(colexp_log2e, $0x3fb8aa3b) // 1/ln 2
EIGHT(colexp_ln2hi, $0x3f318000) // ln 2, upper bits
EIGHT(colexp_ln2lo, $0xb95e8083) // ln 2, the rest
EIGHT(colexp_one, $0x3f800000)   // 1
EIGHT(colexp_least, $0xc2aeac4f) // ln of the smallest normal number
EIGHT(colexp_most, $0x42b20000)  // exp(89) is infinite
EIGHT(colexp_c2, $0x3efffffe)    // polynomial
EIGHT(colexp_c3, $0x3e2aaa49)
EIGHT(colexp_c4, $0x3d2aac79)
EIGHT(colexp_c5, $0x3c091d10)
EIGHT(colexp_c6, $0x3ab511e7)
EIGHT(col_normal, $0x00800000)   // the smallest normal number
EIGHT(col_abs, $0x7fffffff)      // all bits but the sign

// MAXPS returns its second source if one is NaN, the maximum so far; so a NaN stays, and a new one
// sets all bits.
#define MAXCOL(at, r) \
	VMOVUPS at, Y4 \
	VMAXPS r, Y4, r \
	VCMPPS $3, Y4, Y4, Y4 \
	VORPS Y4, r, r

#define FOLDCOL(s) \
	VCMPPS $3, s, s, Y4 \
	VMAXPS Y0, s, Y0 \
	VORPS Y4, Y0, Y0

// func maxColumns8(m, x *float32, rows, stride, blocks int)
//
// Four rows at a time, in a maximum each.
TEXT ·maxColumns8(SB), NOSPLIT, $0-40
	MOVQ m+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ stride+24(FP), R8
	MOVQ blocks+32(FP), R9
	LEAQ (R8)(R8*2), R10

block:
	VMOVUPS (DI), Y0
	VMOVAPS Y0, Y1
	VMOVAPS Y0, Y2
	VMOVAPS Y0, Y3
	MOVQ SI, BX
	MOVQ rows+16(FP), CX
	SUBQ $4, CX
	JLT  few
four:
	MAXCOL((BX), Y0)
	MAXCOL((BX)(R8*1), Y1)
	MAXCOL((BX)(R8*2), Y2)
	MAXCOL((BX)(R10*1), Y3)
	LEAQ (BX)(R8*4), BX
	SUBQ $4, CX
	JGE  four
few:
	ADDQ $4, CX
	JZ   fold
single:
	MAXCOL((BX), Y0)
	ADDQ R8, BX
	DECQ CX
	JNZ  single
fold:
	FOLDCOL(Y1)
	FOLDCOL(Y2)
	FOLDCOL(Y3)
	VMOVUPS Y0, (DI)
	ADDQ $32, DI
	ADDQ $32, SI
	DECQ R9
	JNZ  block
	VZEROUPPER
	RET

// func expColumns8(x, shift, sum *float32, rows, stride, blocks int)
//
// exp(t) = 2^n exp(r), n = round(t/ln 2), r = t - n ln 2 in two steps, exp(r) by a polynomial of
// degree 6. 2^n is applied in two halves, for n may be 128.
TEXT ·expColumns8(SB), NOSPLIT, $0-48
	MOVQ x+0(FP), DI
	MOVQ shift+8(FP), SI
	MOVQ sum+16(FP), DX
	MOVQ stride+32(FP), R8
	MOVQ blocks+40(FP), R9
	VMOVUPS colexp_log2e<>(SB), Y5
	VMOVUPS colexp_ln2hi<>(SB), Y6
	VMOVUPS colexp_ln2lo<>(SB), Y7
	VMOVUPS colexp_one<>(SB), Y8
	VMOVUPS colexp_least<>(SB), Y9
	VMOVUPS colexp_most<>(SB), Y10
	VMOVUPS colexp_c6<>(SB), Y1
	VMOVUPS colexp_c5<>(SB), Y2
	VMOVUPS colexp_c4<>(SB), Y3
	VMOVUPS colexp_c3<>(SB), Y15

block:
	VMOVUPS (SI), Y4
	VMOVUPS (DX), Y0
	MOVQ DI, BX
	MOVQ rows+24(FP), CX
row:
	VMOVUPS (BX), Y11
	VSUBPS Y4, Y11, Y11
	VMINPS Y11, Y10, Y11
	VCMPPS $5, Y9, Y11, Y14
	VMULPS Y5, Y11, Y12
	VROUNDPS $8, Y12, Y12
	VFNMADD231PS Y6, Y12, Y11
	VFNMADD231PS Y7, Y12, Y11
	VMOVAPS Y1, Y13
	VFMADD213PS Y2, Y11, Y13
	VFMADD213PS Y3, Y11, Y13
	VFMADD213PS Y15, Y11, Y13
	VFMADD213PS colexp_c2<>(SB), Y11, Y13
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
	VMOVUPS Y13, (BX)
	VADDPS Y13, Y0, Y0
	ADDQ R8, BX
	DECQ CX
	JNZ  row
	VMOVUPS Y0, (DX)
	ADDQ $32, DI
	ADDQ $32, SI
	ADDQ $32, DX
	DECQ R9
	JNZ  block
	VZEROUPPER
	RET

// func softmaxGradColumns8(dx, y, c *float32, rows, stride, blocks int) bool
TEXT ·softmaxGradColumns8(SB), NOSPLIT, $0-49
	MOVQ dx+0(FP), DI
	MOVQ y+8(FP), SI
	MOVQ c+16(FP), DX
	MOVQ stride+32(FP), R8
	MOVQ blocks+40(FP), R9
	VMOVUPS col_normal<>(SB), Y14
	VMOVUPS col_abs<>(SB), Y15
	VXORPS Y2, Y2, Y2

block:
	VMOVUPS (DX), Y4
	MOVQ DI, BX
	MOVQ SI, AX
	MOVQ rows+24(FP), CX
row:
	VMOVUPS (BX), Y0
	VSUBPS Y4, Y0, Y0
	VMULPS (AX), Y0, Y0
	VANDPS Y15, Y0, Y1
	VCMPPS $5, Y14, Y1, Y1
	VORPS Y1, Y2, Y2
	VANDPS Y1, Y0, Y0
	VMOVUPS Y0, (BX)
	ADDQ R8, BX
	ADDQ R8, AX
	DECQ CX
	JNZ  row
	ADDQ $32, DI
	ADDQ $32, SI
	ADDQ $32, DX
	DECQ R9
	JNZ  block
	VMOVMSKPS Y2, AX
	TESTL AX, AX
	SETNE ret+48(FP)
	VZEROUPPER
	RET

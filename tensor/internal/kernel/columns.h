// The kernels of Columns, for the vector length that the including file describes.

// MAXPS returns its second source if one is NaN, the maximum so far; so a NaN stays, and NANS
// puts a new
// one in its place.
#define MAXCOL(at, r) \
	VMOVUPS at, V4 \
	VMAXPS r, V4, r \
	NANS(V4, r)

#define FOLDCOL(s) \
	VMOVAPS s, V4 \
	VMAXPS V0, V4, V0 \
	NANS(V4, V0)

// func maxColumnsVector(m, x *float32, rows, stride, blocks int)
//
// Four rows at a time, in a maximum each.
TEXT maxColumnsVector(SB), NOSPLIT, $0-40
	MOVQ m+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ stride+24(FP), R8
	MOVQ blocks+32(FP), R9
	LEAQ (R8)(R8*2), R10

block:
	VMOVUPS (DI), V0
	VMOVAPS V0, V1
	VMOVAPS V0, V2
	VMOVAPS V0, V3
	MOVQ SI, BX
	MOVQ rows+16(FP), CX
	SUBQ $4, CX
	JLT  few
four:
	MAXCOL((BX), V0)
	MAXCOL((BX)(R8*1), V1)
	MAXCOL((BX)(R8*2), V2)
	MAXCOL((BX)(R10*1), V3)
	LEAQ (BX)(R8*4), BX
	SUBQ $4, CX
	JGE  four
few:
	ADDQ $4, CX
	JZ   fold
single:
	MAXCOL((BX), V0)
	ADDQ R8, BX
	DECQ CX
	JNZ  single
fold:
	FOLDCOL(V1)
	FOLDCOL(V2)
	FOLDCOL(V3)
	VMOVUPS V0, (DI)
	ADDQ $VB, DI
	ADDQ $VB, SI
	DECQ R9
	JNZ  block
	VZEROUPPER
	RET

// func expColumnsVector(x, shift, sum *float32, rows, stride, blocks int)
TEXT expColumnsVector(SB), NOSPLIT, $0-48
	MOVQ x+0(FP), DI
	MOVQ shift+8(FP), SI
	MOVQ sum+16(FP), DX
	MOVQ stride+32(FP), R8
	MOVQ blocks+40(FP), R9
	EXP_SHIFTED_CONSTANTS
	EXP_COEFFICIENTS

block:
	VMOVUPS (SI), V4
	VMOVUPS (DX), V0
	MOVQ DI, BX
	MOVQ rows+24(FP), CX
row:
	VMOVUPS (BX), V11
	EXP_SHIFTED
	VMOVUPS V13, (BX)
	VADDPS V13, V0, V0
	ADDQ R8, BX
	DECQ CX
	JNZ  row
	VMOVUPS V0, (DX)
	ADDQ $VB, DI
	ADDQ $VB, SI
	ADDQ $VB, DX
	DECQ R9
	JNZ  block
	VZEROUPPER
	RET

// func softmaxGradColumnsVector(dx, y, c *float32, rows, stride, blocks int) bool
TEXT softmaxGradColumnsVector(SB), NOSPLIT, $0-49
	MOVQ dx+0(FP), DI
	MOVQ y+8(FP), SI
	MOVQ c+16(FP), DX
	MOVQ stride+32(FP), R8
	MOVQ blocks+40(FP), R9
	NORMAL_CONSTANTS

block:
	VMOVUPS (DX), V4
	MOVQ DI, BX
	MOVQ SI, AX
	MOVQ rows+24(FP), CX
row:
	VMOVUPS (BX), V0
	VSUBPS V4, V0, V0
	VMULPS (AX), V0, V0
	NORMAL_OR_0
	VMOVUPS V0, (BX)
	ADDQ R8, BX
	ADDQ R8, AX
	DECQ CX
	JNZ  row
	ADDQ $VB, DI
	ADDQ $VB, SI
	ADDQ $VB, DX
	DECQ R9
	JNZ  block
	ANY_NORMAL
	TESTL AX, AX
	SETNE ret+48(FP)
	VZEROUPPER
	RET

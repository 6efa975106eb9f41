//go:build amd64 && !purego

#include "textflag.h"

// Constants of exp.
DATA colexp_log2e<>+0(SB)/4, $0x3fb8aa3b // 1/ln 2
GLOBL colexp_log2e<>(SB), RODATA|NOPTR, $4
DATA colexp_ln2hi<>+0(SB)/4, $0x3f318000 // ln 2, upper bits
GLOBL colexp_ln2hi<>(SB), RODATA|NOPTR, $4
DATA colexp_ln2lo<>+0(SB)/4, $0xb95e8083 // ln 2, the rest
GLOBL colexp_ln2lo<>(SB), RODATA|NOPTR, $4
DATA colexp_one<>+0(SB)/4, $0x3f800000 // 1
GLOBL colexp_one<>(SB), RODATA|NOPTR, $4
DATA colexp_least<>+0(SB)/4, $0xc2aeac4f // ln of the smallest normal number
GLOBL colexp_least<>(SB), RODATA|NOPTR, $4
DATA colexp_most<>+0(SB)/4, $0x42b20000 // exp(89) is infinite
GLOBL colexp_most<>(SB), RODATA|NOPTR, $4
DATA colexp_c2<>+0(SB)/4, $0x3efffffe // polynomial
GLOBL colexp_c2<>(SB), RODATA|NOPTR, $4
DATA colexp_c3<>+0(SB)/4, $0x3e2aaa49
GLOBL colexp_c3<>(SB), RODATA|NOPTR, $4
DATA colexp_c4<>+0(SB)/4, $0x3d2aac79
GLOBL colexp_c4<>(SB), RODATA|NOPTR, $4
DATA colexp_c5<>+0(SB)/4, $0x3c091d10
GLOBL colexp_c5<>(SB), RODATA|NOPTR, $4
DATA colexp_c6<>+0(SB)/4, $0x3ab511e7
GLOBL colexp_c6<>(SB), RODATA|NOPTR, $4
DATA col_normal<>+0(SB)/4, $0x00800000 // the smallest normal number
GLOBL col_normal<>(SB), RODATA|NOPTR, $4
DATA col_abs<>+0(SB)/4, $0x7fffffff // all bits but the sign
GLOBL col_abs<>(SB), RODATA|NOPTR, $4

// MAXPS returns its second source if one is NaN, the maximum so far; so a NaN stays, and a new one
// is put there.
#define MAXCOL(at, r, k) \
	VMOVUPS at, Z4 \
	VMAXPS r, Z4, r \
	VCMPPS $3, Z4, Z4, k \
	VMOVAPS Z4, k, r

// func maxColumns16(m, x *float32, rows, stride, blocks int)
//
// Four rows at a time, in a maximum each.
TEXT ·maxColumns16(SB), NOSPLIT, $0-40
	MOVQ m+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ stride+24(FP), R8
	MOVQ blocks+32(FP), R9
	LEAQ (R8)(R8*2), R10

block:
	VMOVUPS (DI), Z0
	VMOVAPS Z0, Z1
	VMOVAPS Z0, Z2
	VMOVAPS Z0, Z3
	MOVQ SI, BX
	MOVQ rows+16(FP), CX
	SUBQ $4, CX
	JLT  few
four:
	MAXCOL((BX), Z0, K1)
	MAXCOL((BX)(R8*1), Z1, K2)
	MAXCOL((BX)(R8*2), Z2, K3)
	MAXCOL((BX)(R10*1), Z3, K4)
	LEAQ (BX)(R8*4), BX
	SUBQ $4, CX
	JGE  four
few:
	ADDQ $4, CX
	JZ   fold
single:
	MAXCOL((BX), Z0, K1)
	ADDQ R8, BX
	DECQ CX
	JNZ  single
fold:
	VMOVAPS Z1, Z4
	VMAXPS Z0, Z4, Z0
	VCMPPS $3, Z4, Z4, K1
	VMOVAPS Z4, K1, Z0
	VMOVAPS Z2, Z4
	VMAXPS Z0, Z4, Z0
	VCMPPS $3, Z4, Z4, K1
	VMOVAPS Z4, K1, Z0
	VMOVAPS Z3, Z4
	VMAXPS Z0, Z4, Z0
	VCMPPS $3, Z4, Z4, K1
	VMOVAPS Z4, K1, Z0
	VMOVUPS Z0, (DI)
	ADDQ $64, DI
	ADDQ $64, SI
	DECQ R9
	JNZ  block
	VZEROUPPER
	RET

// func expColumns16(x, shift, sum *float32, rows, stride, blocks int)
//
// exp(t) = 2^n exp(r), n = round(t/ln 2), r = t - n ln 2 in two steps, exp(r) by a polynomial of
// degree 6.
TEXT ·expColumns16(SB), NOSPLIT, $0-48
	MOVQ x+0(FP), DI
	MOVQ shift+8(FP), SI
	MOVQ sum+16(FP), DX
	MOVQ stride+32(FP), R8
	MOVQ blocks+40(FP), R9
	VBROADCASTSS colexp_log2e<>(SB), Z5
	VBROADCASTSS colexp_ln2hi<>(SB), Z6
	VBROADCASTSS colexp_ln2lo<>(SB), Z7
	VBROADCASTSS colexp_c6<>(SB), Z8
	VBROADCASTSS colexp_c5<>(SB), Z9
	VBROADCASTSS colexp_c4<>(SB), Z10
	VBROADCASTSS colexp_c3<>(SB), Z11
	VBROADCASTSS colexp_c2<>(SB), Z12
	VBROADCASTSS colexp_one<>(SB), Z13
	VBROADCASTSS colexp_least<>(SB), Z14
	VBROADCASTSS colexp_most<>(SB), Z15

block:
	VMOVUPS (SI), Z4
	VMOVUPS (DX), Z0
	MOVQ DI, BX
	MOVQ rows+24(FP), CX
row:
	VMOVUPS (BX), Z16
	VSUBPS Z4, Z16, Z16
	VMINPS Z16, Z15, Z16
	VCMPPS $5, Z14, Z16, K2
	VMULPS Z5, Z16, Z17
	VRNDSCALEPS $8, Z17, Z17
	VFNMADD231PS Z6, Z17, Z16
	VFNMADD231PS Z7, Z17, Z16
	VMOVAPS Z8, Z18
	VFMADD213PS Z9, Z16, Z18
	VFMADD213PS Z10, Z16, Z18
	VFMADD213PS Z11, Z16, Z18
	VFMADD213PS Z12, Z16, Z18
	VFMADD213PS Z13, Z16, Z18
	VFMADD213PS Z13, Z16, Z18
	VSCALEFPS.Z Z17, Z18, K2, Z18
	VMOVUPS Z18, (BX)
	VADDPS Z18, Z0, Z0
	ADDQ R8, BX
	DECQ CX
	JNZ  row
	VMOVUPS Z0, (DX)
	ADDQ $64, DI
	ADDQ $64, SI
	ADDQ $64, DX
	DECQ R9
	JNZ  block
	VZEROUPPER
	RET

// func softmaxGradColumns16(dx, y, c *float32, rows, stride, blocks int) bool
TEXT ·softmaxGradColumns16(SB), NOSPLIT, $0-49
	MOVQ dx+0(FP), DI
	MOVQ y+8(FP), SI
	MOVQ c+16(FP), DX
	MOVQ stride+32(FP), R8
	MOVQ blocks+40(FP), R9
	VBROADCASTSS col_normal<>(SB), Z14
	VBROADCASTSS col_abs<>(SB), Z15
	KXORW K2, K2, K2

block:
	VMOVUPS (DX), Z4
	MOVQ DI, BX
	MOVQ SI, AX
	MOVQ rows+24(FP), CX
row:
	VMOVUPS (BX), Z0
	VSUBPS Z4, Z0, Z0
	VMULPS (AX), Z0, Z0
	VPANDD Z15, Z0, Z1
	VCMPPS $5, Z14, Z1, K1
	KORW K1, K2, K2
	VMOVAPS.Z Z0, K1, Z0
	VMOVUPS Z0, (BX)
	ADDQ R8, BX
	ADDQ R8, AX
	DECQ CX
	JNZ  row
	ADDQ $64, DI
	ADDQ $64, SI
	ADDQ $64, DX
	DECQ R9
	JNZ  block
	KMOVW K2, AX
	TESTL AX, AX
	SETNE ret+48(FP)
	VZEROUPPER
	RET

//go:build amd64 && !purego

#include "textflag.h"

// func copyBytes(dst unsafe.Pointer, ld int, src unsafe.Pointer, stride, width, rows int)
TEXT ·copyBytes(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ ld+8(FP), R8
	MOVQ src+16(FP), SI
	MOVQ stride+24(FP), R9
	MOVQ width+32(FP), DX
	MOVQ rows+40(FP), CX
	CMPQ DX, $64
	JGT  zmm
	CMPQ DX, $32
	JGE  ymm
	CMPQ DX, $16
	JGE  xmm

loop8:
	MOVQ (SI), AX
	MOVQ -8(SI)(DX*1), BX
	MOVQ AX, (DI)
	MOVQ BX, -8(DI)(DX*1)
	ADDQ R9, SI
	ADDQ R8, DI
	DECQ CX
	JNZ  loop8
	RET

xmm:
	VMOVUPS (SI), X0
	VMOVUPS -16(SI)(DX*1), X1
	VMOVUPS X0, (DI)
	VMOVUPS X1, -16(DI)(DX*1)
	ADDQ    R9, SI
	ADDQ    R8, DI
	DECQ    CX
	JNZ     xmm
	RET

ymm:
	VMOVUPS (SI), Y0
	VMOVUPS -32(SI)(DX*1), Y1
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, -32(DI)(DX*1)
	ADDQ    R9, SI
	ADDQ    R8, DI
	DECQ    CX
	JNZ     ymm
	VZEROUPPER
	RET

zmm:
	VMOVUPS (SI), Z0
	VMOVUPS -64(SI)(DX*1), Z1
	VMOVUPS Z0, (DI)
	VMOVUPS Z1, -64(DI)(DX*1)
	ADDQ    R9, SI
	ADDQ    R8, DI
	DECQ    CX
	JNZ     zmm
	VZEROUPPER
	RET

// func interleave4x32(dst *float32, ld int, src *float32, stride, blocks int)
//
// With rows a, b, c, d: unpacking (a, b) and (c, d) and then pairs of elements leaves columns 0 and 4, 1 and 5, 2 and 6, 3 and 7 in one register each.
TEXT ·interleave4x32(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ ld+8(FP), R8
	MOVQ src+16(FP), SI
	MOVQ stride+24(FP), R9
	MOVQ blocks+32(FP), CX
	SHLQ $2, R8
	SHLQ $2, R9
	LEAQ (R8)(R8*2), R10
	LEAQ (R9)(R9*2), R11

loop32:
	VMOVUPS    (SI), Y0
	VMOVUPS    (SI)(R9*1), Y1
	VMOVUPS    (SI)(R9*2), Y2
	VMOVUPS    (SI)(R11*1), Y3
	VUNPCKLPS  Y1, Y0, Y4
	VUNPCKHPS  Y1, Y0, Y5
	VUNPCKLPS  Y3, Y2, Y6
	VUNPCKHPS  Y3, Y2, Y7
	VUNPCKLPD  Y6, Y4, Y0
	VUNPCKHPD  Y6, Y4, Y1
	VUNPCKLPD  Y7, Y5, Y2
	VUNPCKHPD  Y7, Y5, Y3
	LEAQ       (DI)(R8*4), DX
	VMOVUPS    X0, (DI)
	VMOVUPS    X1, (DI)(R8*1)
	VMOVUPS    X2, (DI)(R8*2)
	VMOVUPS    X3, (DI)(R10*1)
	VEXTRACTF128 $1, Y0, (DX)
	VEXTRACTF128 $1, Y1, (DX)(R8*1)
	VEXTRACTF128 $1, Y2, (DX)(R8*2)
	VEXTRACTF128 $1, Y3, (DX)(R10*1)
	LEAQ       (DI)(R8*8), DI
	ADDQ       $32, SI
	DECQ       CX
	JNZ        loop32
	VZEROUPPER
	RET

// func interleave4x64(dst *float64, ld int, src *float64, stride, blocks int)
TEXT ·interleave4x64(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ ld+8(FP), R8
	MOVQ src+16(FP), SI
	MOVQ stride+24(FP), R9
	MOVQ blocks+32(FP), CX
	SHLQ $3, R8
	SHLQ $3, R9
	LEAQ (R8)(R8*2), R10
	LEAQ (R9)(R9*2), R11

loop64:
	VMOVUPD    (SI), Y0
	VMOVUPD    (SI)(R9*1), Y1
	VMOVUPD    (SI)(R9*2), Y2
	VMOVUPD    (SI)(R11*1), Y3
	VUNPCKLPD  Y1, Y0, Y4
	VUNPCKHPD  Y1, Y0, Y5
	VUNPCKLPD  Y3, Y2, Y6
	VUNPCKHPD  Y3, Y2, Y7
	VPERM2F128 $0x20, Y6, Y4, Y0
	VPERM2F128 $0x20, Y7, Y5, Y1
	VPERM2F128 $0x31, Y6, Y4, Y2
	VPERM2F128 $0x31, Y7, Y5, Y3
	VMOVUPD    Y0, (DI)
	VMOVUPD    Y1, (DI)(R8*1)
	VMOVUPD    Y2, (DI)(R8*2)
	VMOVUPD    Y3, (DI)(R10*1)
	LEAQ       (DI)(R8*4), DI
	ADDQ       $32, SI
	DECQ       CX
	JNZ        loop64
	VZEROUPPER
	RET

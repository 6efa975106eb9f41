//go:build amd64 && !purego

#include "textflag.h"

// func copyPanelBytes(dst unsafe.Pointer, panel, ld int, src unsafe.Pointer,
//	stride, width, panels, rows int)
//
// DI and SI are the current row, R10 and R11 the panel in it.
TEXT ·copyPanelBytes(SB), NOSPLIT, $0-64
	MOVQ dst+0(FP), DI
	MOVQ panel+8(FP), R12
	MOVQ ld+16(FP), R8
	MOVQ src+24(FP), SI
	MOVQ stride+32(FP), R9
	MOVQ width+40(FP), DX
	MOVQ panels+48(FP), R13
	MOVQ rows+56(FP), CX
	CMPQ DX, $64
	JGT  zmmRow
	CMPQ DX, $32
	JGE  ymmRow
	CMPQ DX, $16
	JGE  xmmRow

wordRow:
	MOVQ DI, R10
	MOVQ SI, R11
	MOVQ R13, R15
word:
	MOVQ (R11), AX
	MOVQ -8(R11)(DX*1), BX
	MOVQ AX, (R10)
	MOVQ BX, -8(R10)(DX*1)
	ADDQ DX, R11
	ADDQ R12, R10
	DECQ R15
	JNZ  word
	ADDQ R9, SI
	ADDQ R8, DI
	DECQ CX
	JNZ  wordRow
	RET

xmmRow:
	MOVQ DI, R10
	MOVQ SI, R11
	MOVQ R13, R15
xmm:
	VMOVUPS (R11), X0
	VMOVUPS -16(R11)(DX*1), X1
	VMOVUPS X0, (R10)
	VMOVUPS X1, -16(R10)(DX*1)
	ADDQ DX, R11
	ADDQ R12, R10
	DECQ R15
	JNZ  xmm
	ADDQ R9, SI
	ADDQ R8, DI
	DECQ CX
	JNZ  xmmRow
	RET

ymmRow:
	MOVQ DI, R10
	MOVQ SI, R11
	MOVQ R13, R15
ymm:
	VMOVUPS (R11), Y0
	VMOVUPS -32(R11)(DX*1), Y1
	VMOVUPS Y0, (R10)
	VMOVUPS Y1, -32(R10)(DX*1)
	ADDQ DX, R11
	ADDQ R12, R10
	DECQ R15
	JNZ  ymm
	ADDQ R9, SI
	ADDQ R8, DI
	DECQ CX
	JNZ  ymmRow
	VZEROUPPER
	RET

zmmRow:
	MOVQ DI, R10
	MOVQ SI, R11
	MOVQ R13, R15
zmm:
	VMOVUPS (R11), Z0
	VMOVUPS -64(R11)(DX*1), Z1
	VMOVUPS Z0, (R10)
	VMOVUPS Z1, -64(R10)(DX*1)
	ADDQ DX, R11
	ADDQ R12, R10
	DECQ R15
	JNZ  zmm
	ADDQ R9, SI
	ADDQ R8, DI
	DECQ CX
	JNZ  zmmRow
	VZEROUPPER
	RET

// func interleave4x32(dst *float32, ld int, src *float32, stride, blocks int)
//
// With rows a, b, c, d: unpacking (a, b) and (c, d) and then pairs of elements leaves columns 0 and
// 4, 1 and 5, 2 and 6, 3 and 7 in one register each.
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

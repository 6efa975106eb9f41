//go:build amd64 && !purego

#include "textflag.h"
#include "rows_avx2.h"

#define NORMGRAD(at, r, s, t) \
	VMOVUPS at(DX), r \
	VMOVUPS at(SI), s \
	VSUBPS Y0, r, r \
	VFMADD213PS Y3, Y2, r \
	VFMADD231PS s, Y1, r \
	VMOVUPS at(DI), t \
	VADDPS r, t, t \
	VMOVUPS t, at(DI)

// func normGradAVX2(dx []float32, dy []float32, x []float32, mean float32, a float32, b float32, c float32)
TEXT ·normGradAVX2(SB), NOSPLIT, $0-88
	MOVQ dx_base+0(FP), DI
	MOVQ dy_base+24(FP), SI
	MOVQ x_base+48(FP), DX
	MOVQ dx_len+8(FP), CX
	VBROADCASTSS mean+72(FP), Y0
	VBROADCASTSS a+76(FP), Y1
	VBROADCASTSS b+80(FP), Y2
	VBROADCASTSS c+84(FP), Y3
	BEGIN

four:
	NORMGRAD(0, Y4, Y5, Y6)
	NORMGRAD(32, Y7, Y8, Y9)
	NORMGRAD(64, Y4, Y5, Y6)
	NORMGRAD(96, Y7, Y8, Y9)
	ADDQ $128, DI
	ADDQ $128, SI
	ADDQ $128, DX
	REPEAT
	REST

	VMASKMOVPS (DX), Y15, Y4
	VMASKMOVPS (SI), Y15, Y5
	VSUBPS Y0, Y4, Y4
	VFMADD213PS Y3, Y2, Y4
	VFMADD231PS Y5, Y1, Y4
	VMASKMOVPS (DI), Y15, Y6
	VADDPS Y4, Y6, Y6
	VMASKMOVPS Y6, Y15, (DI)
	ADDQ $32, DI
	ADDQ $32, SI
	ADDQ $32, DX
	LAST

	VZEROUPPER
	RET

#define NORMGRADAFFINE(at, r, s, t) \
	VMOVUPS at(DX), r \
	VMOVUPS at(SI), s \
	VMOVUPS at(BX), t \
	VMULPS t, s, s \
	VSUBPS Y0, r, r \
	VFMADD213PS Y3, Y2, r \
	VFMADD231PS s, Y1, r \
	VMOVUPS at(DI), t \
	VADDPS r, t, t \
	VMOVUPS t, at(DI)

// func normGradAffineAVX2(dx []float32, dy []float32, x []float32, w []float32, mean float32, a float32, b float32, c float32)
TEXT ·normGradAffineAVX2(SB), NOSPLIT, $0-112
	MOVQ dx_base+0(FP), DI
	MOVQ dy_base+24(FP), SI
	MOVQ x_base+48(FP), DX
	MOVQ w_base+72(FP), BX
	MOVQ dx_len+8(FP), CX
	VBROADCASTSS mean+96(FP), Y0
	VBROADCASTSS a+100(FP), Y1
	VBROADCASTSS b+104(FP), Y2
	VBROADCASTSS c+108(FP), Y3
	BEGIN

four:
	NORMGRADAFFINE(0, Y4, Y5, Y6)
	NORMGRADAFFINE(32, Y7, Y8, Y9)
	NORMGRADAFFINE(64, Y4, Y5, Y6)
	NORMGRADAFFINE(96, Y7, Y8, Y9)
	ADDQ $128, DI
	ADDQ $128, SI
	ADDQ $128, DX
	ADDQ $128, BX
	REPEAT
	REST

	VMASKMOVPS (DX), Y15, Y4
	VMASKMOVPS (SI), Y15, Y5
	VMASKMOVPS (BX), Y15, Y6
	VMULPS Y6, Y5, Y5
	VSUBPS Y0, Y4, Y4
	VFMADD213PS Y3, Y2, Y4
	VFMADD231PS Y5, Y1, Y4
	VMASKMOVPS (DI), Y15, Y6
	VADDPS Y4, Y6, Y6
	VMASKMOVPS Y6, Y15, (DI)
	ADDQ $32, DI
	ADDQ $32, SI
	ADDQ $32, DX
	ADDQ $32, BX
	LAST

	VZEROUPPER
	RET

#define COLUMN(at, dw, db, g, t) \
	VMOVUPS at(R12), g \
	VMOVUPS at(R13), t \
	VSUBPS Y8, t, t \
	VMULPS Y9, t, t \
	VADDPS g, db, db \
	VFMADD231PS g, t, dw

// func normGradParamsAVX2(dw []float32, db []float32, dy []float32, x []float32, mean []float32, a []float32, stride int)
//
// Four vectors of columns at a time stay in registers while the rows run.
TEXT ·normGradParamsAVX2(SB), NOSPLIT, $0-152
	MOVQ dw_base+0(FP), DI
	MOVQ db_base+24(FP), SI
	MOVQ dy_base+48(FP), DX
	MOVQ x_base+72(FP), BX
	MOVQ mean_base+96(FP), R8
	MOVQ a_base+120(FP), R9
	MOVQ dw_len+8(FP), CX
	MOVQ mean_len+104(FP), R10
	MOVQ stride+144(FP), R11
	SHLQ $2, R11
	BEGIN

four:
	MOVQ DX, R12
	MOVQ BX, R13
	XORL AX, AX
	VMOVUPS (DI), Y0
	VMOVUPS (SI), Y4
	VMOVUPS 32(DI), Y1
	VMOVUPS 32(SI), Y5
	VMOVUPS 64(DI), Y2
	VMOVUPS 64(SI), Y6
	VMOVUPS 96(DI), Y3
	VMOVUPS 96(SI), Y7
	JMP  fourtest

fourrow:
	VBROADCASTSS (R8)(AX*4), Y8
	VBROADCASTSS (R9)(AX*4), Y9
	COLUMN(0, Y0, Y4, Y10, Y11)
	COLUMN(32, Y1, Y5, Y12, Y13)
	COLUMN(64, Y2, Y6, Y10, Y11)
	COLUMN(96, Y3, Y7, Y12, Y13)
	ADDQ R11, R12
	ADDQ R11, R13
	INCQ AX

fourtest:
	CMPQ AX, R10
	JLT  fourrow
	VMOVUPS Y0, (DI)
	VMOVUPS Y4, (SI)
	VMOVUPS Y1, 32(DI)
	VMOVUPS Y5, 32(SI)
	VMOVUPS Y2, 64(DI)
	VMOVUPS Y6, 64(SI)
	VMOVUPS Y3, 96(DI)
	VMOVUPS Y7, 96(SI)
	ADDQ $128, DI
	ADDQ $128, SI
	ADDQ $128, DX
	ADDQ $128, BX
	REPEAT
	REST

	MOVQ DX, R12
	MOVQ BX, R13
	XORL AX, AX
	VMASKMOVPS (DI), Y15, Y0
	VMASKMOVPS (SI), Y15, Y4
	JMP  lasttest

lastrow:
	VBROADCASTSS (R8)(AX*4), Y8
	VBROADCASTSS (R9)(AX*4), Y9
	VMASKMOVPS (R12), Y15, Y10
	VMASKMOVPS (R13), Y15, Y11
	VSUBPS Y8, Y11, Y11
	VMULPS Y9, Y11, Y11
	VADDPS Y10, Y4, Y4
	VFMADD231PS Y10, Y11, Y0
	ADDQ R11, R12
	ADDQ R11, R13
	INCQ AX

lasttest:
	CMPQ AX, R10
	JLT  lastrow
	VMASKMOVPS Y0, Y15, (DI)
	VMASKMOVPS Y4, Y15, (SI)
	ADDQ $32, DI
	ADDQ $32, SI
	ADDQ $32, DX
	ADDQ $32, BX
	LAST

	VZEROUPPER
	RET

// func addRowsAVX2(dst []float32, x []float32, rows int, stride int)
//
// Four vectors of columns at a time stay in registers while the rows run.
TEXT ·addRowsAVX2(SB), NOSPLIT, $0-64
	MOVQ dst_base+0(FP), DI
	MOVQ x_base+24(FP), SI
	MOVQ dst_len+8(FP), CX
	MOVQ rows+48(FP), R10
	MOVQ stride+56(FP), R11
	SHLQ $2, R11
	BEGIN

four:
	MOVQ SI, R12
	MOVQ R10, AX
	VMOVUPS (DI), Y0
	VMOVUPS 32(DI), Y1
	VMOVUPS 64(DI), Y2
	VMOVUPS 96(DI), Y3
	JMP  fourtest

fourrow:
	VADDPS (R12), Y0, Y0
	VADDPS 32(R12), Y1, Y1
	VADDPS 64(R12), Y2, Y2
	VADDPS 96(R12), Y3, Y3
	ADDQ R11, R12
	DECQ AX

fourtest:
	TESTQ AX, AX
	JGT  fourrow
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	VMOVUPS Y2, 64(DI)
	VMOVUPS Y3, 96(DI)
	ADDQ $128, DI
	ADDQ $128, SI
	REPEAT
	REST

	MOVQ SI, R12
	MOVQ R10, AX
	VMASKMOVPS (DI), Y15, Y0
	JMP  lasttest

lastrow:
	VMASKMOVPS (R12), Y15, Y4
	VADDPS Y4, Y0, Y0
	ADDQ R11, R12
	DECQ AX

lasttest:
	TESTQ AX, AX
	JGT  lastrow
	VMASKMOVPS Y0, Y15, (DI)
	ADDQ $32, DI
	ADDQ $32, SI
	LAST

	VZEROUPPER
	RET

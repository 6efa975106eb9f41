//go:build amd64 && !purego

#include "textflag.h"
#include "rows_avx512.h"

#define NORMGRAD(at, r, s, t) \
	VMOVUPS at(DX), r \
	VMOVUPS at(SI), s \
	VSUBPS Z0, r, r \
	VFMADD213PS Z3, Z2, r \
	VFMADD231PS s, Z1, r \
	VMOVUPS at(DI), t \
	VADDPS r, t, t \
	VMOVUPS t, at(DI)

// func normGradAVX512(dx []float32, dy []float32, x []float32, mean float32, a float32, b float32, c float32)
TEXT ·normGradAVX512(SB), NOSPLIT, $0-88
	MOVQ dx_base+0(FP), DI
	MOVQ dy_base+24(FP), SI
	MOVQ x_base+48(FP), DX
	MOVQ dx_len+8(FP), CX
	VBROADCASTSS mean+72(FP), Z0
	VBROADCASTSS a+76(FP), Z1
	VBROADCASTSS b+80(FP), Z2
	VBROADCASTSS c+84(FP), Z3
	BEGIN

four:
	NORMGRAD(0, Z4, Z5, Z6)
	NORMGRAD(64, Z7, Z8, Z9)
	NORMGRAD(128, Z4, Z5, Z6)
	NORMGRAD(192, Z7, Z8, Z9)
	ADDQ $256, DI
	ADDQ $256, SI
	ADDQ $256, DX
	REPEAT
	REST

	VMOVUPS.Z (DX), K1, Z4
	VMOVUPS.Z (SI), K1, Z5
	VSUBPS Z0, Z4, Z4
	VFMADD213PS Z3, Z2, Z4
	VFMADD231PS Z5, Z1, Z4
	VMOVUPS.Z (DI), K1, Z6
	VADDPS Z4, Z6, Z6
	VMOVUPS Z6, K1, (DI)
	ADDQ $64, DI
	ADDQ $64, SI
	ADDQ $64, DX
	LAST

	VZEROUPPER
	RET

#define NORMGRADAFFINE(at, r, s, t) \
	VMOVUPS at(DX), r \
	VMOVUPS at(SI), s \
	VMOVUPS at(BX), t \
	VMULPS t, s, s \
	VSUBPS Z0, r, r \
	VFMADD213PS Z3, Z2, r \
	VFMADD231PS s, Z1, r \
	VMOVUPS at(DI), t \
	VADDPS r, t, t \
	VMOVUPS t, at(DI)

// func normGradAffineAVX512(dx []float32, dy []float32, x []float32, w []float32, mean float32, a float32, b float32, c float32)
TEXT ·normGradAffineAVX512(SB), NOSPLIT, $0-112
	MOVQ dx_base+0(FP), DI
	MOVQ dy_base+24(FP), SI
	MOVQ x_base+48(FP), DX
	MOVQ w_base+72(FP), BX
	MOVQ dx_len+8(FP), CX
	VBROADCASTSS mean+96(FP), Z0
	VBROADCASTSS a+100(FP), Z1
	VBROADCASTSS b+104(FP), Z2
	VBROADCASTSS c+108(FP), Z3
	BEGIN

four:
	NORMGRADAFFINE(0, Z4, Z5, Z6)
	NORMGRADAFFINE(64, Z7, Z8, Z9)
	NORMGRADAFFINE(128, Z4, Z5, Z6)
	NORMGRADAFFINE(192, Z7, Z8, Z9)
	ADDQ $256, DI
	ADDQ $256, SI
	ADDQ $256, DX
	ADDQ $256, BX
	REPEAT
	REST

	VMOVUPS.Z (DX), K1, Z4
	VMOVUPS.Z (SI), K1, Z5
	VMOVUPS.Z (BX), K1, Z6
	VMULPS Z6, Z5, Z5
	VSUBPS Z0, Z4, Z4
	VFMADD213PS Z3, Z2, Z4
	VFMADD231PS Z5, Z1, Z4
	VMOVUPS.Z (DI), K1, Z6
	VADDPS Z4, Z6, Z6
	VMOVUPS Z6, K1, (DI)
	ADDQ $64, DI
	ADDQ $64, SI
	ADDQ $64, DX
	ADDQ $64, BX
	LAST

	VZEROUPPER
	RET

#define COLUMN(at, dw, db, g, t) \
	VMOVUPS at(R12), g \
	VMOVUPS at(R13), t \
	VSUBPS Z8, t, t \
	VMULPS Z9, t, t \
	VADDPS g, db, db \
	VFMADD231PS g, t, dw

// func normGradParamsAVX512(dw []float32, db []float32, dy []float32, x []float32, mean []float32, a []float32, stride int)
//
// Four vectors of columns at a time stay in registers while the rows run.
TEXT ·normGradParamsAVX512(SB), NOSPLIT, $0-152
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
	VMOVUPS (DI), Z0
	VMOVUPS (SI), Z4
	VMOVUPS 64(DI), Z1
	VMOVUPS 64(SI), Z5
	VMOVUPS 128(DI), Z2
	VMOVUPS 128(SI), Z6
	VMOVUPS 192(DI), Z3
	VMOVUPS 192(SI), Z7
	JMP  fourtest

fourrow:
	VBROADCASTSS (R8)(AX*4), Z8
	VBROADCASTSS (R9)(AX*4), Z9
	COLUMN(0, Z0, Z4, Z10, Z11)
	COLUMN(64, Z1, Z5, Z12, Z13)
	COLUMN(128, Z2, Z6, Z10, Z11)
	COLUMN(192, Z3, Z7, Z12, Z13)
	ADDQ R11, R12
	ADDQ R11, R13
	INCQ AX

fourtest:
	CMPQ AX, R10
	JLT  fourrow
	VMOVUPS Z0, (DI)
	VMOVUPS Z4, (SI)
	VMOVUPS Z1, 64(DI)
	VMOVUPS Z5, 64(SI)
	VMOVUPS Z2, 128(DI)
	VMOVUPS Z6, 128(SI)
	VMOVUPS Z3, 192(DI)
	VMOVUPS Z7, 192(SI)
	ADDQ $256, DI
	ADDQ $256, SI
	ADDQ $256, DX
	ADDQ $256, BX
	REPEAT
	REST

	MOVQ DX, R12
	MOVQ BX, R13
	XORL AX, AX
	VMOVUPS.Z (DI), K1, Z0
	VMOVUPS.Z (SI), K1, Z4
	JMP  lasttest

lastrow:
	VBROADCASTSS (R8)(AX*4), Z8
	VBROADCASTSS (R9)(AX*4), Z9
	VMOVUPS.Z (R12), K1, Z10
	VMOVUPS.Z (R13), K1, Z11
	VSUBPS Z8, Z11, Z11
	VMULPS Z9, Z11, Z11
	VADDPS Z10, Z4, Z4
	VFMADD231PS Z10, Z11, Z0
	ADDQ R11, R12
	ADDQ R11, R13
	INCQ AX

lasttest:
	CMPQ AX, R10
	JLT  lastrow
	VMOVUPS Z0, K1, (DI)
	VMOVUPS Z4, K1, (SI)
	ADDQ $64, DI
	ADDQ $64, SI
	ADDQ $64, DX
	ADDQ $64, BX
	LAST

	VZEROUPPER
	RET

// func addRowsAVX512(dst []float32, x []float32, rows int, stride int)
//
// Four vectors of columns at a time stay in registers while the rows run.
TEXT ·addRowsAVX512(SB), NOSPLIT, $0-64
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
	VMOVUPS (DI), Z0
	VMOVUPS 64(DI), Z1
	VMOVUPS 128(DI), Z2
	VMOVUPS 192(DI), Z3
	JMP  fourtest

fourrow:
	VADDPS (R12), Z0, Z0
	VADDPS 64(R12), Z1, Z1
	VADDPS 128(R12), Z2, Z2
	VADDPS 192(R12), Z3, Z3
	ADDQ R11, R12
	DECQ AX

fourtest:
	TESTQ AX, AX
	JGT  fourrow
	VMOVUPS Z0, (DI)
	VMOVUPS Z1, 64(DI)
	VMOVUPS Z2, 128(DI)
	VMOVUPS Z3, 192(DI)
	ADDQ $256, DI
	ADDQ $256, SI
	REPEAT
	REST

	MOVQ SI, R12
	MOVQ R10, AX
	VMOVUPS.Z (DI), K1, Z0
	JMP  lasttest

lastrow:
	VMOVUPS.Z (R12), K1, Z4
	VADDPS Z4, Z0, Z0
	ADDQ R11, R12
	DECQ AX

lasttest:
	TESTQ AX, AX
	JGT  lastrow
	VMOVUPS Z0, K1, (DI)
	ADDQ $64, DI
	ADDQ $64, SI
	LAST

	VZEROUPPER
	RET

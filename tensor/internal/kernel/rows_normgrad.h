// Gradients of the normalisations of a row, and sums over rows, for the vector length that the
// including file describes; see rows_avx2.h and rows_avx512.h.

#define NORMGRAD(at, r, s, t) \
	VMOVUPS at(DX), r \
	VMOVUPS at(SI), s \
	VSUBPS V0, r, r \
	VFMADD213PS V3, V2, r \
	VFMADD231PS s, V1, r \
	VMOVUPS at(DI), t \
	VADDPS r, t, t \
	VMOVUPS t, at(DI)

// func normGradVector(dx []float32, dy []float32, x []float32, mean float32, a float32, b float32,
// c float32)
TEXT normGradVector(SB), NOSPLIT, $0-88
	MOVQ dx_base+0(FP), DI
	MOVQ dy_base+24(FP), SI
	MOVQ x_base+48(FP), DX
	MOVQ dx_len+8(FP), CX
	VBROADCASTSS mean+72(FP), V0
	VBROADCASTSS a+76(FP), V1
	VBROADCASTSS b+80(FP), V2
	VBROADCASTSS c+84(FP), V3
	BEGIN

four:
	NORMGRAD(0, V4, V5, V6)
	NORMGRAD(VB, V7, V8, V9)
	NORMGRAD((2*VB), V4, V5, V6)
	NORMGRAD((3*VB), V7, V8, V9)
	ADDQ $(4*VB), DI
	ADDQ $(4*VB), SI
	ADDQ $(4*VB), DX
	REPEAT
	REST

	LDM(DX, V4)
	LDM(SI, V5)
	VSUBPS V0, V4, V4
	VFMADD213PS V3, V2, V4
	VFMADD231PS V5, V1, V4
	LDM(DI, V6)
	VADDPS V4, V6, V6
	STM(V6, DI)
	ADDQ $VB, DI
	ADDQ $VB, SI
	ADDQ $VB, DX
	LAST

	VZEROUPPER
	RET

#define NORMGRADAFFINE(at, r, s, t) \
	VMOVUPS at(DX), r \
	VMOVUPS at(SI), s \
	VMOVUPS at(BX), t \
	VMULPS t, s, s \
	VSUBPS V0, r, r \
	VFMADD213PS V3, V2, r \
	VFMADD231PS s, V1, r \
	VMOVUPS at(DI), t \
	VADDPS r, t, t \
	VMOVUPS t, at(DI)

// func normGradAffineVector(dx []float32, dy []float32, x []float32, w []float32, mean float32, a
// float32, b float32, c float32)
TEXT normGradAffineVector(SB), NOSPLIT, $0-112
	MOVQ dx_base+0(FP), DI
	MOVQ dy_base+24(FP), SI
	MOVQ x_base+48(FP), DX
	MOVQ w_base+72(FP), BX
	MOVQ dx_len+8(FP), CX
	VBROADCASTSS mean+96(FP), V0
	VBROADCASTSS a+100(FP), V1
	VBROADCASTSS b+104(FP), V2
	VBROADCASTSS c+108(FP), V3
	BEGIN

four:
	NORMGRADAFFINE(0, V4, V5, V6)
	NORMGRADAFFINE(VB, V7, V8, V9)
	NORMGRADAFFINE((2*VB), V4, V5, V6)
	NORMGRADAFFINE((3*VB), V7, V8, V9)
	ADDQ $(4*VB), DI
	ADDQ $(4*VB), SI
	ADDQ $(4*VB), DX
	ADDQ $(4*VB), BX
	REPEAT
	REST

	LDM(DX, V4)
	LDM(SI, V5)
	LDM(BX, V6)
	VMULPS V6, V5, V5
	VSUBPS V0, V4, V4
	VFMADD213PS V3, V2, V4
	VFMADD231PS V5, V1, V4
	LDM(DI, V6)
	VADDPS V4, V6, V6
	STM(V6, DI)
	ADDQ $VB, DI
	ADDQ $VB, SI
	ADDQ $VB, DX
	ADDQ $VB, BX
	LAST

	VZEROUPPER
	RET

#define COLUMN(at, dw, db, g, t) \
	VMOVUPS at(R12), g \
	VMOVUPS at(R13), t \
	VSUBPS V8, t, t \
	VMULPS V9, t, t \
	VADDPS g, db, db \
	VFMADD231PS g, t, dw

// func normGradParamsVector(dw []float32, db []float32, dy []float32, x []float32, mean []float32,
// a []float32, stride int)
//
// Four vectors of columns at a time stay in registers while the rows run.
TEXT normGradParamsVector(SB), NOSPLIT, $0-152
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
	VMOVUPS (DI), V0
	VMOVUPS (SI), V4
	VMOVUPS VB(DI), V1
	VMOVUPS VB(SI), V5
	VMOVUPS (2*VB)(DI), V2
	VMOVUPS (2*VB)(SI), V6
	VMOVUPS (3*VB)(DI), V3
	VMOVUPS (3*VB)(SI), V7
	JMP  fourtest

fourrow:
	VBROADCASTSS (R8)(AX*4), V8
	VBROADCASTSS (R9)(AX*4), V9
	COLUMN(0, V0, V4, V10, V11)
	COLUMN(VB, V1, V5, V12, V13)
	COLUMN((2*VB), V2, V6, V10, V11)
	COLUMN((3*VB), V3, V7, V12, V13)
	ADDQ R11, R12
	ADDQ R11, R13
	INCQ AX

fourtest:
	CMPQ AX, R10
	JLT  fourrow
	VMOVUPS V0, (DI)
	VMOVUPS V4, (SI)
	VMOVUPS V1, VB(DI)
	VMOVUPS V5, VB(SI)
	VMOVUPS V2, (2*VB)(DI)
	VMOVUPS V6, (2*VB)(SI)
	VMOVUPS V3, (3*VB)(DI)
	VMOVUPS V7, (3*VB)(SI)
	ADDQ $(4*VB), DI
	ADDQ $(4*VB), SI
	ADDQ $(4*VB), DX
	ADDQ $(4*VB), BX
	REPEAT
	REST

	MOVQ DX, R12
	MOVQ BX, R13
	XORL AX, AX
	LDM(DI, V0)
	LDM(SI, V4)
	JMP  lasttest

lastrow:
	VBROADCASTSS (R8)(AX*4), V8
	VBROADCASTSS (R9)(AX*4), V9
	LDM(R12, V10)
	LDM(R13, V11)
	VSUBPS V8, V11, V11
	VMULPS V9, V11, V11
	VADDPS V10, V4, V4
	VFMADD231PS V10, V11, V0
	ADDQ R11, R12
	ADDQ R11, R13
	INCQ AX

lasttest:
	CMPQ AX, R10
	JLT  lastrow
	STM(V0, DI)
	STM(V4, SI)
	ADDQ $VB, DI
	ADDQ $VB, SI
	ADDQ $VB, DX
	ADDQ $VB, BX
	LAST

	VZEROUPPER
	RET

// func addRowsVector(dst []float32, x []float32, rows int, stride int)
//
// Four vectors of columns at a time stay in registers while the rows run.
TEXT addRowsVector(SB), NOSPLIT, $0-64
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
	VMOVUPS (DI), V0
	VMOVUPS VB(DI), V1
	VMOVUPS (2*VB)(DI), V2
	VMOVUPS (3*VB)(DI), V3
	JMP  fourtest

fourrow:
	VADDPS (R12), V0, V0
	VADDPS VB(R12), V1, V1
	VADDPS (2*VB)(R12), V2, V2
	VADDPS (3*VB)(R12), V3, V3
	ADDQ R11, R12
	DECQ AX

fourtest:
	TESTQ AX, AX
	JGT  fourrow
	VMOVUPS V0, (DI)
	VMOVUPS V1, VB(DI)
	VMOVUPS V2, (2*VB)(DI)
	VMOVUPS V3, (3*VB)(DI)
	ADDQ $(4*VB), DI
	ADDQ $(4*VB), SI
	REPEAT
	REST

	MOVQ SI, R12
	MOVQ R10, AX
	LDM(DI, V0)
	JMP  lasttest

lastrow:
	LDM(R12, V4)
	VADDPS V4, V0, V0
	ADDQ R11, R12
	DECQ AX

lasttest:
	TESTQ AX, AX
	JGT  lastrow
	STM(V0, DI)
	ADDQ $VB, DI
	ADDQ $VB, SI
	LAST

	VZEROUPPER
	RET

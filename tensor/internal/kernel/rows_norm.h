// Sums and normalisations of a row, for the vector length that the including file
// describes; see rows_avx2.h and rows_avx512.h.

#define SUMSQUARESABOUT(at, r, s) \
	VMOVUPS at(DI), r \
	VSUBPS V8, r, r \
	VFMADD231PS r, r, s

// func sumSquaresAboutVector(x []float32, mean float32) float32
TEXT sumSquaresAboutVector(SB), NOSPLIT, $0-36
	MOVQ x_base+0(FP), DI
	MOVQ x_len+8(FP), CX
	VBROADCASTSS mean+24(FP), V8
	VXORPS X0, X0, X0
	VXORPS X1, X1, X1
	VXORPS X2, X2, X2
	VXORPS X3, X3, X3
	BEGIN

four:
	SUMSQUARESABOUT(0, V4, V0)
	SUMSQUARESABOUT(VB, V5, V1)
	SUMSQUARESABOUT((2*VB), V6, V2)
	SUMSQUARESABOUT((3*VB), V7, V3)
	ADDQ $(4*VB), DI
	REPEAT
	REST

	LDM(DI, V4)
	SUBM(V8, V4)
	VFMADD231PS V4, V4, V0
	ADDQ $VB, DI
	LAST

	FOLD
	VMOVSS X0, ret+32(FP)
	VZEROUPPER
	RET

#define NORMALIZE(at, r) \
	VMOVUPS at(SI), r \
	VSUBPS V0, r, r \
	VFMADD213PS V2, V1, r \
	VMOVUPS r, at(DI)

// func normalizeVector(dst []float32, x []float32, mean float32, a float32, b float32)
TEXT normalizeVector(SB), NOSPLIT, $0-60
	MOVQ dst_base+0(FP), DI
	MOVQ x_base+24(FP), SI
	MOVQ x_len+32(FP), CX
	VBROADCASTSS mean+48(FP), V0
	VBROADCASTSS a+52(FP), V1
	VBROADCASTSS b+56(FP), V2
	BEGIN

four:
	NORMALIZE(0, V3)
	NORMALIZE(VB, V4)
	NORMALIZE((2*VB), V5)
	NORMALIZE((3*VB), V6)
	ADDQ $(4*VB), DI
	ADDQ $(4*VB), SI
	REPEAT
	REST

	LDM(SI, V3)
	VSUBPS V0, V3, V3
	VFMADD213PS V2, V1, V3
	STM(V3, DI)
	ADDQ $VB, DI
	ADDQ $VB, SI
	LAST

	VZEROUPPER
	RET

#define NORMALIZEAFFINE(at, r, s) \
	VMOVUPS at(SI), r \
	VMOVUPS at(BX), s \
	VSUBPS V0, r, r \
	VMULPS V1, r, r \
	VFMADD231PS at(DX), r, s \
	VMOVUPS s, at(DI)

// func normalizeAffineVector(dst []float32, x []float32, w []float32, b []float32, mean float32, a
// float32)
TEXT normalizeAffineVector(SB), NOSPLIT, $0-104
	MOVQ dst_base+0(FP), DI
	MOVQ x_base+24(FP), SI
	MOVQ w_base+48(FP), DX
	MOVQ b_base+72(FP), BX
	MOVQ x_len+32(FP), CX
	VBROADCASTSS mean+96(FP), V0
	VBROADCASTSS a+100(FP), V1
	BEGIN

four:
	NORMALIZEAFFINE(0, V2, V6)
	NORMALIZEAFFINE(VB, V3, V7)
	NORMALIZEAFFINE((2*VB), V4, V8)
	NORMALIZEAFFINE((3*VB), V5, V9)
	ADDQ $(4*VB), DI
	ADDQ $(4*VB), SI
	ADDQ $(4*VB), DX
	ADDQ $(4*VB), BX
	REPEAT
	REST

	LDM(SI, V2)
	LDM(BX, V6)
	VSUBPS V0, V2, V2
	VMULPS V1, V2, V2
	LDM(DX, V10)
	VFMADD231PS V10, V2, V6
	STM(V6, DI)
	ADDQ $VB, DI
	ADDQ $VB, SI
	ADDQ $VB, DX
	ADDQ $VB, BX
	LAST

	VZEROUPPER
	RET

#define NORMDOTS(at, r, s, t, u) \
	VMOVUPS at(DI), r \
	VMOVUPS at(SI), s \
	VSUBPS V8, s, s \
	VADDPS r, t, t \
	VFMADD231PS r, s, u

// func normDotsVector(dy []float32, x []float32, mean float32) (sum float32, dot float32)
TEXT normDotsVector(SB), NOSPLIT, $0-64
	MOVQ dy_base+0(FP), DI
	MOVQ x_base+24(FP), SI
	MOVQ x_len+32(FP), CX
	VBROADCASTSS mean+48(FP), V8
	VXORPS X0, X0, X0
	VXORPS X1, X1, X1
	VXORPS X2, X2, X2
	VXORPS X3, X3, X3
	VXORPS X4, X4, X4
	VXORPS X5, X5, X5
	VXORPS X6, X6, X6
	VXORPS X7, X7, X7
	BEGIN

four:
	NORMDOTS(0, V9, V10, V0, V4)
	NORMDOTS(VB, V11, V12, V1, V5)
	NORMDOTS((2*VB), V9, V10, V2, V6)
	NORMDOTS((3*VB), V11, V12, V3, V7)
	ADDQ $(4*VB), DI
	ADDQ $(4*VB), SI
	REPEAT
	REST

	LDM(DI, V9)
	LDM(SI, V10)
	SUBM(V8, V10)
	VADDPS V9, V0, V0
	VFMADD231PS V9, V10, V4
	ADDQ $VB, DI
	ADDQ $VB, SI
	LAST

	FOLD
	VMOVSS X0, sum+56(FP)
	FOLDHIGH
	VMOVSS X4, dot+60(FP)
	VZEROUPPER
	RET

#define NORMDOTSAFFINE(at, r, s, t, u) \
	VMOVUPS at(DI), r \
	VMULPS at(DX), r, r \
	VMOVUPS at(SI), s \
	VSUBPS V8, s, s \
	VADDPS r, t, t \
	VFMADD231PS r, s, u

// func normDotsAffineVector(dy []float32, x []float32, w []float32, mean float32) (sum float32, dot
// float32)
TEXT normDotsAffineVector(SB), NOSPLIT, $0-88
	MOVQ dy_base+0(FP), DI
	MOVQ x_base+24(FP), SI
	MOVQ w_base+48(FP), DX
	MOVQ x_len+32(FP), CX
	VBROADCASTSS mean+72(FP), V8
	VXORPS X0, X0, X0
	VXORPS X1, X1, X1
	VXORPS X2, X2, X2
	VXORPS X3, X3, X3
	VXORPS X4, X4, X4
	VXORPS X5, X5, X5
	VXORPS X6, X6, X6
	VXORPS X7, X7, X7
	BEGIN

four:
	NORMDOTSAFFINE(0, V9, V10, V0, V4)
	NORMDOTSAFFINE(VB, V11, V12, V1, V5)
	NORMDOTSAFFINE((2*VB), V9, V10, V2, V6)
	NORMDOTSAFFINE((3*VB), V11, V12, V3, V7)
	ADDQ $(4*VB), DI
	ADDQ $(4*VB), SI
	ADDQ $(4*VB), DX
	REPEAT
	REST

	LDM(DI, V9)
	LDM(DX, V13)
	VMULPS V13, V9, V9
	LDM(SI, V10)
	SUBM(V8, V10)
	VADDPS V9, V0, V0
	VFMADD231PS V9, V10, V4
	ADDQ $VB, DI
	ADDQ $VB, SI
	ADDQ $VB, DX
	LAST

	FOLD
	VMOVSS X0, sum+80(FP)
	FOLDHIGH
	VMOVSS X4, dot+84(FP)
	VZEROUPPER
	RET

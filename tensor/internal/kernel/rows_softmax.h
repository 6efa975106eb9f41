// The passes of a softmax over a row, for the vector length that the including file
// describes; see rows_avx2.h and rows_avx512.h.

#define ROWMAX(at, r) \
	VMOVUPS at(DI), V4 \
	VMAXPS r, V4, r

// func rowMaxVector(x []float32) float32
//
// Four running maxima. MAXPS returns its second source if one is NaN: the maximum so far.
TEXT rowMaxVector(SB), NOSPLIT, $0-28
	MOVQ x_base+0(FP), DI
	MOVQ x_len+8(FP), CX
	MOVL $0xFF800000, AX // -Inf
	VMOVD AX, X0
	VBROADCASTSS X0, V0
	VMOVAPS V0, V1
	VMOVAPS V0, V2
	VMOVAPS V0, V3
	VMOVAPS V0, V5
	BEGIN

four:
	ROWMAX(0, V0)
	ROWMAX(VB, V1)
	ROWMAX((2*VB), V2)
	ROWMAX((3*VB), V3)
	ADDQ $(4*VB), DI
	REPEAT
	REST

	LDM_OVER(DI, V5, V4)
	VMAXPS V0, V4, V0
	ADDQ $VB, DI
	LAST

	FOLDMAX
	VMOVSS X0, ret+24(FP)
	VZEROUPPER
	RET

#define EXPSUM(at, s) \
	VMOVUPS at(SI), V11 \
	EXP_SHIFTED \
	VMOVUPS V13, at(DI) \
	VADDPS V13, s, s

// func expSumVector(dst []float32, x []float32, shift float32) float32
TEXT expSumVector(SB), NOSPLIT, $0-60
	MOVQ dst_base+0(FP), DI
	MOVQ x_base+24(FP), SI
	MOVQ x_len+32(FP), CX
	VBROADCASTSS shift+48(FP), V4
	VXORPS X0, X0, X0
	VXORPS X1, X1, X1
	VXORPS X2, X2, X2
	VXORPS X3, X3, X3
	EXP_SHIFTED_CONSTANTS
	BEGIN

four:
	EXPSUM(0, V0)
	EXPSUM(VB, V1)
	EXPSUM((2*VB), V2)
	EXPSUM((3*VB), V3)
	ADDQ $(4*VB), DI
	ADDQ $(4*VB), SI
	REPEAT
	REST

	LDM(SI, V11)
	EXP_SHIFTED
	KEEP(V13)
	STM(V13, DI)
	VADDPS V13, V0, V0
	ADDQ $VB, DI
	ADDQ $VB, SI
	LAST

	FOLD
	VMOVSS X0, ret+56(FP)
	VZEROUPPER
	RET

#define ROWSUM(at, r) \
	VADDPS at(DI), r, r

// func rowSumVector(x []float32) float32
TEXT rowSumVector(SB), NOSPLIT, $0-28
	MOVQ x_base+0(FP), DI
	MOVQ x_len+8(FP), CX
	VXORPS X0, X0, X0
	VXORPS X1, X1, X1
	VXORPS X2, X2, X2
	VXORPS X3, X3, X3
	BEGIN

four:
	ROWSUM(0, V0)
	ROWSUM(VB, V1)
	ROWSUM((2*VB), V2)
	ROWSUM((3*VB), V3)
	ADDQ $(4*VB), DI
	REPEAT
	REST

	LDM(DI, V4)
	VADDPS V4, V0, V0
	ADDQ $VB, DI
	LAST

	FOLD
	VMOVSS X0, ret+24(FP)
	VZEROUPPER
	RET

#define ROWSCALE(at, r) \
	VMULPS at(SI), V0, r \
	VMOVUPS r, at(DI)

// func rowScaleVector(dst []float32, x []float32, a float32)
TEXT rowScaleVector(SB), NOSPLIT, $0-52
	MOVQ dst_base+0(FP), DI
	MOVQ x_base+24(FP), SI
	MOVQ x_len+32(FP), CX
	VBROADCASTSS a+48(FP), V0
	BEGIN

four:
	ROWSCALE(0, V1)
	ROWSCALE(VB, V2)
	ROWSCALE((2*VB), V3)
	ROWSCALE((3*VB), V4)
	ADDQ $(4*VB), DI
	ADDQ $(4*VB), SI
	REPEAT
	REST

	LDM(SI, V1)
	VMULPS V0, V1, V1
	STM(V1, DI)
	ADDQ $VB, DI
	ADDQ $VB, SI
	LAST

	VZEROUPPER
	RET

#define SOFTMAXGRAD(at) \
	VMOVUPS at(DX), V1 \
	VMOVUPS at(SI), V2 \
	VMOVUPS at(DI), V3 \
	VSUBPS V0, V1, V1 \
	VFMADD231PS V2, V1, V3 \
	VMOVUPS V3, at(DI)

// func softmaxGradVector(dx []float32, y []float32, dy []float32, c float32)
TEXT softmaxGradVector(SB), NOSPLIT, $0-76
	MOVQ dx_base+0(FP), DI
	MOVQ y_base+24(FP), SI
	MOVQ dy_base+48(FP), DX
	MOVQ dx_len+8(FP), CX
	VBROADCASTSS c+72(FP), V0
	BEGIN

four:
	SOFTMAXGRAD(0)
	SOFTMAXGRAD(VB)
	SOFTMAXGRAD((2*VB))
	SOFTMAXGRAD((3*VB))
	ADDQ $(4*VB), DI
	ADDQ $(4*VB), SI
	ADDQ $(4*VB), DX
	REPEAT
	REST

	LDM(DX, V1)
	LDM(SI, V2)
	LDM(DI, V3)
	VSUBPS V0, V1, V1
	VFMADD231PS V2, V1, V3
	STM(V3, DI)
	ADDQ $VB, DI
	ADDQ $VB, SI
	ADDQ $VB, DX
	LAST

	VZEROUPPER
	RET

#define ROWDOT(at, r, s) \
	VMOVUPS at(DI), r \
	VFMADD231PS at(SI), r, s

// func rowDotVector(x []float32, y []float32) float32
TEXT rowDotVector(SB), NOSPLIT, $0-52
	MOVQ x_base+0(FP), DI
	MOVQ y_base+24(FP), SI
	MOVQ x_len+8(FP), CX
	VXORPS X0, X0, X0
	VXORPS X1, X1, X1
	VXORPS X2, X2, X2
	VXORPS X3, X3, X3
	BEGIN

four:
	ROWDOT(0, V4, V0)
	ROWDOT(VB, V5, V1)
	ROWDOT((2*VB), V6, V2)
	ROWDOT((3*VB), V7, V3)
	ADDQ $(4*VB), DI
	ADDQ $(4*VB), SI
	REPEAT
	REST

	LDM(DI, V4)
	LDM(SI, V5)
	VFMADD231PS V5, V4, V0
	ADDQ $VB, DI
	ADDQ $VB, SI
	LAST

	FOLD
	VMOVSS X0, ret+48(FP)
	VZEROUPPER
	RET

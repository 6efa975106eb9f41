// Loops over slices, for the vector width and element type that the including file describes by
//
//	V0 to V15           registers; VB bytes of one, SHIFT log2 of the bytes of an element
//	LD(p, off, r)       r = vector at p+off+AX            ST(r, p, off)   the inverse
//	LDT(p, r)           r = the last, partial vector at p+AX, zeros beyond the end
//	STT(r, p)           stores its valid part
//	TAIL                prepares LDT and STT for the CX bytes left (AVX2: V15, AVX-512: K1)
//	BCAST               instruction that repeats a number in memory over a register
//
// A function is a macro F that computes V0 from V0 (and V1, V2, V3 where there are more operands).
// It may use all registers below those that hold its parameters; V15 belongs to the loops. R8
// points to vectorTable, AX counts bytes, CX is the end.

// STREAM runs BODY(offset, F) over four vectors at a time, then one, then LAST(F) over what is
// left. On entry CX is the number of elements.
#define STREAM(BODY, LAST, F) \
	SHLQ $SHIFT, CX; \
	XORQ AX, AX; \
	SUBQ $(4*VB), CX; \
	JL   three; \
four: \
	BODY(0, F); BODY(VB, F); BODY((2*VB), F); BODY((3*VB), F); \
	ADDQ $(4*VB), AX; \
	CMPQ AX, CX; \
	JLE  four; \
three: \
	ADDQ $(3*VB), CX; \
	CMPQ AX, CX; \
	JG   last; \
one: \
	BODY(0, F); \
	ADDQ $VB, AX; \
	CMPQ AX, CX; \
	JLE  one; \
last: \
	ADDQ $VB, CX; \
	SUBQ AX, CX; \
	JE   done; \
	TAIL; \
	LAST(F); \
done:

// SINGLE is STREAM for long functions: one vector at a time.
#define SINGLE(BODY, LAST, F) \
	SHLQ $SHIFT, CX; \
	XORQ AX, AX; \
	SUBQ $VB, CX; \
	JL   last; \
one: \
	BODY(0, F); \
	ADDQ $VB, AX; \
	CMPQ AX, CX; \
	JLE  one; \
last: \
	ADDQ $VB, CX; \
	SUBQ AX, CX; \
	JE   done; \
	TAIL; \
	LAST(F); \
done:

#define RETURN VZEROUPPER; RET

// func(dst, x []T, a, b T): V14 is a, V13 is b.
#define MAP_ARGS \
	MOVQ dst_base+0(FP), DI; MOVQ dst_len+8(FP), CX; MOVQ x_base+24(FP), SI; \
	LEAQ TABLE, R8; BCAST a+48(FP), V14; BCAST b+(48+ELEM)(FP), V13
#define MAP_BODY(off, F) LD(SI, off, V0); F; ST(V0, DI, off)
#define MAP_LAST(F) LDT(SI, V0); F; STT(V0, DI)
#define MAP(F) MAP_ARGS; STREAM(MAP_BODY, MAP_LAST, F); RETURN

// The long functions are fast enough to wait for the L3 cache, and slow enough to have time to ask
// it early.
#define LONG_BODY(off, F) PREFETCHT0 1024(SI)(AX*1); MAP_BODY(off, F)
#define MAP_LONG(F) MAP_ARGS; SINGLE(LONG_BODY, MAP_LAST, F); RETURN

// MAP_EXP is for functions with the exponential function. MAP_WITHIN and MAP_LOGISTIC have no
// parameters and keep the bounds at which the argument is cut off in V14 and V13.
#define MAP_EXP(F) MAP_ARGS; EXP_CONSTANTS; SINGLE(LONG_BODY, MAP_LAST, F); RETURN
#define MAP_EXPM1(F) MAP_ARGS; EXPM1_CONSTANTS; SINGLE(LONG_BODY, MAP_LAST, F); RETURN
#define MAP_WITHIN(F) \
	MAP_ARGS; MOV const_kExpMin(R8), V14; MOV const_kExpMax(R8), V13; EXP_CONSTANTS; \
	SINGLE(LONG_BODY, MAP_LAST, F); RETURN
#define MAP_LOGISTIC(F) \
	MAP_ARGS; MOV const_kLogisticMin(R8), V14; MOV const_kLogisticMax(R8), V13; LOGISTIC_CONSTANTS; \
	SINGLE(LONG_BODY, MAP_LAST, F); RETURN

// func(dx, dy, x, y []T, a, b, beta T): V14 is a, V13 is b, V12 all ones if beta is not 0; V0 is
// dy, and V1 x (GRADX) or y (GRADY). F leaves dy*f' in V0.
#define GRAD_ARGS \
	MOVQ dx_base+0(FP), DI; MOVQ dx_len+8(FP), CX; MOVQ dy_base+24(FP), SI; \
	LEAQ TABLE, R8; BCAST a+96(FP), V14; BCAST b+(96+ELEM)(FP), V13; BCAST beta+(96+2*ELEM)(FP), V12; NONZERO(V12)
#define GRAD_BODY(off, F) LD(SI, off, V0); LD(DX, off, V1); F; LD(DI, off, V1); AND V12, V1, V1; ADD V1, V0, V0; ST(V0, DI, off)
#define GRAD_LAST(F) LDT(SI, V0); LDT(DX, V1); F; LDT(DI, V1); AND V12, V1, V1; ADD V1, V0, V0; STT(V0, DI)
#define GRADX(F) GRAD_ARGS; MOVQ x_base+48(FP), DX; SINGLE(GRAD_BODY, GRAD_LAST, F); RETURN
#define GRADX_EXP(F) GRAD_ARGS; MOVQ x_base+48(FP), DX; EXP_CONSTANTS; SINGLE(GRAD_BODY, GRAD_LAST, F); RETURN
#define GRADY(F) GRAD_ARGS; MOVQ y_base+72(FP), DX; SINGLE(GRAD_BODY, GRAD_LAST, F); RETURN

// func(dst, a, b []T): V0 is a, V1 is b.
#define BINARY_BODY(off, F) LD(SI, off, V0); LD(DX, off, V1); F; ST(V0, DI, off)
#define BINARY_LAST(F) LDT(SI, V0); LDT(DX, V1); F; STT(V0, DI)
#define BINARY(F) \
	MOVQ dst_base+0(FP), DI; MOVQ dst_len+8(FP), CX; MOVQ a_base+24(FP), SI; MOVQ b_base+48(FP), DX; \
	LEAQ TABLE, R8; STREAM(BINARY_BODY, BINARY_LAST, F); RETURN

// func(dst, a []T, b T)
#define VS_BODY(off, F) LD(SI, off, V0); MOV V14, V1; F; ST(V0, DI, off)
#define VS_LAST(F) LDT(SI, V0); MOV V14, V1; F; STT(V0, DI)
#define BINARY_VS(F) \
	MOVQ dst_base+0(FP), DI; MOVQ dst_len+8(FP), CX; MOVQ a_base+24(FP), SI; BCAST b+48(FP), V14; \
	LEAQ TABLE, R8; STREAM(VS_BODY, VS_LAST, F); RETURN

// func(dst []T, a T, b []T)
#define SV_BODY(off, F) LD(SI, off, V1); MOV V14, V0; F; ST(V0, DI, off)
#define SV_LAST(F) LDT(SI, V1); MOV V14, V0; F; STT(V0, DI)
#define BINARY_SV(F) \
	MOVQ dst_base+0(FP), DI; MOVQ dst_len+8(FP), CX; BCAST a+24(FP), V14; MOVQ b_base+32(FP), SI; \
	LEAQ TABLE, R8; STREAM(SV_BODY, SV_LAST, F); RETURN

// func(dst, a, b []T), dst is also an operand: V2.
#define UPDATE_BODY(off, F) LD(SI, off, V0); LD(DX, off, V1); LD(DI, off, V2); F; ST(V2, DI, off)
#define UPDATE_LAST(F) LDT(SI, V0); LDT(DX, V1); LDT(DI, V2); F; STT(V2, DI)
#define UPDATE(F) \
	MOVQ dst_base+0(FP), DI; MOVQ dst_len+8(FP), CX; MOVQ a_base+24(FP), SI; MOVQ b_base+48(FP), DX; \
	LEAQ TABLE, R8; STREAM(UPDATE_BODY, UPDATE_LAST, F); RETURN

// func(dst, x []T, alpha T): dst += alpha*x
#define AXPY_BODY(off, F) LD(SI, off, V0); LD(DI, off, V1); F; ST(V1, DI, off)
#define AXPY_LAST(F) LDT(SI, V0); LDT(DI, V1); F; STT(V1, DI)
#define AXPY(F) \
	MOVQ dst_base+0(FP), DI; MOVQ dst_len+8(FP), CX; MOVQ x_base+24(FP), SI; BCAST alpha+48(FP), V14; \
	LEAQ TABLE, R8; STREAM(AXPY_BODY, AXPY_LAST, F); RETURN

// func(dst []T, v T)
#define FILL_BODY(off, F) ST(V14, DI, off)
#define FILL_LAST(F) STT(V14, DI)
#define FILL \
	MOVQ dst_base+0(FP), DI; MOVQ dst_len+8(FP), CX; BCAST v+24(FP), V14; \
	LEAQ TABLE, R8; STREAM(FILL_BODY, FILL_LAST, F); RETURN

// func(dst, cond, a, b []T): V0 is cond, V1 a, V2 b.
#define SELECT_BODY(off, F) LD(BX, off, V0); LD(SI, off, V1); LD(DX, off, V2); F; ST(V0, DI, off)
#define SELECT_LAST(F) LDT(BX, V0); LDT(SI, V1); LDT(DX, V2); F; STT(V0, DI)
#define SELECT(F) \
	MOVQ dst_base+0(FP), DI; MOVQ dst_len+8(FP), CX; MOVQ cond_base+24(FP), BX; MOVQ a_base+48(FP), SI; MOVQ b_base+72(FP), DX; \
	LEAQ TABLE, R8; SINGLE(SELECT_BODY, SELECT_LAST, F); RETURN

// func(p, g, m, v []T, c Adam[T]): V0 is p, V1 g, V2 m, V3 v; V5 to V14 the fields of c.
#define ADAM_BODY(off, F) LD(DI, off, V0); LD(SI, off, V1); LD(DX, off, V2); LD(BX, off, V3); F; ST(V0, DI, off); ST(V2, DX, off); ST(V3, BX, off)
#define ADAM_LAST(F) LDT(DI, V0); LDT(SI, V1); LDT(DX, V2); LDT(BX, V3); F; STT(V0, DI); STT(V2, DX); STT(V3, BX)
#define ADAM(F) \
	MOVQ p_base+0(FP), DI; MOVQ p_len+8(FP), CX; MOVQ g_base+24(FP), SI; MOVQ m_base+48(FP), DX; MOVQ v_base+72(FP), BX; \
	LEAQ TABLE, R8; \
	BCAST c_Beta1+(96+const_adamBeta1*ELEM)(FP), V5; BCAST c_Rest1+(96+const_adamRest1*ELEM)(FP), V6; BCAST c_Beta2+(96+const_adamBeta2*ELEM)(FP), V7; BCAST c_Rest2+(96+const_adamRest2*ELEM)(FP), V8; \
	BCAST c_Step+(96+const_adamStep*ELEM)(FP), V9; BCAST c_RootScale+(96+const_adamRootScale*ELEM)(FP), V10; BCAST c_Eps+(96+const_adamEps*ELEM)(FP), V11; \
	BCAST c_Decay+(96+const_adamDecay*ELEM)(FP), V12; BCAST c_L2+(96+const_adamL2*ELEM)(FP), V13; BCAST c_GradScale+(96+const_adamGradScale*ELEM)(FP), V14; \
	FLUSH; SINGLE(ADAM_BODY, ADAM_LAST, F); UNFLUSH; RETURN

// func(p, g, m []T, c SGD[T]): V0 is p, V1 g, V2 m; V5 to V11 the fields of c.
#define SGD_BODY(off, F) LD(DI, off, V0); LD(SI, off, V1); LD(DX, off, V2); F; ST(V0, DI, off); ST(V2, DX, off)
#define SGD_LAST(F) LDT(DI, V0); LDT(SI, V1); LDT(DX, V2); F; STT(V0, DI); STT(V2, DX)
#define SGD(F) \
	MOVQ p_base+0(FP), DI; MOVQ p_len+8(FP), CX; MOVQ g_base+24(FP), SI; MOVQ m_base+48(FP), DX; \
	LEAQ TABLE, R8; \
	BCAST c_Momentum+(72+const_sgdMomentum*ELEM)(FP), V5; BCAST c_Rest+(72+const_sgdRest*ELEM)(FP), V6; BCAST c_LR+(72+const_sgdLR*ELEM)(FP), V7; BCAST c_Nesterov+(72+const_sgdNesterov*ELEM)(FP), V8; \
	BCAST c_Direct+(72+const_sgdDirect*ELEM)(FP), V9; BCAST c_L2+(72+const_sgdL2*ELEM)(FP), V10; BCAST c_GradScale+(72+const_sgdGradScale*ELEM)(FP), V11; \
	FLUSH; SINGLE(SGD_BODY, SGD_LAST, F); UNFLUSH; RETURN

// func(x []T, acc *[4*lanes]T): four accumulators V8 to V11, which start as V12; the last vector
// goes to V8. F combines V0 with acc.
#define FOLD4(F) \
	SHLQ $SHIFT, CX; \
	XORQ AX, AX; \
	SUBQ $(4*VB), CX; \
	JL   three; \
four: \
	LD(SI, 0, V0); F(V8); LD(SI, VB, V0); F(V9); LD(SI, (2*VB), V0); F(V10); LD(SI, (3*VB), V0); F(V11); \
	ADDQ $(4*VB), AX; \
	CMPQ AX, CX; \
	JLE  four; \
three: \
	ADDQ $(3*VB), CX; \
	CMPQ AX, CX; \
	JG   last; \
one: \
	LD(SI, 0, V0); F(V8); \
	ADDQ $VB, AX; \
	CMPQ AX, CX; \
	JLE  one; \
last: \
	ADDQ $VB, CX; \
	SUBQ AX, CX; \
	JE   done; \
	TAIL; \
	LDT(SI, V0); PAD(V12, V0); F(V9); \
done: \
	MOVQ acc+24(FP), DI; XORQ AX, AX; ST(V8, DI, 0); ST(V9, DI, VB); ST(V10, DI, (2*VB)); ST(V11, DI, (3*VB))
#define FOLD(F, start) \
	MOVQ x_base+0(FP), SI; MOVQ x_len+8(FP), CX; LEAQ TABLE, R8; \
	MOV start(R8), V12; MOV V12, V8; MOV V12, V9; MOV V12, V10; MOV V12, V11; FOLD4(F); RETURN

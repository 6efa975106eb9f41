// Sums in float64. LDW(p, off, r) loads the elements at p+off+AX as float64, PB is the bytes that
// they occupy; LDWT(p, r) loads the last ones, zeros beyond the end. Four accumulators V8 to V11
// take vectors in turn, the last partial one goes to V8.

#define SUM_F(off, acc) LDW(SI, off, V0); VADDPD V0, acc, acc
#define SUM_LAST LDWT(SI, V0); VADDPD V0, V8, V8
#define SUMSQ_F(off, acc) LDW(SI, off, V0); VFMADD231PD V0, V0, acc
#define SUMSQ_LAST LDWT(SI, V0); VFMADD231PD V0, V0, V8
#define DOT_F(off, acc) LDW(SI, off, V0); LDW(DX, off, V1); VFMADD231PD V0, V1, acc
#define DOT_LAST LDWT(SI, V0); LDWT(DX, V1); VFMADD231PD V0, V1, V8

// SUMS loops over the CX elements and leaves the accumulators at DI.
#define SUMS(F, LAST) \
	LEAQ TABLE, R8; \
	ZERO(V8); ZERO(V9); ZERO(V10); ZERO(V11); \
	SHLQ $SHIFT, CX; \
	XORQ AX, AX; \
	SUBQ $(4*PB), CX; \
	JL   three; \
four: \
	F(0, V8); F(PB, V9); F((2*PB), V10); F((3*PB), V11); \
	ADDQ $(4*PB), AX; \
	CMPQ AX, CX; \
	JLE  four; \
three: \
	ADDQ $(3*PB), CX; \
	CMPQ AX, CX; \
	JG   last; \
one: \
	F(0, V8); \
	ADDQ $PB, AX; \
	CMPQ AX, CX; \
	JLE  one; \
last: \
	ADDQ $PB, CX; \
	SUBQ AX, CX; \
	JE   done; \
	TAIL; \
	LAST; \
done: \
	XORQ AX, AX; ST(V8, DI, 0); ST(V9, DI, VB); ST(V10, DI, (2*VB)); ST(V11, DI, (3*VB)); \
	RETURN

// func(x []T, acc *[4*lanes]float64)
#define SUM(F, LAST) MOVQ x_base+0(FP), SI; MOVQ x_len+8(FP), CX; MOVQ acc+24(FP), DI; SUMS(F, LAST)

// func(a, b []T, acc *[4*lanes]float64)
#define DOT MOVQ a_base+0(FP), SI; MOVQ a_len+8(FP), CX; MOVQ b_base+24(FP), DX; MOVQ acc+48(FP), DI; SUMS(DOT_F, DOT_LAST)

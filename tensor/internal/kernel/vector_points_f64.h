// tanh, erf and GELU in float64: a function at the point a of a grid nearest to |x|, looked up for
// each element, and a series in d = |x|-a. The including file defines the part that depends on the
// vector length:
//
//	FRAME      the size of the frame
//	LOOK_UP1   sets V2 to the numbers of the table R10 for the indices in V1
//	LOOK_UP2   sets V2 and V5 to its pairs
//
// Indices are in the lowest 32 bits, and both may use V3 and V6.

// NEAREST splits |V0| = a + d, with |V0| kept below the bound V14: a in V1, d in V0, the sign of V0
// in V4. The table is looked up in between. The sum with V12 = 3*2^51 times the distance of the
// points has the index in its lowest bits. A NaN becomes the bound in the index and stays in d.
#define NEAREST(LOOK_UP) \
	VANDPD  V10, V0, V4; \
	VANDNPD V0, V10, V0; \
	VMINPD V14, V0, V1; \
	VMINPD V0, V14, V0; \
	VADDPD V12, V1, V1; \
	LOOK_UP; \
	VSUBPD V12, V1, V1; \
	VSUBPD V1, V0, V0

// tanh, 2 ulp: with T = tanh(a), t = tanh(d) and u = T*t it is T + (1-T*T)*t/(1+u), and 1/(1+u) is
// (1-u)*(1+u^2+u^4) for |u| < 1/256 (error 4e-15, small beside T where u is not small).
#define F_TANH \
	NEAREST(LOOK_UP1); \
	VMULPD       V0, V0, V3; \
	VMOVAPD      V7, V5; \
	VFMADD213PD  V6, V3, V5; \
	VMULPD       V0, V3, V3; \
	VFMADD231PD  V5, V3, V0; \
	VMOVAPD      V13, V3; \
	VFNMADD231PD V2, V2, V3; \
	VMULPD       V0, V2, V1; \
	VMULPD       V0, V3, V3; \
	VMULPD       V1, V1, V5; \
	VSUBPD       V1, V13, V1; \
	VFMADD231PD  V5, V5, V5; \
	VFMADD231PD  V5, V1, V1; \
	VFMADD213PD  V2, V3, V1; \
	VORPD        V4, V1, V0

// erf, 2 ulp: E + S*d*(1 + c1*d + ... + c4*d^4) with E = erf(a), S = erf'(a) and
//
//	c1 = -a             c2 = 2/3 r - 1/3
//	r = a*a             c3 = a*(-1/3 r + 1/2)           c4 = (2/15 r - 2/5) r + 1/10
//
// by Taylor's series, whose coefficients are Hermite polynomials.
#define F_ERF \
	NEAREST(LOOK_UP2); \
	VMULPD      V1, V1, V3; \
	MOV         ERF42, V7; \
	MOV         ERF31, V8; \
	MOV         ERF21, V9; \
	VFMADD213PD ERF41, V3, V7; \
	VFMADD213PD ERF30, V3, V8; \
	VFMADD213PD ERF20, V3, V9; \
	VFMADD213PD ERF40, V3, V7; \
	VMULPD      V1, V8, V8; \
	VFMADD213PD V8, V0, V7; \
	VFMADD213PD V9, V0, V7; \
	VFMSUB213PD V1, V0, V7; \
	VMULPD      V0, V7, V7; \
	VFMADD231PD V7, V0, V0; \
	VFMADD213PD V2, V5, V0; \
	VORPD       V4, V0, V0

#define TANH_CONSTANTS \
	MOV const_kTanh0(R8), V6; \
	MOV const_kTanh1(R8), V7

#define MAP_POINTS(F, CONSTANTS, table, most, grid) \
	MAP_ARGS; \
	LEAQ table(SB), R10; \
	MOV  const_kOne(R8), V13; \
	MOV  most(R8), V14; \
	MOV  grid(R8), V12; \
	MOV  const_kSign(R8), V10; \
	CONSTANTS; \
	SINGLE(LONG_BODY, MAP_LAST, F); RETURN

// NORMAL_TAIL keeps V0 = t below the bound and sets V2, V5 and V9 so that 1-Phi(t) = V2 - V5*V9, by
// the formula of gelu (vector_gauss.go): Q(a), Phi'(a) and d*(E+...). V1 is w and V6 d*d.
#define NORMAL_TAIL(bound, grid) \
	VMINPD       bound, V0, V1; \
	VMINPD       V0, bound, V0; \
	VADDPD       grid, V1, V1; \
	LOOK_UP2; \
	VSUBPD       grid, V1, V1; \
	VSUBPD       V1, V0, V3; \
	VMULPD       V3, V1, V1; \
	VMULPD       V3, V3, V6; \
	VMULPD       V1, V1, V7; \
	MOV          GELU_E5, V8; \
	MOV          GELU_E3, V9; \
	MOV          GELU_F3, V10; \
	VFMADD213PD  GELU_E4, V1, V8; \
	VFMADD213PD  GELU_E2, V1, V9; \
	VFMADD213PD  GELU_F2, V1, V10; \
	VFMADD213PD  V9, V7, V8; \
	MOV          GELU_F1, V9; \
	VFMADD213PD  GELU_F0, V1, V9; \
	VFMADD213PD  V9, V7, V10; \
	MOV          GELU_G1, V9; \
	VFMADD213PD  GELU_G0, V1, V9; \
	VFMADD213PD  V10, V6, V9; \
	MOV          GELU_E1, V10; \
	VFMADD213PD  GELU_ONE, V1, V10; \
	VFMADD213PD  V10, V7, V8; \
	VFMADD213PD  V8, V6, V9; \
	VMULPD       V3, V9, V9

// GELU, 2 ulp: max(x,0) - t*Q(t), t = |x|. Where x < -8.5 the result is x itself, which no value of
// GELU can be, and FAR remembers that such an element exists: the caller computes it.
#define F_GELU \
	MOV         V0, V4; \
	VANDPD      const_kMagnitude(R8), V0, V0; \
	NORMAL_TAIL(V14, V12); \
	VMULPD      V5, V9, V9; \
	VMULPD      V0, V9, V9; \
	VFMSUB213PD V9, V0, V2; \
	ZERO(V1); \
	VMAXPD      V4, V1, V1; \
	VSUBPD      V2, V1, V0; \
	FAR(V4, V11, V0)

// func(dst, x []T, a, b T) bool
#define MAP_GELU \
	MAP_ARGS; \
	LEAQ ·normalPoints(SB), R10; \
	MOV  const_kNormalEnd(R8), V14; \
	MOV  (const_kNormalEnd+64)(R8), V11; \
	MOV  const_kGaussGrid(R8), V12; \
	GELU_CONSTANTS; \
	NONE_FAR; \
	SINGLE(LONG_BODY, MAP_LAST, F_GELU); \
	ANY_FAR(R9); \
	TESTL R9, R9; \
	SETNE ret+64(FP); \
	RETURN

// GELU': Phi(x) + x*Phi'(x), which is u = Q(t) - t*Phi'(t) for negative x and 1-u for others. V0 is
// dy, V1 is x; Phi'(t) is Phi'(a) times e^-s, s = w + d*d/2, by Taylor's series. From |x| = 8.5 on
// the derivative is 0 or 1, to within 1e-15.
#define F_GELU_GRAD \
	MOV          V0, V11; \
	MOV          V1, V4; \
	VANDPD       const_kMagnitude(R8), V1, V0; \
	NORMAL_TAIL(V13, V14); \
	VFNMADD231PD V9, V5, V2; \
	VFMADD231PD  const_kHalf(R8), V6, V1; \
	MOV          const_kInverse120(R8), V7; \
	VFNMADD213PD const_kInverse24(R8), V1, V7; \
	VFNMADD213PD const_kInverse6(R8), V1, V7; \
	VFNMADD213PD const_kHalf(R8), V1, V7; \
	VFNMADD213PD GELU_ONE, V1, V7; \
	VFNMADD213PD GELU_ONE, V1, V7; \
	VMULPD       V7, V5, V5; \
	VFNMADD231PD V5, V0, V2; \
	MOV          GELU_ONE, V1; \
	VSUBPD       V2, V1, V1; \
	VMULPD       V11, V2, V2; \
	VMULPD       V11, V1, V1; \
	IFPOSITIVE(V4, V1, V2, V0)

#define GRADX_GELU \
	GRAD_ARGS; \
	MOVQ x_base+48(FP), DX; \
	LEAQ ·normalPoints(SB), R10; \
	MOV  const_kNormalEnd(R8), V13; \
	MOV  const_kGaussGrid(R8), V14; \
	GELU_CONSTANTS; \
	SINGLE(GRAD_BODY, GRAD_LAST, F_GELU_GRAD); RETURN

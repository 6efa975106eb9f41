// tanh and erf in float64: a function at the point a of a grid below |x|, looked up for each
// element, and a series in d = |x|-a. The including file defines the part that depends on the
// vector length:
//
//	FRAME      the size of the frame
//	LOOK_UP1   sets V2 to the numbers of the table R10 for the indices in V1, LOOK_UP2 V2 and V5 to its
//	           pairs; indices are in the lowest 32 bits, and the two may use V3 and V6

// POINT_BELOW splits |V0| = a + d, with a kept below the bound V14: a in V1, d in V0, the sign of
// V0 in V4. The table is looked up in between. Adding V12 = 3*2^51 times the distance of the points
// to |V0| minus V11, half of that distance, leaves the index in the lowest bits. A NaN becomes the
// bound in the index and stays in d.
#define POINT_BELOW(LOOK_UP) \
	VANDPD  V10, V0, V4; \
	VANDNPD V0, V10, V0; \
	VMINPD V14, V0, V1; \
	VMINPD V0, V14, V0; \
	VSUBPD V11, V1, V1; \
	VADDPD V12, V1, V1; \
	LOOK_UP; \
	VSUBPD V12, V1, V1; \
	VSUBPD V1, V0, V0

// tanh, 2 ulp: with T = tanh(a) and t = tanh(d) it is (T+t)/(1+T*t) = s - s*T*t/(1+T*t), s = T+t.
#define F_TANH \
	POINT_BELOW(LOOK_UP1); \
	VMULPD       V0, V0, V3; \
	VMOVAPD      V9, V5; \
	VFMADD213PD  V8, V3, V5; \
	VFMADD213PD  V7, V3, V5; \
	VFMADD213PD  V6, V3, V5; \
	VMULPD       V0, V3, V3; \
	VFMADD231PD  V5, V3, V0; \
	VMULPD       V0, V2, V3; \
	VADDPD       V0, V2, V0; \
	VADDPD       V13, V3, V5; \
	VDIVPD       V5, V3, V3; \
	VFNMADD231PD V3, V0, V0; \
	VORPD        V4, V0, V0

// erf, 2 ulp: E + S*d*(1 + c1*d + ... + c5*d^5) with E = erf(a), S = erf'(a) and
//
//	c1 = -a             c2 = 2/3 r - 1/3                c3 = a*(-1/3 r + 1/2)
//	r = a*a             c4 = (2/15 r - 2/5) r + 1/10    c5 = a*((-2/45 r + 2/9) r - 1/6)
//
// by Taylor's series, whose coefficients are Hermite polynomials.
#define F_ERF \
	POINT_BELOW(LOOK_UP2); \
	VMULPD      V1, V1, V3; \
	MOV         ERF52, V6; \
	MOV         ERF42, V7; \
	MOV         ERF31, V8; \
	MOV         ERF21, V9; \
	VFMADD213PD ERF51, V3, V6; \
	VFMADD213PD ERF41, V3, V7; \
	VFMADD213PD ERF30, V3, V8; \
	VFMADD213PD ERF20, V3, V9; \
	VFMADD213PD ERF50, V3, V6; \
	VFMADD213PD ERF40, V3, V7; \
	VMULPD      V1, V6, V6; \
	VMULPD      V1, V8, V8; \
	VFMADD213PD ERF60, ERF61, V3; \
	VFMADD231PD V3, V0, V6; \
	VFMADD213PD V7, V0, V6; \
	VFMADD213PD V8, V0, V6; \
	VFMADD213PD V9, V0, V6; \
	VFMSUB213PD V1, V0, V6; \
	VMULPD      V0, V6, V6; \
	VFMADD231PD V6, V0, V0; \
	VFMADD213PD V2, V5, V0; \
	VORPD       V4, V0, V0

#define TANH_CONSTANTS \
	MOV const_kTanh0(R8), V6; \
	MOV const_kTanh1(R8), V7; \
	MOV const_kTanh2(R8), V8; \
	MOV const_kTanh3(R8), V9

#define MAP_POINTS(F, CONSTANTS, table, most, grid) \
	MAP_ARGS; \
	LEAQ table(SB), R10; \
	MOV  const_kOne(R8), V13; \
	MOV  most(R8), V14; \
	MOV  grid(R8), V12; \
	MOV  (grid+64)(R8), V11; \
	MOV  const_kSign(R8), V10; \
	CONSTANTS; \
	SINGLE(LONG_BODY, MAP_LAST, F); RETURN

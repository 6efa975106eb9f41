// The float32 functions that have a text of their own, for the loops of vector_stream.h: macros
// that compute V0 from V0.

// tanh, 2 ulp: x + x*z*P(z) with z = x*x and P of degree 4 (error 5e-9) for |x| < 0.55, else
// 1-2/(e^(2|x|)+1) with the sign of x; from 9.1 on that is 1.
#define F_TANH \
	MOV          V0, V4; \
	VANDPS       const_kMagnitude(R8), V0, V0; \
	VSUBPS       const_kTanhSmall(R8), V0, V5; \
	VMULPS       V4, V4, V6; \
	MOV          const_kTanh4(R8), V7; \
	VFMADD213PS  const_kTanh3(R8), V6, V7; \
	VFMADD213PS  const_kTanh2(R8), V6, V7; \
	VFMADD213PS  const_kTanh1(R8), V6, V7; \
	VFMADD213PS  const_kTanh0(R8), V6, V7; \
	VMULPS       V4, V6, V6; \
	VFMADD213PS  V4, V6, V7; \
	MOV          const_kTanhMax(R8), V1; VMINPS V0, V1, V0; \
	VADDPS       V0, V0, V0; \
	EXP_CORE; POW2(V1, V3); \
	MOV          ONE, V0; \
	VFMADD213PS  V0, V3, V2; \
	MOV          const_kTwo(R8), V1; \
	VDIVPS       V2, V1, V1; \
	VSUBPS       V1, V0, V0; \
	VANDPS       const_kSign(R8), V4, V4; \
	VORPS        V4, V0, V0; \
	IFSIGN(V5, V7, V0, V0)

// e^-|V0| as V2*2^V1, not below 2^-150.
#define EXP_DECAY \
	VORPS const_kSign(R8), V0, V0; \
	MOV const_kExpMin(R8), V1; VMAXPS V0, V1, V0; \
	EXP_CORE

// GELU, tanh form, 1e-6 absolute: x*sigmoid(2 sqrt(2/pi) (x + 0.044715 x^3)), which is the
// definition by (1+tanh u)/2 = sigmoid(2u).
#define F_GELU_TANH \
	MOV         const_kLowest(R8), V1; VMAXPS V0, V1, V4; \
	VMULPS      V4, V4, V1; \
	MOV         const_kGeluB(R8), V0; \
	VFMADD213PS const_kGeluA(R8), V1, V0; \
	VMULPS      V4, V0, V0; \
	EXP_DECAY; SCALE(V2, V1, V3); \
	MOV         ONE, V2; \
	VADDPS      V2, V3, V1; \
	IFSIGN(V4, V3, V2, V0); \
	VDIVPS      V1, V0, V0; \
	VMULPS      V4, V0, V0

// ERF_CORE turns V0 into erf(V0), 3e-7 absolute: an odd rational function x*P(x^2)/Q(x^2), P and Q
// of degree 5, on |x| <= ErfMax, where it is exactly 1. Below that it may exceed 1 by one rounding.
#define ERF_CORE \
	MOV const_kErfMin(R8), V1; VMAXPS V0, V1, V0; \
	MOV const_kErfMax(R8), V1; VMINPS V0, V1, V0; \
	VMULPS      V0, V0, V1; \
	MOV         const_kErfP5(R8), V2; \
	MOV         const_kErfQ5(R8), V3; \
	VFMADD213PS const_kErfP4(R8), V1, V2; \
	VFMADD213PS const_kErfQ4(R8), V1, V3; \
	VFMADD213PS const_kErfP3(R8), V1, V2; \
	VFMADD213PS const_kErfQ3(R8), V1, V3; \
	VFMADD213PS const_kErfP2(R8), V1, V2; \
	VFMADD213PS const_kErfQ2(R8), V1, V3; \
	VFMADD213PS const_kErfP1(R8), V1, V2; \
	VFMADD213PS const_kErfQ1(R8), V1, V3; \
	VFMADD213PS const_kErfP0(R8), V1, V2; \
	VFMADD213PS const_kOne(R8), V1, V3; \
	VMULPS      V2, V0, V0; \
	VDIVPS      V3, V0, V0

#define F_ERF \
	ERF_CORE; \
	MOV const_kMinusOne(R8), V1; VMAXPS V0, V1, V0; \
	MOV const_kOne(R8), V1; VMINPS V0, V1, V0

// GELU, 1e-6 absolute: x/2 + x/2*erf(x/sqrt2).
#define F_GELU \
	MOV         const_kLowest(R8), V1; VMAXPS V0, V1, V4; \
	VMULPS      const_kRootHalf(R8), V0, V0; \
	ERF_CORE; \
	VMULPS      const_kHalf(R8), V4, V4; \
	VFMADD213PS V4, V4, V0

// Gradients: V0 is dy, kept in V5; V1 is x, held within a range outside which the derivative is 0
// or 1, so that nothing overflows, and kept in V4.

// SiLU': s + x*s*(1-s), where s = sigmoid(x) and s*(1-s) = e/(1+e)^2 with e = e^-|x|. V6 = s, V3 =
// s*(1-s) for the argument V0, whose sign is that of V4.
#define SIGMOID_AND_SLOPE \
	EXP_DECAY; SCALE(V2, V1, V3); \
	MOV    ONE, V2; \
	VADDPS V2, V3, V1; \
	VDIVPS V1, V2, V1; \
	VMULPS V1, V3, V3; \
	IFSIGN(V4, V3, V1, V6); \
	VMULPS V1, V3, V3

#define F_SILU_GRAD \
	MOV V0, V5; \
	MOV const_kGradMin(R8), V2; VMAXPS V1, V2, V1; \
	MOV const_kGradMax(R8), V2; VMINPS V1, V2, V4; \
	MOV V4, V0; \
	SIGMOID_AND_SLOPE; \
	VFMADD231PS V3, V4, V6; \
	VMULPS V6, V5, V0

// GELU' of the tanh form: s + x*s*(1-s)*w', where w = x*(A + B*x^2) is the argument of s and w' = A
// + 3B*x^2.
#define F_GELU_TANH_GRAD \
	MOV V0, V5; \
	MOV const_kGeluMin(R8), V2; VMAXPS V1, V2, V1; \
	MOV const_kGeluMax(R8), V2; VMINPS V1, V2, V4; \
	VMULPS      V4, V4, V1; \
	MOV         const_kGeluB(R8), V0; \
	MOV         const_kGelu3B(R8), V7; \
	VFMADD213PS const_kGeluA(R8), V1, V0; \
	VFMADD213PS const_kGeluA(R8), V1, V7; \
	VMULPS      V4, V0, V0; \
	VMULPS      V4, V7, V7; \
	SIGMOID_AND_SLOPE; \
	VFMADD231PS V3, V7, V6; \
	VMULPS      V6, V5, V0

// GELU': 1/2 + erf(x/sqrt2)/2 + x*e^(-x*x/2)/sqrt(2 pi).
#define F_GELU_GRAD \
	MOV V0, V5; \
	MOV const_kGeluMin(R8), V2; VMAXPS V1, V2, V1; \
	MOV const_kGeluMax(R8), V2; VMINPS V1, V2, V4; \
	VMULPS      const_kRootHalf(R8), V4, V0; \
	VMULPS      V0, V0, V7; \
	ERF_CORE; \
	MOV         const_kHalf(R8), V6; \
	VFMADD213PS V6, V0, V6; \
	MOV         V7, V0; \
	EXP_DECAY; SCALE(V2, V1, V3); \
	VMULPS      const_kInvRoot2Pi(R8), V4, V4; \
	VFMADD231PS V3, V4, V6; \
	VMULPS      V6, V5, V0

// Functions of one float32 variable: macros that compute V0 from V0, for the loops of vector_stream.h. Constants come from vectorTable (vector_table_amd64.go), which also
// names their sources. Every constant is a full vector in memory, so that the same text serves 16 registers of 256 bits and 32 of 512.
//
// In two-operand MAX and MIN the input stands first: the instruction returns its first operand if one of the two is NaN, so NaN passes through every function.

// REDUCE splits V0 = n*ln2 + r: n in V1, r in V0, |r| <= ln2/2. ln2 is the sum of two numbers; the product of the first with n is exact.
#define REDUCE \
	VMULPS       const_kLog2e(R8), V0, V1; \
	ROUND(V1); \
	VFNMADD231PS const_kLn2Hi(R8), V1, V0; \
	VFNMADD231PS const_kLn2Lo(R8), V1, V0

// POLY sets V2 = Q(r) of e^r = 1 + r + r*r*Q(r), Q of degree 4 (error 8e-9 of e^r), r in V0.
#define POLY \
	MOV         const_kExp6(R8), V2; \
	VFMADD213PS const_kExp5(R8), V0, V2; \
	VFMADD213PS const_kExp4(R8), V0, V2; \
	VFMADD213PS const_kExp3(R8), V0, V2; \
	VFMADD213PS const_kExp2(R8), V0, V2

// EXP_CORE sets V2 = e^r in [1/sqrt2, sqrt2] and V1 = n for the argument V0: its exponential is V2 * 2^V1.
#define EXP_CORE \
	REDUCE; POLY; \
	VFMADD213PS const_kOne(R8), V0, V2; \
	VFMADD213PS const_kOne(R8), V0, V2

// exp, 1 ulp: below -104 the result is 0, above 89 infinite; both follow from the scaling, subnormal results included.
#define F_EXP \
	MOV const_kExpMin(R8), V1; VMAXPS V0, V1, V0; \
	MOV const_kExpMax(R8), V1; VMINPS V0, V1, V0; \
	EXP_CORE; SCALE(V2, V1, V0)

// EXPM1_CORE turns V0 in [-25, 20] into e^V0 - 1 = 2^n*(e^r-1) + (2^n-1), where the last term is exact; for n = 0 it is the polynomial, so it is accurate near 0.
#define EXPM1_CORE \
	REDUCE; POLY; \
	VMULPS      V0, V0, V3; \
	VFMADD213PS V0, V3, V2; \
	POW2(V1, V3); \
	VSUBPS      const_kOne(R8), V3, V0; \
	VFMADD231PS V2, V3, V0

// tanh, 2 ulp: x + x*z*P(z) with z = x*x and P of degree 4 (error 5e-9) for |x| < 0.55, else 1-2/(e^(2|x|)+1) with the sign of x; from 9.1 on that is 1.
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
	MOV          const_kOne(R8), V0; \
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

// SIGMOID_CORE gives the sigmoid of V0, whose sign is that of V4, as V0*2^V1: 1/(1+e) or e/(1+e) with e = e^-|V0|, so that nothing overflows and small results keep
// their precision. With plain roundings the error would pass 2 ulp, so e^r = V3+V0 and 1+e = V7+V5 are carried in two parts and the quotient is corrected by its remainder.
#define SIGMOID_CORE \
	VORPS        const_kSign(R8), V0, V0; \
	MOV const_kDecayMin(R8), V1; VMAXPS V0, V1, V0; \
	REDUCE; POLY; \
	VMULPS       V0, V0, V3; \
	VFMADD213PS  V0, V3, V2; \
	MOV          const_kOne(R8), V8; \
	VADDPS       V8, V2, V3; \
	VSUBPS       V8, V3, V0; \
	VSUBPS       V0, V2, V0; \
	VMAXPS       const_kExponentMin(R8), V1, V5; POW2(V5, V6); \
	MOV          V8, V7; \
	VFMADD231PS  V3, V6, V7; \
	VSUBPS       V7, V8, V5; \
	VFMADD231PS  V3, V6, V5; \
	VFMADD231PS  V0, V6, V5; \
	IFSIGN(V4, V3, V8, V2); \
	ZERO(V9); \
	IFSIGN(V4, V0, V9, V3); \
	IFSIGN(V4, V1, V9, V1); \
	VDIVPS       V7, V8, V8; \
	VMULPS       V8, V2, V0; \
	VFNMADD231PS V7, V0, V2; \
	VADDPS       V3, V2, V2; \
	VFNMADD231PS V5, V0, V2; \
	VFMADD231PS  V2, V8, V0

// sigmoid, 2 ulp.
#define F_SIGMOID MOV V0, V4; SIGMOID_CORE; SCALE(V0, V1, V0)

// SiLU, 2 ulp: x*sigmoid(x), scaled last, since for x near -90 sigmoid(x) is subnormal when the product is not; 0 below -121.
#define F_SILU \
	MOV    const_kDecayMin(R8), V1; VMAXPS V0, V1, V4; \
	MOV    V4, V0; \
	SIGMOID_CORE; \
	VMULPS V4, V0, V0; \
	SCALE(V0, V1, V0)

// GELU, tanh form, 1e-6 absolute: x*sigmoid(2 sqrt(2/pi) (x + 0.044715 x^3)), which is the definition by (1+tanh u)/2 = sigmoid(2u).
#define F_GELU_TANH \
	MOV         const_kLowest(R8), V1; VMAXPS V0, V1, V4; \
	VMULPS      V4, V4, V1; \
	MOV         const_kGeluB(R8), V0; \
	VFMADD213PS const_kGeluA(R8), V1, V0; \
	VMULPS      V4, V0, V0; \
	EXP_DECAY; SCALE(V2, V1, V3); \
	MOV         const_kOne(R8), V2; \
	VADDPS      V2, V3, V1; \
	IFSIGN(V4, V3, V2, V0); \
	VDIVPS      V1, V0, V0; \
	VMULPS      V4, V0, V0

// ERF_CORE turns V0 into erf(V0), 3e-7 absolute: an odd rational function x*P(x^2)/Q(x^2), P and Q of degree 5, on |x| <= ErfMax, where it is exactly 1. Below
// that it may exceed 1 by one rounding.
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

// a*(e^x-1) or x, 2 ulp.
#define NEGATIVE_EXPM1 \
	ZERO(V1); VMINPS V0, V1, V0; \
	MOV const_kExpm1Min(R8), V1; VMAXPS V0, V1, V0; \
	EXPM1_CORE
#define F_ELU MOV V0, V4; NEGATIVE_EXPM1; VMULPS V14, V0, V0; IFPOSITIVE(V4, V4, V0, V0)
#define F_CELU MOV V0, V4; VDIVPS V14, V0, V0; NEGATIVE_EXPM1; VMULPS V14, V0, V0; IFPOSITIVE(V4, V4, V0, V0)
#define F_SELU \
	MOV    V0, V4; NEGATIVE_EXPM1; VMULPS const_kSeluAlphaScale(R8), V0, V0; \
	VMULPS const_kSeluScale(R8), V4, V1; IFPOSITIVE(V4, V1, V0, V0)

// Gradients: V0 is dy, V1 is y; the part of e^x-1 gives the derivative y + a.
#define F_ELU_GRAD VADDPS V14, V1, V2; VMULPS V2, V0, V2; IFPOSITIVE(V1, V0, V2, V0)
#define F_SELU_GRAD \
	VADDPS const_kSeluAlphaScale(R8), V1, V2; VMULPS V2, V0, V2; \
	VMULPS const_kSeluScale(R8), V0, V0; IFPOSITIVE(V1, V0, V2, V0)

// Gradients: V0 is dy, kept in V5; V1 is x, held within a range outside which the derivative is 0 or 1, so that nothing overflows, and kept in V4.

// SiLU': s + x*s*(1-s), where s = sigmoid(x) and s*(1-s) = e/(1+e)^2 with e = e^-|x|. V6 = s, V3 = s*(1-s) for the argument V0, whose sign is that of V4.
#define SIGMOID_AND_SLOPE \
	EXP_DECAY; SCALE(V2, V1, V3); \
	MOV    const_kOne(R8), V2; \
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

// GELU' of the tanh form: s + x*s*(1-s)*w', where w = x*(A + B*x^2) is the argument of s and w' = A + 3B*x^2.
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

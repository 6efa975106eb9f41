// What vector_exp.h needs, for float32: constants of e^r in registers (AVX-512) or in memory,
// rounding, and scaling by powers of 2. V3, V10 and V11 are used.

#define FACTOR ONE
#define PLUS_PRODUCT(dst) ADD V2, dst, dst
#define LOGISTIC_CONSTANTS EXP_CONSTANTS
#define EXPM1_CONSTANTS EXP_CONSTANTS

// REDUCE splits V0 = n*ln2 + r: n in V1, r in V0, |r| <= ln2/2. ln2 is the sum of two numbers; the
// product of the first with n is exact.
#define REDUCE \
	VMULPS       LOG2E, V0, V1; \
	ROUND(V1); \
	VFNMADD231PS LN2HI, V1, V0; \
	VFNMADD231PS LN2LO, V1, V0

#define REDUCE_EXP REDUCE

// REDUCE_MINUS splits V0 = n*ln2 - r likewise.
#define REDUCE_MINUS \
	VMULPS      LOG2E, V0, V1; \
	ROUND(V1); \
	VFMSUB231PS LN2HI, V1, V0; \
	VFMADD231PS LN2LO, V1, V0

// POLY sets V2 = Q(r) of e^r = 1 + r + r*r*Q(r) for r in V0, Q of degree 4 (error 8e-9 of e^r).
#define POLY \
	MOV         EXP6, V2; \
	VFMADD213PS EXP5, V0, V2; \
	VFMADD213PS EXP4, V0, V2; \
	VFMADD213PS EXP3, V0, V2; \
	VFMADD213PS EXP2, V0, V2

// V2 = e^r and V2 = e^r - 1.
#define EXP_R POLY; VFMADD213PS ONE, V0, V2; VFMADD213PS ONE, V0, V2
#define EXPM1_R POLY; VMULPS V0, V0, V3; VFMADD213PS V0, V3, V2

// EXPM1_CORE turns V0 into e^V0 - 1 = 2^n*(e^r-1) + (2^n-1), where the last term is exact; for n =
// 0 it is the polynomial, so it is accurate near 0.
#define EXPM1_CORE \
	REDUCE; EXPM1_R; \
	POW2(V1, V3); \
	VSUBPS      ONE, V3, V0; \
	VFMADD231PS V2, V3, V0

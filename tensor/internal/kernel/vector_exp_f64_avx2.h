// What vector_exp.h needs, for float64 with AVX2. V3, V5, V10 and V11 are used.

#define LOG2E V7
#define LN2HI V8
#define LN2LO V9
#define ONE V12
#define BIAS V6
#define EXP_CONSTANTS \
	MOV const_kLog2e(R8), LOG2E; \
	MOV const_kLn2Hi(R8), LN2HI; \
	MOV const_kLn2Lo(R8), LN2LO; \
	MOV const_kOne(R8), ONE; \
	MOV const_kBias(R8), BIAS
#define LOGISTIC_CONSTANTS EXP_CONSTANTS
#define EXPM1_CONSTANTS EXP_CONSTANTS

#define FACTOR ONE
#define PLUS_PRODUCT(dst) VADDPD V2, dst, dst

#define REDUCE \
	VMULPD       LOG2E, V0, V1; \
	VROUNDPD     $8, V1, V1; \
	VFNMADD231PD LN2HI, V1, V0; \
	VFNMADD231PD LN2LO, V1, V0
#define REDUCE_EXP REDUCE
#define REDUCE_MINUS \
	VMULPD      LOG2E, V0, V1; \
	VROUNDPD    $8, V1, V1; \
	VFMSUB231PD LN2HI, V1, V0; \
	VFMADD231PD LN2LO, V1, V0

// V2 = Q(r) and V3 = r*r for r in V0, where e^r = 1 + r + r*r*Q(r) and Q has degree 9 (error
// 1.8e-17 of e^r-1). Its even and odd terms are summed side by side, because a chain of nine
// operations would wait for itself.
#define POLY \
	VMULPD      V0, V0, V3; \
	MOV         const_kExp10(R8), V2; \
	MOV         const_kExp11(R8), V5; \
	VFMADD213PD const_kExp8(R8), V3, V2; \
	VFMADD213PD const_kExp9(R8), V3, V5; \
	VFMADD213PD const_kExp6(R8), V3, V2; \
	VFMADD213PD const_kExp7(R8), V3, V5; \
	VFMADD213PD const_kExp4(R8), V3, V2; \
	VFMADD213PD const_kExp5(R8), V3, V5; \
	VFMADD213PD const_kExp2(R8), V3, V2; \
	VFMADD213PD const_kExp3(R8), V3, V5; \
	VFMADD231PD V0, V5, V2

// V2 = e^r - 1.
#define EXPM1_R POLY; VFMADD213PD V0, V3, V2

// EXPM1_CORE turns V0 into e^V0 - 1 = S*(e^r-1) + (S-1) with S = 2^n, where the last term is exact;
// for n = 0 it is the polynomial, so it is accurate near 0.
#define EXPM1_CORE \
	REDUCE; EXPM1_R; \
	POW2(V1, V3); \
	VSUBPD      ONE, V3, V0; \
	VFMADD231PD V2, V3, V0

// V2 = e^r.
#define EXP_R EXPM1_R; VADDPD ONE, V2, V2

// After the addition of BIAS = 3*2^51 + 1023 the lowest bits of an integral number n are those of
// the exponent of 2^n.

// dst = p * 2^n for -2000 < n < 2000, in two steps, so that overflow and subnormal results are
// rounded once. dst may be n.
#define SCALE(p, n, dst) \
	MOV         const_kHalf(R8), V10; \
	VFMADD213PD BIAS, n, V10; \
	VSUBPD      BIAS, V10, V11; \
	VSUBPD      V11, n, V11; \
	VADDPD      BIAS, V11, V11; \
	VPSLLQ      $52, V10, V10; \
	VPSLLQ      $52, V11, V11; \
	VMULPD      V10, p, dst; \
	VMULPD      V11, dst, dst

// dst = 2^n for -1023 < n < 1024.
#define POW2(n, dst) VADDPD BIAS, n, dst; VPSLLQ $52, dst, dst

// As in vector_exp_f32.h, with q = 2^max(n,-900).
#define POW2_PARTS(n, q) \
	VMAXPD const_kPartMin(R8), n, q; \
	VSUBPD q, n, n; \
	VADDPD BIAS, q, q; \
	VADDPD BIAS, n, n; \
	VPSLLQ $52, q, q; \
	VPSLLQ $52, n, n
#define SCALE_PARTS(n, q, x) VMULPD q, x, x; VMULPD n, x, x

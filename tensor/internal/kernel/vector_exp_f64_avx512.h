// What vector_exp.h needs, for float64 with AVX-512. V3, V5, V6 and V7 are used.
//
// Arguments are reduced to |r| <= ln2/32 by powers of 2^(1/16), which sixteen lanes look up. A root
// T has 30 bits, so that 2^n*T + 1 is exact where that matters, and the logarithm of its rounding
// error is added to r.
#define LOG2E Z17
#define LN2HI Z18
#define LN2LO Z19
#define ONE Z20
#define FINE2 Z21
#define FINE3 Z22
#define FINE4 Z23
#define FINE5 Z24
#define FINE6 Z25
#define GRID Z26
#define ROOTS0 Z27
#define ROOTS1 Z28
#define SHIFTS0 Z29
#define SHIFTS1 Z30
#define REST7 Z31
#define ROOT_CONSTANTS(roots, shifts) \
	MOV const_kLog2e(R8), LOG2E; \
	MOV const_kLn2Hi(R8), LN2HI; \
	MOV const_kLn2Lo(R8), LN2LO; \
	MOV const_kOne(R8), ONE; \
	MOV const_kGrid(R8), GRID; \
	MOV roots(R8), ROOTS0; \
	MOV (roots+64)(R8), ROOTS1; \
	MOV shifts(R8), SHIFTS0; \
	MOV (shifts+64)(R8), SHIFTS1
#define FINE_CONSTANTS \
	MOV const_kFine2(R8), FINE2; \
	MOV const_kFine3(R8), FINE3; \
	MOV const_kFine4(R8), FINE4; \
	MOV const_kFine5(R8), FINE5; \
	MOV const_kFine6(R8), FINE6

// The exponential function itself takes roots rounded to 53 bits and no logarithms.
#define EXP_CONSTANTS \
	MOV const_kLog2e(R8), LOG2E; \
	MOV const_kLn2Hi(R8), LN2HI; \
	MOV const_kLn2Lo(R8), LN2LO; \
	MOV const_kGrid(R8), GRID; \
	MOV const_kExactRoots(R8), ROOTS0; \
	MOV (const_kExactRoots+64)(R8), ROOTS1; \
	FINE_CONSTANTS

// The logistic function looks up 2^(-j/16).
#define LOGISTIC_CONSTANTS ROOT_CONSTANTS(const_kMinusRoots, const_kMinusShifts); FINE_CONSTANTS

// e^x-1 needs a term more.
#define EXPM1_CONSTANTS \
	ROOT_CONSTANTS(const_kRoots, const_kShifts); \
	MOV const_kRest2(R8), FINE2; \
	MOV const_kRest3(R8), FINE3; \
	MOV const_kRest4(R8), FINE4; \
	MOV const_kRest5(R8), FINE5; \
	MOV const_kRest6(R8), FINE6; \
	MOV const_kRest7(R8), REST7

// The sum with GRID = 3*2^47 has j in its lowest bits. V1 becomes n + j/16, which SCALE rounds
// down; FACTOR is T.
#define FACTOR V6
#define LOOK_UP \
	VMOVDQA64 V1, V6; \
	VMOVDQA64 V1, V7; \
	VPERMI2PD ROOTS1, ROOTS0, V6; \
	VPERMI2PD SHIFTS1, SHIFTS0, V7; \
	VSUBPD    GRID, V1, V1
#define REDUCE \
	VMOVAPD      GRID, V1; \
	VFMADD231PD  LOG2E, V0, V1; \
	LOOK_UP; \
	VFNMADD231PD LN2HI, V1, V0; \
	VFNMADD231PD LN2LO, V1, V0; \
	VADDPD       V7, V0, V0
#define REDUCE_EXP \
	VMOVAPD      GRID, V1; \
	VFMADD231PD  LOG2E, V0, V1; \
	VMOVDQA64    V1, V6; \
	VPERMI2PD    ROOTS1, ROOTS0, V6; \
	VSUBPD       GRID, V1, V1; \
	VFNMADD231PD LN2HI, V1, V0; \
	VFNMADD231PD LN2LO, V1, V0
#define REDUCE_MINUS \
	VMOVAPD     GRID, V1; \
	VFMADD231PD LOG2E, V0, V1; \
	LOOK_UP; \
	VFMSUB231PD LN2HI, V1, V0; \
	VFMADD231PD LN2LO, V1, V0; \
	VADDPD      V7, V0, V0

// V2 = e^r - 1 = r + r*r*Q(r) for r in V0, where Q has degree 4 (error 1.2e-17 of e^r). Sums are
// split to shorten the chain of operations that wait for each other.
#define EXPM1_R \
	VMULPD      V0, V0, V3; \
	VMOVAPD     FINE6, V2; \
	VMOVAPD     FINE5, V5; \
	VFMADD213PD FINE4, V3, V2; \
	VFMADD213PD FINE3, V3, V5; \
	VFMADD213PD FINE2, V3, V2; \
	VFMADD231PD V0, V5, V2; \
	VFMADD213PD V0, V3, V2

// EXPM1_CORE turns V0 into e^V0 - 1 = S*(e^r-1) + (S-1) with S = T*2^n. S-1 is exact where it is
// not large, and 0 near V0 = 0; Q has degree 5 here (error 1e-18 of e^r-1).
#define EXPM1_CORE \
	REDUCE; \
	VMULPD      V0, V0, V3; \
	VMOVAPD     FINE6, V2; \
	VMOVAPD     REST7, V5; \
	VFMADD213PD FINE5, V3, V5; \
	VFMADD213PD FINE4, V3, V2; \
	VFMADD213PD FINE3, V3, V5; \
	VFMADD213PD FINE2, V3, V2; \
	VFMADD231PD V0, V5, V2; \
	VFMADD213PD V0, V3, V2; \
	VSCALEFPD   V1, FACTOR, V3; \
	VSUBPD      ONE, V3, V0; \
	VFMADD231PD V2, V3, V0

// V2 = T*e^r; dst += T*V2.
#define EXP_R EXPM1_R; VFMADD213PD FACTOR, FACTOR, V2
#define PLUS_PRODUCT(dst) VFMADD231PD FACTOR, V2, dst

// dst = T * 2^n in POW2, otherwise as in vector_exp_f32.h.
#define SCALE(p, n, dst) VSCALEFPD n, p, dst
#define POW2(n, dst) VSCALEFPD n, FACTOR, dst
#define POW2_PARTS(n, q) VSCALEFPD n, ONE, q
#define SCALE_PARTS(n, q, x) VSCALEFPD n, x, x


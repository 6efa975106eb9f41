// The parts of vector_exp_f32.h that depend on the vector length, for AVX-512.

#define LOG2E Z17
#define LN2HI Z18
#define LN2LO Z19
#define ONE Z20
#define EXP2 Z21
#define EXP3 Z22
#define EXP4 Z23
#define EXP5 Z24
#define EXP6 Z25
#define EXP_CONSTANTS \
	MOV const_kLog2e(R8), LOG2E; \
	MOV const_kLn2Hi(R8), LN2HI; \
	MOV const_kLn2Lo(R8), LN2LO; \
	MOV const_kOne(R8), ONE; \
	MOV const_kExp2(R8), EXP2; \
	MOV const_kExp3(R8), EXP3; \
	MOV const_kExp4(R8), EXP4; \
	MOV const_kExp5(R8), EXP5; \
	MOV const_kExp6(R8), EXP6

#define ROUND(x) VRNDSCALEPS $8, x, x
#define SCALE(p, n, dst) VSCALEFPS n, p, dst
#define POW2(n, dst) VSCALEFPS n, ONE, dst
#define POW2_PARTS(n, q) POW2(n, q)
#define SCALE_PARTS(n, q, x) VSCALEFPS n, x, x

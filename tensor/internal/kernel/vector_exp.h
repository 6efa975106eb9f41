// Functions of one variable that rest on the exponential function, for both element types and the
// loops of vector_stream.h: macros that compute V0 from V0. Constants come from vectorTable
// (vector_table_amd64.go), which also names their sources. vector_exp_f32.h and vector_exp_f64.h
// define the parts:
//
//	REDUCE        splits V0 = (n+log2(T))*ln2 + r: integer n in V1, small r in V0, T in FACTOR
//	REDUCE_EXP    is REDUCE where T need not be a number of few bits
//	REDUCE_MINUS  splits V0 = n*ln2 - ln(T) - r likewise
//	EXP_R         sets V2 = T*e^r and EXPM1_R sets V2 = e^r - 1 for r in V0
//	EXPM1_CORE    turns V0 into e^V0 - 1, accurate near 0, if |n| < 60
//	PLUS_PRODUCT  adds T*V2 to a register
//	POW2, SCALE   give T*2^n and p*2^n
//
// T is 1 except in float64 with AVX-512.
//
// In two-operand MAX and MIN the input stands first: the instruction returns its first operand if
// one of the two is NaN, so NaN passes through every function.

// EXP_CORE sets V2*2^V1 to the exponential of V0.
#define EXP_CORE REDUCE_EXP; EXP_R

// exp, 1 ulp (1.1 where T has an error of its own): below the least argument V14 the result is 0,
// above the largest V13 infinite; both follow from the scaling, subnormal results included.
#define F_EXP \
	MAX V0, V14, V0; \
	MIN V0, V13, V0; \
	EXP_CORE; \
	SCALE(V2, V1, V0)

// a*(e^x-1) or x, 2 ulp.
#define NEGATIVE_EXPM1 \
	ZERO(V1); MIN V0, V1, V0; \
	MOV const_kExpm1Min(R8), V1; MAX V0, V1, V0; \
	EXPM1_CORE
#define F_ELU MOV V0, V4; NEGATIVE_EXPM1; MUL V14, V0, V0; IFPOSITIVE(V4, V4, V0, V0)
#define F_CELU \
	MOV V0, V4; DIV V14, V0, V0; NEGATIVE_EXPM1; MUL V14, V0, V0; IFPOSITIVE(V4, V4, V0, V0)
#define F_SELU \
	MOV V0, V4; NEGATIVE_EXPM1; MUL const_kSeluAlphaScale(R8), V0, V0; \
	MUL const_kSeluScale(R8), V4, V1; IFPOSITIVE(V4, V1, V0, V0)

// Their gradients: V0 is dy, V1 is y; the part of e^x-1 has the derivative y + a.
#define F_ELU_GRAD ADD V14, V1, V2; MUL V2, V0, V2; IFPOSITIVE(V1, V0, V2, V0)
#define F_SELU_GRAD \
	ADD const_kSeluAlphaScale(R8), V1, V2; MUL V2, V0, V2; \
	MUL const_kSeluScale(R8), V0, V0; IFPOSITIVE(V1, V0, V2, V0)

// LOGISTIC sets V0 to V4 times the sigmoid of V0, which lies within [V14, V13] or is NaN. With
// V0 = n*ln2 - ln(T) - r the sigmoid is 2^n / (2^n + T*e^r). T*e^r has the size of 1, so neither a
// large nor a small sigmoid loses precision. The factor 2^n comes last, so a subnormal result is
// rounded once. e^r-1 is added to the smaller part of the sum first: only the last addition rounds
// in units of the sum.
#define LOGISTIC \
	REDUCE_MINUS; EXPM1_R; \
	POW2_PARTS(V1, V3); \
	MIN FACTOR, V3, V5; \
	MAX FACTOR, V3, V0; \
	PLUS_PRODUCT(V5); \
	ADD V5, V0, V5; \
	DIV V5, V4, V0; \
	SCALE_PARTS(V1, V3, V0)

// sigmoid, 2 ulp.
#define F_SIGMOID \
	MAX V0, V14, V0; \
	MIN V0, V13, V0; \
	MOV ONE, V4; \
	LOGISTIC

// SiLU, 2 ulp: x*sigmoid(x), scaled last, since sigmoid(x) can be subnormal when the product is
// not.
#define F_SILU \
	MAX V0, V14, V4; \
	MIN V4, V13, V0; \
	LOGISTIC

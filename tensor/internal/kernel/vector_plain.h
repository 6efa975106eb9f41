// Arithmetic for both element types; the instructions are named by the including file. Operands of
// SUB, DIV, MAX, MIN: OP y, x, z is z = x op y, and MAX and MIN return y if one of the two is NaN.

#define F_NEG XOR const_kSign(R8), V0, V0
#define F_ABS AND const_kMagnitude(R8), V0, V0
#define F_SQUARE MUL V0, V0, V0
#define F_SQRT SQRT V0, V0
#define F_RECIPROCAL MOV const_kOne(R8), V1; DIV V0, V1, V0
#define F_RELU ZERO(V1); MAX V0, V1, V0
#define F_LEAKY MUL V14, V0, V1; IFPOSITIVE(V0, V0, V1, V0)
#define F_CLAMP MAX V0, V14, V0; MIN V0, V13, V0
#define F_ADDS ADD V14, V0, V0
#define F_MULS MUL V14, V0, V0
#define F_COPY

// Gradients: V0 is dy, V1 is x.
#define F_RELU_GRAD ZERO(V2); IFPOSITIVE(V1, V0, V2, V0)
#define F_LEAKY_GRAD MUL V14, V0, V2; IFPOSITIVE(V1, V0, V2, V0)
#define F_CLAMP_GRAD ZERO(V2); SUB V14, V1, V3; SUB V1, V13, V4; IFPOSITIVE(V3, V0, V2, V0); IFPOSITIVE(V4, V0, V2, V0)

// Gradients: V0 is dy, V1 is y.
#define F_TANH_GRAD MOV const_kOne(R8), V2; FNMADD231 V1, V1, V2; MUL V2, V0, V0
#define F_SIGMOID_GRAD MOV const_kOne(R8), V2; SUB V1, V2, V2; MUL V1, V2, V2; MUL V2, V0, V0
#define F_EXP_GRAD MUL V1, V0, V0

// NaN in either operand gives NaN: the instruction keeps that of V1.
#define F_ADD ADD V1, V0, V0
#define F_SUB SUB V1, V0, V0
#define F_MUL MUL V1, V0, V0
#define F_DIV DIV V1, V0, V0
#define F_MAX MAX V1, V0, V2; IFNAN(V0, V0, V2, V0)
#define F_MIN MIN V1, V0, V2; IFNAN(V0, V0, V2, V0)

#define F_MULADD FMADD231 V1, V0, V2
#define F_AXPY FMADD231 V14, V0, V1
#define F_SELECT IFZERO(V0, V2, V1, V0)

// See Adam in vector_update.go.
#define F_ADAM \
	MUL V14, V1, V1; FMADD231 V13, V0, V1; \
	MUL V5, V2, V2; FMADD231 V6, V1, V2; \
	MUL V1, V1, V1; MUL V7, V3, V3; FMADD231 V8, V1, V3; \
	SQRT V3, V4; FMADD213 V11, V10, V4; \
	MUL V9, V2, V1; DIV V4, V1, V1; MUL V12, V0, V0; SUB V1, V0, V0

// See SGD in vector_update.go.
#define F_SGD \
	MUL V11, V1, V1; FMADD231 V10, V0, V1; \
	MUL V5, V2, V2; FMADD231 V6, V1, V2; \
	MUL V8, V1, V1; FMADD231 V9, V2, V1; FNMADD231 V7, V1, V0

// Folds, which combine V0 with acc. A NaN stays in the accumulator because it is the operand that
// MAX and MIN return, and IFNAN keeps that of V0.
#define FOLD_MAX(acc) MAX acc, V0, V1; IFNAN(V0, V0, V1, acc)
#define FOLD_MIN(acc) MIN acc, V0, V1; IFNAN(V0, V0, V1, acc)
#define FOLD_FINITE(acc) FMADD231 const_kZero(R8), V0, acc

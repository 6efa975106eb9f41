// The float64 functions that have a text of their own, for the loops of vector_stream.h: macros
// that compute V0 from V0.

// GELU, tanh form: x*sigmoid(2 sqrt(2/pi) (x + 0.044715 x^3)), which is the definition by
// (1+tanh u)/2 = sigmoid(2u).
#define F_GELU_TANH \
	MOV      const_kGeluMin(R8), V1; MAX V0, V1, V4; \
	MUL      V4, V4, V1; \
	MOV      const_kGeluB(R8), V0; \
	FMADD213 const_kGeluA(R8), V1, V0; \
	MUL      V4, V0, V0; \
	MAX      V0, V14, V0; \
	MIN      V0, V13, V0; \
	LOGISTIC

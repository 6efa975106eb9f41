//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "vector_f64.h"
#include "vector_avx512.h"
#include "flush.h"
#include "vector_stream.h"
#include "vector_plain.h"
#include "vector_exp_f64_avx512.h"
#include "vector_exp.h"
#include "vector_math64.h"
#include "vector_points_f64_avx512.h"
#include "vector_points_f64.h"
#include "vector_sum.h"

#define PB 64
#define LDW(p, off, r) LD(p, off, r)
#define LDWT(p, r) LDT(p, r)

// Functions of one variable: func(dst, x []T, a, b T)

TEXT ·sqrtF64AVX512(SB), NOSPLIT, $0-64
	MAP_LONG(F_SQRT)

TEXT ·reciprocalF64AVX512(SB), NOSPLIT, $0-64
	MAP_LONG(F_RECIPROCAL)

TEXT ·reluF64AVX512(SB), NOSPLIT, $0-64
	MAP(F_RELU)

TEXT ·leakyReLUF64AVX512(SB), NOSPLIT, $0-64
	MAP(F_LEAKY)

TEXT ·clampF64AVX512(SB), NOSPLIT, $0-64
	MAP(F_CLAMP)

TEXT ·expF64AVX512(SB), NOSPLIT, $0-64
	MAP_WITHIN(F_EXP)

TEXT ·tanhF64AVX512(SB), NOSPLIT, $FRAME-64
	MAP_POINTS(F_TANH, TANH_CONSTANTS, ·tanhPoints, const_kTanhMax, const_kTanhGrid)

TEXT ·erfF64AVX512(SB), NOSPLIT, $FRAME-64
	MAP_POINTS(F_ERF, ERF_CONSTANTS, ·erfPoints, const_kErfMax, const_kGaussGrid)

TEXT ·sigmoidF64AVX512(SB), NOSPLIT, $0-64
	MAP_LOGISTIC(F_SIGMOID)

TEXT ·siluF64AVX512(SB), NOSPLIT, $0-64
	MAP_LOGISTIC(F_SILU)

TEXT ·geluF64AVX512(SB), NOSPLIT, $FRAME-65
	MAP_GELU

TEXT ·geluTanhF64AVX512(SB), NOSPLIT, $0-64
	MAP_LOGISTIC(F_GELU_TANH)

TEXT ·eluF64AVX512(SB), NOSPLIT, $0-64
	MAP_EXPM1(F_ELU)

TEXT ·celuF64AVX512(SB), NOSPLIT, $0-64
	MAP_EXPM1(F_CELU)

TEXT ·seluF64AVX512(SB), NOSPLIT, $0-64
	MAP_EXPM1(F_SELU)

// Their gradients: func(dx, dy, x, y []T, a, b, beta T)

TEXT ·reluGradF64AVX512(SB), NOSPLIT, $0-120
	GRADX(F_RELU_GRAD)

TEXT ·leakyReLUGradF64AVX512(SB), NOSPLIT, $0-120
	GRADX(F_LEAKY_GRAD)

TEXT ·clampGradF64AVX512(SB), NOSPLIT, $0-120
	GRADX(F_CLAMP_GRAD)

TEXT ·tanhGradF64AVX512(SB), NOSPLIT, $0-120
	GRADY(F_TANH_GRAD)

TEXT ·sigmoidGradF64AVX512(SB), NOSPLIT, $0-120
	GRADY(F_SIGMOID_GRAD)

TEXT ·expGradF64AVX512(SB), NOSPLIT, $0-120
	GRADY(F_EXP_GRAD)

TEXT ·geluGradF64AVX512(SB), NOSPLIT, $FRAME-120
	GRADX_GELU

TEXT ·eluGradF64AVX512(SB), NOSPLIT, $0-120
	GRADY(F_ELU_GRAD)

TEXT ·seluGradF64AVX512(SB), NOSPLIT, $0-120
	GRADY(F_SELU_GRAD)

// Functions of two variables: func(dst, a, b []T), func(dst, a []T, b T), func(dst []T, a T, b []T)

TEXT ·divF64AVX512(SB), NOSPLIT, $0-72
	BINARY(F_DIV)

TEXT ·divVSF64AVX512(SB), NOSPLIT, $0-56
	BINARY_VS(F_DIV)

TEXT ·divSVF64AVX512(SB), NOSPLIT, $0-56
	BINARY_SV(F_DIV)

TEXT ·maxF64AVX512(SB), NOSPLIT, $0-72
	BINARY(F_MAX)

TEXT ·maxVSF64AVX512(SB), NOSPLIT, $0-56
	BINARY_VS(F_MAX)

TEXT ·minF64AVX512(SB), NOSPLIT, $0-72
	BINARY(F_MIN)

TEXT ·minVSF64AVX512(SB), NOSPLIT, $0-56
	BINARY_VS(F_MIN)

// Updates

TEXT ·selectF64AVX512(SB), NOSPLIT, $0-96
	SELECT(F_SELECT)

TEXT ·adamF64AVX512(SB), NOSPLIT, $8-176
	ADAM(F_ADAM)

TEXT ·sgdF64AVX512(SB), NOSPLIT, $8-128
	SGD(F_SGD)

// Folds: func(x []T, acc *[4*lanes]T); sums have accumulators of float64

TEXT ·maxFoldF64AVX512(SB), NOSPLIT, $0-32
	FOLD(FOLD_MAX, const_kMinusInf)

TEXT ·minFoldF64AVX512(SB), NOSPLIT, $0-32
	FOLD(FOLD_MIN, const_kInf)

TEXT ·finiteFoldF64AVX512(SB), NOSPLIT, $0-32
	FOLD(FOLD_FINITE, const_kZero)

TEXT ·sumF64AVX512(SB), NOSPLIT, $0-32
	SUM(SUM_F, SUM_LAST)

TEXT ·sumSqF64AVX512(SB), NOSPLIT, $0-32
	SUM(SUMSQ_F, SUMSQ_LAST)

TEXT ·dotF64AVX512(SB), NOSPLIT, $0-56
	DOT

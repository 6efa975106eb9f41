//go:build amd64 && !purego

#include "textflag.h"
#include "go_asm.h"
#include "vector_avx512.h"
#include "rows_avx512.h"

// The text of the kernels, in the files included below, is the same for both vector lengths.
#define sumSquaresAboutVector ·sumSquaresAboutAVX512
#define normalizeVector ·normalizeAVX512
#define normalizeAffineVector ·normalizeAffineAVX512
#define normDotsVector ·normDotsAVX512
#define normDotsAffineVector ·normDotsAffineAVX512
#define normGradVector ·normGradAVX512
#define normGradAffineVector ·normGradAffineAVX512
#define normGradParamsVector ·normGradParamsAVX512
#define addRowsVector ·addRowsAVX512
#define rowMaxVector ·rowMaxAVX512
#define expSumVector ·expSumAVX512
#define rowSumVector ·rowSumAVX512
#define rowScaleVector ·rowScaleAVX512
#define softmaxGradVector ·softmaxGradAVX512
#define rowDotVector ·rowDotAVX512
#include "rows_softmax.h"
#include "rows_norm.h"
#include "rows_normgrad.h"

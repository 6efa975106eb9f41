//go:build amd64 && !purego

#include "textflag.h"
#include "go_asm.h"
#include "vector_avx2.h"
#include "rows_avx2.h"

#define EXP_C3 expf_c3x8<>(SB)
#define EXP_C4 expf_c4x8<>(SB)
#define EXP_C5 expf_c5x8<>(SB)
#define EXP_C6 expf_c6x8<>(SB)

// The text of the kernels, in the files included below, is the same for both vector lengths.
#define sumSquaresAboutVector ·sumSquaresAboutAVX2
#define normalizeVector ·normalizeAVX2
#define normalizeAffineVector ·normalizeAffineAVX2
#define normDotsVector ·normDotsAVX2
#define normDotsAffineVector ·normDotsAffineAVX2
#define normGradVector ·normGradAVX2
#define normGradAffineVector ·normGradAffineAVX2
#define normGradParamsVector ·normGradParamsAVX2
#define addRowsVector ·addRowsAVX2
#define rowMaxVector ·rowMaxAVX2
#define expSumVector ·expSumAVX2
#define rowSumVector ·rowSumAVX2
#define rowScaleVector ·rowScaleAVX2
#define softmaxGradVector ·softmaxGradAVX2
#define rowDotVector ·rowDotAVX2
#include "rows_softmax.h"
#include "rows_norm.h"
#include "rows_normgrad.h"

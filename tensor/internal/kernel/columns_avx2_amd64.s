//go:build amd64 && !purego

#include "textflag.h"
#include "go_asm.h"
#include "vector_avx2.h"
#include "rows_avx2.h"

#define EXP_C3 V15
#define EXP_C4 V3
#define EXP_C5 V2
#define EXP_C6 V1
#define EXP_COEFFICIENTS \
	VMOVUPS expf_c3x8<>(SB), EXP_C3; \
	VMOVUPS expf_c4x8<>(SB), EXP_C4; \
	VMOVUPS expf_c5x8<>(SB), EXP_C5; \
	VMOVUPS expf_c6x8<>(SB), EXP_C6

DATA col_normal<>+0(SB)/4, $0x00800000 // the smallest normal number
GLOBL col_normal<>(SB), RODATA|NOPTR, $4
DATA col_abs<>+0(SB)/4, $0x7fffffff // all bits but the sign
GLOBL col_abs<>(SB), RODATA|NOPTR, $4

// NANS sets all bits of r where x is NaN.
#define NANS(x, r) VCMPPS $3, x, x, x; VORPS x, r, r

// NORMAL_OR_0 makes 0 of the subnormal elements of V0, and ANY_NORMAL sets AX to 0 if it did so
// for all.
#define NORMAL_CONSTANTS \
	VBROADCASTSS col_normal<>(SB), V14; \
	VBROADCASTSS col_abs<>(SB), V15; \
	VXORPS V2, V2, V2
#define NORMAL_OR_0 \
	VANDPS V15, V0, V1; \
	VCMPPS $5, V14, V1, V1; \
	VORPS  V1, V2, V2; \
	VANDPS V1, V0, V0
#define ANY_NORMAL VMOVMSKPS V2, AX

#define maxColumnsVector ·maxColumns8
#define expColumnsVector ·expColumns8
#define softmaxGradColumnsVector ·softmaxGradColumns8
#include "columns.h"

//go:build amd64 && !purego

#include "textflag.h"
#include "go_asm.h"
#include "vector_avx512.h"
#include "rows_avx512.h"

#define EXP_COEFFICIENTS

DATA col_normal<>+0(SB)/4, $0x00800000 // the smallest normal number
GLOBL col_normal<>(SB), RODATA|NOPTR, $4
DATA col_abs<>+0(SB)/4, $0x7fffffff // all bits but the sign
GLOBL col_abs<>(SB), RODATA|NOPTR, $4

// NANS copies the NaNs of x to r.
#define NANS(x, r) VCMPPS $3, x, x, K1; VMOVAPS x, K1, r

// See columns_avx2_amd64.s.
#define NORMAL_CONSTANTS \
	VBROADCASTSS col_normal<>(SB), V14; \
	VBROADCASTSS col_abs<>(SB), V15; \
	KXORW K2, K2, K2
#define NORMAL_OR_0 \
	VPANDD    V15, V0, V1; \
	VCMPPS    $5, V14, V1, K1; \
	KORW      K1, K2, K2; \
	VMOVAPS.Z V0, K1, V0
#define ANY_NORMAL KMOVW K2, AX

#define maxColumnsVector ·maxColumns16
#define expColumnsVector ·expColumns16
#define softmaxGradColumnsVector ·softmaxGradColumns16
#include "columns.h"

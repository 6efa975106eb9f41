//go:build amd64 && !purego

#include "go_asm.h"
#include "textflag.h"
#include "flush.h"

#define SHIFT 2
#define LANES 16
#define BCAST VBROADCASTSS
#define MOV VMOVUPS
#define FMA VFMADD231PS
#define MUL VMULPS
#define ALPHA const_tileAlpha(R15)
#define BETA const_tileBeta32(R15)
#define BETA_BITS MOVL BETA, AX; SHLL $1, AX

// func tile32AVX512(t *Tile[float32])
TEXT ·tile32AVX512(SB), NOSPLIT, $40-8
	FLUSH
	MOVQ t+0(FP), R15
#include "gemm_avx512.h"

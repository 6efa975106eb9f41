//go:build amd64 && !purego

#include "go_asm.h"
#include "textflag.h"
#include "flush.h"

#define SHIFT 3
#define LANES 8
#define BCAST VBROADCASTSD
#define MOV VMOVUPD
#define FMA VFMADD231PD
#define MUL VMULPD
#define ALPHA const_tileAlpha(R15)
#define BETA const_tileBeta64(R15)
#define BETA_BITS MOVQ BETA, AX; SHLQ $1, AX

// func tile64AVX512(t *Tile[float64])
TEXT ·tile64AVX512(SB), NOSPLIT, $40-8
	FLUSH
	MOVQ t+0(FP), R15
#include "gemm_avx512.h"

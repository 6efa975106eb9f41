//go:build amd64 && !purego

#include "go_asm.h"
#include "textflag.h"
#include "flush.h"

#define SHIFT 2
#define LANES 8
#define BCAST VBROADCASTSS
#define MOV VMOVUPS
#define FMA VFMADD231PS
#define MUL VMULPS
#define ALPHA const_tileAlpha(R15)
#define BETA const_tileBeta32(R15)
#define BETA_BITS MOVL BETA, AX; SHLL $1, AX

#define MASKMOV VMASKMOVPS

// The mask of N columns starts N elements before the zeros.
#define LOAD_MASK LEAQ ·tileMask32<>+32(SB), R8; SHLQ $SHIFT, CX; SUBQ CX, R8; VMOVUPS (R8), Y2

DATA ·tileMask32<>+0(SB)/8, $-1
DATA ·tileMask32<>+8(SB)/8, $-1
DATA ·tileMask32<>+16(SB)/8, $-1
DATA ·tileMask32<>+24(SB)/8, $-1
DATA ·tileMask32<>+32(SB)/8, $0
DATA ·tileMask32<>+40(SB)/8, $0
DATA ·tileMask32<>+48(SB)/8, $0
DATA ·tileMask32<>+56(SB)/8, $0
GLOBL ·tileMask32<>(SB), RODATA, $64

// func tile32AVX2(t *Tile[float32])
TEXT ·tile32AVX2(SB), NOSPLIT, $40-8
	FLUSH
	MOVQ t+0(FP), R15
#include "gemm_avx2.h"

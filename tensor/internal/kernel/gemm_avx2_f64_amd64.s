//go:build amd64 && !purego

#include "go_asm.h"
#include "textflag.h"
#include "flush.h"

#define SHIFT 3
#define LANES 4
#define BCAST VBROADCASTSD
#define MOV VMOVUPD
#define FMA VFMADD231PD
#define MUL VMULPD
#define ALPHA const_tileAlpha(R15)
#define BETA const_tileBeta64(R15)
#define BETA_BITS MOVQ BETA, AX; SHLQ $1, AX

#define MASKMOV VMASKMOVPD

// The mask of N columns starts N elements before the zeros.
#define LOAD_MASK LEAQ ·tileMask64<>+32(SB), R8; SHLQ $SHIFT, CX; SUBQ CX, R8; VMOVUPS (R8), Y2

DATA ·tileMask64<>+0(SB)/8, $-1
DATA ·tileMask64<>+8(SB)/8, $-1
DATA ·tileMask64<>+16(SB)/8, $-1
DATA ·tileMask64<>+24(SB)/8, $-1
DATA ·tileMask64<>+32(SB)/8, $0
DATA ·tileMask64<>+40(SB)/8, $0
DATA ·tileMask64<>+48(SB)/8, $0
DATA ·tileMask64<>+56(SB)/8, $0
GLOBL ·tileMask64<>(SB), RODATA, $64

// func tile64AVX2(t *Tile[float64])
TEXT ·tile64AVX2(SB), NOSPLIT, $40-8
	FLUSH
	MOVQ t+0(FP), R15
#include "gemm_avx2.h"

//go:build amd64 && !purego

#include "textflag.h"
#include "vector_avx2.h"

// The kernels of CSR for float32 with AVX2 and FMA; csr.go says what they compute.

#define TILE_SHIFT 7
#define TILE_BYTES (1<<TILE_SHIFT)
#define EACH(op) op(0, V0); op(32, V1); op(64, V2); op(96, V3)
#define DOTS EVEN(0); ODD(32); EVEN(64); ODD(96)
#define FOLD

// func csrPackAVX2(dst, x []float32, stride, rows, tiles int)
TEXT ·csrPackAVX2(SB), NOSPLIT, $0-72
#include "csr_pack.h"

// func csrTileAVX2(y []float32, stride int, ptr, col []int32, val, x []float32, beta float32)
TEXT ·csrTileAVX2(SB), NOSPLIT, $0-132
#include "csr_tile.h"

// func csrDotsAVX2(g []float32, ptr, col []int32, dy []float32, stride int,
//	x []float32, panel, tiles int)
TEXT ·csrDotsAVX2(SB), NOSPLIT, $32-144
#include "csr_dots.h"

//go:build amd64 && !purego

#include "textflag.h"
#include "vector_avx512.h"

// The kernels of CSR for float32 with AVX-512; csr.go says what they compute.

#define TILE_SHIFT 7
#define TILE_BYTES (1<<TILE_SHIFT)
#define EACH(op) op(0, V0); op(64, V1)
#define DOTS EVEN(0); ODD(64)
#define HALVES(z, y) VEXTRACTF64X4 $1, z, Y4; VADDPS Y4, y, y
#define FOLD HALVES(Z0, Y0); HALVES(Z1, Y1); HALVES(Z2, Y2); HALVES(Z3, Y3)

// func csrPackAVX512(dst, x []float32, stride, rows, tiles int)
TEXT ·csrPackAVX512(SB), NOSPLIT, $0-72
#include "csr_pack.h"

// func csrTileAVX512(y []float32, stride int, ptr, col []int32, val, x []float32, beta float32)
TEXT ·csrTileAVX512(SB), NOSPLIT, $0-132
#include "csr_tile.h"

// func csrDotsAVX512(g []float32, ptr, col []int32, dy []float32, stride int,
//	x []float32, panel, tiles int)
TEXT ·csrDotsAVX512(SB), NOSPLIT, $32-144
#include "csr_dots.h"

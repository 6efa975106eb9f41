//go:build amd64 && !purego

#include "textflag.h"

#define ROW_SHIFT 7
#define EACH(op) op(0, Y0); op(32, Y1); op(64, Y2); op(96, Y3)
#define BROADCAST(v) VBROADCASTSD (R10)(BX*8), v
#define FMA VFMADD231PD

// func csrLanesF64AVX2(y []float64, ptr, col []int32, val, x []float64)
TEXT ·csrLanesF64AVX2(SB), NOSPLIT, $0-120
#include "batch.h"

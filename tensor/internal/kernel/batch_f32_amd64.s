//go:build amd64 && !purego

#include "textflag.h"

#define ROW_SHIFT 6
#define EACH(op) op(0, Y0); op(32, Y1)
#define BROADCAST(v) VBROADCASTSS (R10)(BX*4), v
#define FMA VFMADD231PS

// func csrLanesF32AVX2(y []float32, ptr, col []int32, val, x []float32)
TEXT ·csrLanesF32AVX2(SB), NOSPLIT, $0-120
#include "batch.h"

//go:build amd64 && !purego

#include "textflag.h"

#define SHIFT 2
#define FMA VFMADD231PS
#define ADDV VADDPS
#define FOLD_FOUR \
	VHADDPS Y1, Y0, Y0; \
	VHADDPS Y3, Y2, Y2; \
	VHADDPS Y2, Y0, Y0; \
	VEXTRACTF128 $1, Y0, X1; \
	VADDPS X1, X0, X0
#define REST_FOUR \
	VMOVSS (R10)(AX*1), X1; \
	VINSERTPS $0x10, (R11)(AX*1), X1, X1; \
	VINSERTPS $0x20, (R12)(AX*1), X1, X1; \
	VINSERTPS $0x30, (R13)(AX*1), X1, X1; \
	VBROADCASTSS (BX)(AX*1), X8; \
	VFMADD231PS X8, X1, X0
#define ADD_FOUR VADDPS (DI), X0, X0; VMOVUPS X0, (DI)
#define FOLD_ONE \
	VHADDPS Y0, Y0, Y0; \
	VHADDPS Y0, Y0, Y0; \
	VEXTRACTF128 $1, Y0, X1; \
	VADDSS X1, X0, X0
#define REST_ONE VMOVSS (BX)(AX*1), X8; VFMADD231SS (SI)(AX*1), X8, X0
#define ADD_ONE VADDSS (DI), X0, X0; VMOVSS X0, (DI)

// func matVecF32AVX2(y, a []float32, stride int, x []float32)
TEXT ·matVecF32AVX2(SB), NOSPLIT, $0-80
#include "matvec.h"

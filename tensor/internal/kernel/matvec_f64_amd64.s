//go:build amd64 && !purego

#include "textflag.h"

#define SHIFT 3
#define FMA VFMADD231PD
#define ADDV VADDPD
#define FOLD_FOUR \
	VHADDPD Y1, Y0, Y0; \
	VHADDPD Y3, Y2, Y2; \
	VPERM2F128 $0x21, Y2, Y0, Y1; \
	VBLENDPD $12, Y2, Y0, Y0; \
	VADDPD Y1, Y0, Y0
#define REST_FOUR \
	VMOVSD (R10)(AX*1), X1; \
	VMOVHPD (R11)(AX*1), X1, X1; \
	VMOVSD (R12)(AX*1), X2; \
	VMOVHPD (R13)(AX*1), X2, X2; \
	VINSERTF128 $1, X2, Y1, Y1; \
	VBROADCASTSD (BX)(AX*1), Y8; \
	VFMADD231PD Y8, Y1, Y0
#define ADD_FOUR VADDPD (DI), Y0, Y0; VMOVUPD Y0, (DI)
#define FOLD_ONE VHADDPD Y0, Y0, Y0; VEXTRACTF128 $1, Y0, X1; VADDSD X1, X0, X0
#define REST_ONE VMOVSD (BX)(AX*1), X8; VFMADD231SD (SI)(AX*1), X8, X0
#define ADD_ONE VADDSD (DI), X0, X0; VMOVSD X0, (DI)

// func matVecF64AVX2(y, a []float64, stride int, x []float64)
TEXT ·matVecF64AVX2(SB), NOSPLIT, $0-80
#include "matvec.h"

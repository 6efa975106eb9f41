//go:build amd64 && !purego

#include "textflag.h"

// func gather...(dst *T, ld int, src *T, rows []int32, blocks []Block)
//
// DI dst; SI row length in bytes; DX src; R8, R9 rows and their countdown; R10, R11 blocks and their number; AX source of the row;
// BX, CX blocks and their countdown. SCALE is the size of an element, SHIFT its logarithm, MOVE copies a piece from (AX)(R12) to (DI)(R13).
#define GATHER(SCALE, SHIFT, MOVE) \
	MOVQ dst+0(FP), DI; \
	MOVQ ld+8(FP), SI; \
	SHLQ $SHIFT, SI; \
	MOVQ src+16(FP), DX; \
	MOVQ rows_base+24(FP), R8; \
	MOVQ rows_len+32(FP), R9; \
	MOVQ blocks_base+48(FP), R10; \
	MOVQ blocks_len+56(FP), R11; \
	TESTQ R9, R9; \
	JZ done; \
	TESTQ R11, R11; \
	JZ done; \
row: \
	MOVLQSX (R8), AX; \
	ADDQ $4, R8; \
	LEAQ (DX)(AX*SCALE), AX; \
	MOVQ R10, BX; \
	MOVQ R11, CX; \
block: \
	MOVLQSX (BX), R12; \
	MOVLQSX 4(BX), R13; \
	MOVE; \
	ADDQ $8, BX; \
	DECQ CX; \
	JNZ block; \
	ADDQ SI, DI; \
	DECQ R9; \
	JNZ row; \
done: \
	VZEROUPPER; \
	RET

#define MOVE32Y VMOVUPS (AX)(R12*4), Y0; VMOVUPS Y0, (DI)(R13*4)
#define MOVE64Y VMOVUPD (AX)(R12*8), Y0; VMOVUPD Y0, (DI)(R13*8)
#define MOVE32Z VMOVUPS (AX)(R12*4), Z0; VMOVUPS Z0, (DI)(R13*4)
#define MOVE64Z VMOVUPD (AX)(R12*8), Z0; VMOVUPD Z0, (DI)(R13*8)

TEXT ·gather32AVX2(SB), NOSPLIT, $0-72
	GATHER(4, 2, MOVE32Y)

TEXT ·gather64AVX2(SB), NOSPLIT, $0-72
	GATHER(8, 3, MOVE64Y)

TEXT ·gather32AVX512(SB), NOSPLIT, $0-72
	GATHER(4, 2, MOVE32Z)

TEXT ·gather64AVX512(SB), NOSPLIT, $0-72
	GATHER(8, 3, MOVE64Z)

//go:build amd64 && !purego

#include "textflag.h"

// The loops of Gather and Scatter. SI is the length of a packed row in bytes, R8 and R9 are the rows and their countdown, R10 and R11 the blocks and their
// number, BX and CX a row's blocks and their countdown. For each block MOVE finds the offset in the image in R12 and that in the packed row in R13; DX is the
// image, AX the image moved by the row's shift, DI the packed row. SCALE is the size of an element, SHIFT its logarithm.
#define LOOPS(SCALE, SHIFT, MOVE) \
	SHLQ $SHIFT, SI; \
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
	ADDQ $12, BX; \
	DECQ CX; \
	JNZ block; \
	ADDQ SI, DI; \
	DECQ R9; \
	JNZ row; \
done: \
	VZEROUPPER; \
	RET

// func gather...(dst *T, ld int, src *T, rows []int32, blocks []Block)
#define GATHER(SCALE, SHIFT, MOVE) \
	MOVQ dst+0(FP), DI; \
	MOVQ ld+8(FP), SI; \
	MOVQ src+16(FP), DX; \
	MOVQ rows_base+24(FP), R8; \
	MOVQ rows_len+32(FP), R9; \
	MOVQ blocks_base+48(FP), R10; \
	MOVQ blocks_len+56(FP), R11; \
	LOOPS(SCALE, SHIFT, MOVE)

#define GATHER32Y VMOVUPS (AX)(R12*4), Y0; VMOVUPS Y0, (DI)(R13*4)
#define GATHER64Y VMOVUPD (AX)(R12*8), Y0; VMOVUPD Y0, (DI)(R13*8)
#define GATHER32Z VMOVUPS (AX)(R12*4), Z0; VMOVUPS Z0, (DI)(R13*4)
#define GATHER64Z VMOVUPD (AX)(R12*8), Z0; VMOVUPD Z0, (DI)(R13*8)

// func scatter...(dst, src *T, ld int, rows []int32, blocks []Block)
#define SCATTER(SCALE, SHIFT, MOVE) \
	MOVQ dst+0(FP), DX; \
	MOVQ src+8(FP), DI; \
	MOVQ ld+16(FP), SI; \
	MOVQ rows_base+24(FP), R8; \
	MOVQ rows_len+32(FP), R9; \
	MOVQ blocks_base+48(FP), R10; \
	MOVQ blocks_len+56(FP), R11; \
	LOOPS(SCALE, SHIFT, MOVE)

// The masks of the first n elements of a vector are n elements before the middle of these.
DATA ones<>+0(SB)/8, $-1
DATA ones<>+8(SB)/8, $-1
DATA ones<>+16(SB)/8, $-1
DATA ones<>+24(SB)/8, $-1
DATA ones<>+32(SB)/8, $0
DATA ones<>+40(SB)/8, $0
DATA ones<>+48(SB)/8, $0
DATA ones<>+56(SB)/8, $0
GLOBL ones<>(SB), RODATA|NOPTR, $64

// R15 is the middle of the masks, or all ones. The length takes R13 over.
#define SCATTER32Y VMOVUPS (DI)(R13*4), Y1; MOVLQSX 8(BX), R13; NEGQ R13; VANDPS (R15)(R13*4), Y1, Y1; VADDPS (AX)(R12*4), Y1, Y1; VMOVUPS Y1, (AX)(R12*4)
#define SCATTER64Y VMOVUPD (DI)(R13*8), Y1; MOVLQSX 8(BX), R13; NEGQ R13; VANDPD (R15)(R13*8), Y1, Y1; VADDPD (AX)(R12*8), Y1, Y1; VMOVUPD Y1, (AX)(R12*8)
#define SCATTER32Z VMOVUPS (DI)(R13*4), Z1; MOVL 8(BX), R13; BZHIL R13, R15, R13; KMOVW R13, K1; VADDPS (AX)(R12*4), Z1, K1, Z1; VMOVUPS Z1, K1, (AX)(R12*4)
#define SCATTER64Z VMOVUPD (DI)(R13*8), Z1; MOVL 8(BX), R13; BZHIL R13, R15, R13; KMOVW R13, K1; VADDPD (AX)(R12*8), Z1, K1, Z1; VMOVUPD Z1, K1, (AX)(R12*8)

TEXT ·gather32AVX2(SB), NOSPLIT, $0-72
	GATHER(4, 2, GATHER32Y)

TEXT ·gather64AVX2(SB), NOSPLIT, $0-72
	GATHER(8, 3, GATHER64Y)

TEXT ·gather32AVX512(SB), NOSPLIT, $0-72
	GATHER(4, 2, GATHER32Z)

TEXT ·gather64AVX512(SB), NOSPLIT, $0-72
	GATHER(8, 3, GATHER64Z)

TEXT ·scatter32AVX2(SB), NOSPLIT, $0-72
	LEAQ ones<>+32(SB), R15
	SCATTER(4, 2, SCATTER32Y)

TEXT ·scatter64AVX2(SB), NOSPLIT, $0-72
	LEAQ ones<>+32(SB), R15
	SCATTER(8, 3, SCATTER64Y)

TEXT ·scatter32AVX512(SB), NOSPLIT, $0-72
	MOVQ $-1, R15
	SCATTER(4, 2, SCATTER32Z)

TEXT ·scatter64AVX512(SB), NOSPLIT, $0-72
	MOVQ $-1, R15
	SCATTER(8, 3, SCATTER64Z)

//go:build amd64 && !purego

#include "textflag.h"

// In all loops SI is the length of a packed row in bytes, R8 and R9 are the rows and their
// number, R10 and R11 the blocks and their number. AX is the image moved by the row's shift, R12
// and R13 are the offsets of the block in the image and in the packed row.

// func gather...(dst *T, ld int, src *T, rows []int32, blocks []Block)
#define GATHER(SCALE, SHIFT, MOVE) \
	MOVQ dst+0(FP), DI; \
	MOVQ ld+8(FP), SI; \
	MOVQ src+16(FP), DX; \
	MOVQ rows_base+24(FP), R8; \
	MOVQ rows_len+32(FP), R9; \
	MOVQ blocks_base+48(FP), R10; \
	MOVQ blocks_len+56(FP), R11; \
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

#define GATHER32Y VMOVUPS (AX)(R12*4), Y0; VMOVUPS Y0, (DI)(R13*4)
#define GATHER64Y VMOVUPD (AX)(R12*8), Y0; VMOVUPD Y0, (DI)(R13*8)
#define GATHER32Z VMOVUPS (AX)(R12*4), Z0; VMOVUPS Z0, (DI)(R13*4)
#define GATHER64Z VMOVUPD (AX)(R12*8), Z0; VMOVUPD Z0, (DI)(R13*8)

// func scatter...(dst, src *T, ld int, rows []int32, blocks []Block)
//
// The rows are the inner loop, since neighbouring blocks of a row touch neighbouring elements of
// the image, and a load that overlaps the store before it, be it only in elements that are masked
// out, waits until that is in the cache. MASK makes a mask of the length in R13, with the help of
// R15.
#define SCATTER(SCALE, SHIFT, MASK, ADD) \
	MOVQ dst+0(FP), DX; \
	MOVQ ld+16(FP), SI; \
	MOVQ rows_len+32(FP), R9; \
	MOVQ blocks_base+48(FP), R10; \
	MOVQ blocks_len+56(FP), R11; \
	SHLQ $SHIFT, SI; \
	TESTQ R9, R9; \
	JZ done; \
	TESTQ R11, R11; \
	JZ done; \
block: \
	MOVLQSX 8(R10), R13; \
	MASK; \
	MOVLQSX (R10), R12; \
	MOVLQSX 4(R10), R13; \
	MOVQ src+8(FP), DI; \
	LEAQ (DI)(R13*SCALE), DI; \
	LEAQ (DX)(R12*SCALE), R12; \
	MOVQ rows_base+24(FP), R8; \
	MOVQ R9, CX; \
row: \
	MOVLQSX (R8), AX; \
	ADDQ $4, R8; \
	ADD; \
	ADDQ SI, DI; \
	DECQ CX; \
	JNZ row; \
	ADDQ $12, R10; \
	DECQ R11; \
	JNZ block; \
done: \
	VZEROUPPER; \
	RET

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

#define MASK32Y NEGQ R13; VMOVUPS (R15)(R13*4), Y2
#define MASK64Y NEGQ R13; VMOVUPD (R15)(R13*8), Y2
#define MASK512 BZHIL R13, R15, R13; KMOVW R13, K1
#define ADD32Y VANDPS (DI), Y2, Y1; VADDPS (R12)(AX*4), Y1, Y1; VMOVUPS Y1, (R12)(AX*4)
#define ADD64Y VANDPD (DI), Y2, Y1; VADDPD (R12)(AX*8), Y1, Y1; VMOVUPD Y1, (R12)(AX*8)
#define ADD32Z VMOVUPS (DI), Z1; VADDPS (R12)(AX*4), Z1, K1, Z1; VMOVUPS Z1, K1, (R12)(AX*4)
#define ADD64Z VMOVUPD (DI), Z1; VADDPD (R12)(AX*8), Z1, K1, Z1; VMOVUPD Z1, K1, (R12)(AX*8)

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
	SCATTER(4, 2, MASK32Y, ADD32Y)

TEXT ·scatter64AVX2(SB), NOSPLIT, $0-72
	LEAQ ones<>+32(SB), R15
	SCATTER(8, 3, MASK64Y, ADD64Y)

TEXT ·scatter32AVX512(SB), NOSPLIT, $0-72
	MOVQ $-1, R15
	SCATTER(4, 2, MASK512, ADD32Z)

TEXT ·scatter64AVX512(SB), NOSPLIT, $0-72
	MOVQ $-1, R15
	SCATTER(8, 3, MASK512, ADD64Z)

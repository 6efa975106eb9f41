//go:build amd64 && !purego

#include "textflag.h"

// The masks of the first n elements of a vector are n elements before the middle of these.
DATA poolMask<>+0(SB)/8, $-1
DATA poolMask<>+8(SB)/8, $-1
DATA poolMask<>+16(SB)/8, $-1
DATA poolMask<>+24(SB)/8, $-1
DATA poolMask<>+32(SB)/8, $0
DATA poolMask<>+40(SB)/8, $0
DATA poolMask<>+48(SB)/8, $0
DATA poolMask<>+56(SB)/8, $0
GLOBL poolMask<>(SB), RODATA|NOPTR, $64

// Y13, Y14, Y15 select the CX < 8 results that are left in a row, and the first and second eight
// of the 2*CX elements that they are made of. R15 is the middle of the masks.
#define TAIL_MASKS \
	XORQ R12, R12; \
	SUBQ CX, R12; \
	VMOVUPS (R15)(R12*4), Y13; \
	LEAQ (R12)(R12*1), R13; \
	MOVQ $-8, R12; \
	CMPQ R13, R12; \
	CMOVQGT R13, R12; \
	VMOVUPS (R15)(R12*4), Y14; \
	SUBQ R12, R13; \
	VMOVUPS (R15)(R13*4), Y15

// MAX sets m to the larger of a and b, or to NaN: VMAXPS returns a if one is NaN, so that of b is
// brought in. It uses Y12.
#define MAX(a, b, m) VCMPPS $3, b, b, Y12; VMAXPS a, b, m; VORPS Y12, m, m

// Even and odd elements of 16 come out in the order 0 1 4 5 2 3 6 7, which interleaving reverses;
// PAIRS brings eight results into this order or back.
#define EVEN(lo, hi, dst) VSHUFPS $0x88, hi, lo, dst
#define ODD(lo, hi, dst) VSHUFPS $0xDD, hi, lo, dst
#define PAIRS(y) VPERMPD $0xD8, y, y

// Y4 is the maximum of the windows in Y0, Y1 (upper row) and Y2, Y3 (lower row).
#define WINDOW_MAX MAX(Y0, Y2, Y4); MAX(Y1, Y3, Y5); EVEN(Y4, Y5, Y6); ODD(Y4, Y5, Y7); MAX(Y6, Y7, Y4); PAIRS(Y4)

// func maxPoolAVX2(dst, x *float32, rows, n, width int)
TEXT ·maxPoolAVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ rows+16(FP), R8
	MOVQ n+24(FP), R9
	MOVQ width+32(FP), R10
	SHLQ $2, R10
	LEAQ poolMask<>+32(SB), R15
	TESTQ R8, R8
	JZ   done

row:
	MOVQ SI, AX
	LEAQ (SI)(R10*1), BX
	MOVQ R9, CX

eight:
	CMPQ CX, $8
	JLT  tail
	VMOVUPS (AX), Y0
	VMOVUPS 32(AX), Y1
	VMOVUPS (BX), Y2
	VMOVUPS 32(BX), Y3
	WINDOW_MAX
	VMOVUPS Y4, (DI)
	ADDQ $64, AX
	ADDQ $64, BX
	ADDQ $32, DI
	SUBQ $8, CX
	JMP  eight

tail:
	TESTQ CX, CX
	JZ    next
	TAIL_MASKS
	VMASKMOVPS (AX), Y14, Y0
	VMASKMOVPS 32(AX), Y15, Y1
	VMASKMOVPS (BX), Y14, Y2
	VMASKMOVPS 32(BX), Y15, Y3
	WINDOW_MAX
	VMASKMOVPS Y4, Y13, (DI)
	LEAQ (DI)(CX*4), DI

next:
	LEAQ (SI)(R10*2), SI
	DECQ R8
	JNZ  row

done:
	VZEROUPPER
	RET

// SHARE gives what is left of the gradients in Y9 to the elements x that are the maximum Y8, and
// takes it away. It uses Y12.
#define SHARE(x) VCMPPS $3, x, x, Y12; VCMPPS $0, Y8, x, x; VORPS Y12, x, x; VANDPS Y9, x, Y12; VANDNPS Y9, x, Y9; VMOVAPS Y12, x

// The gradients of the windows in Y0, Y1 and Y2, Y3, whose maxima are in Y8 and their gradients
// in Y9, take the windows' places. Y10 selects what is kept of dx.
#define WINDOW_GRAD \
	PAIRS(Y8); \
	PAIRS(Y9); \
	EVEN(Y0, Y1, Y4); \
	ODD(Y0, Y1, Y5); \
	EVEN(Y2, Y3, Y6); \
	SHARE(Y4); \
	SHARE(Y5); \
	SHARE(Y6); \
	VUNPCKLPS Y5, Y4, Y0; \
	VUNPCKHPS Y5, Y4, Y1; \
	VUNPCKLPS Y9, Y6, Y2; \
	VUNPCKHPS Y9, Y6, Y3

#define KEEP(dx, y) VANDPS dx, Y10, Y12; VADDPS Y12, y, y

// func maxPoolGradAVX2(dx, dy, x, y *float32, rows, n, width int, add uint32)
TEXT ·maxPoolGradAVX2(SB), NOSPLIT, $0-60
	MOVQ dx+0(FP), DI
	MOVQ dy+8(FP), DX
	MOVQ x+16(FP), SI
	MOVQ y+24(FP), R11
	MOVQ rows+32(FP), R8
	MOVQ n+40(FP), R9
	MOVQ width+48(FP), R10
	SHLQ $2, R10
	MOVL add+56(FP), R12
	VMOVD R12, X10
	VPBROADCASTD X10, Y10
	LEAQ poolMask<>+32(SB), R15
	SUBQ SI, DI
	TESTQ R8, R8
	JZ   done

row:
	MOVQ SI, AX
	LEAQ (SI)(R10*1), BX
	MOVQ R9, CX

eight:
	CMPQ CX, $8
	JLT  tail
	VMOVUPS (AX), Y0
	VMOVUPS 32(AX), Y1
	VMOVUPS (BX), Y2
	VMOVUPS 32(BX), Y3
	VMOVUPS (R11), Y8
	VMOVUPS (DX), Y9
	WINDOW_GRAD
	KEEP((DI)(AX*1), Y0)
	KEEP(32(DI)(AX*1), Y1)
	KEEP((DI)(BX*1), Y2)
	KEEP(32(DI)(BX*1), Y3)
	VMOVUPS Y0, (DI)(AX*1)
	VMOVUPS Y1, 32(DI)(AX*1)
	VMOVUPS Y2, (DI)(BX*1)
	VMOVUPS Y3, 32(DI)(BX*1)
	ADDQ $64, AX
	ADDQ $64, BX
	ADDQ $32, R11
	ADDQ $32, DX
	SUBQ $8, CX
	JMP  eight

tail:
	TESTQ CX, CX
	JZ    next
	TAIL_MASKS
	VMASKMOVPS (AX), Y14, Y0
	VMASKMOVPS 32(AX), Y15, Y1
	VMASKMOVPS (BX), Y14, Y2
	VMASKMOVPS 32(BX), Y15, Y3
	VMASKMOVPS (R11), Y13, Y8
	VMASKMOVPS (DX), Y13, Y9
	WINDOW_GRAD
	VMASKMOVPS (DI)(AX*1), Y14, Y4
	VMASKMOVPS 32(DI)(AX*1), Y15, Y5
	VMASKMOVPS (DI)(BX*1), Y14, Y6
	VMASKMOVPS 32(DI)(BX*1), Y15, Y7
	KEEP(Y4, Y0)
	KEEP(Y5, Y1)
	KEEP(Y6, Y2)
	KEEP(Y7, Y3)
	VMASKMOVPS Y0, Y14, (DI)(AX*1)
	VMASKMOVPS Y1, Y15, 32(DI)(AX*1)
	VMASKMOVPS Y2, Y14, (DI)(BX*1)
	VMASKMOVPS Y3, Y15, 32(DI)(BX*1)
	LEAQ (R11)(CX*4), R11
	LEAQ (DX)(CX*4), DX

next:
	LEAQ (SI)(R10*2), SI
	DECQ R8
	JNZ  row

done:
	VZEROUPPER
	RET

// Y3 and Y4 are the elements of Y0, each twice.
#define TWICE VUNPCKLPS Y0, Y0, Y1; VUNPCKHPS Y0, Y0, Y2; VPERM2F128 $0x20, Y2, Y1, Y3; VPERM2F128 $0x31, Y2, Y1, Y4

// func doubleAVX2(dst, x *float32, rows, n int)
TEXT ·doubleAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), AX
	MOVQ x+8(FP), SI
	MOVQ rows+16(FP), R8
	MOVQ n+24(FP), R9
	LEAQ poolMask<>+32(SB), R15

row:
	LEAQ (AX)(R9*8), BX
	MOVQ R9, CX

eight:
	CMPQ CX, $8
	JLT  tail
	VMOVUPS (SI), Y0
	TWICE
	VMOVUPS Y3, (AX)
	VMOVUPS Y4, 32(AX)
	VMOVUPS Y3, (BX)
	VMOVUPS Y4, 32(BX)
	ADDQ $32, SI
	ADDQ $64, AX
	ADDQ $64, BX
	SUBQ $8, CX
	JMP  eight

tail:
	TESTQ CX, CX
	JZ    next
	TAIL_MASKS
	VMASKMOVPS (SI), Y13, Y0
	TWICE
	VMASKMOVPS Y3, Y14, (AX)
	VMASKMOVPS Y4, Y15, 32(AX)
	VMASKMOVPS Y3, Y14, (BX)
	VMASKMOVPS Y4, Y15, 32(BX)
	LEAQ (SI)(CX*4), SI
	LEAQ (BX)(CX*8), BX

next:
	MOVQ BX, AX
	DECQ R8
	JNZ  row
	VZEROUPPER
	RET

// Y4 is the sum of each block of 2 by 2 in Y0, Y1 (upper row) and Y2, Y3 (lower row), plus what
// Y11 selects of Y6.
#define BLOCK_SUM VADDPS Y2, Y0, Y0; VADDPS Y3, Y1, Y1; EVEN(Y0, Y1, Y4); ODD(Y0, Y1, Y5); VADDPS Y5, Y4, Y4; PAIRS(Y4); VANDPS Y11, Y6, Y6; VADDPS Y6, Y4, Y4

// func doubleGradAVX2(dx, dy *float32, rows, n int, add uint32)
TEXT ·doubleGradAVX2(SB), NOSPLIT, $0-36
	MOVQ dx+0(FP), DI
	MOVQ dy+8(FP), AX
	MOVQ rows+16(FP), R8
	MOVQ n+24(FP), R9
	VBROADCASTSS add+32(FP), Y11
	LEAQ poolMask<>+32(SB), R15

row:
	LEAQ (AX)(R9*8), BX
	MOVQ R9, CX

eight:
	CMPQ CX, $8
	JLT  tail
	VMOVUPS (AX), Y0
	VMOVUPS 32(AX), Y1
	VMOVUPS (BX), Y2
	VMOVUPS 32(BX), Y3
	VMOVUPS (DI), Y6
	BLOCK_SUM
	VMOVUPS Y4, (DI)
	ADDQ $64, AX
	ADDQ $64, BX
	ADDQ $32, DI
	SUBQ $8, CX
	JMP  eight

tail:
	TESTQ CX, CX
	JZ    next
	TAIL_MASKS
	VMASKMOVPS (AX), Y14, Y0
	VMASKMOVPS 32(AX), Y15, Y1
	VMASKMOVPS (BX), Y14, Y2
	VMASKMOVPS 32(BX), Y15, Y3
	VMASKMOVPS (DI), Y13, Y6
	BLOCK_SUM
	VMASKMOVPS Y4, Y13, (DI)
	LEAQ (DI)(CX*4), DI
	LEAQ (BX)(CX*8), BX

next:
	MOVQ BX, AX
	DECQ R8
	JNZ  row
	VZEROUPPER
	RET

// Shared by the kernels of Rows for float32 with AVX2 and FMA, which run over four vectors of a row at a time, then over single ones. Y15 masks
// the last: all ones for a whole vector. CX counts the elements that are left.

// Eight ones, then eight zeros: the mask of the first CX lanes begins CX elements before the zeros.
DATA rowMasks<>+0(SB)/8, $-1
DATA rowMasks<>+8(SB)/8, $-1
DATA rowMasks<>+16(SB)/8, $-1
DATA rowMasks<>+24(SB)/8, $-1
DATA rowMasks<>+32(SB)/8, $0
DATA rowMasks<>+40(SB)/8, $0
DATA rowMasks<>+48(SB)/8, $0
DATA rowMasks<>+56(SB)/8, $0
GLOBL rowMasks<>(SB), RODATA|NOPTR, $64

#define MASK \
	LEAQ rowMasks<>+32(SB), AX \
	MOVQ CX, R15 \
	NEGQ R15 \
	VMOVDQU (AX)(R15*4), Y15

// The loop over a row is BEGIN, four:, the work on four vectors, REPEAT, REST, the work on one vector under the mask, LAST.
#define BEGIN \
	SUBQ $32, CX \
	JLT  one

#define REPEAT \
	SUBQ $32, CX \
	JGE  four

#define REST \
one: \
	ADDQ $32, CX \
	VPCMPEQD Y15, Y15, Y15 \
next: \
	CMPQ CX, $8 \
	JGE  vector \
	TESTQ CX, CX \
	JLE  done \
	MASK \
vector:

#define LAST \
	SUBQ $8, CX \
	JMP  next \
done:

// FOLD adds the four vectors from number 0 on and their elements into X0; FOLDHIGH does so from number 4 on.
#define FOLD \
	VADDPS Y1, Y0, Y0 \
	VADDPS Y3, Y2, Y2 \
	VADDPS Y2, Y0, Y0 \
	VEXTRACTF128 $1, Y0, X1 \
	VADDPS X1, X0, X0 \
	VPSHUFD $0x4E, X0, X1 \
	VADDPS X1, X0, X0 \
	VPSHUFD $0xB1, X0, X1 \
	VADDPS X1, X0, X0

#define FOLDHIGH \
	VADDPS Y5, Y4, Y4 \
	VADDPS Y7, Y6, Y6 \
	VADDPS Y6, Y4, Y4 \
	VEXTRACTF128 $1, Y4, X5 \
	VADDPS X5, X4, X4 \
	VPSHUFD $0x4E, X4, X5 \
	VADDPS X5, X4, X4 \
	VPSHUFD $0xB1, X4, X5 \
	VADDPS X5, X4, X4

// FOLDMAX takes the largest element of the vectors 0 to 3.
#define FOLDMAX \
	VMAXPS Y1, Y0, Y0 \
	VMAXPS Y3, Y2, Y2 \
	VMAXPS Y2, Y0, Y0 \
	VEXTRACTF128 $1, Y0, X1 \
	VMAXPS X1, X0, X0 \
	VPSHUFD $0x4E, X0, X1 \
	VMAXPS X1, X0, X0 \
	VPSHUFD $0xB1, X0, X1 \
	VMAXPS X1, X0, X0

// Shared by the kernels of Rows for float32 with AVX-512, which run over four vectors of a row at a time, then over single ones. K1 masks
// the last: all ones for a whole vector. CX counts the elements that are left.

#define MASK \
	MOVL $-1, AX \
	BZHIL CX, AX, AX \
	KMOVW AX, K1

// The loop over a row is BEGIN, four:, the work on four vectors, REPEAT, REST, the work on one vector under the mask, LAST.
#define BEGIN \
	SUBQ $64, CX \
	JLT  one

#define REPEAT \
	SUBQ $64, CX \
	JGE  four

#define REST \
one: \
	ADDQ $64, CX \
	KXNORW K1, K1, K1 \
next: \
	CMPQ CX, $16 \
	JGE  vector \
	TESTQ CX, CX \
	JLE  done \
	MASK \
vector:

#define LAST \
	SUBQ $16, CX \
	JMP  next \
done:

// FOLD adds the four vectors from number 0 on and their elements into X0; FOLDHIGH does so from number 4 on.
#define FOLD \
	VADDPS Z1, Z0, Z0 \
	VADDPS Z3, Z2, Z2 \
	VADDPS Z2, Z0, Z0 \
	VEXTRACTF64X4 $1, Z0, Y1 \
	VADDPS Y1, Y0, Y0 \
	VEXTRACTF128 $1, Y0, X1 \
	VADDPS X1, X0, X0 \
	VPSHUFD $0x4E, X0, X1 \
	VADDPS X1, X0, X0 \
	VPSHUFD $0xB1, X0, X1 \
	VADDPS X1, X0, X0

#define FOLDHIGH \
	VADDPS Z5, Z4, Z4 \
	VADDPS Z7, Z6, Z6 \
	VADDPS Z6, Z4, Z4 \
	VEXTRACTF64X4 $1, Z4, Y5 \
	VADDPS Y5, Y4, Y4 \
	VEXTRACTF128 $1, Y4, X5 \
	VADDPS X5, X4, X4 \
	VPSHUFD $0x4E, X4, X5 \
	VADDPS X5, X4, X4 \
	VPSHUFD $0xB1, X4, X5 \
	VADDPS X5, X4, X4

// FOLDMAX takes the largest element of the vectors 0 to 3.
#define FOLDMAX \
	VMAXPS Z1, Z0, Z0 \
	VMAXPS Z3, Z2, Z2 \
	VMAXPS Z2, Z0, Z0 \
	VEXTRACTF64X4 $1, Z0, Y1 \
	VMAXPS Y1, Y0, Y0 \
	VEXTRACTF128 $1, Y0, X1 \
	VMAXPS X1, X0, X0 \
	VPSHUFD $0x4E, X0, X1 \
	VMAXPS X1, X0, X0 \
	VPSHUFD $0xB1, X0, X1 \
	VMAXPS X1, X0, X0

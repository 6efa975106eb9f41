// The kernels of Rows for float32 with AVX2 and FMA run over four vectors of a row at a time, then
// over single ones. V15 masks the last: all ones for a whole vector. CX counts the elements that
// are left.

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

// The loop over a row is BEGIN, four:, the work on four vectors, REPEAT, REST, the work on one
// vector under the mask, LAST.
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

// LDM loads the elements under the mask at p, zeros elsewhere, and LDM_OVER those of rest
// elsewhere; STM stores them. SUBM subtracts a from r and leaves zeros elsewhere, KEEP leaves zeros
// elsewhere.
#define LDM(p, r) VMASKMOVPS (p), V15, r
#define LDM_OVER(p, rest, r) VMASKMOVPS (p), V15, r; VBLENDVPS V15, r, rest, r
#define STM(r, p) VMASKMOVPS r, V15, (p)
#define SUBM(a, r) VSUBPS a, r, r; VANDPS V15, r, r
#define KEEP(r) VANDPS V15, r, r

// FOLD adds the four vectors from number 0 on and their elements into X0; FOLDHIGH does so from
// number 4 on.
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

// Constants of exp.
DATA expf_log2e<>+0(SB)/4, $0x3fb8aa3b // 1/ln 2
GLOBL expf_log2e<>(SB), RODATA|NOPTR, $4
DATA expf_ln2hi<>+0(SB)/4, $0x3f318000 // ln 2, upper bits
GLOBL expf_ln2hi<>(SB), RODATA|NOPTR, $4
DATA expf_ln2lo<>+0(SB)/4, $0xb95e8083 // ln 2, the rest
GLOBL expf_ln2lo<>(SB), RODATA|NOPTR, $4
DATA expf_one<>+0(SB)/4, $0x3f800000 // 1
GLOBL expf_one<>(SB), RODATA|NOPTR, $4
DATA expf_least<>+0(SB)/4, $0xc2aeac4f // ln of the smallest normal number
GLOBL expf_least<>(SB), RODATA|NOPTR, $4
DATA expf_most<>+0(SB)/4, $0x42b20000 // exp(89) is infinite
GLOBL expf_most<>(SB), RODATA|NOPTR, $4
DATA expf_c2x8<>+0(SB)/8, $0x3efffffe3efffffe // polynomial
DATA expf_c2x8<>+8(SB)/8, $0x3efffffe3efffffe
DATA expf_c2x8<>+16(SB)/8, $0x3efffffe3efffffe
DATA expf_c2x8<>+24(SB)/8, $0x3efffffe3efffffe
GLOBL expf_c2x8<>(SB), RODATA|NOPTR, $32
DATA expf_c3x8<>+0(SB)/8, $0x3e2aaa493e2aaa49
DATA expf_c3x8<>+8(SB)/8, $0x3e2aaa493e2aaa49
DATA expf_c3x8<>+16(SB)/8, $0x3e2aaa493e2aaa49
DATA expf_c3x8<>+24(SB)/8, $0x3e2aaa493e2aaa49
GLOBL expf_c3x8<>(SB), RODATA|NOPTR, $32
DATA expf_c4x8<>+0(SB)/8, $0x3d2aac793d2aac79
DATA expf_c4x8<>+8(SB)/8, $0x3d2aac793d2aac79
DATA expf_c4x8<>+16(SB)/8, $0x3d2aac793d2aac79
DATA expf_c4x8<>+24(SB)/8, $0x3d2aac793d2aac79
GLOBL expf_c4x8<>(SB), RODATA|NOPTR, $32
DATA expf_c5x8<>+0(SB)/8, $0x3c091d103c091d10
DATA expf_c5x8<>+8(SB)/8, $0x3c091d103c091d10
DATA expf_c5x8<>+16(SB)/8, $0x3c091d103c091d10
DATA expf_c5x8<>+24(SB)/8, $0x3c091d103c091d10
GLOBL expf_c5x8<>(SB), RODATA|NOPTR, $32
DATA expf_c6x8<>+0(SB)/8, $0x3ab511e73ab511e7
DATA expf_c6x8<>+8(SB)/8, $0x3ab511e73ab511e7
DATA expf_c6x8<>+16(SB)/8, $0x3ab511e73ab511e7
DATA expf_c6x8<>+24(SB)/8, $0x3ab511e73ab511e7
GLOBL expf_c6x8<>(SB), RODATA|NOPTR, $32

// EXP_SHIFTED sets V13 = e^(V11-V4), 0 below the smallest normal number: with t = V11-V4 it is 2^n
// e^r, n = round(t/ln2), r = t - n*ln2 in two steps, e^r by a polynomial of degree 6. 2^n is
// applied in two halves, for n may be 128. V12 and V14 are used; EXP_C3 to EXP_C6 are the
// coefficients, in memory or
// registers.
#define EXP_SHIFTED_CONSTANTS \
	VBROADCASTSS expf_log2e<>(SB), V5 \
	VBROADCASTSS expf_ln2hi<>(SB), V6 \
	VBROADCASTSS expf_ln2lo<>(SB), V7 \
	VBROADCASTSS expf_one<>(SB), V8 \
	VBROADCASTSS expf_least<>(SB), V9 \
	VBROADCASTSS expf_most<>(SB), V10
#define EXP_SHIFTED \
	VSUBPS V4, V11, V11 \
	VMINPS V11, V10, V11 \
	VCMPPS $5, V9, V11, V14 \
	VMULPS V5, V11, V12 \
	VROUNDPS $8, V12, V12 \
	VFNMADD231PS V6, V12, V11 \
	VFNMADD231PS V7, V12, V11 \
	VMOVUPS EXP_C6, V13 \
	VFMADD213PS EXP_C5, V11, V13 \
	VFMADD213PS EXP_C4, V11, V13 \
	VFMADD213PS EXP_C3, V11, V13 \
	VFMADD213PS expf_c2x8<>(SB), V11, V13 \
	VFMADD213PS V8, V11, V13 \
	VFMADD213PS V8, V11, V13 \
	VCVTPS2DQ V12, V12 \
	VPSRAD $1, V12, V11 \
	VPSUBD V11, V12, V12 \
	VPSLLD $23, V11, V11 \
	VPSLLD $23, V12, V12 \
	VPADDD V8, V11, V11 \
	VPADDD V8, V12, V12 \
	VMULPS V11, V13, V13 \
	VMULPS V12, V13, V13 \
	VANDPS V14, V13, V13

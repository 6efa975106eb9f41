// The kernels of Rows for float32 with AVX-512, as in rows_avx2.h. K1 masks the last vector.

#define MASK \
	MOVL $-1, AX \
	BZHIL CX, AX, AX \
	KMOVW AX, K1

// The loop over a row is BEGIN, four:, the work on four vectors, REPEAT, REST, the work on one
// vector under the mask, LAST.
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

#define LDM(p, r) VMOVUPS.Z (p), K1, r
#define LDM_OVER(p, rest, r) VMOVAPS rest, r; VMOVUPS (p), K1, r
#define STM(r, p) VMOVUPS r, K1, (p)
#define SUBM(a, r) VSUBPS.Z a, r, K1, r
#define KEEP(r) VMOVAPS.Z r, K1, r

// FOLD adds the four vectors from number 0 on and their elements into X0; FOLDHIGH does so from
// number 4 on.
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
DATA expf_c2<>+0(SB)/4, $0x3efffffe // polynomial
GLOBL expf_c2<>(SB), RODATA|NOPTR, $4
DATA expf_c3<>+0(SB)/4, $0x3e2aaa49
GLOBL expf_c3<>(SB), RODATA|NOPTR, $4
DATA expf_c4<>+0(SB)/4, $0x3d2aac79
GLOBL expf_c4<>(SB), RODATA|NOPTR, $4
DATA expf_c5<>+0(SB)/4, $0x3c091d10
GLOBL expf_c5<>(SB), RODATA|NOPTR, $4
DATA expf_c6<>+0(SB)/4, $0x3ab511e7
GLOBL expf_c6<>(SB), RODATA|NOPTR, $4

// See rows_avx2.h. V12 and K2 are used.
#define EXP_SHIFTED_CONSTANTS \
	VBROADCASTSS expf_log2e<>(SB), Z16 \
	VBROADCASTSS expf_ln2hi<>(SB), Z17 \
	VBROADCASTSS expf_ln2lo<>(SB), Z18 \
	VBROADCASTSS expf_c6<>(SB), Z19 \
	VBROADCASTSS expf_c5<>(SB), Z20 \
	VBROADCASTSS expf_c4<>(SB), Z21 \
	VBROADCASTSS expf_c3<>(SB), Z22 \
	VBROADCASTSS expf_c2<>(SB), Z23 \
	VBROADCASTSS expf_one<>(SB), Z24 \
	VBROADCASTSS expf_least<>(SB), Z25 \
	VBROADCASTSS expf_most<>(SB), Z26
#define EXP_SHIFTED \
	VSUBPS V4, V11, V11 \
	VMINPS V11, Z26, V11 \
	VCMPPS $5, Z25, V11, K2 \
	VMULPS Z16, V11, V12 \
	VRNDSCALEPS $8, V12, V12 \
	VFNMADD231PS Z17, V12, V11 \
	VFNMADD231PS Z18, V12, V11 \
	VMOVAPS Z19, V13 \
	VFMADD213PS Z20, V11, V13 \
	VFMADD213PS Z21, V11, V13 \
	VFMADD213PS Z22, V11, V13 \
	VFMADD213PS Z23, V11, V13 \
	VFMADD213PS Z24, V11, V13 \
	VFMADD213PS Z24, V11, V13 \
	VSCALEFPS.Z V12, V13, K2, V13

//go:build amd64 && !purego

#include "textflag.h"
#include "rows_avx512.h"

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

#define ROWMAX(at, r) \
	VMOVUPS at(DI), Z4 \
	VMAXPS r, Z4, r

// func rowMaxAVX512(x []float32) float32
//
// Four running maxima. MAXPS returns its second source if one is NaN: the maximum so far.
TEXT ·rowMaxAVX512(SB), NOSPLIT, $0-28
	MOVQ x_base+0(FP), DI
	MOVQ x_len+8(FP), CX
	MOVL $0xFF800000, AX // -Inf
	VMOVD AX, X0
	VBROADCASTSS X0, Z0
	VMOVAPS Z0, Z1
	VMOVAPS Z0, Z2
	VMOVAPS Z0, Z3
	VMOVAPS Z0, Z5
	BEGIN

four:
	ROWMAX(0, Z0)
	ROWMAX(64, Z1)
	ROWMAX(128, Z2)
	ROWMAX(192, Z3)
	ADDQ $256, DI
	REPEAT
	REST

	VMOVAPS Z5, Z4
	VMOVUPS (DI), K1, Z4
	VMAXPS Z0, Z4, Z0
	ADDQ $64, DI
	LAST

	FOLDMAX
	VMOVSS X0, ret+24(FP)
	VZEROUPPER
	RET

#define EXPSUM(at, r, s, t, u) \
	VMOVUPS at(SI), r \
	VSUBPS Z4, r, r \
	VMINPS r, Z15, r \
	VCMPPS $5, Z14, r, K2 \
	VMULPS Z5, r, s \
	VRNDSCALEPS $8, s, s \
	VFNMADD231PS Z6, s, r \
	VFNMADD231PS Z7, s, r \
	VMOVAPS Z8, t \
	VFMADD213PS Z9, r, t \
	VFMADD213PS Z10, r, t \
	VFMADD213PS Z11, r, t \
	VFMADD213PS Z12, r, t \
	VFMADD213PS Z13, r, t \
	VFMADD213PS Z13, r, t \
	VSCALEFPS.Z s, t, K2, t \
	VMOVUPS t, at(DI) \
	VADDPS t, u, u

// func expSumAVX512(dst []float32, x []float32, shift float32) float32
//
// exp(t) = 2^n exp(r), n = round(t/ln 2), r = t - n ln 2 in two steps, exp(r) by a polynomial of degree 6.
TEXT ·expSumAVX512(SB), NOSPLIT, $0-60
	MOVQ dst_base+0(FP), DI
	MOVQ x_base+24(FP), SI
	MOVQ x_len+32(FP), CX
	VBROADCASTSS shift+48(FP), Z4
	VXORPS X0, X0, X0
	VXORPS X1, X1, X1
	VXORPS X2, X2, X2
	VXORPS X3, X3, X3
	VBROADCASTSS expf_log2e<>(SB), Z5
	VBROADCASTSS expf_ln2hi<>(SB), Z6
	VBROADCASTSS expf_ln2lo<>(SB), Z7
	VBROADCASTSS expf_c6<>(SB), Z8
	VBROADCASTSS expf_c5<>(SB), Z9
	VBROADCASTSS expf_c4<>(SB), Z10
	VBROADCASTSS expf_c3<>(SB), Z11
	VBROADCASTSS expf_c2<>(SB), Z12
	VBROADCASTSS expf_one<>(SB), Z13
	VBROADCASTSS expf_least<>(SB), Z14
	VBROADCASTSS expf_most<>(SB), Z15
	BEGIN

four:
	EXPSUM(0, Z16, Z17, Z18, Z0)
	EXPSUM(64, Z19, Z20, Z21, Z1)
	EXPSUM(128, Z22, Z23, Z24, Z2)
	EXPSUM(192, Z25, Z26, Z27, Z3)
	ADDQ $256, DI
	ADDQ $256, SI
	REPEAT
	REST

	VMOVUPS.Z (SI), K1, Z16
	VSUBPS Z4, Z16, Z16
	VMINPS Z16, Z15, Z16
	VCMPPS $5, Z14, Z16, K2
	KANDW K1, K2, K2
	VMULPS Z5, Z16, Z17
	VRNDSCALEPS $8, Z17, Z17
	VFNMADD231PS Z6, Z17, Z16
	VFNMADD231PS Z7, Z17, Z16
	VMOVAPS Z8, Z18
	VFMADD213PS Z9, Z16, Z18
	VFMADD213PS Z10, Z16, Z18
	VFMADD213PS Z11, Z16, Z18
	VFMADD213PS Z12, Z16, Z18
	VFMADD213PS Z13, Z16, Z18
	VFMADD213PS Z13, Z16, Z18
	VSCALEFPS.Z Z17, Z18, K2, Z18
	VMOVUPS Z18, K1, (DI)
	VADDPS Z18, Z0, Z0
	ADDQ $64, DI
	ADDQ $64, SI
	LAST

	FOLD
	VMOVSS X0, ret+56(FP)
	VZEROUPPER
	RET

#define ROWSUM(at, r) \
	VADDPS at(DI), r, r

// func rowSumAVX512(x []float32) float32
TEXT ·rowSumAVX512(SB), NOSPLIT, $0-28
	MOVQ x_base+0(FP), DI
	MOVQ x_len+8(FP), CX
	VXORPS X0, X0, X0
	VXORPS X1, X1, X1
	VXORPS X2, X2, X2
	VXORPS X3, X3, X3
	BEGIN

four:
	ROWSUM(0, Z0)
	ROWSUM(64, Z1)
	ROWSUM(128, Z2)
	ROWSUM(192, Z3)
	ADDQ $256, DI
	REPEAT
	REST

	VMOVUPS.Z (DI), K1, Z4
	VADDPS Z4, Z0, Z0
	ADDQ $64, DI
	LAST

	FOLD
	VMOVSS X0, ret+24(FP)
	VZEROUPPER
	RET

#define ROWSCALE(at, r) \
	VMULPS at(SI), Z0, r \
	VMOVUPS r, at(DI)

// func rowScaleAVX512(dst []float32, x []float32, a float32)
TEXT ·rowScaleAVX512(SB), NOSPLIT, $0-52
	MOVQ dst_base+0(FP), DI
	MOVQ x_base+24(FP), SI
	MOVQ x_len+32(FP), CX
	VBROADCASTSS a+48(FP), Z0
	BEGIN

four:
	ROWSCALE(0, Z1)
	ROWSCALE(64, Z2)
	ROWSCALE(128, Z3)
	ROWSCALE(192, Z4)
	ADDQ $256, DI
	ADDQ $256, SI
	REPEAT
	REST

	VMOVUPS.Z (SI), K1, Z1
	VMULPS Z0, Z1, Z1
	VMOVUPS Z1, K1, (DI)
	ADDQ $64, DI
	ADDQ $64, SI
	LAST

	VZEROUPPER
	RET

#define SOFTMAXGRAD(at) \
	VMOVUPS at(DX), Z1 \
	VMOVUPS at(SI), Z2 \
	VMOVUPS at(DI), Z3 \
	VSUBPS Z0, Z1, Z1 \
	VFMADD231PS Z2, Z1, Z3 \
	VMOVUPS Z3, at(DI)

// func softmaxGradAVX512(dx []float32, y []float32, dy []float32, c float32)
TEXT ·softmaxGradAVX512(SB), NOSPLIT, $0-76
	MOVQ dx_base+0(FP), DI
	MOVQ y_base+24(FP), SI
	MOVQ dy_base+48(FP), DX
	MOVQ dx_len+8(FP), CX
	VBROADCASTSS c+72(FP), Z0
	BEGIN

four:
	SOFTMAXGRAD(0)
	SOFTMAXGRAD(64)
	SOFTMAXGRAD(128)
	SOFTMAXGRAD(192)
	ADDQ $256, DI
	ADDQ $256, SI
	ADDQ $256, DX
	REPEAT
	REST

	VMOVUPS.Z (DX), K1, Z1
	VMOVUPS.Z (SI), K1, Z2
	VMOVUPS.Z (DI), K1, Z3
	VSUBPS Z0, Z1, Z1
	VFMADD231PS Z2, Z1, Z3
	VMOVUPS Z3, K1, (DI)
	ADDQ $64, DI
	ADDQ $64, SI
	ADDQ $64, DX
	LAST

	VZEROUPPER
	RET

#define ROWDOT(at, r, s) \
	VMOVUPS at(DI), r \
	VFMADD231PS at(SI), r, s

// func rowDotAVX512(x []float32, y []float32) float32
TEXT ·rowDotAVX512(SB), NOSPLIT, $0-52
	MOVQ x_base+0(FP), DI
	MOVQ y_base+24(FP), SI
	MOVQ x_len+8(FP), CX
	VXORPS X0, X0, X0
	VXORPS X1, X1, X1
	VXORPS X2, X2, X2
	VXORPS X3, X3, X3
	BEGIN

four:
	ROWDOT(0, Z4, Z0)
	ROWDOT(64, Z5, Z1)
	ROWDOT(128, Z6, Z2)
	ROWDOT(192, Z7, Z3)
	ADDQ $256, DI
	ADDQ $256, SI
	REPEAT
	REST

	VMOVUPS.Z (DI), K1, Z4
	VMOVUPS.Z (SI), K1, Z5
	VFMADD231PS Z5, Z4, Z0
	ADDQ $64, DI
	ADDQ $64, SI
	LAST

	FOLD
	VMOVSS X0, ret+48(FP)
	VZEROUPPER
	RET

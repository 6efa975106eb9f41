//go:build amd64 && !purego

#include "textflag.h"
#include "flush.h"

#define TIMES4(x, a, b, c, d) VFMADD231PS x, Z16, a; VFMADD231PS x, Z17, b; VFMADD231PS x, Z18, c; VFMADD231PS x, Z19, d

// The halves of a sum are added first, and then as the four sums of dot4x32, so that every element
// has the same bits as there.
#define HALVES(z, y) VEXTRACTF64X4 $1, z, Y16; VADDPS Y16, y, y
#define REDUCE4(at, za, a, zb, b, zc, c, zd, d, xa, xc) \
	HALVES(za, a); HALVES(zb, b); HALVES(zc, c); HALVES(zd, d); \
	VHADDPS b, a, a; VHADDPS d, c, c; VHADDPS c, a, a; \
	VEXTRACTF128 $1, a, xc; VADDPS xc, xa, xa; VMOVUPS xa, at(DI)

// func dot4x4x32(dst *[16]float32, a *float32, stride int, x *float32, xStride, blocks int)
//
// Z0 to Z15 are the sums, those of a row of x next to each other; Z16 to Z19 are pieces of the rows
// of a, Z20 of a row of x.
TEXT ·dot4x4x32(SB), NOSPLIT, $8-48
	FLUSH
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ stride+16(FP), R8
	MOVQ x+24(FP), BX
	MOVQ xStride+32(FP), R10
	MOVQ blocks+40(FP), CX
	SHLQ $2, R8
	LEAQ (R8)(R8*2), R9
	SHLQ $2, R10
	LEAQ (R10)(R10*2), R11
	VPXORQ Z0, Z0, Z0
	VPXORQ Z1, Z1, Z1
	VPXORQ Z2, Z2, Z2
	VPXORQ Z3, Z3, Z3
	VPXORQ Z4, Z4, Z4
	VPXORQ Z5, Z5, Z5
	VPXORQ Z6, Z6, Z6
	VPXORQ Z7, Z7, Z7
	VPXORQ Z8, Z8, Z8
	VPXORQ Z9, Z9, Z9
	VPXORQ Z10, Z10, Z10
	VPXORQ Z11, Z11, Z11
	VPXORQ Z12, Z12, Z12
	VPXORQ Z13, Z13, Z13
	VPXORQ Z14, Z14, Z14
	VPXORQ Z15, Z15, Z15

loop:
	VMOVUPS (SI), Z16
	VMOVUPS (SI)(R8*1), Z17
	VMOVUPS (SI)(R8*2), Z18
	VMOVUPS (SI)(R9*1), Z19
	PREFETCHT0 768(SI)
	PREFETCHT0 768(SI)(R8*1)
	PREFETCHT0 768(SI)(R8*2)
	PREFETCHT0 768(SI)(R9*1)
	VMOVUPS (BX), Z20
	TIMES4(Z20, Z0, Z1, Z2, Z3)
	VMOVUPS (BX)(R10*1), Z20
	TIMES4(Z20, Z4, Z5, Z6, Z7)
	VMOVUPS (BX)(R10*2), Z20
	TIMES4(Z20, Z8, Z9, Z10, Z11)
	VMOVUPS (BX)(R11*1), Z20
	TIMES4(Z20, Z12, Z13, Z14, Z15)
	ADDQ $64, SI
	ADDQ $64, BX
	DECQ CX
	JNZ  loop

	REDUCE4(0, Z0, Y0, Z1, Y1, Z2, Y2, Z3, Y3, X0, X2)
	REDUCE4(16, Z4, Y4, Z5, Y5, Z6, Y6, Z7, Y7, X4, X6)
	REDUCE4(32, Z8, Y8, Z9, Y9, Z10, Y10, Z11, Y11, X8, X10)
	REDUCE4(48, Z12, Y12, Z13, Y13, Z14, Y14, Z15, Y15, X12, X14)
	UNFLUSH
	VZEROUPPER
	RET

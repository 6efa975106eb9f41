//go:build amd64 && !purego

#include "textflag.h"

// The kernels of CSR for float32 with AVX-512; csr.go says what they compute.

// MASK sets K1 to the first CX lanes, all of them if CX is 16 or more.
#define MASK \
	MOVL $16, AX \
	CMPQ CX, AX \
	CMOVQLT CX, AX \
	MOVL $-1, R15 \
	BZHIL AX, R15, R15 \
	KMOVW R15, K1

// func csrMatAVX512(y []float32, col []int32, val, x []float32, stride int, beta float32)
//
// 128 columns of the result at a time stay in registers while the entries run, then 64, then 16.
#define CLEAR8 \
	VXORPS X0, X0, X0 \
	VXORPS X1, X1, X1 \
	VXORPS X2, X2, X2 \
	VXORPS X3, X3, X3 \
	VXORPS X4, X4, X4 \
	VXORPS X5, X5, X5 \
	VXORPS X6, X6, X6 \
	VXORPS X7, X7, X7

#define CLEAR4 \
	VXORPS X0, X0, X0 \
	VXORPS X1, X1, X1 \
	VXORPS X2, X2, X2 \
	VXORPS X3, X3, X3

#define SCALE4(at, r0, r1, r2, r3) \
	VMULPS at+0(DI), Z9, r0 \
	VMULPS at+64(DI), Z9, r1 \
	VMULPS at+128(DI), Z9, r2 \
	VMULPS at+192(DI), Z9, r3

#define ADD4(at, r0, r1, r2, r3) \
	VFMADD231PS at+0(R13), Z8, r0 \
	VFMADD231PS at+64(R13), Z8, r1 \
	VFMADD231PS at+128(R13), Z8, r2 \
	VFMADD231PS at+192(R13), Z8, r3

#define STORE4(at, r0, r1, r2, r3) \
	VMOVUPS r0, at+0(DI) \
	VMOVUPS r1, at+64(DI) \
	VMOVUPS r2, at+128(DI) \
	VMOVUPS r3, at+192(DI)

// NEXT points R13 at the row of x for entry number AX and spreads its value.
#define NEXT \
	MOVLQSX (R8)(AX*4), R13 \
	IMULQ R11, R13 \
	ADDQ R10, R13 \
	VBROADCASTSS (R9)(AX*4), Z8

TEXT ·csrMatAVX512(SB), NOSPLIT, $0-108
	MOVQ y_base+0(FP), DI
	MOVQ y_len+8(FP), CX
	MOVQ col_base+24(FP), R8
	MOVQ col_len+32(FP), DX
	MOVQ val_base+48(FP), R9
	MOVQ x_base+72(FP), R10
	MOVQ stride+96(FP), R11
	SHLQ $2, R11
	VBROADCASTSS beta+104(FP), Z9
	VXORPS X10, X10, X10
	XORL R12, R12
	VUCOMISS X10, X9
	SETNE R12
	SETPS AX
	ORL  AX, R12 // R12 is 0 if beta is
	SUBQ $128, CX
	JLT  half

eight:
	CLEAR8
	TESTB R12, R12
	JZ   eightstart
	SCALE4(0, Z0, Z1, Z2, Z3)
	SCALE4(256, Z4, Z5, Z6, Z7)

eightstart:
	XORL AX, AX
	JMP  eighttest

eightentry:
	NEXT
	ADD4(0, Z0, Z1, Z2, Z3)
	ADD4(256, Z4, Z5, Z6, Z7)
	INCQ AX

eighttest:
	CMPQ AX, DX
	JLT  eightentry
	STORE4(0, Z0, Z1, Z2, Z3)
	STORE4(256, Z4, Z5, Z6, Z7)
	ADDQ $512, DI
	ADDQ $512, R10
	SUBQ $128, CX
	JGE  eight

half:
	ADDQ $64, CX
	JLT  one
	CLEAR4
	TESTB R12, R12
	JZ   halfstart
	SCALE4(0, Z0, Z1, Z2, Z3)

halfstart:
	XORL AX, AX
	JMP  halftest

halfentry:
	NEXT
	ADD4(0, Z0, Z1, Z2, Z3)
	INCQ AX

halftest:
	CMPQ AX, DX
	JLT  halfentry
	STORE4(0, Z0, Z1, Z2, Z3)
	ADDQ $256, DI
	ADDQ $256, R10
	SUBQ $64, CX

one:
	ADDQ $64, CX
	JLE  done

vector:
	MASK
	VXORPS X0, X0, X0
	TESTB R12, R12
	JZ   start
	VMOVUPS.Z (DI), K1, Z0
	VMULPS Z9, Z0, Z0

start:
	XORL AX, AX
	JMP  test

entry:
	NEXT
	VMOVUPS.Z (R13), K1, Z1
	VFMADD231PS Z1, Z8, Z0
	INCQ AX

test:
	CMPQ AX, DX
	JLT  entry
	VMOVUPS Z0, K1, (DI)
	ADDQ $64, DI
	ADDQ $64, R10
	SUBQ $16, CX
	JGT  vector

done:
	VZEROUPPER
	RET
// func csrDotsAVX512(g []float32, col []int32, dy, x []float32, stride int)
TEXT ·csrDotsAVX512(SB), NOSPLIT, $0-104
	MOVQ g_base+0(FP), DI
	MOVQ col_base+24(FP), R8
	MOVQ col_len+32(FP), DX
	MOVQ dy_base+48(FP), R9
	MOVQ dy_len+56(FP), R12
	MOVQ x_base+72(FP), R10
	MOVQ stride+96(FP), R11
	SHLQ $2, R11
	TESTQ DX, DX
	JZ   done

entry:
	MOVLQSX (R8), R13
	IMULQ R11, R13
	ADDQ R10, R13
	MOVQ R9, SI
	MOVQ R12, CX
	CLEAR4
	SUBQ $64, CX
	JLT  one

four:
	VMOVUPS (SI), Z4
	VMOVUPS 64(SI), Z5
	VMOVUPS 128(SI), Z6
	VMOVUPS 192(SI), Z7
	VFMADD231PS (R13), Z4, Z0
	VFMADD231PS 64(R13), Z5, Z1
	VFMADD231PS 128(R13), Z6, Z2
	VFMADD231PS 192(R13), Z7, Z3
	ADDQ $256, SI
	ADDQ $256, R13
	SUBQ $64, CX
	JGE  four

one:
	ADDQ $64, CX
	JLE  sum

vector:
	MASK
	VMOVUPS.Z (SI), K1, Z4
	VMOVUPS.Z (R13), K1, Z5
	VFMADD231PS Z5, Z4, Z0
	ADDQ $64, SI
	ADDQ $64, R13
	SUBQ $16, CX
	JGT  vector

sum:
	VADDPS Z1, Z0, Z0
	VADDPS Z3, Z2, Z2
	VADDPS Z2, Z0, Z0
	VEXTRACTF64X4 $1, Z0, Y1
	VADDPS Y1, Y0, Y0
	VEXTRACTF128 $1, Y0, X1
	VADDPS X1, X0, X0
	VPSHUFD $0x4E, X0, X1
	VADDPS X1, X0, X0
	VPSHUFD $0xB1, X0, X1
	VADDPS X1, X0, X0
	VADDSS (DI), X0, X0
	VMOVSS X0, (DI)
	ADDQ $4, DI
	ADDQ $4, R8
	DECQ DX
	JNZ  entry

done:
	VZEROUPPER
	RET

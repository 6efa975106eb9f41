//go:build amd64 && !purego

#include "textflag.h"

// The kernels of CSR for float32 with AVX2 and FMA; csr.go says what they compute.

// Eight ones, then eight zeros.
DATA csrMasks<>+0(SB)/8, $-1
DATA csrMasks<>+8(SB)/8, $-1
DATA csrMasks<>+16(SB)/8, $-1
DATA csrMasks<>+24(SB)/8, $-1
DATA csrMasks<>+32(SB)/8, $0
DATA csrMasks<>+40(SB)/8, $0
DATA csrMasks<>+48(SB)/8, $0
DATA csrMasks<>+56(SB)/8, $0
GLOBL csrMasks<>(SB), RODATA|NOPTR, $64

// MASK sets Y15 to the first CX lanes, all of them if CX is 8 or more.
#define MASK \
	MOVL $8, AX \
	CMPQ CX, AX \
	CMOVQLT CX, AX \
	LEAQ csrMasks<>+32(SB), R15 \
	NEGQ AX \
	VMOVDQU (R15)(AX*4), Y15

// func csrVecAVX2(y []float32, ptr, col []int32, val, x []float32, alpha, beta float32)
//
// Four scalar sums a row: rows of a connectome are short, and a gather of eight costs as much as eight loads.
TEXT ·csrVecAVX2(SB), NOSPLIT, $0-128
	MOVQ y_base+0(FP), DI
	MOVQ y_len+8(FP), DX
	MOVQ ptr_base+24(FP), SI
	MOVQ col_base+48(FP), R8
	MOVQ val_base+72(FP), R9
	MOVQ x_base+96(FP), R10
	VMOVSS alpha+120(FP), X8
	VMOVSS beta+124(FP), X9
	VXORPS X10, X10, X10
	TESTQ DX, DX
	JZ   done
	MOVLQSX (SI), BX

row:
	MOVLQSX 4(SI), CX
	ADDQ $4, SI
	VXORPS X0, X0, X0
	VXORPS X1, X1, X1
	VXORPS X2, X2, X2
	VXORPS X3, X3, X3
	SUBQ $4, CX
	CMPQ BX, CX
	JGT  rest

four:
	MOVLQSX (R8)(BX*4), R11
	MOVLQSX 4(R8)(BX*4), R12
	MOVLQSX 8(R8)(BX*4), R13
	MOVLQSX 12(R8)(BX*4), AX
	VMOVSS (R10)(R11*4), X4
	VMOVSS (R10)(R12*4), X5
	VMOVSS (R10)(R13*4), X6
	VMOVSS (R10)(AX*4), X7
	VFMADD231SS (R9)(BX*4), X4, X0
	VFMADD231SS 4(R9)(BX*4), X5, X1
	VFMADD231SS 8(R9)(BX*4), X6, X2
	VFMADD231SS 12(R9)(BX*4), X7, X3
	ADDQ $4, BX
	CMPQ BX, CX
	JLE  four

rest:
	ADDQ $4, CX
	CMPQ BX, CX
	JGE  store

one:
	MOVLQSX (R8)(BX*4), R11
	VMOVSS (R10)(R11*4), X4
	VFMADD231SS (R9)(BX*4), X4, X0
	INCQ BX
	CMPQ BX, CX
	JLT  one

store:
	VADDSS X1, X0, X0
	VADDSS X3, X2, X2
	VADDSS X2, X0, X0
	VMULSS X8, X0, X0
	VUCOMISS X10, X9
	JNE  add
	JP   add
	VMOVSS X0, (DI)
	ADDQ $4, DI
	DECQ DX
	JNZ  row
	JMP  done

add:
	VFMADD231SS (DI), X9, X0
	VMOVSS X0, (DI)
	ADDQ $4, DI
	DECQ DX
	JNZ  row

done:
	VZEROUPPER
	RET
// func csrMatAVX2(y []float32, col []int32, val, x []float32, stride int, beta float32)
//
// 64 columns of the result at a time stay in registers while the entries run, then 32, then 8.
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
	VMULPS at+0(DI), Y9, r0 \
	VMULPS at+32(DI), Y9, r1 \
	VMULPS at+64(DI), Y9, r2 \
	VMULPS at+96(DI), Y9, r3

#define ADD4(at, r0, r1, r2, r3) \
	VFMADD231PS at+0(R13), Y8, r0 \
	VFMADD231PS at+32(R13), Y8, r1 \
	VFMADD231PS at+64(R13), Y8, r2 \
	VFMADD231PS at+96(R13), Y8, r3

#define STORE4(at, r0, r1, r2, r3) \
	VMOVUPS r0, at+0(DI) \
	VMOVUPS r1, at+32(DI) \
	VMOVUPS r2, at+64(DI) \
	VMOVUPS r3, at+96(DI)

// NEXT points R13 at the row of x for entry number AX and spreads its value.
#define NEXT \
	MOVLQSX (R8)(AX*4), R13 \
	IMULQ R11, R13 \
	ADDQ R10, R13 \
	VBROADCASTSS (R9)(AX*4), Y8

TEXT ·csrMatAVX2(SB), NOSPLIT, $0-108
	MOVQ y_base+0(FP), DI
	MOVQ y_len+8(FP), CX
	MOVQ col_base+24(FP), R8
	MOVQ col_len+32(FP), DX
	MOVQ val_base+48(FP), R9
	MOVQ x_base+72(FP), R10
	MOVQ stride+96(FP), R11
	SHLQ $2, R11
	VBROADCASTSS beta+104(FP), Y9
	VXORPS X10, X10, X10
	XORL R12, R12
	VUCOMISS X10, X9
	SETNE R12
	SETPS AX
	ORL  AX, R12 // R12 is 0 if beta is
	SUBQ $64, CX
	JLT  half

eight:
	CLEAR8
	TESTB R12, R12
	JZ   eightstart
	SCALE4(0, Y0, Y1, Y2, Y3)
	SCALE4(128, Y4, Y5, Y6, Y7)

eightstart:
	XORL AX, AX
	JMP  eighttest

eightentry:
	NEXT
	ADD4(0, Y0, Y1, Y2, Y3)
	ADD4(128, Y4, Y5, Y6, Y7)
	INCQ AX

eighttest:
	CMPQ AX, DX
	JLT  eightentry
	STORE4(0, Y0, Y1, Y2, Y3)
	STORE4(128, Y4, Y5, Y6, Y7)
	ADDQ $256, DI
	ADDQ $256, R10
	SUBQ $64, CX
	JGE  eight

half:
	ADDQ $32, CX
	JLT  one
	CLEAR4
	TESTB R12, R12
	JZ   halfstart
	SCALE4(0, Y0, Y1, Y2, Y3)

halfstart:
	XORL AX, AX
	JMP  halftest

halfentry:
	NEXT
	ADD4(0, Y0, Y1, Y2, Y3)
	INCQ AX

halftest:
	CMPQ AX, DX
	JLT  halfentry
	STORE4(0, Y0, Y1, Y2, Y3)
	ADDQ $128, DI
	ADDQ $128, R10
	SUBQ $32, CX

one:
	ADDQ $32, CX
	JLE  done

vector:
	MASK
	VXORPS X0, X0, X0
	TESTB R12, R12
	JZ   start
	VMASKMOVPS (DI), Y15, Y0
	VMULPS Y9, Y0, Y0

start:
	XORL AX, AX
	JMP  test

entry:
	NEXT
	VMASKMOVPS (R13), Y15, Y1
	VFMADD231PS Y1, Y8, Y0
	INCQ AX

test:
	CMPQ AX, DX
	JLT  entry
	VMASKMOVPS Y0, Y15, (DI)
	ADDQ $32, DI
	ADDQ $32, R10
	SUBQ $8, CX
	JGT  vector

done:
	VZEROUPPER
	RET
// func csrDotsAVX2(g []float32, col []int32, dy, x []float32, stride int)
TEXT ·csrDotsAVX2(SB), NOSPLIT, $0-104
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
	SUBQ $32, CX
	JLT  one

four:
	VMOVUPS (SI), Y4
	VMOVUPS 32(SI), Y5
	VMOVUPS 64(SI), Y6
	VMOVUPS 96(SI), Y7
	VFMADD231PS (R13), Y4, Y0
	VFMADD231PS 32(R13), Y5, Y1
	VFMADD231PS 64(R13), Y6, Y2
	VFMADD231PS 96(R13), Y7, Y3
	ADDQ $128, SI
	ADDQ $128, R13
	SUBQ $32, CX
	JGE  four

one:
	ADDQ $32, CX
	JLE  sum

vector:
	MASK
	VMASKMOVPS (SI), Y15, Y4
	VMASKMOVPS (R13), Y15, Y5
	VFMADD231PS Y5, Y4, Y0
	ADDQ $32, SI
	ADDQ $32, R13
	SUBQ $8, CX
	JGT  vector

sum:
	VADDPS Y1, Y0, Y0
	VADDPS Y3, Y2, Y2
	VADDPS Y2, Y0, Y0
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

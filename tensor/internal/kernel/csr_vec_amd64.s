//go:build amd64 && !purego

#include "textflag.h"

// func csrVecAVX2(y []float32, ptr, col []int32, val, x []float32, alpha, beta float32)
//
// Four scalar sums a row: rows of a connectome are short, and a gather of eight costs as much as
// eight loads.
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

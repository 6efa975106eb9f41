// The body of CSRTile: a row of the result stays in registers while its entries run.
//
// DI, R8 the row of y and its stride; SI the next element of ptr, DX rows left; BX, CX the entry
// and the end of the row; R9, R10 columns and values, R11 the tile of x; R12 is 0 if beta is.

#define ZERO_SUM(at, v) VXORPS v, v, v
#define OLD_SUM(at, v) VMULPS at(DI), V9, v
#define ADD_ENTRY(at, v) VFMADD231PS at(R11)(R13*1), V8, v
#define SET_ROW(at, v) MOV v, at(DI)

	MOVQ y_base+0(FP), DI
	MOVQ stride+24(FP), R8
	MOVQ ptr_base+32(FP), SI
	MOVQ ptr_len+40(FP), DX
	MOVQ col_base+56(FP), R9
	MOVQ val_base+80(FP), R10
	MOVQ x_base+104(FP), R11
	SHLQ $2, R8
	LEAQ (R8)(R8*4), R15
	VBROADCASTSS beta+128(FP), V9
	MOVL beta+128(FP), R12
	SHLL $1, R12
	DECQ DX
	JLE  done
	MOVLQSX (SI), BX

row:
	MOVLQSX 4(SI), CX
	ADDQ $4, SI
	PREFETCHT0 (DI)(R15*1)
	PREFETCHT0 64(DI)(R15*1)
	TESTL R12, R12
	JNZ  scale
	EACH(ZERO_SUM)
	JMP  test
scale:
	EACH(OLD_SUM)
	JMP  test

entry:
	MOVLQSX (R9)(BX*4), R13
	SHLQ $TILE_SHIFT, R13
	VBROADCASTSS (R10)(BX*4), V8
	EACH(ADD_ENTRY)
	INCQ BX
test:
	CMPQ BX, CX
	JLT  entry
	EACH(SET_ROW)
	ADDQ R8, DI
	DECQ DX
	JNZ  row

done:
	VZEROUPPER
	RET

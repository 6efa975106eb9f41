// The body of CSRLanes; recurrent.go says what it computes. The including file defines
//
//	ROW_SHIFT    that of the bytes of a row of y and x
//	EACH(op)     op(at, v) for the vectors of a row
//	BROADCAST(v) sets all lanes of v to the value of entry BX
//	FMA          the multiply-add
//
// DI y, SI the next element of ptr, DX rows left; R9, R10 columns and values, R11 x; BX, CX the
// entry and the end of the row; AX is scratch.

#define ZERO_LANES(at, v) VXORPS v, v, v
#define ADD_LANES(at, v) FMA at(R11)(AX*1), Y8, v
#define STORE_LANES(at, v) VMOVUPS v, at(DI)

	MOVQ y_base+0(FP), DI
	MOVQ ptr_base+24(FP), SI
	MOVQ ptr_len+32(FP), DX
	MOVQ col_base+48(FP), R9
	MOVQ val_base+72(FP), R10
	MOVQ x_base+96(FP), R11
	DECQ DX
	JLE  done
	MOVLQSX (SI), BX

row:
	MOVLQSX 4(SI), CX
	ADDQ $4, SI
	EACH(ZERO_LANES)
	CMPQ BX, CX
	JGE  store

entry:
	MOVLQSX (R9)(BX*4), AX
	SHLQ $ROW_SHIFT, AX
	BROADCAST(Y8)
	EACH(ADD_LANES)
	INCQ BX
	CMPQ BX, CX
	JLT  entry

store:
	EACH(STORE_LANES)
	ADDQ $(1<<ROW_SHIFT), DI
	DECQ DX
	JNZ  row

done:
	VZEROUPPER
	RET

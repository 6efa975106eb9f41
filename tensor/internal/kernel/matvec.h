// The body of MatVec: four rows at a time, and those left over one by one. A row has two vectors of
// sums; their lanes are added in pairs, and what is left of the row behind them.
//
// DI y, DX rows left; SI a, R8 the bytes from row to row; BX x, R9 its pieces of 64 bytes, R15
// its bytes; R10 to R13 rows, AX the place in them, CX pieces left.

	MOVQ y_base+0(FP), DI
	MOVQ y_len+8(FP), DX
	MOVQ a_base+24(FP), SI
	MOVQ stride+48(FP), R8
	MOVQ x_base+56(FP), BX
	MOVQ x_len+64(FP), R15
	SHLQ $SHIFT, R8
	SHLQ $SHIFT, R15
	MOVQ R15, R9
	SHRQ $6, R9
	SUBQ $4, DX
	JLT  single

four:
	MOVQ SI, R10
	LEAQ (SI)(R8*1), R11
	LEAQ (SI)(R8*2), R12
	LEAQ (R11)(R8*2), R13
	LEAQ (SI)(R8*4), SI
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	VXORPS Y6, Y6, Y6
	VXORPS Y7, Y7, Y7
	XORL AX, AX
	MOVQ R9, CX
	TESTQ CX, CX
	JZ   sums

pieces:
	PREFETCHT0 768(R10)(AX*1)
	PREFETCHT0 768(R11)(AX*1)
	PREFETCHT0 768(R12)(AX*1)
	PREFETCHT0 768(R13)(AX*1)
	VMOVUPS (BX)(AX*1), Y8
	VMOVUPS 32(BX)(AX*1), Y9
	FMA (R10)(AX*1), Y8, Y0
	FMA 32(R10)(AX*1), Y9, Y4
	FMA (R11)(AX*1), Y8, Y1
	FMA 32(R11)(AX*1), Y9, Y5
	FMA (R12)(AX*1), Y8, Y2
	FMA 32(R12)(AX*1), Y9, Y6
	FMA (R13)(AX*1), Y8, Y3
	FMA 32(R13)(AX*1), Y9, Y7
	ADDQ $64, AX
	DECQ CX
	JNZ  pieces

sums:
	ADDV Y4, Y0, Y0
	ADDV Y5, Y1, Y1
	ADDV Y6, Y2, Y2
	ADDV Y7, Y3, Y3
	FOLD_FOUR
	JMP  more

rest:
	REST_FOUR
	ADDQ $(1<<SHIFT), AX
more:
	CMPQ AX, R15
	JLT  rest
	ADD_FOUR
	ADDQ $(4<<SHIFT), DI
	SUBQ $4, DX
	JGE  four

single:
	ADDQ $4, DX
	JZ   done

row:
	VXORPS Y0, Y0, Y0
	VXORPS Y4, Y4, Y4
	XORL AX, AX
	MOVQ R9, CX
	TESTQ CX, CX
	JZ   sum

piece:
	VMOVUPS (BX)(AX*1), Y8
	VMOVUPS 32(BX)(AX*1), Y9
	FMA (SI)(AX*1), Y8, Y0
	FMA 32(SI)(AX*1), Y9, Y4
	ADDQ $64, AX
	DECQ CX
	JNZ  piece

sum:
	ADDV Y4, Y0, Y0
	FOLD_ONE
	JMP  moreOne

restOne:
	REST_ONE
	ADDQ $(1<<SHIFT), AX
moreOne:
	CMPQ AX, R15
	JLT  restOne
	ADD_ONE
	ADDQ $(1<<SHIFT), DI
	ADDQ R8, SI
	DECQ DX
	JNZ  row

done:
	VZEROUPPER
	RET

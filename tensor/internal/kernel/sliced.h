// The body of SlicedVec; sliced.go says what it computes. The including file defines
//
//	SHIFT            the logarithm of the bytes of an element
//	SET_SUMS         sets the sums to 0
//	ENTRY            adds one entry of each of eight rows
//	ADD_SLICE        adds the sums to eight adjacent rows of y from AX on
//	ADD_ROWS         adds them to eight rows of y that lie anywhere
//
// DI y, SI the next element of ptr, DX slices left, R8 row, R9, R10 columns and values, R11 x; CX
// entries left in the slice; R15 how far ahead to prefetch. AX, BX, R12, R13 are scratch.

	MOVQ y_base+0(FP), DI
	MOVQ ptr_base+24(FP), SI
	MOVQ ptr_len+32(FP), DX
	MOVQ row_base+48(FP), R8
	MOVQ col_base+72(FP), R9
	MOVQ val_base+96(FP), R10
	MOVQ x_base+120(FP), R11
	MOVQ ahead+144(FP), R15
	DECQ DX
	JLE  done

slice:
	MOVLQSX 4(SI), CX
	MOVLQSX (SI), AX
	ADDQ $4, SI
	SET_SUMS
	SUBQ AX, CX
	JLE  store
	TESTQ R15, R15
	JNZ  far

entry:
	ENTRY
	ADDQ $32, R9
	ADDQ $(8<<SHIFT), R10
	DECQ CX
	JNZ  entry

store:
	MOVL (R8), AX
	MOVL 28(R8), BX
	SUBL AX, BX
	CMPL BX, $7
	JNE  rows
	ADD_SLICE
	ADDQ $32, R8
	DECQ DX
	JNZ  slice
	JMP  done

rows:
	ADD_ROWS
	ADDQ $32, R8
	DECQ DX
	JNZ  slice

	JMP  done

far:
	PREFETCHT0 (R9)(R15*1)
	PREFETCHT0 (R10)(R15*1)
	ENTRY
	ADDQ $32, R9
	ADDQ $(8<<SHIFT), R10
	DECQ CX
	JNZ  far
	JMP  store

done:
	VZEROUPPER
	RET

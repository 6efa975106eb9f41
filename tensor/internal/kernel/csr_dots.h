// The body of CSRDots: four entries of a row at a time, each with two vectors of sums. When fewer
// are left the last one is computed several times, and added once. Meanwhile the next row of dy is
// prefetched: the processor does not foresee it.
//
// DI, R9 gradients and columns; BX, R15 the entry and the last one of the row; R12, R13 the tiles
// of x and the bytes of one; AX, R8, R10, R11 the rows of x of four entries; DX, SI the row of dy
// and its stride; CX tiles left.

#define PTR ptr-8(SP)
#define DY dy-16(SP)
#define ROWS rows-24(SP)
#define STRIDE stride-32(SP)

#define POINT(e, row) \
	LEAQ e(BX), SI; \
	CMPQ SI, R15; \
	CMOVQGT R15, SI; \
	MOVLQSX (R9)(SI*4), row; \
	SHLQ $TILE_SHIFT, row; \
	ADDQ R12, row
#define DOT4(at, a, b, c, d) \
	MOV at(DX), V8; \
	VFMADD231PS at(AX), V8, a; \
	VFMADD231PS at(R8), V8, b; \
	VFMADD231PS at(R10), V8, c; \
	VFMADD231PS at(R11), V8, d
#define EVEN(at) DOT4(at, V0, V1, V2, V3)
#define ODD(at) DOT4(at, V4, V5, V6, V7)

	MOVQ g_base+0(FP), DI
	MOVQ ptr_base+24(FP), SI
	MOVQ ptr_len+32(FP), DX
	MOVQ col_base+48(FP), R9
	MOVQ dy_base+72(FP), AX
	MOVQ stride+96(FP), R8
	MOVQ x_base+104(FP), R12
	MOVQ panel+128(FP), R13
	SHLQ $2, R8
	SHLQ $2, R13
	MOVQ SI, PTR
	MOVQ AX, DY
	MOVQ R8, STRIDE
	DECQ DX
	JLE  done
	MOVQ DX, ROWS

row:
	MOVQ PTR, SI
	MOVLQSX (SI), BX
	MOVLQSX 4(SI), R15
	ADDQ $4, PTR
	DECQ R15
	CMPQ BX, R15
	JGT  next

four:
	POINT(0, AX)
	POINT(1, R8)
	POINT(2, R10)
	POINT(3, R11)
	MOVQ DY, DX
	MOVQ tiles+136(FP), CX
	MOVQ STRIDE, SI
	VXORPS V0, V0, V0
	VXORPS V1, V1, V1
	VXORPS V2, V2, V2
	VXORPS V3, V3, V3
	VXORPS V4, V4, V4
	VXORPS V5, V5, V5
	VXORPS V6, V6, V6
	VXORPS V7, V7, V7

tile:
	PREFETCHT0 (DX)(SI*1)
	PREFETCHT0 64(DX)(SI*1)
	DOTS
	ADDQ R13, AX
	ADDQ R13, R8
	ADDQ R13, R10
	ADDQ R13, R11
	ADDQ $TILE_BYTES, DX
	DECQ CX
	JNZ  tile

	VADDPS V4, V0, V0
	VADDPS V5, V1, V1
	VADDPS V6, V2, V2
	VADDPS V7, V3, V3
	FOLD
	VHADDPS Y1, Y0, Y0
	VHADDPS Y3, Y2, Y2
	VHADDPS Y2, Y0, Y0 // in each half, the four entries
	VEXTRACTF128 $1, Y0, X1
	VADDPS X1, X0, X0
	LEAQ 3(BX), SI
	CMPQ SI, R15
	JGT  some
	VADDPS (DI)(BX*4), X0, X0
	VMOVUPS X0, (DI)(BX*4)
	ADDQ $4, BX
	CMPQ BX, R15
	JLE  four
	JMP  next

some:
	VADDSS (DI)(BX*4), X0, X1
	VMOVSS X1, (DI)(BX*4)
	VPSRLDQ $4, X0, X0
	INCQ BX
	CMPQ BX, R15
	JLE  some

next:
	MOVQ STRIDE, AX
	ADDQ AX, DY
	DECQ ROWS
	JNZ  row

done:
	VZEROUPPER
	RET

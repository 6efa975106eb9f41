// The body of CSRPack: two lines of each row go to each tile. Rows may lie a page or more apart,
// where the processor does not foresee them, so they are prefetched.
//
// DI the row in the first tile, R8 bytes of a tile; SI the row of x, R9 its stride; DX rows left;
// R10, R11 the tile at work, CX tiles left.

#define COPY_VECTOR(at, v) MOV at(R11), v; MOV v, at(R10)

	MOVQ dst_base+0(FP), DI
	MOVQ x_base+24(FP), SI
	MOVQ stride+48(FP), R9
	MOVQ rows+56(FP), DX
	MOVQ tiles+64(FP), R13
	MOVQ DX, R8
	SHLQ $TILE_SHIFT, R8
	SHLQ $2, R9
	LEAQ (R9)(R9*2), R12
	ADDQ R12, R12
row:
	MOVQ DI, R10
	MOVQ SI, R11
	MOVQ R13, CX
tile:
	PREFETCHT0 (R11)(R12*1)
	PREFETCHT0 64(R11)(R12*1)
	EACH(COPY_VECTOR)
	ADDQ $TILE_BYTES, R11
	ADDQ R8, R10
	DECQ CX
	JNZ  tile
	ADDQ $TILE_BYTES, DI
	ADDQ R9, SI
	DECQ DX
	JNZ  row
	VZEROUPPER
	RET

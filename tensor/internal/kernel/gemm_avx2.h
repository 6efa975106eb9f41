// The body of the AVX2 micro-kernels: see gemm_avx512.h, from which it differs in the size of the
// tile and in how it leaves out columns. The including file also defines MASKMOV and LOAD_MASK,
// which sets Y2 to the mask of the first CX columns.
//
// Registers: AX, R8 rows 0 and 5 of A; R10, R11 one and three row strides; R12 the column stride of
// A; BX, R13 B and its row stride; CX the countdown of k; DI, SI C and its row stride; DX rows. Y0,
// Y1 a row of B; Y2 an element of A; Y4 to Y15 two accumulators a row.

#define ROW2(addr, lo, hi) BCAST addr, Y2; FMA Y0, Y2, lo; FMA Y1, Y2, hi
#define W2R1 ROW2((AX), Y4, Y5)
#define W2R2 W2R1; ROW2((AX)(R10*1), Y6, Y7)
#define W2R3 W2R2; ROW2((AX)(R10*2), Y8, Y9)
#define W2R4 W2R3; ROW2((AX)(R11*1), Y10, Y11)
#define W2R5 W2R4; ROW2((AX)(R10*4), Y12, Y13)
#define W2R6 W2R5; ROW2((R8), Y14, Y15)

#define ROW1(addr, acc) BCAST addr, Y2; FMA Y0, Y2, acc
#define W1R1 ROW1((AX), Y4)
#define W1R2 W1R1; ROW1((AX)(R10*1), Y6)
#define W1R3 W1R2; ROW1((AX)(R10*2), Y8)
#define W1R4 W1R3; ROW1((AX)(R11*1), Y10)
#define W1R5 W1R4; ROW1((AX)(R10*4), Y12)
#define W1R6 W1R5; ROW1((R8), Y14)

#define STEP(rows) ADDQ R13, BX; rows; ADDQ R12, AX; ADDQ R12, R8; DECQ CX
#define LOOP2(label, rows) label: MOV (BX), Y0; MOV 32(BX), Y1; PREFETCHT0 (BX)(R13*8); STEP(rows); JNZ label; JMP store2
#define LOOP1(label, rows) label: MOV (BX), Y0; STEP(rows); JNZ label; JMP store1

#define EACH_ROW(op) op(Y4, Y5); op(Y6, Y7); op(Y8, Y9); op(Y10, Y11); op(Y12, Y13); op(Y14, Y15)
// The panels that are left, and C and B of the tile at work.
#define LEFT left-16(SP)
#define TILE_C c-24(SP)
#define TILE_B b-32(SP)
// What beta multiplies: R13 its row stride and BX the place that belongs to C, at DI.
#define OLD_ROWS \
	MOVQ const_tileOld(R15), BX; \
	MOVQ const_tileOldRow(R15), R13; \
	TESTQ BX, BX; \
	CMOVQEQ const_tileC(R15), BX; \
	CMOVQEQ const_tileCRow(R15), R13; \
	SHLQ $SHIFT, R13; \
	ADDQ DI, BX; \
	SUBQ const_tileC(R15), BX
#define CLEAR(lo, hi) VPXOR lo, lo, lo; VPXOR hi, hi, hi

// Y0 is alpha, Y1 beta, Y2 selects the valid columns of the tile's last vector. Masked stores are
// slow on some processors: whole tiles avoid them.
#define NEXT_ROW ADDQ SI, DI; ADDQ R13, BX; DECQ DX; JZ done
#define SET2(lo, hi) MUL Y0, lo, lo; MUL Y0, hi, hi; MOV lo, (DI); MOV hi, 32(DI); NEXT_ROW
#define ADD2(lo, hi) MUL Y0, lo, lo; MUL Y0, hi, hi; FMA (BX), Y1, lo; FMA 32(BX), Y1, hi; MOV lo, (DI); MOV hi, 32(DI); NEXT_ROW
#define SET2M(lo, hi) MUL Y0, lo, lo; MUL Y0, hi, hi; MOV lo, (DI); MASKMOV hi, Y2, 32(DI); NEXT_ROW
#define ADD2M(lo, hi) MUL Y0, lo, lo; MUL Y0, hi, hi; FMA (BX), Y1, lo; MASKMOV 32(BX), Y2, Y3; FMA Y3, Y1, hi; MOV lo, (DI); MASKMOV hi, Y2, 32(DI); NEXT_ROW
#define SET1(lo, hi) MUL Y0, lo, lo; MASKMOV lo, Y2, (DI); NEXT_ROW
#define ADD1(lo, hi) MUL Y0, lo, lo; MASKMOV (BX), Y2, Y3; FMA Y3, Y1, lo; MASKMOV lo, Y2, (DI); NEXT_ROW

	MOVQ const_tilePanels(R15), AX
	MOVQ AX, LEFT
	MOVQ const_tileC(R15), AX
	MOVQ AX, TILE_C
	MOVQ const_tileB(R15), AX
	MOVQ AX, TILE_B

tile:
	MOVQ TILE_C, DI
	MOVQ const_tileM(R15), DX
	MOVQ const_tileCRow(R15), SI
	SHLQ $SHIFT, SI

	// The tile of C is needed when the sums are done.
	MOVQ DI, AX
	MOVQ DX, CX
prefetch:
	PREFETCHT0 (AX)
	PREFETCHT0 63(AX)
	ADDQ SI, AX
	DECQ CX
	JNZ  prefetch

	MOVQ const_tileA(R15), AX
	MOVQ TILE_B, BX
	MOVQ const_tileK(R15), CX
	MOVQ const_tileARow(R15), R10
	MOVQ const_tileACol(R15), R12
	MOVQ const_tileBRow(R15), R13
	SHLQ $SHIFT, R10
	SHLQ $SHIFT, R12
	SHLQ $SHIFT, R13
	LEAQ (R10)(R10*2), R11
	LEAQ (R10)(R10*4), R8
	ADDQ AX, R8
	EACH_ROW(CLEAR)

	CMPQ  const_tileN(R15), $LANES
	JLE   one
	TESTQ CX, CX
	JZ    store2
	CMPQ  DX, $6; JEQ w2r6; CMPQ DX, $5; JEQ w2r5; CMPQ DX, $4; JEQ w2r4; CMPQ DX, $3; JEQ w2r3; CMPQ DX, $2; JEQ w2r2
	LOOP2(w2r1, W2R1)
	LOOP2(w2r2, W2R2)
	LOOP2(w2r3, W2R3)
	LOOP2(w2r4, W2R4)
	LOOP2(w2r5, W2R5)
	LOOP2(w2r6, W2R6)

one:
	TESTQ CX, CX
	JZ    store1
	CMPQ  DX, $6; JEQ w1r6; CMPQ DX, $5; JEQ w1r5; CMPQ DX, $4; JEQ w1r4; CMPQ DX, $3; JEQ w1r3; CMPQ DX, $2; JEQ w1r2
	LOOP1(w1r1, W1R1)
	LOOP1(w1r2, W1R2)
	LOOP1(w1r3, W1R3)
	LOOP1(w1r4, W1R4)
	LOOP1(w1r5, W1R5)
	LOOP1(w1r6, W1R6)

store2:
	OLD_ROWS
	BCAST ALPHA, Y0
	BCAST BETA, Y1
	MOVQ const_tileN(R15), CX
	CMPQ CX, $(2*LANES)
	JLT  ragged2
	BETA_BITS
	JZ set2
	EACH_ROW(ADD2)
set2:
	EACH_ROW(SET2)
ragged2:
	SUBQ $LANES, CX
	LOAD_MASK
	BETA_BITS
	JZ set2m
	EACH_ROW(ADD2M)
set2m:
	EACH_ROW(SET2M)

store1:
	OLD_ROWS
	BCAST ALPHA, Y0
	BCAST BETA, Y1
	MOVQ const_tileN(R15), CX
	LOAD_MASK
	BETA_BITS
	JZ set1
	EACH_ROW(ADD1)
set1:
	EACH_ROW(SET1)

done:
	DECQ LEFT
	JLE  end
	ADDQ $(2*LANES<<SHIFT), TILE_C
	MOVQ const_tileBPanel(R15), AX
	SHLQ $SHIFT, AX
	ADDQ AX, TILE_B
	JMP  tile

end:
	UNFLUSH
	VZEROUPPER
	RET

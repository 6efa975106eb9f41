// The body of the AVX-512 micro-kernels, for the element type that the including file describes:
// SHIFT (log2 of its size), LANES, the instructions BCAST, MOV, FMA and MUL, the fields ALPHA and
// BETA of Tile, and BETA_BITS, which sets the zero flag if beta is 0. R15 holds the Tile.
//
// Registers: AX, R8, R9 rows 0, 5 and 10 of A; R10, R11 one and three row strides; R12 the column
// stride of A; BX, R13 B and its row stride; CX the countdown of k; DI, SI C and its row stride,
// while k runs what is prefetched and its step; DX rows. Z0, Z1 a row of B; Z2, Z3 elements of A;
// Z4 to Z31 two accumulators a row.
//
// A row of 14 multiply-adds in two vectors needs 16 loads, against two a cycle: multiply-adds with
// a broadcast memory operand would need 30. One loop for each number of rows, so that 128 rows are
// 8 tiles of 13 and 2 of 12, and none computes rows that no one wants.

#define ROW2(addr, lo, hi) BCAST addr, Z2; FMA Z0, Z2, lo; FMA Z1, Z2, hi
#define PAIR(addr, next, lo, hi, lo2, hi2) BCAST addr, Z2; BCAST next, Z3; FMA Z0, Z2, lo; FMA Z0, Z3, lo2; FMA Z1, Z2, hi; FMA Z1, Z3, hi2
#define W2R1 ROW2((AX), Z4, Z5)
#define W2R2 PAIR((AX), (AX)(R10*1), Z4, Z5, Z6, Z7)
#define W2R3 W2R2; ROW2((AX)(R10*2), Z8, Z9)
#define W2R4 W2R2; PAIR((AX)(R10*2), (AX)(R11*1), Z8, Z9, Z10, Z11)
#define W2R5 W2R4; ROW2((AX)(R10*4), Z12, Z13)
#define W2R6 W2R4; PAIR((AX)(R10*4), (R8), Z12, Z13, Z14, Z15)
#define W2R7 W2R6; ROW2((R8)(R10*1), Z16, Z17)
#define W2R8 W2R6; PAIR((R8)(R10*1), (R8)(R10*2), Z16, Z17, Z18, Z19)
#define W2R9 W2R8; ROW2((R8)(R11*1), Z20, Z21)
#define W2R10 W2R8; PAIR((R8)(R11*1), (R8)(R10*4), Z20, Z21, Z22, Z23)
#define W2R11 W2R10; ROW2((R9), Z24, Z25)
#define W2R12 W2R10; PAIR((R9), (R9)(R10*1), Z24, Z25, Z26, Z27)
#define W2R13 W2R12; ROW2((R9)(R10*2), Z28, Z29)
#define W2R14 W2R12; PAIR((R9)(R10*2), (R9)(R11*1), Z28, Z29, Z30, Z31)

#define ROW1(addr, acc) BCAST addr, Z2; FMA Z0, Z2, acc
#define W1R1 ROW1((AX), Z4)
#define W1R2 W1R1; ROW1((AX)(R10*1), Z6)
#define W1R3 W1R2; ROW1((AX)(R10*2), Z8)
#define W1R4 W1R3; ROW1((AX)(R11*1), Z10)
#define W1R5 W1R4; ROW1((AX)(R10*4), Z12)
#define W1R6 W1R5; ROW1((R8), Z14)
#define W1R7 W1R6; ROW1((R8)(R10*1), Z16)
#define W1R8 W1R7; ROW1((R8)(R10*2), Z18)
#define W1R9 W1R8; ROW1((R8)(R11*1), Z20)
#define W1R10 W1R9; ROW1((R8)(R10*4), Z22)
#define W1R11 W1R10; ROW1((R9), Z24)
#define W1R12 W1R11; ROW1((R9)(R10*1), Z26)
#define W1R13 W1R12; ROW1((R9)(R10*2), Z28)
#define W1R14 W1R13; ROW1((R9)(R11*1), Z30)

// A step of k. B runs through the L2 cache, so its lines are prefetched eight steps before. Every
// PrefetchEvery-th step prefetches something of which the caller knows that it is needed soon.
#define STEP(skip, rows) TESTB $(const_PrefetchEvery-1), CX; JNZ skip; PREFETCHT1 (DI); ADDQ SI, DI; skip: ADDQ R13, BX; rows; ADDQ R12, AX; ADDQ R12, R8; ADDQ R12, R9; DECQ CX
#define LOOP2(label, skip, rows) label: MOV (BX), Z0; MOV 64(BX), Z1; PREFETCHT0 (BX)(R13*8); PREFETCHT0 64(BX)(R13*8); STEP(skip, rows); JNZ label; JMP store2
#define LOOP1(label, skip, rows) label: MOV (BX), Z0; PREFETCHT0 (BX)(R13*8); STEP(skip, rows); JNZ label; JMP store1

#define EACH_ROW(op) op(Z4, Z5); op(Z6, Z7); op(Z8, Z9); op(Z10, Z11); op(Z12, Z13); op(Z14, Z15); op(Z16, Z17); op(Z18, Z19); op(Z20, Z21); op(Z22, Z23); op(Z24, Z25); op(Z26, Z27); op(Z28, Z29); op(Z30, Z31)
// The panels that are left, and C, B and what is prefetched, of the tile at work.
#define LEFT left-16(SP)
#define TILE_C c-24(SP)
#define TILE_B b-32(SP)
#define TILE_PREFETCH prefetch-40(SP)
#define C_ROWS MOVQ TILE_C, DI; MOVQ const_tileCRow(R15), SI; SHLQ $SHIFT, SI
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
#define CLEAR(lo, hi) VPXORQ lo, lo, lo; VPXORQ hi, hi, hi

// Z0 is alpha, Z1 beta, K1 selects the valid columns of the tile's last vector.
#define NEXT_ROW ADDQ SI, DI; ADDQ R13, BX; DECQ DX; JZ done
#define SET2(lo, hi) MUL Z0, lo, lo; MUL Z0, hi, hi; MOV lo, (DI); MOV hi, K1, 64(DI); NEXT_ROW
#define ADD2(lo, hi) MUL Z0, lo, lo; MUL Z0, hi, hi; FMA (BX), Z1, lo; FMA 64(BX), Z1, K1, hi; MOV lo, (DI); MOV hi, K1, 64(DI); NEXT_ROW
#define SET1(lo, hi) MUL Z0, lo, lo; MOV lo, K1, (DI); NEXT_ROW
#define ADD1(lo, hi) MUL Z0, lo, lo; FMA (BX), Z1, K1, lo; MOV lo, K1, (DI); NEXT_ROW

	MOVQ const_tilePanels(R15), AX
	MOVQ AX, LEFT
	MOVQ const_tileC(R15), AX
	MOVQ AX, TILE_C
	MOVQ const_tileB(R15), AX
	MOVQ AX, TILE_B
	MOVQ const_tilePrefetch(R15), AX
	MOVQ AX, TILE_PREFETCH

tile:
	C_ROWS
	MOVQ const_tileM(R15), DX

	// The tile of C is needed when the sums are done.
	MOVQ DI, AX
	MOVQ DX, CX
prefetch:
	PREFETCHT0 (AX)
	PREFETCHT0 64(AX)
	ADDQ SI, AX
	DECQ CX
	JNZ  prefetch

	MOVQ const_tileN(R15), CX
	CMPQ CX, $LANES
	JLE  narrow
	SUBQ $LANES, CX
narrow:
	MOVQ  $-1, AX
	BZHIQ CX, AX, AX
	KMOVW AX, K1

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
	LEAQ (AX)(R8*2), R9
	ADDQ AX, R8
	MOVQ TILE_PREFETCH, SI // without wishes, C is asked for again and again
	TESTQ SI, SI
	CMOVQNE SI, DI
	MOVQ const_tilePrefetchStep(R15), SI
	SHLQ $SHIFT, SI
	EACH_ROW(CLEAR)

	CMPQ  const_tileN(R15), $LANES
	JLE   one
	TESTQ CX, CX
	JZ    store2
	CMPQ  DX, $14; JEQ w2r14; CMPQ DX, $13; JEQ w2r13; CMPQ DX, $12; JEQ w2r12; CMPQ DX, $11; JEQ w2r11
	CMPQ  DX, $10; JEQ w2r10; CMPQ DX, $9; JEQ w2r9; CMPQ DX, $8; JEQ w2r8; CMPQ DX, $7; JEQ w2r7
	CMPQ  DX, $6; JEQ w2r6; CMPQ DX, $5; JEQ w2r5; CMPQ DX, $4; JEQ w2r4; CMPQ DX, $3; JEQ w2r3
	CMPQ  DX, $2; JEQ w2r2
	LOOP2(w2r1, s2r1, W2R1)
	LOOP2(w2r2, s2r2, W2R2)
	LOOP2(w2r3, s2r3, W2R3)
	LOOP2(w2r4, s2r4, W2R4)
	LOOP2(w2r5, s2r5, W2R5)
	LOOP2(w2r6, s2r6, W2R6)
	LOOP2(w2r7, s2r7, W2R7)
	LOOP2(w2r8, s2r8, W2R8)
	LOOP2(w2r9, s2r9, W2R9)
	LOOP2(w2r10, s2r10, W2R10)
	LOOP2(w2r11, s2r11, W2R11)
	LOOP2(w2r12, s2r12, W2R12)
	LOOP2(w2r13, s2r13, W2R13)
	LOOP2(w2r14, s2r14, W2R14)

one:
	TESTQ CX, CX
	JZ    store1
	CMPQ  DX, $14; JEQ w1r14; CMPQ DX, $13; JEQ w1r13; CMPQ DX, $12; JEQ w1r12; CMPQ DX, $11; JEQ w1r11
	CMPQ  DX, $10; JEQ w1r10; CMPQ DX, $9; JEQ w1r9; CMPQ DX, $8; JEQ w1r8; CMPQ DX, $7; JEQ w1r7
	CMPQ  DX, $6; JEQ w1r6; CMPQ DX, $5; JEQ w1r5; CMPQ DX, $4; JEQ w1r4; CMPQ DX, $3; JEQ w1r3
	CMPQ  DX, $2; JEQ w1r2
	LOOP1(w1r1, s1r1, W1R1)
	LOOP1(w1r2, s1r2, W1R2)
	LOOP1(w1r3, s1r3, W1R3)
	LOOP1(w1r4, s1r4, W1R4)
	LOOP1(w1r5, s1r5, W1R5)
	LOOP1(w1r6, s1r6, W1R6)
	LOOP1(w1r7, s1r7, W1R7)
	LOOP1(w1r8, s1r8, W1R8)
	LOOP1(w1r9, s1r9, W1R9)
	LOOP1(w1r10, s1r10, W1R10)
	LOOP1(w1r11, s1r11, W1R11)
	LOOP1(w1r12, s1r12, W1R12)
	LOOP1(w1r13, s1r13, W1R13)
	LOOP1(w1r14, s1r14, W1R14)

store2:
	C_ROWS
	OLD_ROWS
	BCAST ALPHA, Z0
	BCAST BETA, Z1
	BETA_BITS
	JZ set2
	EACH_ROW(ADD2)
set2:
	EACH_ROW(SET2)

store1:
	C_ROWS
	OLD_ROWS
	BCAST ALPHA, Z0
	BCAST BETA, Z1
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
	CMPQ TILE_PREFETCH, $0
	JEQ  tile
	MOVQ const_tilePrefetchTile(R15), AX
	SHLQ $SHIFT, AX
	ADDQ AX, TILE_PREFETCH
	JMP  tile

end:
	UNFLUSH
	VZEROUPPER
	RET

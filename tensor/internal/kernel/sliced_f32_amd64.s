//go:build amd64 && !purego

#include "textflag.h"

// As in float64.

#define SHIFT 2
#define SET_SUMS VXORPS Y0, Y0, Y0
#define FOUR(at, dst) \
	MOVL at(R9), AX; \
	MOVL (at+4)(R9), BX; \
	MOVL (at+8)(R9), R12; \
	MOVL (at+12)(R9), R13; \
	VMOVSS (R11)(AX*4), dst; \
	VINSERTPS $0x10, (R11)(BX*4), dst, dst; \
	VINSERTPS $0x20, (R11)(R12*4), dst, dst; \
	VINSERTPS $0x30, (R11)(R13*4), dst, dst
#define ENTRY \
	FOUR(0, X2); \
	FOUR(16, X3); \
	VINSERTF128 $1, X3, Y2, Y2; \
	VFMADD231PS (R10), Y2, Y0
#define ADD_SLICE \
	VADDPS (DI)(AX*4), Y0, Y0; \
	VMOVUPS Y0, (DI)(AX*4)
#define ADD_ROW(i) \
	MOVL (4*(i))(R8), AX; \
	VADDSS (DI)(AX*4), X0, X4; \
	VMOVSS X4, (DI)(AX*4); \
	VPSRLDQ $4, X0, X0
#define ADD_FOUR(i) ADD_ROW(i); ADD_ROW(i+1); ADD_ROW(i+2); ADD_ROW(i+3)
#define ADD_ROWS \
	VEXTRACTF128 $1, Y0, X1; \
	ADD_FOUR(0); \
	VMOVAPS X1, X0; \
	ADD_FOUR(4)

// func slicedVecF32AVX2(y []float32, ptr, row, col []int32, val, x []float32, ahead int)
TEXT ·slicedVecF32AVX2(SB), NOSPLIT, $0-152
#include "sliced.h"

// func leakF32AVX2(y, x []float32, a float32)
TEXT ·leakF32AVX2(SB), NOSPLIT, $0-52
	MOVQ y_base+0(FP), DI
	MOVQ x_base+24(FP), SI
	MOVQ x_len+32(FP), CX
	VBROADCASTSS a+48(FP), Y3
	SUBQ $16, CX
	JLT  rest

sixteen:
	VMOVUPS (SI), Y0
	VMOVUPS 32(SI), Y1
	VMOVUPS (DI), Y4
	VMOVUPS 32(DI), Y5
	VSUBPS Y0, Y4, Y4
	VSUBPS Y1, Y5, Y5
	VFMADD231PS Y3, Y4, Y0
	VFMADD231PS Y3, Y5, Y1
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	ADDQ $64, SI
	ADDQ $64, DI
	SUBQ $16, CX
	JGE  sixteen

rest:
	ADDQ $16, CX
	JZ   done

one:
	VMOVSS (SI), X0
	VMOVSS (DI), X4
	VSUBSS X0, X4, X4
	VFMADD231SS X3, X4, X0
	VMOVSS X0, (DI)
	ADDQ $4, SI
	ADDQ $4, DI
	DECQ CX
	JNZ  one

done:
	VZEROUPPER
	RET

// func leakEachF32AVX2(y, x, a []float32)
TEXT ·leakEachF32AVX2(SB), NOSPLIT, $0-72
	MOVQ y_base+0(FP), DI
	MOVQ x_base+24(FP), SI
	MOVQ x_len+32(FP), CX
	MOVQ a_base+48(FP), R8
	SUBQ $8, CX
	JLT  rest

eight:
	VMOVUPS (SI), Y0
	VMOVUPS (DI), Y4
	VSUBPS Y0, Y4, Y4
	VFMADD231PS (R8), Y4, Y0
	VMOVUPS Y0, (DI)
	ADDQ $32, SI
	ADDQ $32, DI
	ADDQ $32, R8
	SUBQ $8, CX
	JGE  eight

rest:
	ADDQ $8, CX
	JZ   done

one:
	VMOVSS (SI), X0
	VMOVSS (DI), X4
	VSUBSS X0, X4, X4
	VFMADD231SS (R8), X4, X0
	VMOVSS X0, (DI)
	ADDQ $4, SI
	ADDQ $4, DI
	ADDQ $4, R8
	DECQ CX
	JNZ  one

done:
	VZEROUPPER
	RET

// Tables looked up for the elements of 256-bit vectors; see vector_points_f64.h. The indices go
// through the stack.
#define FRAME 32
#define LOOK_UP1 \
	VMOVUPD     V1, points-32(SP); \
	MOVL        points-32(SP), R9; \
	MOVL        points-24(SP), R11; \
	MOVL        points-16(SP), R12; \
	MOVL        points-8(SP), R13; \
	VMOVSD      (R10)(R9*8), X2; \
	VMOVSD      (R10)(R12*8), X3; \
	VMOVHPD     (R10)(R11*8), X2, X2; \
	VMOVHPD     (R10)(R13*8), X3, X3; \
	VINSERTF128 $1, X3, Y2, Y2
#define LOOK_UP2 \
	VPSLLQ      $4, V1, V2; \
	VMOVUPD     V2, points-32(SP); \
	MOVL        points-32(SP), R9; \
	MOVL        points-24(SP), R11; \
	MOVL        points-16(SP), R12; \
	MOVL        points-8(SP), R13; \
	VMOVUPD     (R10)(R9*1), X2; \
	VMOVUPD     (R10)(R11*1), X3; \
	VINSERTF128 $1, (R10)(R12*1), Y2, Y2; \
	VINSERTF128 $1, (R10)(R13*1), Y3, Y3; \
	VUNPCKHPD   V3, V2, V5; \
	VUNPCKLPD   V3, V2, V2

// The coefficients of erf are operands in memory, but for the factor of c6.
#define ERF61 V13
#define ERF_CONSTANTS MOV const_kErf61(R8), ERF61
#define ERF20 const_kErf20(R8)
#define ERF21 const_kErf21(R8)
#define ERF31 const_kErf31(R8)
#define ERF40 const_kErf40(R8)
#define ERF41 const_kErf41(R8)
#define ERF42 const_kErf42(R8)
#define ERF50 const_kErf50(R8)
#define ERF51 const_kErf51(R8)
#define ERF52 const_kErf52(R8)
#define ERF60 const_kErf60(R8)
#define ERF30 const_kHalf(R8)

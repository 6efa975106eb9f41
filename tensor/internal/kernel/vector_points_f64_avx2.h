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

// The coefficients of erf and GELU are operands in memory.
#define ERF_CONSTANTS
#define ERF20 const_kErf20(R8)
#define ERF21 const_kErf21(R8)
#define ERF30 const_kHalf(R8)
#define ERF31 const_kErf31(R8)
#define ERF40 const_kErf40(R8)
#define ERF41 const_kErf41(R8)
#define ERF42 const_kErf42(R8)
#define GELU_CONSTANTS
#define GELU_ONE const_kOne(R8)
#define GELU_E1 const_kGeluE1(R8)
#define GELU_E2 const_kGeluE2(R8)
#define GELU_E3 const_kGeluE3(R8)
#define GELU_E4 const_kGeluE4(R8)
#define GELU_E5 const_kGeluE5(R8)
#define GELU_F0 const_kGeluF0(R8)
#define GELU_F1 const_kGeluF1(R8)
#define GELU_F2 const_kGeluF2(R8)
#define GELU_F3 const_kGeluF3(R8)
#define GELU_G0 const_kGeluG0(R8)
#define GELU_G1 const_kGeluG1(R8)

// FAR copies the elements of x that lie below the bound to dst; V13 gathers where they are.
#define NONE_FAR ZERO(V13)
#define FAR(x, bound, dst) \
	VCMPPD    $0x11, bound, x, V1; \
	VORPD     V1, V13, V13; \
	VBLENDVPD V1, x, dst, dst
#define ANY_FAR(r) VMOVMSKPD V13, r

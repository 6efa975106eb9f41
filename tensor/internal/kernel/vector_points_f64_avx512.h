// Tables looked up for the elements of 512-bit vectors; see vector_points_f64.h. The indices go
// through the stack.
#define FRAME 64
#define LOOK_UP1 \
	VMOVUPD      V1, points-64(SP); \
	MOVL         points-64(SP), R9; \
	MOVL         points-56(SP), R11; \
	MOVL         points-48(SP), R12; \
	MOVL         points-40(SP), R13; \
	VMOVSD       (R10)(R9*8), X2; \
	VMOVSD       (R10)(R12*8), X3; \
	VMOVHPD      (R10)(R11*8), X2, X2; \
	VMOVHPD      (R10)(R13*8), X3, X3; \
	VINSERTF128  $1, X3, Y2, Y2; \
	MOVL         points-32(SP), R9; \
	MOVL         points-24(SP), R11; \
	MOVL         points-16(SP), R12; \
	MOVL         points-8(SP), R13; \
	VMOVSD       (R10)(R9*8), X3; \
	VMOVSD       (R10)(R12*8), X5; \
	VMOVHPD      (R10)(R11*8), X3, X3; \
	VMOVHPD      (R10)(R13*8), X5, X5; \
	VINSERTF128  $1, X5, Y3, Y3; \
	VINSERTF64X4 $1, Y3, Z2, Z2
#define LOOK_UP2 \
	VPSLLQ       $4, V1, V2; \
	VMOVUPD      V2, points-64(SP); \
	MOVL         points-64(SP), R9; \
	MOVL         points-56(SP), R11; \
	MOVL         points-48(SP), R12; \
	MOVL         points-40(SP), R13; \
	VMOVUPD      (R10)(R9*1), X2; \
	VMOVUPD      (R10)(R11*1), X3; \
	VINSERTF128  $1, (R10)(R12*1), Y2, Y2; \
	VINSERTF128  $1, (R10)(R13*1), Y3, Y3; \
	MOVL         points-32(SP), R9; \
	MOVL         points-24(SP), R11; \
	MOVL         points-16(SP), R12; \
	MOVL         points-8(SP), R13; \
	VMOVUPD      (R10)(R9*1), X5; \
	VMOVUPD      (R10)(R11*1), X6; \
	VINSERTF128  $1, (R10)(R12*1), Y5, Y5; \
	VINSERTF128  $1, (R10)(R13*1), Y6, Y6; \
	VINSERTF64X4 $1, Y5, Z2, Z2; \
	VINSERTF64X4 $1, Y6, Z3, Z3; \
	VUNPCKHPD    V3, V2, V5; \
	VUNPCKLPD    V3, V2, V2

#define ERF_CONSTANTS \
	MOV const_kErf20(R8), ERF20; \
	MOV const_kErf21(R8), ERF21; \
	MOV const_kHalf(R8), ERF30; \
	MOV const_kErf31(R8), ERF31; \
	MOV const_kErf40(R8), ERF40; \
	MOV const_kErf41(R8), ERF41; \
	MOV const_kErf42(R8), ERF42
#define ERF20 Z17
#define ERF21 Z18
#define ERF30 Z19
#define ERF31 Z20
#define ERF40 Z21
#define ERF41 Z22
#define ERF42 Z23

#define GELU_CONSTANTS \
	MOV const_kOne(R8), GELU_ONE; \
	MOV const_kGeluE1(R8), GELU_E1; \
	MOV const_kGeluE2(R8), GELU_E2; \
	MOV const_kGeluE3(R8), GELU_E3; \
	MOV const_kGeluE4(R8), GELU_E4; \
	MOV const_kGeluE5(R8), GELU_E5; \
	MOV const_kGeluF0(R8), GELU_F0; \
	MOV const_kGeluF1(R8), GELU_F1; \
	MOV const_kGeluF2(R8), GELU_F2; \
	MOV const_kGeluF3(R8), GELU_F3; \
	MOV const_kGeluG0(R8), GELU_G0; \
	MOV const_kGeluG1(R8), GELU_G1
#define GELU_ONE Z17
#define GELU_E1 Z18
#define GELU_E2 Z19
#define GELU_E3 Z20
#define GELU_E4 Z21
#define GELU_E5 Z22
#define GELU_F0 Z23
#define GELU_F1 Z24
#define GELU_F2 Z25
#define GELU_F3 Z26
#define GELU_G0 Z27
#define GELU_G1 Z28

// FAR copies the elements of x that lie below the bound to dst; K3 gathers where they are.
#define NONE_FAR KXORW K3, K3, K3
#define FAR(x, bound, dst) \
	VCMPPD    $0x11, bound, x, K2; \
	KORW      K2, K3, K3; \
	VBLENDMPD x, dst, K2, dst
#define ANY_FAR(r) KMOVW K3, r

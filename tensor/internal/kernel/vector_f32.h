// Instructions and sizes for float32.
#define TABLE ·vectorTable(SB)
#define ELEM 4
#define SHIFT 2
#define ADD VADDPS
#define SUB VSUBPS
#define MUL VMULPS
#define DIV VDIVPS
#define MAX VMAXPS
#define MIN VMINPS
#define SQRT VSQRTPS
#define FMADD231 VFMADD231PS
#define FMADD213 VFMADD213PS
#define FNMADD231 VFNMADD231PS
#define BCAST VBROADCASTSS
#define CMP VCMPPS
#define BLENDM VBLENDMPS
#define MASK_TO_VECTOR VPMOVM2D

// Instructions and sizes for float64.
#define TABLE ·vectorTable64(SB)
#define ELEM 8
#define SHIFT 3
#define ADD VADDPD
#define SUB VSUBPD
#define MUL VMULPD
#define DIV VDIVPD
#define MAX VMAXPD
#define MIN VMINPD
#define SQRT VSQRTPD
#define FMADD231 VFMADD231PD
#define FMADD213 VFMADD213PD
#define FNMADD231 VFNMADD231PD
#define BCAST VBROADCASTSD
#define CMP VCMPPD
#define BLENDM VBLENDMPD
#define MASK_TO_VECTOR VPMOVM2Q

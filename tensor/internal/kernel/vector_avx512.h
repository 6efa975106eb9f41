// 512-bit vectors: registers, memory access and selection. K1 selects the elements of a partial
// vector in units of four bytes, K2 is scratch.
#define V0 Z0
#define V1 Z1
#define V2 Z2
#define V3 Z3
#define V4 Z4
#define V5 Z5
#define V6 Z6
#define V7 Z7
#define V8 Z8
#define V9 Z9
#define V10 Z10
#define V11 Z11
#define V12 Z12
#define V13 Z13
#define V14 Z14
#define V15 Z15
#define VB 64
#define MOV VMOVUPS
#define AND VANDPS
#define XOR VXORPS
#define LD(p, off, r) VMOVUPS off(p)(AX*1), r
#define ST(r, p, off) VMOVUPS r, off(p)(AX*1)
#define LDT(p, r) VMOVUPS.Z (p)(AX*1), K1, r
#define STT(r, p) VMOVUPS r, K1, (p)(AX*1)
#define TAIL SHRQ $2, CX; MOVQ $-1, R9; BZHIQ CX, R9, R9; KMOVW R9, K1
#define PAD(fill, r) KNOTW K1, K2; VMOVAPS fill, K2, r
#define ZERO(r) VXORPS r, r, r

// dst = yes where x > 0, x is NaN, x = 0, or x has its sign bit set, else no. Z16 is used.
#define IFPOSITIVE(x, yes, no, dst) VXORPS Z16, Z16, Z16; CMP $0x1e, Z16, x, K2; BLENDM yes, no, K2, dst
#define IFNAN(x, yes, no, dst) CMP $3, x, x, K2; BLENDM yes, no, K2, dst
#define IFZERO(x, yes, no, dst) VXORPS Z16, Z16, Z16; CMP $0, Z16, x, K2; BLENDM yes, no, K2, dst
#define IFSIGN(x, yes, no, dst) VPMOVD2M x, K2; BLENDM yes, no, K2, dst

// x = all ones where x is not 0.
#define NONZERO(x) VXORPS Z16, Z16, Z16; CMP $4, Z16, x, K2; MASK_TO_VECTOR K2, x

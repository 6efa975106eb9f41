// 256-bit vectors: registers, memory access and selection. Masks are vectors; V15 selects the
// elements of a partial vector.
#define V0 Y0
#define V1 Y1
#define V2 Y2
#define V3 Y3
#define V4 Y4
#define V5 Y5
#define V6 Y6
#define V7 Y7
#define V8 Y8
#define V9 Y9
#define V10 Y10
#define V11 Y11
#define V12 Y12
#define V13 Y13
#define V14 Y14
#define V15 Y15
#define VB 32
#define MOV VMOVUPS
#define AND VANDPS
#define XOR VXORPS
#define LD(p, off, r) VMOVUPS off(p)(AX*1), r
#define ST(r, p, off) VMOVUPS r, off(p)(AX*1)
#define LDT(p, r) VMASKMOVPS (p)(AX*1), V15, r
#define STT(r, p) VMASKMOVPS r, V15, (p)(AX*1)
#define TAIL NEGQ CX; VMOVUPS (const_kMask+32)(R8)(CX*1), V15
#define PAD(fill, r) VBLENDVPS V15, r, fill, r
#define ZERO(r) VXORPS r, r, r

// dst = yes where x > 0, x is NaN, x = 0, or x has its sign bit set, else no. V11 is used.
#define IFPOSITIVE(x, yes, no, dst) ZERO(V11); CMP $0x1e, V11, x, V11; VBLENDVPS V11, yes, no, dst
#define IFNAN(x, yes, no, dst) CMP $3, x, x, V6; VBLENDVPS V6, yes, no, dst
#define IFZERO(x, yes, no, dst) ZERO(V11); CMP $0, V11, x, V11; VBLENDVPS V11, yes, no, dst
#define IFSIGN(x, yes, no, dst) VBLENDVPS x, yes, no, dst

// x = all ones where x is not 0.
#define NONZERO(x) ZERO(V11); CMP $4, V11, x, x

// The parts of vector_exp_f32.h that depend on the vector length, for AVX2.

#define LOG2E const_kLog2e(R8)
#define LN2HI const_kLn2Hi(R8)
#define LN2LO const_kLn2Lo(R8)
#define ONE const_kOne(R8)
#define EXP2 const_kExp2(R8)
#define EXP3 const_kExp3(R8)
#define EXP4 const_kExp4(R8)
#define EXP5 const_kExp5(R8)
#define EXP6 const_kExp6(R8)
#define EXP_CONSTANTS

#define ROUND(x) VROUNDPS $8, x, x

// dst = p * 2^n for -300 < n < 250, in two steps, so that overflow and subnormal results are
// rounded once. dst may be n.
#define SCALE(p, n, dst) \
	VCVTPS2DQ n, V10; \
	VPSRAD    $1, V10, V11; \
	VPSUBD    V11, V10, V10; \
	VPADDD    const_k127(R8), V11, V11; \
	VPADDD    const_k127(R8), V10, V10; \
	VPSLLD    $23, V11, V11; \
	VPSLLD    $23, V10, V10; \
	VMULPS    V11, p, dst; \
	VMULPS    V10, dst, dst

// dst = 2^n for -127 < n < 128.
#define POW2(n, dst) VCVTPS2DQ n, dst; VPADDD const_k127(R8), dst, dst; VPSLLD $23, dst, dst

// POW2_PARTS and SCALE_PARTS multiply x, of the size of 1, by 2^n where 2^n itself is needed as
// well: q = 2^max(n,-100), and n becomes the rest of the factor.
#define POW2_PARTS(n, q) \
	VCVTPS2DQ n, n; \
	VPMAXSD   const_kPartMin(R8), n, q; \
	VPSUBD    q, n, n; \
	VPADDD    const_k127(R8), q, q; \
	VPADDD    const_k127(R8), n, n; \
	VPSLLD    $23, q, q; \
	VPSLLD    $23, n, n
#define SCALE_PARTS(n, q, x) VMULPS q, x, x; VMULPS n, x, x

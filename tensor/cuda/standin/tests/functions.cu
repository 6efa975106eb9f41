// The functions of CUDA's mathematical library, as NVRTC puts them into kernels.
typedef long long i64;
#define EACH for (i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (i64)gridDim.x * blockDim.x)
#define ONE(NAME, T, F) \
    extern "C" __global__ void NAME(T *y, const T *a, const T *, i64 n) { EACH y[i] = F(a[i]); }
#define TWO(NAME, T, F) \
    extern "C" __global__ void NAME(T *y, const T *a, const T *b, i64 n) { EACH y[i] = F(a[i], b[i]); }
#define BOTH(NAME) ONE(NAME##_f32, float, NAME##f) ONE(NAME##_f64, double, NAME)
#define BOTH2(NAME) TWO(NAME##_f32, float, NAME##f) TWO(NAME##_f64, double, NAME)

BOTH(exp) BOTH(exp2) BOTH(expm1) BOTH(log) BOTH(log2) BOTH(log1p) BOTH(sin) BOTH(cos) BOTH(tanh)
 BOTH(erf) BOTH(erfc) BOTH(sqrt) BOTH(rsqrt) BOTH(cbrt) BOTH(atan) BOTH(floor)
BOTH(ceil) BOTH(trunc) BOTH(rint) BOTH(round) BOTH2(pow) BOTH2(fmod) BOTH2(atan2) BOTH2(fmin) BOTH2(fmax)

template <class T> __device__ T quotient(T a, T b) { return a / b; }
TWO(div_f32, float, quotient) TWO(div_f64, double, quotient)

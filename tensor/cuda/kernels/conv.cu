// Convolutions of x [N, C, H, W] with a weight [O, C/groups, KH, KW] that give y [N, O, OH, OW], and
// their gradients. A transposed convolution runs the gradient with respect to x forwards. Where y
// has fewer rows or columns than the attributes would give, the missing ones are zeros.
typedef long long i64;

#define GRID_LOOP(i, n)                                                                            \
    _Pragma("unroll 1") for (i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x; i < (n); i += (i64)gridDim.x * blockDim.x)

struct Geometry {
    int n, c, o, groups, h, w, kh, kw, oh, ow, strideH, strideW, padH, padW, dilationH, dilationW;
};

#define GEOMETRY                                                                                   \
    i64 n, i64 c, i64 o, i64 groups, i64 h, i64 w, i64 kh, i64 kw, i64 oh, i64 ow, i64 strideH, i64 strideW, i64 padH, \
        i64 padW, i64 dilationH, i64 dilationW
#define GEOMETRY_OF_PARAMETERS                                                                     \
    Geometry                                                                                       \
    {                                                                                              \
        (int)n, (int)c, (int)o, (int)groups, (int)h, (int)w, (int)kh, (int)kw, (int)oh, (int)ow, (int)strideH, (int)strideW, \
            (int)padH, (int)padW, (int)dilationH, (int)dilationW                                   \
    }

// finish returns what becomes of an element that holds old: sum + bias + beta*old, where old is read
// only if beta is not 0.
template <typename T>
__device__ T finish(T sum, const T *bias, int channel, const T *old, T beta)
{
    if (beta != T(0))
        sum += beta * *old;
    if (bias)
        sum += bias[channel];
    return sum;
}

// A thread computes an element of y:
//
//     for c := range C/groups {
//         for a := range KH {
//             for b := range KW {
//                 sum += weight[o,c,a,b] * x[n, g*C/groups+c, i*stride+a*dilation-padding, j*stride+b*dilation-padding]
//             }
//         }
//     }
//     y[n,o,i,j] = sum + bias[o] + beta*y[n,o,i,j]
template <typename T>
__device__ void conv(T *y, const T *x, const T *weight, const T *bias, T beta, const Geometry &g)
{
    const int channels = g.c / g.groups;
    GRID_LOOP(at, (i64)g.n * g.o * g.oh * g.ow) {
        const i64 row = at / g.ow;
        const int j = (int)(at - row * g.ow), i = (int)(row % g.oh);
        const i64 plane = row / g.oh;
        const int o = (int)(plane % g.o), first = o / (g.o / g.groups) * channels;
        const T *of = x + (plane / g.o * g.c + first) * g.h * g.w, *with = weight + (i64)o * channels * g.kh * g.kw;
        T sum = 0;
#pragma unroll 1
        for (int c = 0; c < channels; c++, of += (i64)g.h * g.w) {
#pragma unroll 1
            for (int a = 0; a < g.kh; a++, with += g.kw) {
                const int r = i * g.strideH + a * g.dilationH - g.padH;
                if (r < 0 || r >= g.h)
                    continue;
#pragma unroll 1
                for (int b = 0; b < g.kw; b++) {
                    const int q = j * g.strideW + b * g.dilationW - g.padW;
                    if (q >= 0 && q < g.w)
                        sum = fma(with[b], of[(i64)r * g.w + q], sum);
                }
            }
        }
        y[at] = finish(sum, bias, o, y + at, beta);
    }
}

// A thread computes an element of dx: the sum over all elements of y to which it contributes, which
// are those with i*stride + a*dilation - padding = row and so for the columns.
//
//     for o := range O/groups {
//         for a := range KH {
//             for b := range KW {
//                 sum += weight[g*O/groups+o,c,a,b] * dy[n, g*O/groups+o, i, j]
//             }
//         }
//     }
//     dx[n,c,row,col] = sum + bias[c] + beta*dx[n,c,row,col]
template <typename T>
__device__ void grad_input(T *dx, const T *dy, const T *weight, const T *bias, T beta, const Geometry &g)
{
    const int channels = g.c / g.groups, results = g.o / g.groups, taps = g.kh * g.kw;
    GRID_LOOP(at, (i64)g.n * g.c * g.h * g.w) {
        const i64 line = at / g.w;
        const int col = (int)(at - line * g.w), row = (int)(line % g.h);
        const i64 plane = line / g.h;
        const int c = (int)(plane % g.c), first = c / channels * results;
        const T *of = dy + (plane / g.c * g.o + first) * g.oh * g.ow;
        const T *with = weight + ((i64)first * channels + c % channels) * taps;
        T sum = 0;
#pragma unroll 1
        for (int o = 0; o < results; o++, of += (i64)g.oh * g.ow, with += (i64)channels * taps) {
#pragma unroll 1
            for (int a = 0; a < g.kh; a++) {
                const int y = row + g.padH - a * g.dilationH, i = y / g.strideH;
                if (y < 0 || i * g.strideH != y || i >= g.oh)
                    continue;
#pragma unroll 1
                for (int b = 0; b < g.kw; b++) {
                    const int x = col + g.padW - b * g.dilationW, j = x / g.strideW;
                    if (x >= 0 && j * g.strideW == x && j < g.ow)
                        sum = fma(with[a * g.kw + b], of[(i64)i * g.ow + j], sum);
                }
            }
        }
        dx[at] = finish(sum, bias, c, dx + at, beta);
    }
}

// blockSum returns to thread 0 the sum of v over the threads of the block, in a fixed order.
template <typename T>
__device__ T blockSum(T v)
{
    __shared__ T part[256];
    part[threadIdx.x] = v;
    __syncthreads();
#pragma unroll 1
    for (int half = blockDim.x / 2; half > 0; half /= 2) {
        if (threadIdx.x < half)
            part[threadIdx.x] += part[threadIdx.x + half];
        __syncthreads();
    }
    v = part[0];
    __syncthreads(); // before the memory is used again
    return v;
}

// A block computes an element of dweight:
//
//     for n := range N {
//         for i := range OH {
//             for j := range OW {
//                 sum += dy[n,o,i,j] * x[n, g*C/groups+c, i*stride+a*dilation-padding, j*stride+b*dilation-padding]
//             }
//         }
//     }
//     dweight[o,c,a,b] = sum + beta*dweight[o,c,a,b]
template <typename T>
__device__ void grad_weight(T *dweight, const T *x, const T *dy, T beta, const Geometry &g)
{
    const int channels = g.c / g.groups;
    const i64 positions = (i64)g.n * g.oh * g.ow;
    for (i64 at = blockIdx.x; at < (i64)g.o * channels * g.kh * g.kw; at += gridDim.x) {
        const int b = (int)(at % g.kw), a = (int)(at / g.kw % g.kh);
        const i64 plane = at / g.kw / g.kh;
        const int o = (int)(plane / channels), c = o / (g.o / g.groups) * channels + (int)(plane % channels);
        T sum = 0;
#pragma unroll 1
        for (i64 p = threadIdx.x; p < positions; p += blockDim.x) {
            const i64 line = p / g.ow, image = line / g.oh;
            const int j = (int)(p - line * g.ow), i = (int)(line - image * g.oh);
            const int r = i * g.strideH + a * g.dilationH - g.padH, q = j * g.strideW + b * g.dilationW - g.padW;
            if (r >= 0 && r < g.h && q >= 0 && q < g.w)
                sum = fma(dy[((image * g.o + o) * g.oh + i) * g.ow + j], x[((image * g.c + c) * g.h + r) * g.w + q], sum);
        }
        sum = blockSum(sum);
        if (threadIdx.x == 0)
            dweight[at] = finish<T>(sum, 0, 0, dweight + at, beta);
    }
}

// A block computes an element of db, in double precision:
//
//     for n := range N {
//         for p := range plane {
//             sum += dy[n,o,p]
//         }
//     }
//     db[o] = sum + beta*db[o]
template <typename T>
__device__ void grad_bias(T *db, const T *dy, i64 n, i64 o, i64 plane, T beta)
{
    for (i64 c = blockIdx.x; c < o; c += gridDim.x) {
        double sum = 0;
#pragma unroll 1
        for (i64 i = threadIdx.x; i < n * plane; i += blockDim.x)
            sum += dy[(i / plane * o + c) * plane + i % plane];
        sum = blockSum(sum);
        if (threadIdx.x == 0)
            db[c] = finish<T>(T(sum), 0, 0, db + c, beta);
    }
}

#define KERNELS(SUFFIX, T)                                                                         \
    extern "C" __global__ void conv_##SUFFIX(T *y, const T *x, const T *weight, const T *bias, T beta, GEOMETRY) \
    {                                                                                              \
        conv(y, x, weight, bias, beta, GEOMETRY_OF_PARAMETERS);                                    \
    }                                                                                              \
    extern "C" __global__ void conv_grad_input_##SUFFIX(T *dx, const T *dy, const T *weight, const T *bias, T beta, GEOMETRY) \
    {                                                                                              \
        grad_input(dx, dy, weight, bias, beta, GEOMETRY_OF_PARAMETERS);                            \
    }                                                                                              \
    extern "C" __global__ void conv_grad_weight_##SUFFIX(T *dweight, const T *x, const T *dy, T beta, GEOMETRY) \
    {                                                                                              \
        grad_weight(dweight, x, dy, beta, GEOMETRY_OF_PARAMETERS);                                 \
    }                                                                                              \
    extern "C" __global__ void conv_grad_bias_##SUFFIX(T *db, const T *dy, i64 n, i64 o, i64 plane, T beta) \
    {                                                                                              \
        grad_bias(db, dy, n, o, plane, beta);                                                      \
    }

KERNELS(f32, float)
KERNELS(f64, double)

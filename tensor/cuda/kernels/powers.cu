// Products with powers of a vector: e [units, rows, d] and x [rows, d] give y[u] = e[u] * x^power[u].
// A power is that many products, so that the sign of x and a zero are right. What is smaller than the
// smallest number with all its digits becomes 0.
#include "common.cuh"

__device__ inline float smallest(float) { return 1.17549435e-38f; }
__device__ inline double smallest(double) { return 2.2250738585072014e-308; }

template <typename T>
__device__ T normal_or_zero(T v)
{
    return v < smallest(v) && v > -smallest(v) ? T(0) : v;
}

template <typename T>
__device__ T multiply(T v, T x, i64 n)
{
#pragma unroll 1
    for (i64 i = 0; i < n; i++)
        v = normal_or_zero(v * x);
    return v;
}

// for u, n := range power { y[u,r,j] = e[u,r,j]; for range n { y[u,r,j] *= x[r,j] } }
template <typename T>
__device__ void mul(T *y, const T *e, const T *x, const i64 *power, i64 units, i64 size)
{
#pragma unroll 1
    GRID_LOOP(at, units * size)
        y[at] = multiply(e[at], x[at % size], power[at / size]);
}

// A block works on a row r, its threads on the elements j:
//
//     for u, n := range power {
//         if isZero(dy[u,r]) { continue }
//         de[u,r,j] += dy[u,r,j] * x[r,j]^n
//         dx[r,j] += dy[u,r,j] * x[r,j]^(n-1) * e[u,r,j] * n
//     }
template <typename T>
__device__ void grad(T *de, T *dx, const T *dy, const T *e, const T *x, const i64 *power, i64 units, i64 rows, i64 d)
{
    for (i64 r = blockIdx.x; r < rows; r += gridDim.x) {
        for (i64 u = 0; u < units; u++) {
            const i64 at = (u * rows + r) * d, n = power[u];
            int any = 0;
#pragma unroll 1
            for (i64 j = threadIdx.x; j < d; j += blockDim.x)
                any |= dy[at + j] != T(0);
            if (!__syncthreads_or(any))
                continue;
#pragma unroll 1
            for (i64 j = threadIdx.x; j < d; j += blockDim.x) {
                const T of = x[r * d + j];
                T g = dy[at + j];
                if (n > 0) {
                    g = multiply(g, of, n - 1);
                    if (dx)
                        dx[r * d + j] += normal_or_zero(g * e[at + j] * T(n));
                    g = normal_or_zero(g * of);
                }
                if (de)
                    de[at + j] += g;
            }
        }
    }
}

#define KERNELS(SUFFIX, T)                                                                         \
    extern "C" __global__ void powers_##SUFFIX(T *y, const T *e, const T *x, const i64 *power, i64 units, i64 size) \
    {                                                                                              \
        mul(y, e, x, power, units, size);                                                          \
    }                                                                                              \
    extern "C" __global__ void powers_grad_##SUFFIX(T *de, T *dx, const T *dy, const T *e, const T *x, const i64 *power, \
                                                    i64 units, i64 rows, i64 d)                    \
    {                                                                                              \
        grad(de, dx, dy, e, x, power, units, rows, d);                                             \
    }

EACH_TYPE(KERNELS)

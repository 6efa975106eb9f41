// Products of a sparse matrix in compressed rows, S [rows, cols], with dense operands, and their
// gradients. The entries of row r are ptr[r] <= k < ptr[r+1]; with a place, the value of entry k is
// val[place[k]]: so the transpose uses the values of the matrix.
#include "common.cuh"

// The sum of v over the lanes of a warp, in a fixed order: lane 0 has it.
template <typename T>
__device__ T warpSum(T v) {
#pragma unroll
  for (int step = 16; step > 0; step /= 2)
    v += __shfl_down_sync(0xffffffff, v, step);
  return v;
}

// The warps of the grid: warp number i is the one that works on row or entry i.
#define WARP_LOOP(i, n)                                                                        \
  _Pragma("unroll 1") for (i64 i = ((i64)blockIdx.x * blockDim.x + threadIdx.x) / 32; i < (n); \
               i += (i64)gridDim.x * blockDim.x / 32)

// A warp computes an element of dst:
//
//     for k := ptr[r]; k < ptr[r+1]; k++ {
//         sum += val[k] * x[col[k]]
//     }
//     dst[r] = alpha*sum + beta*dst[r]
template <typename T>
__device__ void vector(T *dst, const int *ptr, const int *col, const T *val, const T *x, i64 rows, T alpha, T beta) {
  const int lane = threadIdx.x % 32;
  WARP_LOOP(r, rows) {
    T sum = 0;
#pragma unroll 1
    for (int k = ptr[r] + lane; k < ptr[r + 1]; k += 32)
      sum = fma(val[k], x[col[k]], sum);
    sum = alpha * warpSum(sum);
    if (lane == 0)
      dst[r] = beta == T(0) ? sum : sum + beta * dst[r];
  }
}

// A thread computes an element of dst [rows, width], from x [cols, width]:
//
//     for k := ptr[r]; k < ptr[r+1]; k++ {
//         sum += val[k] * x[col[k], j]
//     }
//     dst[r, j] = sum + beta*dst[r, j]
template <typename T>
__device__ void matrix(T *dst, const int *ptr, const int *col, const int *place, const T *val, const T *x, i64 rows, i64 width, T beta) {
#pragma unroll 1
  GRID_LOOP(at, rows * width) {
    const i64 r = at / width;
    const T *from = x + (at - r * width);
    T sum = beta == T(0) ? T(0) : beta * dst[at];
#pragma unroll 1
    for (int k = ptr[r]; k < ptr[r + 1]; k++)
      sum = fma(val[place ? place[k] : k], from[col[k] * width], sum);
    dst[at] = sum;
  }
}

// A warp computes the gradient of a value, from dy [rows, width] and x [cols, width]; r is the row of
// entry k:
//
//     for j := range width {
//         sum += dy[r, j] * x[col[k], j]
//     }
//     dval[k] += sum
template <typename T>
__device__ void grad_values(T *dval, const int *ptr, const int *col, const T *dy, const T *x, i64 rows, i64 entries, i64 width) {
  const int lane = threadIdx.x % 32;
  WARP_LOOP(k, entries) {
    i64 r = 0, end = rows; // the last row that begins at or before k
#pragma unroll 1
    while (end - r > 1) {
      const i64 middle = (r + end) / 2;
      if (ptr[middle] <= k)
        r = middle;
      else
        end = middle;
    }
    const T *a = dy + r * width, *b = x + col[k] * width;
    T sum = 0;
#pragma unroll 1
    for (i64 j = lane; j < width; j += 32)
      sum = fma(a[j], b[j], sum);
    sum = warpSum(sum);
    if (lane == 0)
      dval[k] += sum;
  }
}

#define KERNELS(SUFFIX, T)                                                                                               \
  extern "C" __global__ void spmv_##SUFFIX(T *dst, const int *ptr, const int *col, const T *val, const T *x, i64 rows,   \
                       T alpha, T beta) {                                                                                \
    vector(dst, ptr, col, val, x, rows, alpha, beta);                                                                    \
  }                                                                                                                      \
  extern "C" __global__ void spmm_##SUFFIX(T *dst, const int *ptr, const int *col, const int *place, const T *val,       \
                       const T *x, i64 rows, i64 width, T beta) {                                                        \
    matrix(dst, ptr, col, place, val, x, rows, width, beta);                                                             \
  }                                                                                                                      \
  extern "C" __global__ void spmm_grad_values_##SUFFIX(T *dval, const int *ptr, const int *col, const T *dy, const T *x, \
                             i64 rows, i64 entries, i64 width) {                                                         \
    grad_values(dval, ptr, col, dy, x, rows, entries, width);                                                            \
  }

EACH_TYPE(KERNELS)

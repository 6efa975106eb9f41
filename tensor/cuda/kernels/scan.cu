// Running sums and products along an axis, and the gradients of products. A tensor is seen as
// [outer, n, inner]: n elements, inner apart, for each of outer*inner lines.
#include "common.cuh"

const int most = 256; // threads of a block

enum Op { sumOf, sumReverse, productOf };

// for each line: s := 0 or 1; for i := range n { s = s op x[i]; dst[i] = s }
//
// sumReverse comes from the end. dst may be x. With lines many and next to each other, a thread
// takes a line; otherwise a block does, a piece of as many elements as it has threads at a time,
// whose running values it finds in steps of doubled length.
template <typename T>
__device__ void scan(T *dst, const T *x, i64 lines, i64 n, i64 inner, int op, bool alone) {
  if (alone) {
    GRID_LOOP(line, lines) {
      i64 at = line / inner * n * inner + line % inner, step = inner;
      if (op == sumReverse) {
        at += (n - 1) * inner;
        step = -inner;
      }
      T s = op == productOf;
#pragma unroll 1
      for (i64 i = 0; i < n; i++, at += step)
        dst[at] = s = op == productOf ? s * x[at] : s + x[at];
    }
    return;
  }
  __shared__ T values[2][most];
  for (i64 line = blockIdx.x; line < lines; line += gridDim.x) {
    const i64 first = line / inner * n * inner + line % inner;
    T before = op == productOf; // of all earlier pieces
#pragma unroll 1
    for (i64 piece = 0; piece < n; piece += blockDim.x) {
      const i64 i = piece + threadIdx.x, at = first + (op == sumReverse ? n - 1 - i : i) * inner;
      int now = 0;
      T v = i < n ? x[at] : T(op == productOf);
      values[now][threadIdx.x] = v;
      __syncthreads();
#pragma unroll 1
      for (int back = 1; back < blockDim.x; back *= 2) {
        if (threadIdx.x >= back) {
          const T w = values[now][threadIdx.x - back];
          v = op == productOf ? w * v : w + v;
        }
        now = 1 - now;
        values[now][threadIdx.x] = v;
        __syncthreads();
      }
      const T all = values[now][blockDim.x - 1];
      if (i < n)
        dst[at] = op == productOf ? before * v : before + v;
      before = op == productOf ? before * all : before + all;
      __syncthreads();
    }
  }
}

// for each i of a line:
//     dx[i] += sum over j >= i of dy[j] * product over k <= j, k != i of x[k]
template <typename T>
__device__ void cumprod_grad(T *dx, const T *dy, const T *x, i64 count, i64 n, i64 inner) {
  GRID_LOOP(e, count) {
    const i64 i = e / inner % n, first = e - i * inner;
    T product = 1, sum = 0;
#pragma unroll 1
    for (i64 k = 0; k < i; k++)
      product *= x[first + k * inner];
#pragma unroll 1
    for (i64 j = i; j < n; j++) {
      if (j > i)
        product *= x[first + j * inner];
      sum += dy[first + j * inner] * product;
    }
    dx[e] += sum;
  }
}

// for each i of line k: dx[i] += dy[k] * product over j != i of x[j]
template <typename T>
__device__ void prod_grad(T *dx, const T *dy, const T *x, i64 count, i64 n, i64 inner) {
  GRID_LOOP(e, count) {
    const i64 i = e / inner % n, first = e - i * inner;
    T before = dy[e / inner / n * inner + e % inner], after = 1;
#pragma unroll 1
    for (i64 k = 0; k < i; k++)
      before *= x[first + k * inner];
#pragma unroll 1
    for (i64 k = n - 1; k > i; k--)
      after *= x[first + k * inner];
    dx[e] += before * after;
  }
}

#define KERNELS(S, T)                                                                                                  \
  extern "C" __global__ void __launch_bounds__(most)                                                                   \
    scan_##S(T *dst, const T *x, i64 lines, i64 n, i64 inner, i64 op, i64 alone) {                                     \
    scan(dst, x, lines, n, inner, op, alone);                                                                          \
  }                                                                                                                    \
  extern "C" __global__ void cumprod_grad_##S(T *dx, const T *dy, const T *x, i64 count, i64 n, i64 inner) {           \
    cumprod_grad(dx, dy, x, count, n, inner);                                                                          \
  }                                                                                                                    \
  extern "C" __global__ void prod_grad_##S(T *dx, const T *dy, const T *x, i64 count, i64 n, i64 inner) {              \
    prod_grad(dx, dy, x, count, n, inner);                                                                             \
  }

EACH_TYPE(KERNELS)

// What the kernels along lines share: a contiguous tensor seen as [outer, n, inner] has outer*inner
// lines of n elements, inner apart. A block takes blockDim.x neighbouring lines, a power of two up to
// 32; thread (x, y) holds the elements y, y + blockDim.y, ... of line x. Rows are lines with inner = 1.
#pragma once
#include "common.cuh"

// The line of a thread in block number `block` of line_blocks(outer, inner).
struct Line {
  i64 number; // among all lines
  i64 at;     // of its first element
  i64 n;      // its elements, 0 if there is no such line
  bool leads; // whether the thread is the one that writes what the line has once

  __device__ Line(i64 block, i64 length, i64 inner) {
    const i64 tiles = (inner + blockDim.x - 1) / blockDim.x;
    const i64 o = block / tiles, j = block % tiles * blockDim.x + threadIdx.x;
    number = o * inner + j;
    at = o * length * inner + j;
    n = j < inner ? length : 0;
    leads = j < inner && threadIdx.y == 0;
  }
};

__device__ inline i64 line_blocks(i64 outer, i64 inner) {
  return outer * ((inner + blockDim.x - 1) / blockDim.x);
}

// The elements that the thread holds: i counts them in their line.
#define ALONG(i, line)                                                                                                \
  _Pragma("unroll 1") for (i64 i = threadIdx.y; i < (line).n; i += blockDim.y)

struct Sum {
  template <typename T>
  static __device__ T of(T a, T b) {
    return a + b;
  }
};

// NaN is left out, as by RowMax.
struct Max {
  template <typename T>
  static __device__ T of(T a, T b) {
    return fmax(a, b);
  }
};

// reduce combines the values of the threads of each line, always in the same order, and returns the
// result to all of them. All threads of the block take part.
template <typename Op, typename T>
__device__ T reduce(T v) {
  __shared__ T parts[1024];
  const int thread = threadIdx.y * blockDim.x + threadIdx.x, threads = blockDim.x * blockDim.y;
#pragma unroll 1
  for (int apart = blockDim.x; apart < 32; apart *= 2)
    v = Op::of(v, __shfl_xor_sync(0xffffffff, v, apart));
  parts[thread] = v; // of each warp, the first blockDim.x are one for each line
  __syncthreads();
  v = parts[threadIdx.x];
#pragma unroll 1
  for (int i = 32; i < threads; i += 32)
    v = Op::of(v, parts[i + threadIdx.x]);
  __syncthreads();
  return v;
}

template <typename T>
__device__ T infinity() {
  return T(__int_as_float(0x7f800000));
}

// exp, where results below the smallest normal number become 0.
__device__ inline float exp_normal(float x) {
  const float e = expf(x);
  return e < 1.17549435e-38f ? 0 : e;
}

__device__ inline double exp_normal(double x) {
  const double e = exp(x);
  return e < 2.2250738585072014e-308 ? 0 : e;
}

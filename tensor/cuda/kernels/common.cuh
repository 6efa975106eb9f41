// What the kernels of all families share.
//
// Every parameter of a kernel takes 8 bytes in the list that its launch is given: integers are i64,
// pointers those of the device, numbers have the type T of the kernel's elements (those of a float
// lie in the first 4 bytes). A kernel over elements may be launched with any number of blocks and
// threads in one dimension.
#pragma once

typedef long long i64;

// The elements 0 <= i < n, shared out among all threads of the grid.
#define GRID_LOOP(i, n) \
  for (i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x; i < (n); i += (i64)gridDim.x * blockDim.x)

// The same for bodies that are too long to be unrolled.
#define ROLLED_LOOP(i, n) _Pragma("unroll 1") GRID_LOOP(i, n)

// The kernels of a family, once for each type of elements: KERNELS(SUFFIX, T).
#define EACH_TYPE(KERNELS) KERNELS(f32, float) KERNELS(f64, double)

// offsets finds element i, in the order of rows, of N operands of one shape:
//
//     nest: [ndim, n, shape[ndim], strides of operand 0 [ndim], ..., strides of operand N-1 [ndim]]
//
// in elements; n is the product of the shape. A broadcast axis has stride 0. Without a nest (null)
// all operands are contiguous.
template <int N>
__device__ void offsets(const i64 *nest, i64 i, i64 (&at)[N]) {
#pragma unroll
  for (int o = 0; o < N; o++)
    at[o] = nest ? 0 : i;
  if (!nest)
    return;
  const i64 ndim = nest[0], *shape = nest + 2;
#pragma unroll 1
  for (i64 axis = ndim - 1; axis >= 0; axis--) {
    const i64 rest = i / shape[axis], index = i - rest * shape[axis];
#pragma unroll
    for (int o = 0; o < N; o++)
      at[o] += index * shape[(o + 1) * ndim + axis];
    i = rest;
  }
}

// Indices of strided operands, whose axes are parameters of the kernel: eight lengths, and eight
// strides for each operand, the innermost axis first. Nothing has to be uploaded for a launch.
#pragma once

// The parameters, and the arrays that they make.
#define EIGHT(N) i64 N##0, i64 N##1, i64 N##2, i64 N##3, i64 N##4, i64 N##5, i64 N##6, i64 N##7
#define ARRAY(N) {N##0, N##1, N##2, N##3, N##4, N##5, N##6, N##7}

// Axes are at least one axis of N operands. All indices into the arrays are constants once loops
// are unrolled, so that they stay parameters.
template <int N>
struct Axes {
  i64 count, length[8], stride[N][8];
};

// for axis := range axes {
//     for o := range at { at[o] += i % length[axis] * stride[o][axis] }
//     i /= length[axis]
// }
template <int N>
__device__ __forceinline__ void place(const Axes<N> &axes, i64 i, i64 (&at)[N]) {
#pragma unroll
  for (int axis = 0; axis < 8; axis++) {
    if (axis >= axes.count)
      return;
    const bool last = axis + 1 >= axes.count;
    const i64 rest = last ? 0 : i / axes.length[axis], index = i - rest * axes.length[axis];
#pragma unroll
    for (int o = 0; o < N; o++)
      at[o] += index * axes.stride[o][axis];
    i = rest;
  }
}

// place of one operand.
__device__ __forceinline__ i64 place(const Axes<1> &axes, i64 i) {
  i64 at[1] = {};
  place(axes, i, at);
  return at[0];
}

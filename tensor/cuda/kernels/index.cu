// Elements by their indices: IndexSelect, IndexAdd, EmbeddingGrad, Gather, ScatterAdd,
// AddToEntries, CombineRows, MaskedFill and OneHot, with their gradients.
//
// Where several elements are added to one, a thread owns the sum and goes through what is added in
// the order of the processor.
#include "common.cuh"
#include "axes.cuh"

// for o := range outer { for i := range m { copy(dst[o][i], x[o][index[i]]) } }
//
// dst is [outer, m, inner], x [outer, n, inner].
template <typename T>
__device__ void index_select(T *dst, const T *x, const i64 *index, i64 count, i64 m, i64 n, i64 inner) {
  GRID_LOOP(e, count) {
    const i64 u = e / inner;
    dst[e] = x[(u / m * n + index[u % m]) * inner + e % inner];
  }
}

// for o := range outer { for t := range targets { for each place i of the list of t {
//     dst[o][target[t]] += src[o][i]
// }}}
//
// dst is [outer, n, inner], src [outer, m, inner]. The list of t lies in list from first[t] to
// first[t+1]; no target is named twice.
template <typename T>
__device__ void scatter(T *dst, const T *src, const i64 *target, const i64 *first, const i64 *list, i64 count,
                        i64 targets, i64 m, i64 n, i64 inner) {
  GRID_LOOP(e, count) {
    const i64 column = e % inner, t = e / inner % targets, o = e / inner / targets;
    T *to = dst + (o * n + target[t]) * inner + column;
    T sum = *to;
#pragma unroll 1
    for (i64 k = first[t]; k < first[t + 1]; k++)
      sum += src[(o * m + list[k]) * inner + column];
    *to = sum;
  }
}

// for o, i := range index { dst[o] = x[place(o) + i*along] }
//
// place is that of element o under the strides of x, but 0 along one axis.
template <typename T>
__device__ void gather(T *dst, const T *x, const i64 *index, i64 count, i64 along, const Axes<1> &axes) {
  GRID_LOOP(o, count)
    dst[o] = x[place(axes, o) + index[o] * along];
}

// for i, at := range index { for r := range rows { all[at][r] += part of i of x[r] } }
//
// all is [n, rows, d]; x [rows, columns] with columns = d, which all entries receive, or with d
// columns for each of them.
template <typename T>
__device__ void add_entries(T *all, const T *x, const i64 *index, i64 count, i64 rows, i64 d, i64 columns) {
  GRID_LOOP(e, count) {
    const i64 c = e % d, r = e / d % rows, i = e / d / rows;
    all[(index[i] * rows + r) * d + c] += x[r * columns + (columns > d ? i * d : 0) + c];
  }
}

// for r := range rows { for i, at := range index { part of i of dx[r] += all[at][r] } }
template <typename T>
__device__ void entries_grad(T *dx, const T *all, const i64 *index, i64 count, i64 m, i64 rows, i64 d, i64 columns) {
  GRID_LOOP(e, count) {
    const i64 r = e / columns, part = e % columns / d, c = e % d;
    const i64 begin = columns > d ? part : 0, end = columns > d ? part + 1 : m;
    T sum = dx[e];
#pragma unroll 1
    for (i64 i = begin; i < end; i++)
      sum += all[(index[i] * rows + r) * d + c];
    dx[e] = sum;
  }
}

// for r := range rows { for j := range each { i := r*each+j; dst[r] += weights[i]*y[places[i]] } }
//
// dst begins with 0 if beta is 0. Weights that are null are ones.
template <typename T>
__device__ void combine(T *dst, const T *y, const T *weights, const i64 *places, i64 count, i64 n, i64 each, T beta) {
  GRID_LOOP(e, count) {
    const i64 r = e / n, c = e % n;
    T sum = beta == T(0) ? T(0) : dst[e];
#pragma unroll 1
    for (i64 i = r * each; i < (r + 1) * each; i++) {
      const T v = y[places[i] * n + c];
      sum += weights ? weights[i] * v : v;
    }
    dst[e] = sum;
  }
}

// for i, at := range places { r := i/each; dw[i] += y[at] · d[r]; dy[at] = weights[i]*d[r] }
//
// A block takes a place; no place is named twice. dw, dy and weights may be null.
template <typename T>
__device__ void combine_grad(T *dy, T *dw, const T *d, const T *y, const T *weights, const i64 *places, i64 count,
                             i64 n, i64 each) {
  __shared__ double shared[256];
  for (i64 i = blockIdx.x; i < count; i += gridDim.x) {
    const i64 at = places[i] * n, r = i / each * n;
    const T w = weights ? weights[i] : T(1);
    double dot = 0;
#pragma unroll 1
    for (i64 c = threadIdx.x; c < n; c += blockDim.x) {
      const T g = d[r + c];
      if (dw)
        dot += (double)y[at + c] * g;
      if (dy)
        dy[at + c] = w * g;
    }
    if (!dw)
      continue;
    shared[threadIdx.x] = dot;
    __syncthreads();
#pragma unroll 1
    for (int half = blockDim.x / 2; half > 0; half /= 2) {
      if (threadIdx.x < half)
        shared[threadIdx.x] += shared[threadIdx.x + half];
      __syncthreads();
    }
    if (threadIdx.x == 0)
      dw[i] += shared[0];
    __syncthreads();
  }
}

// for i := range dst { dst[i] = value where mask[i] is not 0, else x[i] }   or, for the gradient,
// for i := range dst { dst[i] += x[i] where mask[i] is 0 }
//
// The mask has strides of its own. dst may be x.
template <typename T>
__device__ void mask(T *dst, const T *x, const T *mask, i64 count, T value, i64 grad, const Axes<1> &axes) {
  GRID_LOOP(e, count) {
    const bool masked = mask[place(axes, e)] != T(0);
    if (!grad)
      dst[e] = masked ? value : x[e];
    else if (!masked)
      dst[e] += x[e];
  }
}

// for i := range dst { dst[i] = 1 if classes[i/n] == i%n, else 0 }
template <typename T>
__device__ void one_hot(T *dst, const i64 *classes, i64 count, i64 n) {
  GRID_LOOP(i, count)
    dst[i] = classes[i / n] == i % n;
}

// for g := range dst { dst[g] = offsets[g+1] - offsets[g] }
template <typename T>
__device__ void sizes(T *dst, const i64 *offsets, i64 count) {
  GRID_LOOP(g, count)
    dst[g] = offsets[g + 1] - offsets[g];
}

#define KERNELS(S, T)                                                                                                  \
  extern "C" __global__ void index_select_##S(T *dst, const T *x, const i64 *index, i64 count, i64 m, i64 n, i64 inner) { \
    index_select(dst, x, index, count, m, n, inner);                                                                   \
  }                                                                                                                    \
  extern "C" __global__ void scatter_##S(T *dst, const T *src, const i64 *target, const i64 *first, const i64 *list,   \
                                         i64 count, i64 targets, i64 m, i64 n, i64 inner) {                            \
    scatter(dst, src, target, first, list, count, targets, m, n, inner);                                               \
  }                                                                                                                    \
  extern "C" __global__ void gather_##S(T *dst, const T *x, const i64 *index, i64 count, i64 along, i64 axes,          \
                                        EIGHT(n), EIGHT(s)) {                                                          \
    gather(dst, x, index, count, along, Axes<1>{axes, ARRAY(n), {ARRAY(s)}});                                          \
  }                                                                                                                    \
  extern "C" __global__ void add_entries_##S(T *all, const T *x, const i64 *index, i64 count, i64 rows, i64 d,         \
                                             i64 columns) {                                                            \
    add_entries(all, x, index, count, rows, d, columns);                                                               \
  }                                                                                                                    \
  extern "C" __global__ void entries_grad_##S(T *dx, const T *all, const i64 *index, i64 count, i64 m, i64 rows,       \
                                              i64 d, i64 columns) {                                                    \
    entries_grad(dx, all, index, count, m, rows, d, columns);                                                          \
  }                                                                                                                    \
  extern "C" __global__ void combine_##S(T *dst, const T *y, const T *weights, const i64 *places, i64 count, i64 n,    \
                                         i64 each, T beta) {                                                           \
    combine(dst, y, weights, places, count, n, each, beta);                                                            \
  }                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(256)                                                                    \
    combine_grad_##S(T *dy, T *dw, const T *d, const T *y, const T *weights, const i64 *places, i64 count, i64 n,      \
                     i64 each) {                                                                                       \
    combine_grad(dy, dw, d, y, weights, places, count, n, each);                                                       \
  }                                                                                                                    \
  extern "C" __global__ void mask_##S(T *dst, const T *x, const T *m, i64 count, T value, i64 grad, i64 axes,          \
                                      EIGHT(n), EIGHT(s)) {                                                            \
    mask(dst, x, m, count, value, grad, Axes<1>{axes, ARRAY(n), {ARRAY(s)}});                                          \
  }                                                                                                                    \
  extern "C" __global__ void one_hot_##S(T *dst, const i64 *classes, i64 count, i64 n) {                               \
    one_hot(dst, classes, count, n);                                                                                   \
  }                                                                                                                    \
  extern "C" __global__ void sizes_##S(T *dst, const i64 *offsets, i64 count) { sizes(dst, offsets, count); }

EACH_TYPE(KERNELS)

// Pooling and resampling of planes [.., H, W], with their gradients. Gradients are gathered: each
// thread owns an element of dx and goes through the results that have a share in it, in the order
// of the processor.
#include "common.cuh"

// A pooling window along one axis. Adaptive windows divide the axis as evenly as possible.
struct Window {
  i64 in, out, kernel, stride, padding, dilation;
  bool exclude, adaptive;

  // clip finds the elements of window i within the axis: lo, lo+dilation, ... below hi.
  __device__ void clip(i64 i, i64 &lo, i64 &hi) const {
    lo = i * stride - padding;
    hi = min(lo + dilation * (kernel - 1) + 1, in);
    if (lo < 0)
      lo += (-lo + dilation - 1) / dilation * dilation;
  }

  // bounds finds the elements of the mean i, lo to hi-1, and by what their sum is divided.
  __device__ i64 bounds(i64 i, i64 &lo, i64 &hi) const {
    if (adaptive) {
      lo = i * in / out;
      hi = ((i + 1) * in + out - 1) / out;
      return hi - lo;
    }
    clip(i, lo, hi);
    const i64 begin = i * stride - padding;
    return exclude ? hi - lo : min(begin + kernel, in + padding) - begin;
  }

  // around finds the first and the last window that may hold element j.
  __device__ void around(i64 j, i64 &first, i64 &last) const {
    if (adaptive) {
      first = max(j * out / in - 1, 0ll);
      last = min(((j + 1) * out + in - 1) / in, out - 1);
      return;
    }
    const i64 before = j + padding - dilation * (kernel - 1);
    first = before > 0 ? (before + stride - 1) / stride : 0;
    last = min((j + padding) / stride, out - 1);
  }
};

// maximum returns the place of the first maximum of a window of a plane, or -1 if all of it lies in
// the padding. A NaN counts as larger than all numbers.
template <typename T>
__device__ i64 maximum(const T *x, const Window &h, const Window &w, i64 r, i64 q) {
  i64 h0, h1, w0, w1;
  h.clip(r, h0, h1);
  w.clip(q, w0, w1);
  if (h0 >= h1 || w0 >= w1)
    return -1;
  i64 best = h0 * w.in + w0;
  T most = x[best];
#pragma unroll 1
  for (i64 i = h0; i < h1; i += h.dilation) {
#pragma unroll 1
    for (i64 j = i * w.in + w0; j < i * w.in + w1; j += w.dilation) {
      const T v = x[j];
      if (v > most || v != v && most == most) {
        best = j;
        most = v;
      }
    }
  }
  return best;
}

// for each window r, q of each plane: y[r][q] = its maximum, or -Inf
template <typename T>
__device__ void max_pool(T *y, const T *x, i64 n, const Window &h, const Window &w) {
  GRID_LOOP(e, n) {
    const i64 q = e % w.out, r = e / w.out % h.out;
    const T *plane = x + e / w.out / h.out * h.in * w.in;
    const i64 at = maximum(plane, h, w, r, q);
    y[e] = at >= 0 ? plane[at] : T(-1.0 / 0.0);
  }
}

// dx = beta*dx; for each window r, q of each plane: dx[its first maximum] += dy[r][q]
template <typename T>
__device__ void max_pool_grad(T *dx, const T *dy, const T *x, i64 n, T beta, const Window &h, const Window &w) {
  GRID_LOOP(e, n) {
    const i64 j = e % w.in, i = e / w.in % h.in, p = e / w.in / h.in;
    const T *plane = x + p * h.in * w.in, *g = dy + p * h.out * w.out;
    i64 r0, r1, q0, q1;
    h.around(i, r0, r1);
    w.around(j, q0, q1);
    T sum = beta == T(0) ? T(0) : dx[e];
#pragma unroll 1
    for (i64 r = r0; r <= r1; r++) {
#pragma unroll 1
      for (i64 q = q0; q <= q1; q++) {
        if (maximum(plane, h, w, r, q) == i * w.in + j)
          sum += g[r * w.out + q];
      }
    }
    dx[e] = sum;
  }
}

// for each mean r, q of each plane: y[r][q] = sum of its elements / their number
template <typename T>
__device__ void mean_pool(T *y, const T *x, i64 n, const Window &h, const Window &w) {
  GRID_LOOP(e, n) {
    const T *plane = x + e / w.out / h.out * h.in * w.in;
    i64 h0, h1, w0, w1;
    i64 count = h.bounds(e / w.out % h.out, h0, h1);
    count *= w.bounds(e % w.out, w0, w1);
    T sum = 0;
#pragma unroll 1
    for (i64 i = h0; i < h1; i++) {
#pragma unroll 1
      for (i64 j = w0; j < w1; j++)
        sum += plane[i * w.in + j];
    }
    y[e] = sum / T(count);
  }
}

// for each mean r, q of each plane: g := dy[r][q] / number; dx[each of its elements] += g
template <typename T>
__device__ void mean_pool_grad(T *dx, const T *dy, i64 n, const Window &h, const Window &w) {
  GRID_LOOP(e, n) {
    const i64 j = e % w.in, i = e / w.in % h.in;
    const T *g = dy + e / w.in / h.in * h.out * w.out;
    i64 r0, r1, q0, q1, lo, hi;
    h.around(i, r0, r1);
    w.around(j, q0, q1);
    T sum = dx[e];
#pragma unroll 1
    for (i64 r = r0; r <= r1; r++) {
      const i64 rows = h.bounds(r, lo, hi);
      if (i < lo || i >= hi)
        continue;
#pragma unroll 1
      for (i64 q = q0; q <= q1; q++) {
        const i64 columns = w.bounds(q, lo, hi);
        if (j >= lo && j < hi)
          sum += g[r * w.out + q] / T(rows * columns);
      }
    }
    dx[e] = sum;
  }
}

// for each result r, q of each plane, with the samples i, j, t of its row and those of its column:
//     y[r][q] = (1-t)*((1-u)*x[i][k] + u*x[i][l]) + t*((1-u)*x[j][k] + u*x[j][l])
//
// rows and columns hold the first and the second element of each sample; ts and us the shares of
// the second ones.
template <typename T>
__device__ void resize(T *y, const T *x, const i64 *rows, const i64 *columns, const T *ts, const T *us, i64 n, i64 in,
                       i64 width, i64 height, i64 outWidth) {
  GRID_LOOP(e, n) {
    const i64 q = e % outWidth, r = e / outWidth % height;
    const T *plane = x + e / outWidth / height * in, t = ts[r], u = us[q];
    const T *top = plane + rows[2 * r] * width, *bottom = plane + rows[2 * r + 1] * width;
    const i64 k = columns[2 * q], l = columns[2 * q + 1];
    if (t == T(0) && u == T(0))
      y[e] = top[k];
    else
      y[e] = (1 - t) * ((1 - u) * top[k] + u * top[l]) + t * ((1 - u) * bottom[k] + u * bottom[l]);
  }
}

// dx = beta*dx; for each element i, j of each plane, for all results r made of row i, with weights
// a, and all q made of column j, with weights b: dx[i][j] += a*b*dy[r][q]
//
// The results of index i lie in the list from first[i] to first[i+1], their weights beside them.
template <typename T>
__device__ void resize_grad(T *dx, const T *dy, const i64 *rowFirst, const i64 *rowList, const T *rowWeights,
                            const i64 *columnFirst, const i64 *columnList, const T *columnWeights, i64 n, i64 height,
                            i64 width, i64 out, i64 outWidth, T beta) {
  GRID_LOOP(e, n) {
    const i64 j = e % width, i = e / width % height;
    const T *g = dy + e / width / height * out;
    T sum = beta == T(0) ? T(0) : dx[e];
#pragma unroll 1
    for (i64 a = rowFirst[i]; a < rowFirst[i + 1]; a++) {
      const T *row = g + rowList[a] * outWidth, weight = rowWeights[a];
#pragma unroll 1
      for (i64 b = columnFirst[j]; b < columnFirst[j + 1]; b++)
        sum += weight * columnWeights[b] * row[columnList[b]];
    }
    dx[e] = sum;
  }
}

#define WINDOW(A)                                                                                                      \
  i64 A##In, i64 A##Out, i64 A##Kernel, i64 A##Stride, i64 A##Padding, i64 A##Dilation, i64 A##Exclude, i64 A##Adaptive
#define WINDOW_OF(A)                                                                                                   \
  Window { A##In, A##Out, A##Kernel, A##Stride, A##Padding, A##Dilation, A##Exclude != 0, A##Adaptive != 0 }

#define KERNELS(S, T)                                                                                                  \
  extern "C" __global__ void max_pool_##S(T *y, const T *x, i64 n, WINDOW(h), WINDOW(w)) {                             \
    max_pool(y, x, n, WINDOW_OF(h), WINDOW_OF(w));                                                                     \
  }                                                                                                                    \
  extern "C" __global__ void max_pool_grad_##S(T *dx, const T *dy, const T *x, i64 n, T beta, WINDOW(h), WINDOW(w)) {  \
    max_pool_grad(dx, dy, x, n, beta, WINDOW_OF(h), WINDOW_OF(w));                                                     \
  }                                                                                                                    \
  extern "C" __global__ void mean_pool_##S(T *y, const T *x, i64 n, WINDOW(h), WINDOW(w)) {                            \
    mean_pool(y, x, n, WINDOW_OF(h), WINDOW_OF(w));                                                                    \
  }                                                                                                                    \
  extern "C" __global__ void mean_pool_grad_##S(T *dx, const T *dy, i64 n, WINDOW(h), WINDOW(w)) {                     \
    mean_pool_grad(dx, dy, n, WINDOW_OF(h), WINDOW_OF(w));                                                             \
  }                                                                                                                    \
  extern "C" __global__ void resize_##S(T *y, const T *x, const i64 *rows, const i64 *columns, const T *ts,            \
                                        const T *us, i64 n, i64 in, i64 width, i64 height, i64 outWidth) {             \
    resize(y, x, rows, columns, ts, us, n, in, width, height, outWidth);                                               \
  }                                                                                                                    \
  extern "C" __global__ void resize_grad_##S(T *dx, const T *dy, const i64 *rowFirst, const i64 *rowList,              \
                                             const T *rowWeights, const i64 *columnFirst, const i64 *columnList,       \
                                             const T *columnWeights, i64 n, i64 height, i64 width, i64 out,            \
                                             i64 outWidth, T beta) {                                                   \
    resize_grad(dx, dy, rowFirst, rowList, rowWeights, columnFirst, columnList, columnWeights, n, height, width,       \
                out, outWidth, beta);                                                                                  \
  }

EACH_TYPE(KERNELS)

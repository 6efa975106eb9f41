// Copies and sums of elements that change place: Copy, Accumulate, Flip, PixelShuffle and all that
// goes through them, Pad, Unfold, Tril, Triu, FoldTaps and ConvertTo, with their gradients.
//
// Gradients are gathered: each thread owns elements of dx and looks for what was made of them, in
// the order in which the processor comes across it.
#include "common.cuh"
#include "axes.cuh"

// for i := range n { dst[d(i)] = src[start+s(i)] }   or += with add
//
// d and s give the places under the strides of the axes, those of src may be negative.
template <typename T>
__device__ void move(T *dst, const T *src, i64 n, i64 start, i64 add, const Axes<2> &axes) {
  GRID_LOOP(i, n) {
    i64 at[2] = {0, start};
    place(axes, i, at);
    const T v = src[at[1]];
    dst[at[0]] = add ? dst[at[0]] + v : v;
  }
}

const int side = 32; // of a tile, and of the block of threads that moves it

// for each u, of the outer axes: for r := range rows { for c := range columns {
//     dst[d(u)+r*dRow+c] = src[start+s(u)+r+c*sColumn]   or += with add
// }}
//
// What follows each other in src and what does in dst are two axes: tiles pass through shared
// memory, so that neighbouring threads touch neighbours in both.
template <typename T>
__device__ void transpose(T *dst, const T *src, i64 start, i64 add, i64 outer, i64 rows, i64 columns, i64 dRow,
                          i64 sColumn, const Axes<2> &axes) {
  __shared__ T tile[side][side + 1];
  const i64 c0 = (i64)blockIdx.x * side;
  for (i64 u = blockIdx.z; u < outer; u += gridDim.z) {
    i64 at[2] = {0, start};
    place(axes, u, at);
    for (i64 r0 = (i64)blockIdx.y * side; r0 < rows; r0 += (i64)gridDim.y * side) {
      if (r0 + threadIdx.x < rows && c0 + threadIdx.y < columns)
        tile[threadIdx.y][threadIdx.x] = src[at[1] + r0 + threadIdx.x + (c0 + threadIdx.y) * sColumn];
      __syncthreads();
      if (r0 + threadIdx.y < rows && c0 + threadIdx.x < columns) {
        T *to = dst + at[0] + (r0 + threadIdx.y) * dRow + c0 + threadIdx.x;
        const T v = tile[threadIdx.x][threadIdx.y];
        *to = add ? *to + v : v;
      }
      __syncthreads();
    }
  }
}

// for i, v := range src { dst[i] = T(v) }
template <typename T, typename U>
__device__ void convert(T *dst, const U *src, i64 n) {
  GRID_LOOP(i, n)
    dst[i] = T(src[i]);
}

// for each row r and column c of each matrix:
//     dst[r][c] = x[r][c] if upper and c >= r+diagonal, or not and c <= r+diagonal, else 0
template <typename T>
__device__ void triangle(T *dst, const T *x, i64 n, i64 rows, i64 cols, i64 diagonal, i64 upper) {
  GRID_LOOP(i, n) {
    const i64 r = i / cols % rows, c = i % cols;
    const bool kept = upper ? c >= r + diagonal : c <= r + diagonal;
    dst[i] = kept ? x[i] : T(0);
  }
}

// for each i of y, with the indices i0, i1, ... along the axes, the innermost first:
//     y[i] = x[from0[i0] + from1[i1] + ...], or value where one of them is negative
//
// The tables from, each of the length of its axis, follow each other in memory. The last axis has
// none: x and y step through it by blocks of in elements.
template <typename T>
__device__ void pad(T *y, const T *x, i64 n, T value, const i64 *from, i64 in, const Axes<1> &axes) {
  GRID_LOOP(i, n) {
    const i64 *table = from;
    i64 rest = i, at = 0;
    bool inside = true;
#pragma unroll
    for (int axis = 0; axis < 8; axis++) {
      if (axis >= axes.count)
        break;
      const i64 next = rest / axes.length[axis], j = table[rest - next * axes.length[axis]];
      inside = inside && j >= 0;
      at += j;
      table += axes.length[axis];
      rest = next;
    }
    y[i] = inside ? x[at + rest * in] : value;
  }
}

// for each j of dx, with the indices j0, j1, ... along the axes, the innermost first:
//     for all i1 in to1[j1], for all i0 in to0[j0] ... { dx[j] += dy[i0 + i1 + ...] }
//
// The list of index j of an axis lies in items from first[j] to first[j+1]. The tables first, each
// one longer than its axis, follow each other in memory. The last axis has none, as in pad.
template <typename T>
__device__ void pad_grad(T *dx, const T *dy, i64 n, const i64 *first, const i64 *items, i64 out, const Axes<1> &axes) {
  GRID_LOOP(j, n) {
    const i64 *table = first;
    i64 rest = j, begin[8], count[8], total = 1;
#pragma unroll
    for (int axis = 0; axis < 8; axis++) {
      begin[axis] = 0;
      count[axis] = 1;
      if (axis < axes.count) {
        const i64 next = rest / axes.length[axis], index = rest - next * axes.length[axis];
        begin[axis] = table[index];
        count[axis] = table[index + 1] - begin[axis];
        total *= count[axis];
        table += axes.length[axis] + 1;
        rest = next;
      }
    }
    T sum = dx[j];
#pragma unroll 1
    for (i64 t = 0; t < total; t++) {
      i64 left = t, at = rest * out;
#pragma unroll
      for (int axis = 0; axis < 8; axis++) {
        if (axis < axes.count) {
          const i64 next = left / count[axis];
          at += items[begin[axis] + left - next * count[axis]];
          left = next;
        }
      }
      sum += dy[at];
    }
    dx[j] = sum;
  }
}

// A convolution along one axis.
struct Taps {
  i64 in, out, kernel, stride, padding, dilation;
};

// for each channel c, taps a, b and positions r, q:
//     i, j := r*stride + a*dilation - padding, the same of q and b
//     y[c][a][b][r][q] = x[c][i][j], or 0 outside
template <typename T>
__device__ void unfold(T *y, const T *x, i64 n, Taps h, Taps w) {
  GRID_LOOP(e, n) {
    i64 rest = e;
    const i64 q = rest % w.out;
    rest /= w.out;
    const i64 r = rest % h.out;
    rest /= h.out;
    const i64 b = rest % w.kernel;
    rest /= w.kernel;
    const i64 a = rest % h.kernel, c = rest / h.kernel;
    const i64 i = r * h.stride + a * h.dilation - h.padding, j = q * w.stride + b * w.dilation - w.padding;
    const bool inside = i >= 0 && i < h.in && j >= 0 && j < w.in;
    y[e] = inside ? x[(c * h.in + i) * w.in + j] : T(0);
  }
}

// position returns the position at which tap a of an axis reads element i, or -1.
__device__ i64 position(const Taps &t, i64 i, i64 a) {
  const i64 at = i + t.padding - a * t.dilation, r = at / t.stride;
  return at >= 0 && r * t.stride == at && r < t.out ? r : -1;
}

// for each channel c, taps a, b and positions r, q whose i, j lie inside:
//     dx[c][i][j] += dy[c][a][b][r][q]
template <typename T>
__device__ void unfold_grad(T *dx, const T *dy, i64 n, Taps h, Taps w) {
  GRID_LOOP(e, n) {
    const i64 j = e % w.in, i = e / w.in % h.in, c = e / w.in / h.in;
    T sum = dx[e];
#pragma unroll 1
    for (i64 a = 0; a < h.kernel; a++) {
      const i64 r = position(h, i, a);
#pragma unroll 1
      for (i64 b = 0; r >= 0 && b < w.kernel; b++) {
        const i64 q = position(w, j, b);
        if (q >= 0)
          sum += dy[(((c * h.kernel + a) * w.kernel + b) * h.out + r) * w.out + q];
      }
    }
    dx[e] = sum;
  }
}

// for each output channel o, parities k = 2*ry + rx, input channel i and taps ty, tx:
//     y[o][k][i][ty][tx] = sum of w[o][i][a][b] over the taps a, b that meet the same pixel
//
// They are 0, 1 | 2 for the parity 0, and 0 | 1, 2 for the parity 1.
template <typename T>
__device__ void fold(T *y, const T *w, i64 n, i64 in) {
  GRID_LOOP(e, n) {
    const int tx = e & 1, ty = e >> 1 & 1;
    const i64 i = (e >> 2) % in, k = (e >> 2) / in & 3, o = (e >> 4) / in;
    const int rx = k & 1, ry = k >> 1;
    const T *taps = w + (o * in + i) * 9;
    T sum = 0;
#pragma unroll 1
    for (int a = ty ? 2 - ry : 0; a <= (ty ? 2 : 1 - ry); a++) {
#pragma unroll 1
      for (int b = tx ? 2 - rx : 0; b <= (tx ? 2 : 1 - rx); b++)
        sum += taps[3 * a + b];
    }
    y[e] = sum;
  }
}

// for each tap a, b of dw[o][i], which takes part in one sum of each parity:
//     dw[o][i][a][b] += sum over k of dy[o][k][i][ty][tx]
template <typename T>
__device__ void fold_grad(T *dw, const T *dy, i64 n, i64 in) {
  GRID_LOOP(e, n) {
    const int a = e % 9 / 3, b = e % 3;
    const i64 i = e / 9 % in, o = e / 9 / in;
    T sum = 0;
#pragma unroll 1
    for (int k = 0; k < 4; k++) {
      const int rx = k & 1, ry = k >> 1;
      const int ty = a >= 2 - ry, tx = b >= 2 - rx;
      sum += dy[((o * 4 + k) * in + i) * 4 + 2 * ty + tx];
    }
    dw[e] += sum;
  }
}

#define TAPS(A) i64 A##In, i64 A##Out, i64 A##Kernel, i64 A##Stride, i64 A##Padding, i64 A##Dilation
#define TAPS_OF(A) Taps{A##In, A##Out, A##Kernel, A##Stride, A##Padding, A##Dilation}

#define KERNELS(S, T, OTHER)                                                                                           \
  extern "C" __global__ void move_##S(T *dst, const T *src, i64 n, i64 start, i64 add, i64 axes, EIGHT(n), EIGHT(d),   \
                                      EIGHT(s)) {                                                                      \
    move(dst, src, n, start, add, Axes<2>{axes, ARRAY(n), {ARRAY(d), ARRAY(s)}});                                      \
  }                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(side *side)                                                             \
    transpose_##S(T *dst, const T *src, i64 start, i64 add, i64 outer, i64 rows, i64 columns, i64 dRow,                \
                  i64 sColumn, i64 axes, EIGHT(n), EIGHT(d), EIGHT(s)) {                                               \
    transpose(dst, src, start, add, outer, rows, columns, dRow, sColumn,                                               \
              Axes<2>{axes, ARRAY(n), {ARRAY(d), ARRAY(s)}});                                                          \
  }                                                                                                                    \
  extern "C" __global__ void convert_##S(T *dst, const OTHER *src, i64 n) { convert(dst, src, n); }                    \
  extern "C" __global__ void triangle_##S(T *dst, const T *x, i64 n, i64 rows, i64 cols, i64 diagonal, i64 upper) {    \
    triangle(dst, x, n, rows, cols, diagonal, upper);                                                                  \
  }                                                                                                                    \
  extern "C" __global__ void pad_##S(T *y, const T *x, i64 n, T value, const i64 *from, i64 in, i64 axes, EIGHT(n)) {  \
    pad(y, x, n, value, from, in, Axes<1>{axes, ARRAY(n), {}});                                                        \
  }                                                                                                                    \
  extern "C" __global__ void pad_grad_##S(T *dx, const T *dy, i64 n, const i64 *first, const i64 *items, i64 out,      \
                                          i64 axes, EIGHT(n)) {                                                        \
    pad_grad(dx, dy, n, first, items, out, Axes<1>{axes, ARRAY(n), {}});                                               \
  }                                                                                                                    \
  extern "C" __global__ void unfold_##S(T *y, const T *x, i64 n, TAPS(h), TAPS(w)) {                                   \
    unfold(y, x, n, TAPS_OF(h), TAPS_OF(w));                                                                           \
  }                                                                                                                    \
  extern "C" __global__ void unfold_grad_##S(T *dx, const T *dy, i64 n, TAPS(h), TAPS(w)) {                            \
    unfold_grad(dx, dy, n, TAPS_OF(h), TAPS_OF(w));                                                                    \
  }                                                                                                                    \
  extern "C" __global__ void fold_##S(T *y, const T *w, i64 n, i64 in) { fold(y, w, n, in); }                          \
  extern "C" __global__ void fold_grad_##S(T *dw, const T *dy, i64 n, i64 in) { fold_grad(dw, dy, n, in); }

KERNELS(f32, float, double)
KERNELS(f64, double, float)

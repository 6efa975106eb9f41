// Elementwise loops: Map, MapGrad, the functions of two variables, MulAdd, AddScaled, Fill, Where,
// MovingAverage, Lerp and Swap. Above each stands the loop that the CPU runs.
//
// The operands of a kernel have one shape, given by a nest (common.cuh), dst first. dst may be the
// same memory as an operand of the same strides.
#include "common.cuh"
#include "functions.cuh"

// for i, v := range x { dst[i] = f(v, a, b) }
template <typename T>
__device__ void map(T *dst, const T *x, const i64 *nest, i64 n, int op, T a, T b) {
  GRID_LOOP(i, n) {
    i64 at[2];
    offsets(nest, i, at);
    dst[at[0]] = unary(op, x[at[1]], a, b);
  }
}

// for i, g := range dy { dx[i] = beta*dx[i] + g*df(x[i], y[i], a, b) }
//
// beta is 0, and then dx is not read, or 1.
template <typename T>
__device__ void map_grad(T *dx, const T *dy, const T *x, const T *y, const i64 *nest, i64 n, int op, T a, T b, T beta) {
  GRID_LOOP(i, n) {
    i64 at[4];
    offsets(nest, i, at);
    const T g = dy[at[1]] * unary_slope(op, x[at[2]], y[at[3]], a, b);
    dx[at[0]] = beta == T(0) ? g : dx[at[0]] + g;
  }
}

// for i, x := range a { dst[i] = f(x, b[i]) }
template <typename T>
__device__ void binary(T *dst, const T *a, const T *b, const i64 *nest, i64 n, int op) {
  GRID_LOOP(i, n) {
    i64 at[3];
    offsets(nest, i, at);
    dst[at[0]] = binary(op, a[at[1]], b[at[2]]);
  }
}

// for i, x := range a { dst[i] += x * b[i] }
template <typename T>
__device__ void mul_add(T *dst, const T *a, const T *b, const i64 *nest, i64 n) {
  GRID_LOOP(i, n) {
    i64 at[3];
    offsets(nest, i, at);
    dst[at[0]] += a[at[1]] * b[at[2]];
  }
}

// for i, v := range x { dst[i] += alpha * v }
template <typename T>
__device__ void add_scaled(T *dst, const T *x, const i64 *nest, i64 n, T alpha) {
  GRID_LOOP(i, n) {
    i64 at[2];
    offsets(nest, i, at);
    dst[at[0]] += alpha * x[at[1]];
  }
}

// for i := range dst { dst[i] = v }
template <typename T>
__device__ void fill(T *dst, const i64 *nest, i64 n, T v) {
  GRID_LOOP(i, n) {
    i64 at[1];
    offsets(nest, i, at);
    dst[at[0]] = v;
  }
}

// for i, c := range cond { if c != 0 { dst[i] = a[i] } else { dst[i] = b[i] } }
template <typename T>
__device__ void select(T *dst, const T *cond, const T *a, const T *b, const i64 *nest, i64 n) {
  GRID_LOOP(i, n) {
    i64 at[4];
    offsets(nest, i, at);
    dst[at[0]] = cond[at[1]] != T(0) ? a[at[2]] : b[at[3]];
  }
}

// for i, v := range x { dst[i] = keep*dst[i] + take*v }
template <typename T>
__device__ void moving_average(T *dst, const T *x, const i64 *nest, i64 n, T keep, T take) {
  GRID_LOOP(i, n) {
    i64 at[2];
    offsets(nest, i, at);
    dst[at[0]] = keep * dst[at[0]] + take * x[at[1]];
  }
}

// for i, v := range x { dst[i] += rate * (v - dst[i]) }
template <typename T>
__device__ void lerp(T *dst, const T *x, const i64 *nest, i64 n, T rate) {
  GRID_LOOP(i, n) {
    i64 at[2];
    offsets(nest, i, at);
    dst[at[0]] += rate * (x[at[1]] - dst[at[0]]);
  }
}

// for i := range a { a[i], b[i] = b[i], a[i] }
template <typename T>
__device__ void swap(T *a, T *b, const i64 *nest, i64 n) {
  GRID_LOOP(i, n) {
    i64 at[2];
    offsets(nest, i, at);
    const T v = a[at[0]];
    a[at[0]] = b[at[1]];
    b[at[1]] = v;
  }
}

#define KERNELS(SUFFIX, T)                                                                                            \
  extern "C" __global__ void map_##SUFFIX(T *dst, const T *x, const i64 *nest, i64 n, i64 op, T a, T b) {             \
    map(dst, x, nest, n, (int)op, a, b);                                                                              \
  }                                                                                                                   \
  extern "C" __global__ void map_grad_##SUFFIX(T *dx, const T *dy, const T *x, const T *y, const i64 *nest, i64 n,    \
                                               i64 op, T a, T b, T beta) {                                            \
    map_grad(dx, dy, x, y, nest, n, (int)op, a, b, beta);                                                             \
  }                                                                                                                   \
  extern "C" __global__ void binary_##SUFFIX(T *dst, const T *a, const T *b, const i64 *nest, i64 n, i64 op) {        \
    binary(dst, a, b, nest, n, (int)op);                                                                              \
  }                                                                                                                   \
  extern "C" __global__ void mul_add_##SUFFIX(T *dst, const T *a, const T *b, const i64 *nest, i64 n) {               \
    mul_add(dst, a, b, nest, n);                                                                                      \
  }                                                                                                                   \
  extern "C" __global__ void add_scaled_##SUFFIX(T *dst, const T *x, const i64 *nest, i64 n, T alpha) {               \
    add_scaled(dst, x, nest, n, alpha);                                                                               \
  }                                                                                                                   \
  extern "C" __global__ void fill_##SUFFIX(T *dst, const i64 *nest, i64 n, T v) {                                     \
    fill(dst, nest, n, v);                                                                                            \
  }                                                                                                                   \
  extern "C" __global__ void select_##SUFFIX(T *dst, const T *cond, const T *a, const T *b, const i64 *nest, i64 n) { \
    select(dst, cond, a, b, nest, n);                                                                                 \
  }                                                                                                                   \
  extern "C" __global__ void moving_average_##SUFFIX(T *dst, const T *x, const i64 *nest, i64 n, T keep, T take) {    \
    moving_average(dst, x, nest, n, keep, take);                                                                      \
  }                                                                                                                   \
  extern "C" __global__ void lerp_##SUFFIX(T *dst, const T *x, const i64 *nest, i64 n, T rate) {                      \
    lerp(dst, x, nest, n, rate);                                                                                      \
  }                                                                                                                   \
  extern "C" __global__ void swap_##SUFFIX(T *a, T *b, const i64 *nest, i64 n) {                                      \
    swap(a, b, nest, n);                                                                                              \
  }

EACH_TYPE(KERNELS)

// The terms of losses, their sums and their gradients. Terms of float32 are computed in float64, as
// on the CPU: one function serves both types. weight and param may be null, which stands for ones.
#include "functions.cuh"
#include "lines.cuh"

__device__ __noinline__ double term(int kind, double x, double t, double p, double a, double b) {
  return loss_value(kind, x, t, p, a, b);
}

__device__ __noinline__ void slopes(int kind, double x, double t, double p, double a, double b, double *dx,
                                    double *dt) {
  double gx, gt;
  loss_slope(kind, x, t, p, a, b, gx, gt);
  *dx = gx;
  *dt = gt;
}

template <typename T>
__device__ double element(const T *v, i64 i) {
  return v ? double(v[i]) : 1;
}

// The elements 0 <= i < n, shared out among the threads of blocks that are one column of threads.
#define SHARED_OUT(i, n)                                                                                              \
  _Pragma("unroll 1") for (i64 i = (i64)blockIdx.x * blockDim.y + threadIdx.y; i < (n);                               \
                           i += (i64)gridDim.x * blockDim.y)

// leave sums what the threads of the block have, into the place of the block.
__device__ inline void leave(double *parts, double sum) {
  sum = reduce<Sum>(sum);
  if (threadIdx.y == 0)
    parts[blockIdx.x] = sum;
}

// for i := range x { dst[i] = f(x[i], t[i], param[i]) * weight[i] * scale }
template <typename T>
__device__ void point_loss(T *dst, const T *x, const T *t, const T *weight, const T *param, i64 n, int kind, double a,
                           double b, double scale) {
  GRID_LOOP(i, n) {
    dst[i] = T(term(kind, x[i], t[i], element(param, i), a, b) * element(weight, i) * scale);
  }
}

// sum := 0.0
// for i := range x { sum += f(x[i], t[i], param[i]) * weight[i] }
//
// Each block leaves its part of the sum in parts.
template <typename T>
__device__ void point_loss_sum(double *parts, const T *x, const T *t, const T *weight, const T *param, i64 n, int kind,
                               double a, double b) {
  double sum = 0;
  SHARED_OUT(i, n) sum += term(kind, x[i], t[i], element(param, i), a, b) * element(weight, i);
  leave(parts, sum);
}

// for i := range x {
//     g := scale * weight[i] * dy[i]                    // dy[0], if dy has one element
//     dx[i] += g * df/dx(x[i], t[i], param[i])
//     dt[i] += g * df/dt(x[i], t[i], param[i])
// }
//
// dx and dt may be null.
template <typename T>
__device__ void point_loss_grad(T *dx, T *dt, const T *dy, const T *x, const T *t, const T *weight, const T *param,
                                i64 n, i64 count, int kind, double a, double b, double scale) {
  GRID_LOOP(i, n) {
    const double g = scale * element(weight, i) * dy[count == n ? i : 0];
    double gx, gt;
    slopes(kind, x[i], t[i], element(param, i), a, b, &gx, &gt);
    if (dx)
      dx[i] += T(g * gx);
    if (dt)
      dt[i] += T(g * gt);
  }
}

// sum := 0.0
// for _, v := range terms { sum += v }
//
// In parts, as point_loss_sum.
template <typename T>
__device__ void sum_terms(double *parts, const T *terms, i64 n) {
  double sum = 0;
  SHARED_OUT(i, n) sum += terms[i];
  leave(parts, sum);
}

// dst[0] = T(sum of parts * factor) * scale
//
// One block.
template <typename T>
__device__ void sum_parts(T *dst, const double *parts, i64 n, double factor, T scale) {
  const Line line(0, n, 1);
  double sum = 0;
  ALONG(i, line) sum += parts[i];
  sum = reduce<Sum>(sum);
  if (line.leads)
    dst[0] = T(sum * factor) * scale;
}

// for i := range dst { dst[i] = dy[i%count] * scale }
template <typename T>
__device__ void spread_terms(T *dst, const T *dy, i64 n, i64 count, T scale) {
  GRID_LOOP(i, n) {
    dst[i] = dy[count == n ? i : 0] * scale;
  }
}

// for i, at := range index { terms[i] = -weights[i] * x[at] }    // 0 if at < 0
template <typename T>
__device__ void nll_loss(T *terms, const T *x, const T *weights, const i64 *index, i64 n) {
  GRID_LOOP(i, n) {
    terms[i] = index[i] < 0 ? 0 : -weights[i] * x[index[i]];
  }
}

// for i, at := range index { dx[at] -= dy[i%count] * weights[i] }    // nothing if at < 0
//
// order lists the places of index so that equal ones follow each other, in ascending order; null
// stands for 0, 1, .... The thread of the first of them adds them all.
template <typename T>
__device__ void nll_loss_grad(T *dx, const T *dy, const T *weights, const i64 *index, const i64 *order, i64 n,
                              i64 count) {
  GRID_LOOP(i, n) {
    const i64 at = index[order ? order[i] : i];
    if (at < 0 || i > 0 && index[order ? order[i - 1] : i - 1] == at)
      continue;
    T sum = dx[at];
#pragma unroll 1
    for (i64 j = i; j < n; j++) {
      const i64 source = order ? order[j] : j;
      if (index[source] != at)
        break;
      sum -= dy[count == n ? source : 0] * weights[source];
    }
    dx[at] = sum;
  }
}

// for i := range soft { dx[i] += soft[i] * dy[i/n] }    // dx is strided
template <typename T>
__device__ void log_sum_exp_grad(T *dx, const T *dy, const T *soft, const i64 *nest, i64 count, i64 n) {
  GRID_LOOP(i, count) {
    i64 at[1];
    offsets(nest, i, at);
    dx[at[0]] += soft[i] * dy[i / n];
  }
}

#define KERNELS(SUFFIX, T)                                                                                            \
  extern "C" __global__ void point_loss_##SUFFIX(T *dst, const T *x, const T *t, const T *weight, const T *param,     \
                                                 i64 n, i64 kind, double a, double b, double scale) {                 \
    point_loss(dst, x, t, weight, param, n, (int)kind, a, b, scale);                                                  \
  }                                                                                                                   \
  extern "C" __global__ void point_loss_sum_##SUFFIX(double *parts, const T *x, const T *t, const T *weight,          \
                                                     const T *param, i64 n, i64 kind, double a, double b) {           \
    point_loss_sum(parts, x, t, weight, param, n, (int)kind, a, b);                                                   \
  }                                                                                                                   \
  extern "C" __global__ void point_loss_grad_##SUFFIX(T *dx, T *dt, const T *dy, const T *x, const T *t,              \
                            const T *weight, const T *param, i64 n, i64 count, i64 kind,                              \
                            double a, double b, double scale) {                                                       \
    point_loss_grad(dx, dt, dy, x, t, weight, param, n, count, (int)kind, a, b, scale);                               \
  }                                                                                                                   \
  extern "C" __global__ void sum_terms_##SUFFIX(double *parts, const T *terms, i64 n) {                               \
    sum_terms(parts, terms, n);                                                                                       \
  }                                                                                                                   \
  extern "C" __global__ void __launch_bounds__(1024) sum_parts_##SUFFIX(T *dst, const double *parts, i64 n,           \
                                                                        double factor, T scale) {                     \
    sum_parts(dst, parts, n, factor, scale);                                                                          \
  }                                                                                                                   \
  extern "C" __global__ void spread_terms_##SUFFIX(T *dst, const T *dy, i64 n, i64 count, T scale) {                  \
    spread_terms(dst, dy, n, count, scale);                                                                           \
  }                                                                                                                   \
  extern "C" __global__ void nll_loss_##SUFFIX(T *terms, const T *x, const T *weights, const i64 *index, i64 n) {     \
    nll_loss(terms, x, weights, index, n);                                                                            \
  }                                                                                                                   \
  extern "C" __global__ void nll_loss_grad_##SUFFIX(T *dx, const T *dy, const T *weights, const i64 *index,           \
                                                      const i64 *order, i64 n, i64 count) {                           \
    nll_loss_grad(dx, dy, weights, index, order, n, count);                                                           \
  }                                                                                                                   \
  extern "C" __global__ void log_sum_exp_grad_##SUFFIX(T *dx, const T *dy, const T *soft, const i64 *nest, i64 count, \
                                                         i64 n) {                                                     \
    log_sum_exp_grad(dx, dy, soft, nest, count, n);                                                                   \
  }

EACH_TYPE(KERNELS)

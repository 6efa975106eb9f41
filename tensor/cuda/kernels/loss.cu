// The terms of losses and their gradients: PointLoss and PointLossGrad. Above each stands the loop
// that the CPU runs. Operands are contiguous; weight and param may be null, which stands for ones.
#include "common.cuh"
#include "functions.cuh"

template <typename T>
__device__ T element(const T *v, i64 i) {
  return v ? v[i] : T(1);
}

// for i := range x { dst[i] = f(x[i], t[i], param[i]) * weight[i] * scale }
template <typename T>
__device__ void point_loss(T *dst, const T *x, const T *t, const T *weight, const T *param, i64 n, int kind, T a, T b,
                           T scale) {
  GRID_LOOP(i, n) {
    dst[i] = loss_value(kind, x[i], t[i], element(param, i), a, b) * element(weight, i) * scale;
  }
}

// for i := range x {
//   g := scale * weight[i] * dy[i] // or dy[0], if dy has one element (count is 1)
//   dx[i] += g * df/dx(x[i], t[i], param[i])
//   dt[i] += g * df/dt(x[i], t[i], param[i])
// }
//
// dx and dt may be null.
template <typename T>
__device__ void point_loss_grad(T *dx, T *dt, const T *dy, const T *x, const T *t, const T *weight, const T *param, i64 n,
                                i64 count, int kind, T a, T b, T scale) {
  GRID_LOOP(i, n) {
    const T g = scale * element(weight, i) * dy[count == 1 ? 0 : i];
    T gx, gt;
    loss_slope(kind, x[i], t[i], element(param, i), a, b, gx, gt);
    if (dx)
      dx[i] += g * gx;
    if (dt)
      dt[i] += g * gt;
  }
}

#define KERNELS(SUFFIX, T)                                                                                            \
  extern "C" __global__ void point_loss_##SUFFIX(T *dst, const T *x, const T *t, const T *weight, const T *param,     \
                                                 i64 n, i64 kind, T a, T b, T scale) {                                \
    point_loss(dst, x, t, weight, param, n, (int)kind, a, b, scale);                                                  \
  }                                                                                                                   \
  extern "C" __global__ void point_loss_grad_##SUFFIX(T *dx, T *dt, const T *dy, const T *x, const T *t,              \
                                                      const T *weight, const T *param, i64 n, i64 count, i64 kind,    \
                                                      T a, T b, T scale) {                                            \
    point_loss_grad(dx, dt, dy, x, t, weight, param, n, count, (int)kind, a, b, scale);                               \
  }

EACH_TYPE(KERNELS)

// Steps of optimisers. Above each stands the loop that the CPU runs; all but that of Rprop begin with
//
//     g := GradScale*grad[i] + L2*p[i]
//
// A thread owns its elements.
#include "common.cuh"
#include "go.cuh"

// m[i] = Beta1*m[i] + Rest1*g
// v[i] = Beta2*v[i] + Rest2*g*g
// most[i] = max(most[i], v[i])          // AMSGrad, which takes it in place of v below
// p[i] = Decay*p[i] - Step*m[i]/(RootScale*sqrt(v[i])+Eps)
//
// most is null for Adam itself.
template <typename T>
__device__ void adam(T *p, const T *grad, T *m, T *v, T *most, i64 n, T grad_scale, T l2, T decay, T beta1, T rest1,
                     T beta2, T rest2, T eps, T root_scale, T step) {
  ROLLED_LOOP(i, n) {
    const T g = grad_scale * grad[i] + l2 * p[i];
    const T mean = beta1 * m[i] + rest1 * g;
    T square = beta2 * v[i] + rest2 * (g * g);
    m[i] = mean;
    v[i] = square;
    if (most)
      most[i] = square = go::max(most[i], square);
    p[i] = decay * p[i] - step * mean / (root_scale * go::sqrt(square) + eps);
  }
}

// m[i] = Momentum*m[i] + Rest*g
// p[i] -= LR * (Nesterov*g + Direct*m[i])
template <typename T>
__device__ void sgd(T *p, const T *grad, T *m, i64 n, T grad_scale, T l2, T lr, T momentum, T rest, T nesterov,
                    T direct) {
  ROLLED_LOOP(i, n) {
    const T g = grad_scale * grad[i] + l2 * p[i];
    const T mean = momentum * m[i] + rest * g;
    m[i] = mean;
    p[i] -= lr * (nesterov * g + direct * mean);
  }
}

// m[i] = Beta1*m[i] + Rest1*g
// norm[i] = max(Beta2*norm[i], |g|+Eps)
// p[i] -= Step * m[i] / norm[i]
template <typename T>
__device__ void adamax(T *p, const T *grad, T *m, T *norm, i64 n, T grad_scale, T l2, T beta1, T rest1, T beta2, T eps,
                       T step) {
  ROLLED_LOOP(i, n) {
    const T g = grad_scale * grad[i] + l2 * p[i];
    const T mean = beta1 * m[i] + rest1 * g, most = go::max(beta2 * norm[i], go::abs(g) + eps);
    m[i] = mean;
    norm[i] = most;
    p[i] -= step * mean / most;
  }
}

// m[i] = Beta1*m[i] + Rest1*g
// v[i] = Beta2*v[i] + Rest2*g*g
// p[i] = Decay*p[i] - (StepGrad*g+StepMean*m[i])/(sqrt(v[i]*RootScale)+Eps)
template <typename T>
__device__ void nadam(T *p, const T *grad, T *m, T *v, i64 n, T grad_scale, T l2, T decay, T beta1, T rest1, T beta2,
                      T rest2, T eps, T root_scale, T step_grad, T step_mean) {
  ROLLED_LOOP(i, n) {
    const T g = grad_scale * grad[i] + l2 * p[i];
    const T mean = beta1 * m[i] + rest1 * g, square = beta2 * v[i] + rest2 * g * g;
    m[i] = mean;
    v[i] = square;
    p[i] = decay * p[i] - (step_grad * g + step_mean * mean) / (go::sqrt(square * root_scale) + eps);
  }
}

// m[i] = Beta1*m[i] + Rest1*g
// v[i] = Beta2*v[i] + Rest2*g*g
// u := Step * m[i]
// if Adaptive { u /= sqrt(v[i]) + Eps }
// p[i] = Decay*p[i] - u
template <typename T>
__device__ void radam(T *p, const T *grad, T *m, T *v, i64 n, T grad_scale, T l2, T decay, T beta1, T rest1, T beta2,
                      T rest2, T eps, T step, bool adaptive) {
  ROLLED_LOOP(i, n) {
    const T g = grad_scale * grad[i] + l2 * p[i];
    const T mean = beta1 * m[i] + rest1 * g, square = beta2 * v[i] + rest2 * g * g;
    m[i] = mean;
    v[i] = square;
    T u = step * mean;
    if (adaptive)
      u /= go::sqrt(square) + eps;
    p[i] = decay * p[i] - u;
  }
}

// s[i] += g * g
// p[i] -= LR * g / (sqrt(s[i])+Eps)
template <typename T>
__device__ void adagrad(T *p, const T *grad, T *s, i64 n, T grad_scale, T l2, T lr, T eps) {
  ROLLED_LOOP(i, n) {
    const T g = grad_scale * grad[i] + l2 * p[i], square = s[i] + g * g;
    s[i] = square;
    p[i] -= lr * g / (go::sqrt(square) + eps);
  }
}

// s[i] = Rho*s[i] + Rest*g*g
// u := sqrt(d[i]+Eps) / sqrt(s[i]+Eps) * g
// d[i] = Rho*d[i] + Rest*u*u
// p[i] -= LR * u
template <typename T>
__device__ void adadelta(T *p, const T *grad, T *s, T *d, i64 n, T grad_scale, T l2, T lr, T rho, T rest, T eps) {
  ROLLED_LOOP(i, n) {
    const T g = grad_scale * grad[i] + l2 * p[i], square = rho * s[i] + rest * g * g;
    const T u = go::sqrt(d[i] + eps) / go::sqrt(square + eps) * g;
    s[i] = square;
    d[i] = rho * d[i] + rest * u * u;
    p[i] -= lr * u;
  }
}

// s[i] = Alpha*s[i] + Rest*g*g
// x := s[i]
// if mean != nil {
//     mean[i] = Alpha*mean[i] + Rest*g
//     x = max(x-mean[i]*mean[i], 0)
// }
// u := g / (sqrt(x)+Eps)
// if Momentum != 0 {
//     m[i] = Momentum*m[i] + u
//     u = m[i]
// }
// p[i] -= LR * u
template <typename T>
__device__ void rmsprop(T *p, const T *grad, T *s, T *m, T *mean, i64 n, T grad_scale, T l2, T lr, T alpha, T rest,
                        T eps, T momentum) {
  ROLLED_LOOP(i, n) {
    const T g = grad_scale * grad[i] + l2 * p[i];
    T x = alpha * s[i] + rest * g * g;
    s[i] = x;
    if (mean) {
      const T q = alpha * mean[i] + rest * g;
      mean[i] = q;
      x = go::max(x - q * q, T(0));
    }
    T u = g / (go::sqrt(x) + eps);
    if (momentum != T(0))
      m[i] = u = momentum * m[i] + u;
    p[i] -= lr * u;
  }
}

// p[i] = Decay*p[i] - LR*g
// if Rate == 1 { a[i] = p[i] } else { a[i] += Rate * (p[i] - a[i]) }
template <typename T>
__device__ void asgd(T *p, const T *grad, T *a, i64 n, T grad_scale, T l2, T lr, T decay, T rate) {
  ROLLED_LOOP(i, n) {
    const T g = grad_scale * grad[i] + l2 * p[i], w = decay * p[i] - lr * g;
    p[i] = w;
    a[i] = rate == T(1) ? w : a[i] + rate * (w - a[i]);
  }
}

// g := GradScale * grad[i]
// factor := 1
// switch { // by signs, as the product could underflow
// case g > 0 && before[i] > 0 || g < 0 && before[i] < 0:
//     factor = Up
// case g > 0 && before[i] < 0 || g < 0 && before[i] > 0:
//     factor, g = Down, 0
// }
// size[i] = min(max(size[i]*factor, Least), Most)
// p[i] -= sign(g) * size[i]
// before[i] = g
template <typename T>
__device__ void rprop(T *p, const T *grad, T *before, T *size, i64 n, T grad_scale, T down, T up, T least, T most) {
  ROLLED_LOOP(i, n) {
    const T last = before[i];
    T g = grad_scale * grad[i], factor = T(1);
    if ((g > T(0) && last > T(0)) || (g < T(0) && last < T(0))) {
      factor = up;
    } else if ((g > T(0) && last < T(0)) || (g < T(0) && last > T(0))) {
      factor = down;
      g = T(0);
    }
    const T by = go::min(go::max(size[i] * factor, least), most);
    size[i] = by;
    before[i] = g;
    if (g > T(0))
      p[i] -= by;
    else if (g < T(0))
      p[i] += by;
  }
}

#define KERNELS(SUFFIX, T)                                                                                            \
  extern "C" __global__ void adam_##SUFFIX(T *p, const T *grad, T *m, T *v, T *most, i64 n, T grad_scale, T l2,       \
                                           T decay, T beta1, T rest1, T beta2, T rest2, T eps, T root_scale,          \
                                           T step) {                                                                  \
    adam(p, grad, m, v, most, n, grad_scale, l2, decay, beta1, rest1, beta2, rest2, eps, root_scale, step);           \
  }                                                                                                                   \
  extern "C" __global__ void sgd_##SUFFIX(T *p, const T *grad, T *m, i64 n, T grad_scale, T l2, T lr, T momentum,     \
                                          T rest, T nesterov, T direct) {                                             \
    sgd(p, grad, m, n, grad_scale, l2, lr, momentum, rest, nesterov, direct);                                         \
  }                                                                                                                   \
  extern "C" __global__ void adamax_##SUFFIX(T *p, const T *grad, T *m, T *norm, i64 n, T grad_scale, T l2, T beta1,  \
                                             T rest1, T beta2, T eps, T step) {                                       \
    adamax(p, grad, m, norm, n, grad_scale, l2, beta1, rest1, beta2, eps, step);                                      \
  }                                                                                                                   \
  extern "C" __global__ void nadam_##SUFFIX(T *p, const T *grad, T *m, T *v, i64 n, T grad_scale, T l2, T decay,      \
                                            T beta1, T rest1, T beta2, T rest2, T eps, T root_scale, T step_grad,     \
                                            T step_mean) {                                                            \
    nadam(p, grad, m, v, n, grad_scale, l2, decay, beta1, rest1, beta2, rest2, eps, root_scale, step_grad,            \
          step_mean);                                                                                                 \
  }                                                                                                                   \
  extern "C" __global__ void radam_##SUFFIX(T *p, const T *grad, T *m, T *v, i64 n, T grad_scale, T l2, T decay,      \
                                            T beta1, T rest1, T beta2, T rest2, T eps, T step) {                      \
    radam(p, grad, m, v, n, grad_scale, l2, decay, beta1, rest1, beta2, rest2, eps, step, false);                     \
  }                                                                                                                   \
  extern "C" __global__ void radam_adaptive_##SUFFIX(T *p, const T *grad, T *m, T *v, i64 n, T grad_scale, T l2,      \
                                                     T decay, T beta1, T rest1, T beta2, T rest2, T eps, T step) {    \
    radam(p, grad, m, v, n, grad_scale, l2, decay, beta1, rest1, beta2, rest2, eps, step, true);                      \
  }                                                                                                                   \
  extern "C" __global__ void adagrad_##SUFFIX(T *p, const T *grad, T *s, i64 n, T grad_scale, T l2, T lr, T eps) {    \
    adagrad(p, grad, s, n, grad_scale, l2, lr, eps);                                                                  \
  }                                                                                                                   \
  extern "C" __global__ void adadelta_##SUFFIX(T *p, const T *grad, T *s, T *d, i64 n, T grad_scale, T l2, T lr,      \
                                               T rho, T rest, T eps) {                                                \
    adadelta(p, grad, s, d, n, grad_scale, l2, lr, rho, rest, eps);                                                   \
  }                                                                                                                   \
  extern "C" __global__ void rmsprop_##SUFFIX(T *p, const T *grad, T *s, T *m, T *mean, i64 n, T grad_scale, T l2,    \
                                              T lr, T alpha, T rest, T eps, T momentum) {                             \
    rmsprop(p, grad, s, m, mean, n, grad_scale, l2, lr, alpha, rest, eps, momentum);                                  \
  }                                                                                                                   \
  extern "C" __global__ void asgd_##SUFFIX(T *p, const T *grad, T *a, i64 n, T grad_scale, T l2, T lr, T decay,       \
                                           T rate) {                                                                  \
    asgd(p, grad, a, n, grad_scale, l2, lr, decay, rate);                                                             \
  }                                                                                                                   \
  extern "C" __global__ void rprop_##SUFFIX(T *p, const T *grad, T *before, T *size, i64 n, T grad_scale, T down,     \
                                            T up, T least, T most) {                                                  \
    rprop(p, grad, before, size, n, grad_scale, down, up, least, most);                                               \
  }

EACH_TYPE(KERNELS)

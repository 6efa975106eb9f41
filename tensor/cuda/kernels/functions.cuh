// Written by go run ./kernels/translate from internal/kernel/vector.go, internal/kernel/vector_define.go, lossfunc.go.
#pragma once
#include "go.cuh"

// The functions; sigma is the logistic function, Phi the normal distribution function.
enum Unary : int {
  UNARY_NEG, // -x
  UNARY_ABS, // |x|; derivative 0 at 0
  UNARY_SQUARE, // x*x
  UNARY_SQRT, // square root
  UNARY_RSQRT, // 1/sqrt(x)
  UNARY_RECIPROCAL, // 1/x
  UNARY_EXP, // e^x
  UNARY_EXPM1, // e^x - 1
  UNARY_LOG, // ln x
  UNARY_LOG1P, // ln(1+x)
  UNARY_SIN, // sin x
  UNARY_COS, // cos x
  UNARY_ERF, // 2/sqrt(pi) * integral of e^(-t*t) from 0 to x
  UNARY_TANH, // hyperbolic tangent
  UNARY_SIGMOID, // 1/(1+e^-x)
  UNARY_RELU, // max(x, 0); derivative 0 at 0
  UNARY_HARDSWISH, // x * relu6(x+3)/6
  UNARY_HARDSIGMOID, // relu6(x+3)/6
  UNARY_LEAKY_RELU, // x if x > 0, else a*x
  UNARY_ELU, // x if x > 0, else a*(e^x-1)
  UNARY_CELU, // x if x > 0, else a*(e^(x/a)-1)
  UNARY_SELU, // ELU with a = SELUAlpha, times SELUScale
  UNARY_SILU, // x*sigma(x)
  UNARY_MISH, // x*tanh(ln(1+e^x))
  UNARY_SOFTPLUS, // ln(1+e^(a*x))/a, and x where a*x > b
  UNARY_SOFTSIGN, // x/(1+|x|)
  UNARY_LOG_SIGMOID, // ln sigma(x)
  UNARY_GELU, // x*Phi(x)
  UNARY_GELU_TANH, // x/2 * (1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3)))
  UNARY_POW_SCALAR, // x^a
  UNARY_CLAMP, // x held within [a, b]; derivative 0 on the bounds
  UNARY_ADD_SCALAR, // x + a
  UNARY_MUL_SCALAR, // x * a
};

// The functions.
enum Binary : int {
  BINARY_ADD, // a + b
  BINARY_SUB, // a - b
  BINARY_MUL, // a * b
  BINARY_DIV, // a / b
  BINARY_MAX, // the larger, NaN if one is NaN
  BINARY_MIN, // the smaller, NaN if one is NaN
  BINARY_POW, // a^b
  BINARY_POW_BASE, // b*a^(b-1), the derivative of a^b with respect to a; 0 where b is 0
  BINARY_POW_EXP, // a^b*ln(a), that with respect to b; 0 where a is 0 and b >= 0
  // 1 where a > b, 1/2 where a = b, else 0: the derivative of the larger with respect to a
  BINARY_SHARE,
};

// Constants of self-normalising networks (Klambauer et al. 2017).
constexpr double SELU_ALPHA = 1.6732632423543772;
constexpr double SELU_SCALE = 1.0507009873554805;

// hardsigmoidSlope is 1/6 rounded to float32, which is what PyTorch uses for both element types.
constexpr double HARDSIGMOID_SLOPE = 0.1666666716337204;

constexpr double GELU_ROOT = 0.7978845608028654; // sqrt(2/pi)
constexpr double GELU_CUBE = 0.044715;

// The terms, with d = x - t and the logistic function sigma.
enum LossKind : int {
  LOSS_SQUARED, // d^2
  LOSS_ABSOLUTE, // |d|, with derivative 0 at 0
  LOSS_HUBER, // B d^2/2 if |d| < A, else A B (|d| - A/2)
  LOSS_ENTROPY, // -t log x - (1-t) log(1-x); logarithms are at least -100
  LOSS_LOGIT_ENTROPY, // -p t log sigma(x) - (1-t) log(1-sigma(x))
  LOSS_DIVERGENCE, // t (log t - x), 0 where t = 0
  LOSS_LOG_DIVERGENCE, // e^t (t - x)
  LOSS_SIGMOID_FOCAL, // the focal loss of Lin et al. 2017 with alpha A and gamma B
};

template <typename T>
__device__ T sigmoid(T x) {
  T e = go::exp(-go::abs(x));
  if (x < T(0)) {
    return e / (T(1) + e);
  }
  return T(1) / (T(1) + e);
}

template <typename T>
__device__ T step(bool cond, T yes, T no) {
  if (cond) {
    return yes;
  }
  return no;
}

template <typename T>
__device__ T elu(T x, T a, T inner, T scale) {
  if (x > T(0)) {
    return scale * x;
  }
  return scale * a * go::expm1(x * inner);
}

// gated is x*gate with the limit 0 where the gate closes faster than x grows.
template <typename T>
__device__ T gated(T x, T gate) {
  if (gate == T(0)) {
    return T(0);
  }
  return x * gate;
}

// softplus is ln(1+e^x) without overflow.
template <typename T>
__device__ T softplus(T x) {
  return go::max(x, T(0)) + go::log1p(go::exp(-go::abs(x)));
}

template <typename T>
__device__ T gelu_inner(T x) {
  return T(GELU_ROOT) * (x + T(GELU_CUBE) * x * x * x);
}

// definitions is the mathematics of the activations: what the assembly is tested against.
// Conventions at kinks are PyTorch's.
//
// It is written once: the kernels of a device are made from this file and from that of the losses
// by tensor/cuda/kernels/translate, which understands plain functions of numbers, no more.
template <typename T>
__device__ T unary(int op, T x, T a, T b) {
  switch (op) {
  case UNARY_NEG: return -x;
  case UNARY_ABS: return go::abs(x);
  case UNARY_SQUARE: return x * x;
  case UNARY_SQRT: return go::sqrt(x);
  case UNARY_RSQRT: return T(1) / go::sqrt(x);
  case UNARY_RECIPROCAL: return T(1) / x;
  case UNARY_EXP: return go::exp(x);
  case UNARY_EXPM1: return go::expm1(x);
  case UNARY_LOG: return go::log(x);
  case UNARY_LOG1P: return go::log1p(x);
  case UNARY_SIN: return go::sin(x);
  case UNARY_COS: return go::cos(x);
  case UNARY_ERF: return go::erf(x);
  case UNARY_TANH: return go::tanh(x);
  case UNARY_SIGMOID: return sigmoid(x);
  case UNARY_RELU: return go::max(x, T(0));
  case UNARY_HARDSWISH: return x * (go::min(go::max(x + T(3), T(0)), T(6)) / T(6));
  case UNARY_HARDSIGMOID: return go::min(go::max(x + T(3), T(0)), T(6)) / T(6);
  case UNARY_LEAKY_RELU: return x * step(x > T(0), T(1), a);
  case UNARY_ELU: return elu(x, a, T(1), T(1));
  case UNARY_CELU: return elu(x, a, T(1) / a, T(1));
  case UNARY_SELU: return elu(x, T(SELU_ALPHA), T(1), T(SELU_SCALE));
  case UNARY_SILU: return gated(x, sigmoid(x));
  case UNARY_MISH: return gated(x, go::tanh(softplus(x)));
  case UNARY_SOFTPLUS: {
    if (a * x > b) {
      return x;
    }
    return go::log1p(go::exp(a * x)) / a;
  }
  case UNARY_SOFTSIGN: {
    if (go::is_inf(x, T(0))) {
      return go::copysign(T(1), x);
    }
    return x / (T(1) + go::abs(x));
  }
  case UNARY_LOG_SIGMOID: return -softplus(-x);
  case UNARY_GELU: return go::gelu(x);
  case UNARY_GELU_TANH: return gated(x, sigmoid(T(2) * gelu_inner(x)));
  case UNARY_POW_SCALAR: return go::pow(x, a);
  case UNARY_CLAMP: return go::min(go::max(x, a), b);
  case UNARY_ADD_SCALAR: return x + a;
  case UNARY_MUL_SCALAR: return x * a;
  }
  return no_such_function<T>();
}

template <typename T>
__device__ T unary_slope(int op, T x, T y, T a, T b) {
  switch (op) {
  case UNARY_NEG: return T(-1);
  case UNARY_ABS: {
    if (x == T(0)) {
      return T(0);
    }
    return go::copysign(T(1), x);
  }
  case UNARY_SQUARE: return T(2) * x;
  case UNARY_SQRT: return T(0.5) / y;
  case UNARY_RSQRT: return T(-0.5) * y * y * y;
  case UNARY_RECIPROCAL: return -y * y;
  case UNARY_EXP: return y;
  case UNARY_EXPM1: return y + T(1);
  case UNARY_LOG: return T(1) / x;
  case UNARY_LOG1P: return T(1) / (T(1) + x);
  case UNARY_SIN: return go::cos(x);
  case UNARY_COS: return -go::sin(x);
  case UNARY_ERF: return T(1.1283791670955126) * go::exp(-x * x);
  case UNARY_TANH: return T(1) - y * y;
  case UNARY_SIGMOID: return y * (T(1) - y);
  case UNARY_RELU: return step(x > T(0), T(1), T(0));
  case UNARY_HARDSWISH: {
    if (x <= T(-3) || x >= T(3)) {
      return step(x > T(0), T(1), T(0));
    }
    return x / T(3) + T(0.5);
  }
  case UNARY_HARDSIGMOID: return step(x > T(-3) && x < T(3), T(HARDSIGMOID_SLOPE), T(0));
  case UNARY_LEAKY_RELU: return step(x > T(0), T(1), a);
  case UNARY_ELU: return step(x > T(0), T(1), y + a);
  case UNARY_CELU: return step(x > T(0), T(1), y / a + T(1));
  case UNARY_SELU: return step(x > T(0), T(SELU_SCALE), y + T(1.7580993408473768));
  case UNARY_SILU: {
    T s = sigmoid(x);
    return s + gated(x, s * (T(1) - s));
  }
  case UNARY_MISH: {
    T t = go::tanh(softplus(x));
    return t + gated(x, sigmoid(x) * (T(1) - t * t));
  }
  case UNARY_SOFTPLUS: {
    if (a * x > b) {
      return T(1);
    }
    return sigmoid(a * x);
  }
  case UNARY_SOFTSIGN: return T(1) / ((T(1) + go::abs(x)) * (T(1) + go::abs(x)));
  case UNARY_LOG_SIGMOID: return sigmoid(-x);
  case UNARY_GELU: return go::normal_cdf(x) + gated(x, go::exp(-x * x / T(2)) / go::sqrt(T(6.283185307179586)));
  case UNARY_GELU_TANH: {
    T s = sigmoid(T(2) * gelu_inner(x));
    return s + gated(T(1.5957691216057308) * x * (T(1) + T(0.134145) * x * x), s * (T(1) - s));
  }
  case UNARY_POW_SCALAR: {
    if (a == T(0)) {
      return T(0);
    }
    return a * go::pow(x, a - T(1));
  }
  case UNARY_CLAMP: return step(x > a && x < b, T(1), T(0));
  case UNARY_ADD_SCALAR: return T(1);
  case UNARY_MUL_SCALAR: return a;
  }
  return no_such_function<T>();
}

template <typename T>
__device__ T pow_base(T a, T b) {
  if (b == T(0)) {
    return T(0);
  }
  return b * go::pow(a, b - T(1));
}

template <typename T>
__device__ T pow_exp(T a, T b) {
  if (a == T(0) && b >= T(0)) {
    return T(0);
  }
  return go::pow(a, b) * go::log(a);
}

template <typename T>
__device__ T share(T a, T b) {
  if (a > b) {
    return T(1);
  } else if (a == b) {
    return T(0.5);
  }
  return T(0);
}

// binaryDefinitions is that of the functions of two variables.
template <typename T>
__device__ T binary(int op, T a, T b) {
  switch (op) {
  case BINARY_ADD: return a + b;
  case BINARY_SUB: return a - b;
  case BINARY_MUL: return a * b;
  case BINARY_DIV: return a / b;
  case BINARY_MAX: return go::max(a, b);
  case BINARY_MIN: return go::min(a, b);
  case BINARY_POW: return go::pow(a, b);
  case BINARY_POW_BASE: return pow_base(a, b);
  case BINARY_POW_EXP: return pow_exp(a, b);
  case BINARY_SHARE: return share(a, b);
  }
  return no_such_function<T>();
}

template <typename T>
__device__ T huber(T d, T delta, T factor) {
  d = go::abs(d);
  if (d < delta) {
    return factor * d * d / T(2);
  }
  return factor * delta * (d - delta / T(2));
}

// softplusWithSlope returns log(1 + e^x) and its derivative sigma(x).
template <typename T>
__device__ void softplus_with_slope(T x, T &value, T &slope) {
  T e = go::exp(-go::abs(x));
  if (x > T(0)) {
    value = x + go::log1p(e);
    slope = T(1) / (T(1) + e);
    return;
  }
  value = go::log1p(e);
  slope = e / (T(1) + e);
}

template <typename T>
__device__ T logit_entropy(T x, T t, T p) {
  T minus_log, ignored1;
  softplus_with_slope(-x, minus_log, ignored1);
  return (T(1) - t) * x + (T(1) + (p - T(1)) * t) * minus_log;
}

// focalWeight returns alpha_t and its derivative by t.
template <typename T>
__device__ void focal_weight(T t, T alpha, T &weight, T &slope) {
  if (alpha < T(0)) {
    weight = T(1);
    slope = T(0);
    return;
  }
  weight = alpha * t + (T(1) - alpha) * (T(1) - t);
  slope = T(2) * alpha - T(1);
}

template <typename T>
__device__ T sigmoid_focal(T x, T t, T alpha, T gamma) {
  T ignored1, p;
  softplus_with_slope(x, ignored1, p);
  T ignored2, q;
  softplus_with_slope(-x, ignored2, q);
  T w, ignored3;
  focal_weight(t, alpha, w, ignored3);
  return w * go::pow(q * t + p * (T(1) - t), gamma) * logit_entropy(x, t, T(1));
}

// lossValue is a term of a loss: with lossSlope and what they call the whole mathematics of the
// terms, which the kernels of a device are made from too (tensor/cuda/kernels/translate).
template <typename T>
__device__ T loss_value(int kind, T x, T t, T p, T a, T b) {
  switch (kind) {
  case LOSS_SQUARED: return (x - t) * (x - t);
  case LOSS_ABSOLUTE: return go::abs(x - t);
  case LOSS_HUBER: return huber(x - t, a, b);
  case LOSS_ENTROPY: return (t - T(1)) * go::max(go::log1p(-x), T(-100)) - t * go::max(go::log(x), T(-100));
  case LOSS_LOGIT_ENTROPY: return logit_entropy(x, t, p);
  case LOSS_DIVERGENCE: {
    if (t == T(0)) {
      return T(0);
    }
    return t * (go::log(t) - x);
  }
  case LOSS_LOG_DIVERGENCE: return go::exp(t) * (t - x);
  default: return sigmoid_focal(x, t, a, b);
  }
}

template <typename T>
__device__ T sign(T d) {
  if (d > T(0)) {
    return T(1);
  } else if (d < T(0)) {
    return T(-1);
  }
  return d;
}

// logitEntropySlopeX is the first result of logitEntropySlope, without the logarithm that the other
// one takes.
template <typename T>
__device__ T logit_entropy_slope_x(T x, T t, T p) {
  T e = go::exp(-go::abs(x));
  T q = e / (T(1) + e);
  if (x < T(0)) {
    q = T(1) / (T(1) + e);
  }
  return (T(1) - t) - (T(1) + (p - T(1)) * t) * q;
}

template <typename T>
__device__ void logit_entropy_slope(T x, T t, T p, T &dx, T &dt) {
  T minus_log, ignored1;
  softplus_with_slope(-x, minus_log, ignored1);
  dx = logit_entropy_slope_x(x, t, p);
  dt = (p - T(1)) * minus_log - x;
}

template <typename T>
__device__ void sigmoid_focal_slope(T x, T t, T alpha, T gamma, T &dx, T &dt) {
  dx = T(0);
  dt = T(0);
  T ignored1, p;
  softplus_with_slope(x, ignored1, p);
  T ignored2, q;
  softplus_with_slope(-x, ignored2, q);
  T w, dw;
  focal_weight(t, alpha, w, dw);
  T wrong = q * t + p * (T(1) - t);
  T ce = logit_entropy(x, t, T(1));
  T cx, ct;
  logit_entropy_slope(x, t, T(1), cx, ct);
  T focus = go::pow(wrong, gamma);
  T dfocus = T(0);
  if (gamma != T(0)) {
    dfocus = gamma * go::pow(wrong, gamma - T(1));
  }
  dx = w * (focus * cx + ce * dfocus * p * q * (T(1) - T(2) * t));
  dt = dw * focus * ce + w * (focus * ct + ce * dfocus * (q - p));
}

// lossSlope returns the derivatives of lossValue by x and by t.
template <typename T>
__device__ void loss_slope(int kind, T x, T t, T p, T a, T b, T &dx, T &dt) {
  switch (kind) {
  case LOSS_SQUARED: {
    dx = T(2) * (x - t);
    dt = T(2) * (t - x);
    return;
  }
  case LOSS_ABSOLUTE: {
    dx = sign(x - t);
    dt = sign(t - x);
    return;
  }
  case LOSS_HUBER: {
    T d = b * go::min(go::max(x - t, -a), a);
    dx = d;
    dt = -d;
    return;
  }
  case LOSS_ENTROPY: {
    constexpr double LEAST = 9.999999960041972e-13; // PyTorch's bound, and like it a float32
    dx = (x - t) / go::max((T(1) - x) * x, T(LEAST));
    dt = go::max(go::log1p(-x), T(-100)) - go::max(go::log(x), T(-100));
    return;
  }
  case LOSS_LOGIT_ENTROPY: {
    logit_entropy_slope(x, t, p, dx, dt);
    return;
  }
  case LOSS_DIVERGENCE: {
    dx = -t;
    dt = go::log(t) + T(1) - x;
    return;
  }
  case LOSS_LOG_DIVERGENCE: {
    dx = -go::exp(t);
    dt = go::exp(t) * (t - x + T(1));
    return;
  }
  default: {
    sigmoid_focal_slope(x, t, a, b, dx, dt);
    return;
  }
  }
}

// What the names of Go mean on the device, for T = float or double. The functions of CUDA that have
// a name for each type get one for both.
#pragma once

namespace go {

#define GO_FUNCTION(NAME, CUDA)                                \
  __device__ inline float NAME(float x) { return CUDA##f(x); } \
  __device__ inline double NAME(double x) { return CUDA(x); }

GO_FUNCTION(abs, ::fabs)
GO_FUNCTION(cos, ::cos)
GO_FUNCTION(erf, ::erf)
GO_FUNCTION(erfc, ::erfc)
GO_FUNCTION(exp, ::exp)
GO_FUNCTION(expm1, ::expm1)
GO_FUNCTION(log, ::log)
GO_FUNCTION(log1p, ::log1p)
GO_FUNCTION(normal_cdf, ::normcdf)
GO_FUNCTION(sin, ::sin)
GO_FUNCTION(sqrt, ::sqrt)
GO_FUNCTION(tanh, ::tanh)

#undef GO_FUNCTION

__device__ inline float pow(float x, float y) { return ::powf(x, y); }
__device__ inline double pow(double x, double y) { return ::pow(x, y); }

__device__ inline float copysign(float x, float sign) { return ::copysignf(x, sign); }
__device__ inline double copysign(double x, double sign) { return ::copysign(x, sign); }

// is_inf: whether x is infinite, +Inf if sign > 0, -Inf if sign < 0, either if sign = 0.
template <typename T>
__device__ bool is_inf(T x, T sign) {
  return isinf(x) && (sign == T(0) || (sign > T(0)) == (x > T(0)));
}

// The larger and the smaller of two numbers. As in Go NaN wins, where CUDA's own functions return
// the other number, and -0 is less than 0.
__device__ inline float max(float a, float b) { return a != a || b != b ? a + b : ::fmaxf(a, b); }
__device__ inline double max(double a, double b) { return a != a || b != b ? a + b : ::fmax(a, b); }
__device__ inline float min(float a, float b) { return a != a || b != b ? a + b : ::fminf(a, b); }
__device__ inline double min(double a, double b) { return a != a || b != b ? a + b : ::fmin(a, b); }

// x*Phi(x), with the limit 0 for -Inf.
template <typename T>
__device__ T gelu(T x) {
  const T phi = normal_cdf(x);
  return phi == T(0) ? T(0) : x * phi;
}

} // namespace go

// What a function of the table returns for a number that is none of its own: the launch fails.
template <typename T>
__device__ T no_such_function() {
  __trap();
  return T(0);
}

// Division of lines by their p-norm, and the cosine of the angle between lines, with gradients. Norms
// are summed in float64, as on the CPU.
#include "go.cuh"
#include "lines.cuh"

__device__ __noinline__ double power(double x, double y) {
  return pow(x, y);
}

// The largest and the smallest, and NaN where there is one.
struct Largest {
  static __device__ double of(double a, double b) {
    return go::max(a, b);
  }
};

struct Smallest {
  static __device__ double of(double a, double b) {
    return go::min(a, b);
  }
};

// norm of a line of v: the p-norm; for p = 0 the number of elements that are not 0, for infinite p the
// largest or smallest magnitude.
//
// sum, largest, smallest := 0.0, 0.0, Inf
// for each element {
//     a := |v|
//     largest, smallest = max(largest, a), min(smallest, a)
//     sum += a^p                                 // p = 0: 1 where a is not 0
// }
// norm := sum^(1/p)
//
// Where squares are beyond the range of numbers it is largest * norm(v/largest). All threads of the
// block take part.
template <typename T>
__device__ double norm(const T *v, const Line &line, i64 inner, double p) {
  double sum = 0, largest = 0, smallest = infinity<double>();
  const bool bound = isinf(p);
  ALONG(i, line) {
    const double a = fabs(double(v[line.at + i * inner]));
    largest = go::max(largest, a);
    smallest = go::min(smallest, a);
    if (p == 2)
      sum += a * a;
    else if (p == 0)
      sum += a != 0;
    else if (!bound)
      sum += power(a, p);
  }
  if (bound) {
    const double reached = p > 0 ? reduce<Largest>(largest) : reduce<Smallest>(smallest);
    return line.n > 0 ? reached : 0;
  }
  sum = reduce<Sum>(sum);
  if (p != 2)
    return p == 0 || line.n == 0 ? sum : power(sum, 1 / p);
  largest = reduce<Largest>(largest);
  const double tiny = ldexp(1.0, -900); // below it parts of the sum may have been lost as subnormal numbers
  const bool beyond = (sum < tiny || isinf(sum)) && largest > 0 && !isinf(largest);
  if (!__syncthreads_or(beyond))
    return sqrt(sum);
  double scaled = 0;
  ALONG(i, line) {
    const double a = v[line.at + i * inner] / largest;
    scaled += a * a;
  }
  scaled = reduce<Sum>(scaled);
  return beyond ? largest * sqrt(scaled) : sqrt(sum);
}

// for each line of x {
//     norms = norm(x)
//     dst = x / max(norm, eps)
// }
template <typename T>
__device__ void normalize(T *dst, T *norms, const T *x, i64 outer, i64 n, i64 inner, double p, T eps) {
  for (i64 block = blockIdx.x; block < line_blocks(outer, inner); block += gridDim.x) {
    const Line line(block, n, inner);
    const T of = T(norm(x, line, inner, p)), divisor = go::max(of, eps);
    if (line.leads)
      norms[line.number] = of;
    ALONG(i, line) dst[line.at + i * inner] = x[line.at + i * inner] / divisor;
  }
}

// The derivative of the norm by x, given y = x/norm and how many elements have the magnitude of the
// norm, for infinite p.
template <typename T>
__device__ T norm_slope(T x, T y, T norm, double p, double equal) {
  if (x == 0 || p == 0)
    return 0;
  if (p == 2)
    return y;
  if (isinf(p))
    return go::abs(x) == norm ? T(copysign(1 / equal, double(x))) : 0;
  return T(copysign(power(fabs(double(x)) / norm, p - 1), double(x)));
}

// for each line {
//     dot := sum(dy * y)                         // 0 unless norm > eps
//     dx += (dy - dot * slope of the norm) / max(norm, eps)
// }
template <typename T>
__device__ void normalize_grad(T *dx, const T *dy, const T *norms, const T *x, const T *y, i64 outer, i64 n, i64 inner,
                               double p, T eps) {
  for (i64 block = blockIdx.x; block < line_blocks(outer, inner); block += gridDim.x) {
    const Line line(block, n, inner);
    const T of = line.n > 0 ? norms[line.number] : 0, divisor = go::max(of, eps);
    T dot = 0;
    double equal = 0;
    ALONG(i, line) {
      const i64 at = line.at + i * inner;
      dot += dy[at] * y[at];
      equal += go::abs(x[at]) == of;
    }
    dot = reduce<Sum>(dot);
    if (!(of > eps))
      dot = 0;
    if (isinf(p))
      equal = reduce<Sum>(equal);
    ALONG(i, line) {
      const i64 at = line.at + i * inner;
      dx[at] += (dy[at] - dot * norm_slope(x[at], y[at], of, p, equal)) / divisor;
    }
  }
}

// for each line of a and b {
//     na, nb = norm(a), norm(b)
//     dst = sum(a/max(na, eps) * b/max(nb, eps))
// }
//
// The factors are divided before they are multiplied, as products of large elements and of large norms
// are beyond the range of numbers.
template <typename T>
__device__ void cosine(T *dst, T *normsA, T *normsB, const T *a, const T *b, i64 outer, i64 n, i64 inner, T eps) {
  for (i64 block = blockIdx.x; block < line_blocks(outer, inner); block += gridDim.x) {
    const Line line(block, n, inner);
    const double na = norm(a, line, inner, 2), nb = norm(b, line, inner, 2);
    const double da = go::max(na, double(eps)), db = go::max(nb, double(eps));
    double dot = 0;
    ALONG(i, line) {
      const i64 at = line.at + i * inner;
      dot += a[at] / da * (b[at] / db);
    }
    dot = reduce<Sum>(dot);
    if (line.leads) {
      normsA[line.number] = T(na);
      normsB[line.number] = T(nb);
      dst[line.number] = T(dot);
    }
  }
}

// for each line {
//     na, nb := max(normA, eps), max(normB, eps)
//     da += dy * (b/nb - y*(a/na)) / na          // without y unless normA > eps
// }
template <typename T>
__device__ void cosine_grad(T *da, const T *dy, const T *normsA, const T *normsB, const T *a, const T *b, const T *y,
                            i64 outer, i64 n, i64 inner, T eps) {
  for (i64 block = blockIdx.x; block < line_blocks(outer, inner); block += gridDim.x) {
    const Line line(block, n, inner);
    if (line.n == 0)
      continue;
    const T norm = normsA[line.number];
    const double na = go::max(norm, eps), nb = go::max(normsB[line.number], eps), g = dy[line.number];
    const double cosine = norm > eps ? y[line.number] : T(0);
    ALONG(i, line) {
      const i64 at = line.at + i * inner;
      da[at] += T(g * (b[at] / nb - cosine * (a[at] / na)) / na);
    }
  }
}

#define KERNELS(SUFFIX, T)                                                                                            \
  extern "C" __global__ void normalize_##SUFFIX(T *dst, T *norms, const T *x, i64 outer, i64 n, i64 inner, double p,  \
                                                T eps) {                                                              \
    normalize(dst, norms, x, outer, n, inner, p, eps);                                                                \
  }                                                                                                                   \
  extern "C" __global__ void normalize_grad_##SUFFIX(T *dx, const T *dy, const T *norms, const T *x, const T *y,      \
                                                     i64 outer, i64 n, i64 inner, double p, T eps) {                  \
    normalize_grad(dx, dy, norms, x, y, outer, n, inner, p, eps);                                                     \
  }                                                                                                                   \
  extern "C" __global__ void cosine_##SUFFIX(T *dst, T *normsA, T *normsB, const T *a, const T *b, i64 outer, i64 n,  \
                                             i64 inner, T eps) {                                                      \
    cosine(dst, normsA, normsB, a, b, outer, n, inner, eps);                                                          \
  }                                                                                                                   \
  extern "C" __global__ void cosine_grad_##SUFFIX(T *da, const T *dy, const T *normsA, const T *normsB, const T *a,   \
                                                  const T *b, const T *y, i64 outer, i64 n, i64 inner, T eps) {       \
    cosine_grad(da, dy, normsA, normsB, a, b, y, outer, n, inner, eps);                                               \
  }

EACH_TYPE(KERNELS)

// Softmax, its logarithm and the logarithm of the sum of exponentials along lines, with gradients.
#include "lines.cuh"

// for each line of x {
//     m := max(x)
//     dst = exp(x - m)
//     sum := sum(dst)
//     dst *= 1 / sum             // log: dst = x - m - log(sum)
//     lse = m + log(sum)         // lse may be null
// }
//
// dst may be x.
template <typename T>
__device__ void softmax(T *dst, T *lse, const T *x, i64 outer, i64 n, i64 inner, bool logarithm) {
  for (i64 block = blockIdx.x; block < line_blocks(outer, inner); block += gridDim.x) {
    const Line line(block, n, inner);
    T m = -infinity<T>(), sum = 0;
    ALONG(i, line) m = fmax(m, x[line.at + i * inner]);
    m = reduce<Max>(m);
    ALONG(i, line) sum += exp_normal(x[line.at + i * inner] - m);
    sum = reduce<Sum>(sum);
    const T offset = log(sum), factor = 1 / sum;
    if (lse && line.leads)
      lse[line.number] = isinf(m) ? m : m + offset;
    ALONG(i, line) {
      const i64 at = line.at + i * inner;
      const T v = x[at] - m;
      dst[at] = logarithm ? v - offset : exp_normal(v) * factor;
    }
  }
}

// for each line {
//     dx += y * (dy - sum(y*dy))     // log: dx += dy - exp(y) * sum(dy)
// }
template <typename T>
__device__ void softmax_grad(T *dx, const T *y, const T *dy, i64 outer, i64 n, i64 inner, bool logarithm) {
  for (i64 block = blockIdx.x; block < line_blocks(outer, inner); block += gridDim.x) {
    const Line line(block, n, inner);
    T sum = 0;
    ALONG(i, line) {
      const i64 at = line.at + i * inner;
      sum += logarithm ? dy[at] : y[at] * dy[at];
    }
    sum = reduce<Sum>(sum);
    ALONG(i, line) {
      const i64 at = line.at + i * inner;
      dx[at] += logarithm ? dy[at] - exp_normal(y[at]) * sum : y[at] * (dy[at] - sum);
    }
  }
}

#define KERNELS(SUFFIX, T)                                                                                            \
  extern "C" __global__ void softmax_##SUFFIX(T *dst, T *lse, const T *x, i64 outer, i64 n, i64 inner,                \
                                              i64 logarithm) {                                                        \
    softmax(dst, lse, x, outer, n, inner, logarithm != 0);                                                            \
  }                                                                                                                   \
  extern "C" __global__ void softmax_grad_##SUFFIX(T *dx, const T *y, const T *dy, i64 outer, i64 n, i64 inner,       \
                                                     i64 logarithm) {                                                 \
    softmax_grad(dx, y, dy, outer, n, inner, logarithm != 0);                                                         \
  }

EACH_TYPE(KERNELS)

// Cross entropy of rows of logits with labels or with targets, its gradients, and the order of the
// elements in which rows of classes lie. weight may be null, which stands for ones.
#include "lines.cuh"

template <typename T>
__device__ T weight_of(const T *weight, i64 class_) {
  return weight ? weight[class_] : T(1);
}

// The sum of the weights of n classes.
template <typename T>
__device__ T total_of(const T *weight, const Line &line) {
  if (!weight)
    return T(line.n);
  T total = 0;
  ALONG(c, line) total += weight[c];
  return reduce<Sum>(total);
}

// for i, t := range labels {
//     x := p[i*n:(i+1)*n]
//     high, sum := max(x), sum(exp(x - max(x)))
//     mean, total := sum(w * (x - high)), sum(w)
//     terms[i] = (1-e)*w[t]*(log(sum) + high - x[t]) + e/n*(total*log(sum) - mean)    // 0 if t < 0
//     x = exp(x - high) / sum
// }
template <typename T>
__device__ void cross_entropy(T *terms, T *p, const T *weight, const i64 *labels, i64 rows, i64 n, T e) {
  for (i64 row = blockIdx.x; row < rows; row += gridDim.x) {
    const Line line(row, n, 1);
    T *x = p + line.at;
    const i64 label = labels[row];
    const T at_label = label >= 0 ? x[label] : 0;
    T high = -infinity<T>(), sum = 0, mean = 0, total = 0;
    ALONG(c, line) high = fmax(high, x[c]);
    high = reduce<Max>(high);
    ALONG(c, line) sum += exp_normal(x[c] - high);
    sum = reduce<Sum>(sum);
    if (e != 0 && label >= 0) {
      ALONG(c, line) mean += weight_of(weight, c) * (x[c] - high);
      mean = reduce<Sum>(mean);
      total = total_of(weight, line);
    }
    const T offset = log(sum), factor = 1 / sum;
    ALONG(c, line) x[c] = exp_normal(x[c] - high) * factor;
    if (!line.leads)
      continue;
    T term = 0;
    if (label >= 0) {
      term = (1 - e) * weight_of(weight, label) * (offset + high - at_label);
      if (e != 0)
        term += e / T(n) * (total * offset - mean);
    }
    terms[row] = term;
  }
}

// for i := range rows {
//     x, t := p[i*n:(i+1)*n], (1-e)*q[i*n:(i+1)*n] + e/n
//     logp = x - max(x) - log(sum(exp(x - max(x))))
//     terms[i] = -sum(w * t * logp)                     // without the classes of which t is 0
//     x = exp(logp)
// }
template <typename T>
__device__ void cross_entropy_soft(T *terms, T *p, T *logp, const T *q, const T *weight, i64 rows, i64 n, T e) {
  for (i64 row = blockIdx.x; row < rows; row += gridDim.x) {
    const Line line(row, n, 1);
    T *x = p + line.at;
    T high = -infinity<T>(), sum = 0, term = 0;
    ALONG(c, line) high = fmax(high, x[c]);
    high = reduce<Max>(high);
    ALONG(c, line) sum += exp_normal(x[c] - high);
    sum = reduce<Sum>(sum);
    const T offset = log(sum), factor = 1 / sum;
    ALONG(c, line) {
      const T v = x[c] - high, l = v - offset, t = (1 - e) * q[line.at + c] + e / T(n);
      x[c] = exp_normal(v) * factor;
      logp[line.at + c] = l;
      if (t != 0)
        term -= weight_of(weight, c) * t * l;
    }
    term = reduce<Sum>(term);
    if (line.leads)
      terms[row] = term;
  }
}

// for i, t := range labels {
//     hit, each := dterms[i]*(1-e)*w[t], dterms[i]*e/n
//     dx = p*(hit + each*sum(w)) - each*w               // 0 if t < 0
//     dx[t] -= hit
// }
//
// dx may be p.
template <typename T>
__device__ void cross_entropy_grad(T *dx, const T *p, const T *dterms, const T *weight, const i64 *labels, i64 rows,
                                   i64 n, T e) {
  for (i64 row = blockIdx.x; row < rows; row += gridDim.x) {
    const Line line(row, n, 1);
    const i64 label = labels[row];
    if (label < 0) {
      ALONG(c, line) dx[line.at + c] = 0;
      continue;
    }
    const T g = dterms[row], hit = g * (1 - e) * weight_of(weight, label);
    const T each = e != 0 ? g * e / T(n) : 0, all = e != 0 ? each * total_of(weight, line) : 0;
    ALONG(c, line) {
      T v = p[line.at + c] * (hit + all);
      if (e != 0) // else the weights of other classes do not matter, infinite ones included
        v -= each * weight_of(weight, c);
      dx[line.at + c] = c == label ? v - hit : v;
    }
  }
}

// for i := range rows {
//     t := w * ((1-e)*q[i*n:(i+1)*n] + e/n)
//     dx = dterms[i] * (p*sum(t) - t)
// }
template <typename T>
__device__ void cross_entropy_soft_grad(T *dx, const T *p, const T *dterms, const T *q, const T *weight, i64 rows,
                                        i64 n, T e) {
  for (i64 row = blockIdx.x; row < rows; row += gridDim.x) {
    const Line line(row, n, 1);
    const T g = dterms[row];
    T total = 0;
    ALONG(c, line) total += weight_of(weight, c) * ((1 - e) * q[line.at + c] + e / T(n));
    total = reduce<Sum>(total);
    ALONG(c, line) {
      const i64 at = line.at + c;
      dx[at] = g * (p[at] * total - weight_of(weight, c) * ((1 - e) * q[at] + e / T(n)));
    }
  }
}

// for i := range rows * n { dq[i] = -dterms[i/n] * (1-e) * w[i%n] * logp[i] }
template <typename T>
__device__ void cross_entropy_target_grad(T *dq, const T *logp, const T *dterms, const T *weight, i64 rows, i64 n,
                                          T e) {
  GRID_LOOP(i, rows * n) {
    dq[i] = -dterms[i / n] * (1 - e) * weight_of(weight, i % n) * logp[i];
  }
}

// for i, t := range labels {
//     dst[i] = weight[t]                                // 0 if t < 0; dst may be null
//     total += float64(dst[i])
// }
//
// One block.
template <typename T>
__device__ void class_weights(T *dst, double *total, const T *weight, const i64 *labels, i64 rows) {
  const Line line(0, rows, 1);
  double sum = 0;
  ALONG(i, line) {
    const T w = labels[i] < 0 ? 0 : weight_of(weight, labels[i]);
    sum += w;
    if (dst)
      dst[i] = w;
  }
  sum = reduce<Sum>(sum);
  if (line.leads)
    total[0] = sum;
}

// for i := range n {
//     for j := range c {
//         for k := range d {
//             rows[(i*d+k)*c+j] = x[(i*c+j)*d+k]
//         }
//     }
// }
//
// The gradient adds what lies in rows to x.
template <typename T>
__device__ void classes_last(T *rows, T *x, i64 n, i64 c, i64 d, bool gradient) {
  GRID_LOOP(i, n * c * d) {
    const i64 row = i / c, j = i % c, at = (row / d * c + j) * d + row % d;
    if (gradient)
      x[at] += rows[i];
    else
      rows[i] = x[at];
  }
}

#define KERNELS(SUFFIX, T)                                                                                            \
  extern "C" __global__ void cross_entropy_##SUFFIX(T *terms, T *p, const T *weight, const i64 *labels, i64 rows,     \
                                                    i64 n, T e) {                                                     \
    cross_entropy(terms, p, weight, labels, rows, n, e);                                                              \
  }                                                                                                                   \
  extern "C" __global__ void cross_entropy_soft_##SUFFIX(T *terms, T *p, T *logp, const T *q, const T *weight,        \
                                                         i64 rows, i64 n, T e) {                                      \
    cross_entropy_soft(terms, p, logp, q, weight, rows, n, e);                                                        \
  }                                                                                                                   \
  extern "C" __global__ void cross_entropy_grad_##SUFFIX(T *dx, const T *p, const T *dterms, const T *weight,         \
                                                           const i64 *labels, i64 rows, i64 n, T e) {                 \
    cross_entropy_grad(dx, p, dterms, weight, labels, rows, n, e);                                                    \
  }                                                                                                                   \
  extern "C" __global__ void cross_entropy_soft_grad_##SUFFIX(T *dx, const T *p, const T *dterms, const T *q,         \
                                const T *weight, i64 rows, i64 n, T e) {                                              \
    cross_entropy_soft_grad(dx, p, dterms, q, weight, rows, n, e);                                                    \
  }                                                                                                                   \
  extern "C" __global__ void cross_entropy_target_grad_##SUFFIX(T *dq, const T *logp, const T *dterms,                \
                                                                const T *weight, i64 rows, i64 n, T e) {              \
    cross_entropy_target_grad(dq, logp, dterms, weight, rows, n, e);                                                  \
  }                                                                                                                   \
  extern "C" __global__ void __launch_bounds__(1024) class_weights_##SUFFIX(T *dst, double *total, const T *weight,   \
                                                                              const i64 *labels, i64 rows) {          \
    class_weights(dst, total, weight, labels, rows);                                                                  \
  }                                                                                                                   \
  extern "C" __global__ void classes_last_##SUFFIX(T *rows, T *x, i64 n, i64 c, i64 d, i64 gradient) {                \
    classes_last(rows, x, n, c, d, gradient != 0);                                                                    \
  }

EACH_TYPE(KERNELS)

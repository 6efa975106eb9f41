// Normalisations and their gradients. Sums of rows run in the type of the elements, and those over
// the items of a batch norm in float64, as on the CPU; so does 1/sqrt(variance + eps).
#include "lines.cuh"

template <typename T>
__device__ T inverse_root(T variance, T eps) {
  return T(1 / sqrt(double(variance) + double(eps)));
}

template <typename T>
__device__ T element(const T *v, i64 i, T otherwise) {
  return v ? v[i] : otherwise;
}

// Which weight belongs to element i of row r: rows begin at weight r / repeat % sets * each, and
// each weight serves `spread` neighbouring elements.
struct Affine {
  i64 repeat, sets, each, spread;

  __device__ i64 at(i64 row, i64 i) const {
    return row / repeat % sets * each + (spread == 1 ? i : i / spread);
  }
};

// for each row of x {
//     mean := sum(x) / n                               // 0 without a place for means
//     rstd := 1 / sqrt(sum((x-mean)^2)/n + eps)
//     dst = (x - mean) * rstd * weight + bias
// }
//
// LayerNorm, RMSNorm, GroupNorm, GroupedLayerNorm. weight and bias may be null; dst may be x.
template <typename T>
__device__ void row_norm(T *dst, T *means, T *rstds, const T *x, const T *weight, const T *bias, i64 rows, i64 n,
                         Affine affine, T eps) {
  for (i64 row = blockIdx.x; row < rows; row += gridDim.x) {
    const Line line(row, n, 1);
    T mean = 0, squares = 0;
    if (means) {
      ALONG(i, line) mean += x[line.at + i];
      mean = reduce<Sum>(mean) / T(n);
    }
    ALONG(i, line) {
      const T v = x[line.at + i] - mean;
      squares += v * v;
    }
    const T rstd = inverse_root(reduce<Sum>(squares) / T(n), eps);
    if (line.leads) {
      if (means)
        means[row] = mean;
      rstds[row] = rstd;
    }
    ALONG(i, line) {
      const i64 place = affine.at(row, i);
      dst[line.at + i] = (x[line.at + i] - mean) * rstd * element(weight, place, T(1)) + element(bias, place, T(0));
    }
  }
}

// for each row {
//     g := dy * weight
//     sum, dot := sum(g), sum(g * (x - mean))          // sum is 0 without means
//     dx += rstd*g - rstd^3*dot/n * (x - mean) - rstd*sum/n
// }
//
// The gradient of row_norm for x.
template <typename T>
__device__ void row_norm_grad(T *dx, const T *dy, const T *x, const T *weight, const T *means, const T *rstds,
                              i64 rows, i64 n, Affine affine) {
  for (i64 row = blockIdx.x; row < rows; row += gridDim.x) {
    const Line line(row, n, 1);
    const T mean = element(means, row, T(0)), rstd = rstds[row];
    T sum = 0, dot = 0;
    ALONG(i, line) {
      const T g = dy[line.at + i] * element(weight, affine.at(row, i), T(1));
      sum += g;
      dot += g * (x[line.at + i] - mean);
    }
    sum = means ? reduce<Sum>(sum) : 0;
    dot = reduce<Sum>(dot);
    const T slope = -rstd * rstd * rstd * dot / T(n), offset = -rstd * sum / T(n);
    ALONG(i, line) {
      const T g = dy[line.at + i] * element(weight, affine.at(row, i), T(1));
      dx[line.at + i] += rstd * g + (slope * (x[line.at + i] - mean) + offset);
    }
  }
}

// for g := range groups {
//     for r := range rows {
//         dweight[g,j] += dy[g,r,j] * (x[g,r,j] - mean[g,r]) * rstd[g,r]
//         dbias[g,j] += dy[g,r,j]
//     }
// }
//
// The gradient of LayerNorm, RMSNorm and GroupedLayerNorm for weight and bias, which may be null.
template <typename T>
__device__ void layer_norm_params(T *dweight, T *dbias, const T *dy, const T *x, const T *means, const T *rstds,
                                  i64 groups, i64 rows, i64 n) {
  for (i64 block = blockIdx.x; block < line_blocks(groups, n); block += gridDim.x) {
    const Line line(block, rows, n);
    const i64 first = line.number / n * rows; // row of the group
    T sum = 0, dot = 0;
    ALONG(r, line) {
      const T g = dy[line.at + r * n];
      sum += g;
      dot += g * (x[line.at + r * n] - element(means, first + r, T(0))) * rstds[first + r];
    }
    sum = reduce<Sum>(sum);
    dot = reduce<Sum>(dot);
    if (line.leads && dweight)
      dweight[line.number] += dot;
    if (line.leads && dbias)
      dbias[line.number] += sum;
  }
}

// for each plane of an item and channel {
//     sums, dots = sum(dy), sum(dy * (x - mean))
// }
//
// What the gradients of GroupNorm are made of; each mean and rstd serves `each` planes of s.
template <typename T>
__device__ void plane_dots(T *sums, T *dots, const T *dy, const T *x, const T *means, i64 planes, i64 s, i64 each) {
  for (i64 plane = blockIdx.x; plane < planes; plane += gridDim.x) {
    const Line line(plane, s, 1);
    const T mean = means[plane / each];
    T sum = 0, dot = 0;
    ALONG(i, line) {
      const T g = dy[line.at + i];
      sum += g;
      dot += g * (x[line.at + i] - mean);
    }
    sum = reduce<Sum>(sum);
    dot = reduce<Sum>(dot);
    if (line.leads) {
      sums[plane] = sum;
      dots[plane] = dot;
    }
  }
}

// for i := range items*c {
//     dweight[i%c] += dots[i] * rstd[i/each]
//     dbias[i%c] += sums[i]
// }
template <typename T>
__device__ void group_norm_params(T *dweight, T *dbias, const T *sums, const T *dots, const T *rstds, i64 items, i64 c,
                                  i64 each) {
  GRID_LOOP(j, c) {
    T sum = element(dbias, j, T(0)), dot = element(dweight, j, T(0));
#pragma unroll 1
    for (i64 i = j; i < items * c; i += c) {
      sum += sums[i];
      dot += dots[i] * rstds[i / each];
    }
    if (dweight)
      dweight[j] = dot;
    if (dbias)
      dbias[j] = sum;
  }
}

// x [items, C, s] seen as C channels of items*s elements. Neighbouring channels are side by side
// where s is 1, and then a block takes several of them.
struct Channels {
  i64 items, c, s;
  i64 number; // the channel of the thread
  bool inside;

  __device__ Channels(i64 items, i64 c, i64 s, i64 block) : items(items), c(c), s(s) {
    number = block * blockDim.x + threadIdx.x;
    inside = number < c;
  }

  // The number of blocks that cover the channels.
  static __device__ i64 blocks(i64 c) { return (c + blockDim.x - 1) / blockDim.x; }

  __device__ i64 count() const { return items * s; }

  // Where element i of the channel lies.
  __device__ i64 at(i64 i) const {
    return s == 1 ? i * c + number : (i / s * c + number) * s + i % s;
  }
};

// The elements that the thread holds, where gridDim.y blocks share a channel.
#define OF_CHANNEL(i, channel)                                                                                        \
  _Pragma("unroll 1") for (i64 i = (channel).inside ? (i64)blockIdx.y * blockDim.y + threadIdx.y                      \
                                                      : (channel).count();                                            \
                             i < (channel).count(); i += (i64)gridDim.y * blockDim.y)

// for each channel {
//     mean = sum(x) / count
//     variance = sum((x-mean)^2) / count
// }
template <typename T>
__device__ void batch_stats(T *means, T *variances, const T *x, i64 items, i64 c, i64 s) {
  for (i64 block = blockIdx.x; block < Channels::blocks(c); block += gridDim.x) {
    const Channels channel(items, c, s, block);
    double sum = 0, squares = 0;
    OF_CHANNEL(i, channel) sum += x[channel.at(i)];
    const T mean = T(reduce<Sum>(sum) / double(channel.count()));
    OF_CHANNEL(i, channel) {
      const double v = x[channel.at(i)] - mean;
      squares += v * v;
    }
    squares = reduce<Sum>(squares);
    if (channel.inside && threadIdx.y == 0) {
      means[channel.number] = mean;
      variances[channel.number] = T(squares / double(channel.count()));
    }
  }
}

// for each channel {
//     dst = (x - mean) * (weight / sqrt(variance + eps)) + bias
// }
//
// weight and bias may be null; dst may be x.
template <typename T>
__device__ void batch_norm(T *dst, const T *x, const T *weight, const T *bias, const T *means, const T *variances,
                           i64 items, i64 c, i64 s, T eps) {
  for (i64 block = blockIdx.x; block < Channels::blocks(c); block += gridDim.x) {
    const Channels channel(items, c, s, block);
    if (!channel.inside)
      continue;
    const i64 number = channel.number;
    const T mean = means[number], shift = element(bias, number, T(0));
    const T scale = inverse_root(variances[number], eps) * element(weight, number, T(1));
    OF_CHANNEL(i, channel) {
      const i64 at = channel.at(i);
      dst[at] = (x[at] - mean) * scale + shift;
    }
  }
}

// for each channel {
//     rstd := 1 / sqrt(variance + eps)
//     sum, dot := sum(dy), sum(dy * (x - mean))
//     dweight += dot * rstd
//     dbias += sum
//     dx += rstd*weight*dy
//     dx -= weight*rstd^3*dot/count * (x - mean) + weight*rstd*sum/count    // in training
// }
//
// dx, dweight, dbias and weight may be null.
template <typename T>
__device__ void batch_norm_grad(T *dx, T *dweight, T *dbias, const T *dy, const T *x, const T *weight, const T *means,
                const T *variances, i64 items, i64 c, i64 s, T eps, bool train) {
  for (i64 block = blockIdx.x; block < Channels::blocks(c); block += gridDim.x) {
    const Channels channel(items, c, s, block);
    const i64 number = channel.inside ? channel.number : 0;
    const T mean = means[number], w = element(weight, number, T(1)), rstd = inverse_root(variances[number], eps);
    double sums = 0, dots = 0;
    OF_CHANNEL(i, channel) {
      const i64 at = channel.at(i);
      sums += dy[at];
      dots += dy[at] * (x[at] - mean);
    }
    const T sum = T(reduce<Sum>(sums)), dot = T(reduce<Sum>(dots)), count = T(channel.count());
    if (channel.inside && threadIdx.y == 0) {
      if (dweight)
        dweight[number] += dot * rstd;
      if (dbias)
        dbias[number] += sum;
    }
    if (!dx)
      continue;
    const T slope = train ? -w * rstd * rstd * rstd * dot / count : 0, offset = train ? -w * rstd * sum / count : 0;
    OF_CHANNEL(i, channel) {
      const i64 at = channel.at(i);
      dx[at] += rstd * w * dy[at] + (slope * (x[at] - mean) + offset);
    }
  }
}

#define KERNELS(SUFFIX, T)                                                                                            \
  extern "C" __global__ void row_norm_##SUFFIX(T *dst, T *means, T *rstds, const T *x, const T *weight,               \
                                               const T *bias,                                                         \
                                                 i64 rows, i64 n, i64 repeat, i64 sets, i64 each, i64 spread,         \
                                                 T eps) {                                                             \
    row_norm(dst, means, rstds, x, weight, bias, rows, n, Affine{repeat, sets, each, spread}, eps);                   \
  }                                                                                                                   \
  extern "C" __global__ void row_norm_grad_##SUFFIX(T *dx, const T *dy, const T *x, const T *weight, const T *means,  \
                                                      const T *rstds, i64 rows, i64 n, i64 repeat, i64 sets,          \
                                                      i64 each, i64 spread) {                                         \
    row_norm_grad(dx, dy, x, weight, means, rstds, rows, n, Affine{repeat, sets, each, spread});                      \
  }                                                                                                                   \
  extern "C" __global__ void layer_norm_params_##SUFFIX(T *dweight, T *dbias, const T *dy, const T *x,                \
                                                        const T *means,                                               \
                                                          const T *rstds, i64 groups, i64 rows, i64 n) {              \
    layer_norm_params(dweight, dbias, dy, x, means, rstds, groups, rows, n);                                          \
  }                                                                                                                   \
  extern "C" __global__ void plane_dots_##SUFFIX(T *sums, T *dots, const T *dy, const T *x, const T *means,           \
                                                 i64 planes, i64 s, i64 each) {                                       \
    plane_dots(sums, dots, dy, x, means, planes, s, each);                                                            \
  }                                                                                                                   \
  extern "C" __global__ void group_norm_params_##SUFFIX(T *dweight, T *dbias, const T *sums, const T *dots,           \
                                                          const T *rstds, i64 items, i64 c, i64 each) {               \
    group_norm_params(dweight, dbias, sums, dots, rstds, items, c, each);                                             \
  }                                                                                                                   \
  extern "C" __global__ void batch_stats_##SUFFIX(T *means, T *variances, const T *x, i64 items, i64 c, i64 s) {      \
    batch_stats(means, variances, x, items, c, s);                                                                    \
  }                                                                                                                   \
  extern "C" __global__ void batch_norm_##SUFFIX(T *dst, const T *x, const T *weight, const T *bias, const T *means,  \
                                                   const T *variances, i64 items, i64 c, i64 s, T eps) {              \
    batch_norm(dst, x, weight, bias, means, variances, items, c, s, eps);                                             \
  }                                                                                                                   \
  extern "C" __global__ void batch_norm_grad_##SUFFIX(T *dx, T *dweight, T *dbias, const T *dy, const T *x,           \
                            const T *weight, const T *means, const T *variances, i64 items,                           \
                            i64 c, i64 s, T eps, i64 train) {                                                         \
    batch_norm_grad(dx, dweight, dbias, dy, x, weight, means, variances, items, c, s, eps, train != 0);               \
  }

EACH_TYPE(KERNELS)

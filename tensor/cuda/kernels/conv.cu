// Convolutions of x [N, C, H, W] with a weight [O, C/groups, KH, KW] that give y [N, O, OH, OW], and
// their gradients. A transposed convolution runs the gradient with respect to x forwards. Where y
// has fewer rows or columns than the attributes would give, the missing ones are zeros.
//
// There are two forms of each. The small one has a thread, or a block, for each element of the result.
// The other is a product of matrices of which one, the patches of x under the kernel at all positions,
// is never made: its tiles are read where the elements lie.
#include "common.cuh"

struct Geometry {
  int n, c, o, groups, h, w, kh, kw, oh, ow, strideH, strideW, padH, padW, dilationH, dilationW;
};

#define GEOMETRY                                                                                                     \
  i64 n, i64 c, i64 o, i64 groups, i64 h, i64 w, i64 kh, i64 kw, i64 oh, i64 ow, i64 strideH, i64 strideW, i64 padH, \
      i64 padW, i64 dilationH, i64 dilationW
#define GEOMETRY_OF_PARAMETERS                                                                             \
  Geometry {                                                                                               \
    (int)n, (int)c, (int)o, (int)groups, (int)h, (int)w, (int)kh, (int)kw, (int)oh, (int)ow, (int)strideH, \
        (int)strideW, (int)padH, (int)padW, (int)dilationH, (int)dilationW                                 \
  }

// finish returns what becomes of an element that holds old: sum + bias + beta*old, where old is read
// only if beta is not 0.
template <typename T>
__device__ T finish(T sum, const T *bias, int channel, const T *old, T beta) {
  if (beta != T(0))
    sum += beta * *old;
  if (bias)
    sum += bias[channel];
  return sum;
}

// The small form of Conv: a thread computes an element of y.
//
//     for c := range C/groups {
//         for a := range KH {
//             for b := range KW {
//                 sum += weight[o,c,a,b] * x[n, g*C/groups+c, i*stride+a*dilation-padding, j*stride+b*dilation-padding]
//             }
//         }
//     }
//     y[n,o,i,j] = sum + bias[o] + beta*y[n,o,i,j]
template <typename T>
__device__ void conv(T *y, const T *x, const T *weight, const T *bias, T beta, const Geometry &g) {
  const int channels = g.c / g.groups;
#pragma unroll 1
  GRID_LOOP(at, (i64)g.n * g.o * g.oh * g.ow) {
    const i64 row = at / g.ow;
    const int j = (int)(at - row * g.ow), i = (int)(row % g.oh);
    const i64 plane = row / g.oh;
    const int o = (int)(plane % g.o), first = o / (g.o / g.groups) * channels;
    const T *of = x + (plane / g.o * g.c + first) * g.h * g.w, *with = weight + (i64)o * channels * g.kh * g.kw;
    T sum = 0;
#pragma unroll 1
    for (int c = 0; c < channels; c++, of += (i64)g.h * g.w) {
#pragma unroll 1
      for (int a = 0; a < g.kh; a++, with += g.kw) {
        const int r = i * g.strideH + a * g.dilationH - g.padH;
        if (r < 0 || r >= g.h)
          continue;
#pragma unroll 1
        for (int b = 0; b < g.kw; b++) {
          const int q = j * g.strideW + b * g.dilationW - g.padW;
          if (q >= 0 && q < g.w)
            sum = fma(with[b], of[(i64)r * g.w + q], sum);
        }
      }
    }
    y[at] = finish(sum, bias, o, y + at, beta);
  }
}

// The small form of ConvGradInput: a thread computes an element of dx, the sum over all elements of y
// to which x contributes, which are those with i*stride + a*dilation - padding = row and so for the
// columns.
//
//     for o := range O/groups {
//         for a := range KH {
//             for b := range KW {
//                 sum += weight[g*O/groups+o,c,a,b] * dy[n, g*O/groups+o, i, j]
//             }
//         }
//     }
//     dx[n,c,row,col] = sum + bias[c] + beta*dx[n,c,row,col]
template <typename T>
__device__ void grad_input(T *dx, const T *dy, const T *weight, const T *bias, T beta, const Geometry &g) {
  const int channels = g.c / g.groups, results = g.o / g.groups, taps = g.kh * g.kw;
#pragma unroll 1
  GRID_LOOP(at, (i64)g.n * g.c * g.h * g.w) {
    const i64 line = at / g.w;
    const int col = (int)(at - line * g.w), row = (int)(line % g.h);
    const i64 plane = line / g.h;
    const int c = (int)(plane % g.c), first = c / channels * results;
    const T *of = dy + (plane / g.c * g.o + first) * g.oh * g.ow;
    const T *with = weight + ((i64)first * channels + c % channels) * taps;
    T sum = 0;
#pragma unroll 1
    for (int o = 0; o < results; o++, of += (i64)g.oh * g.ow, with += (i64)channels * taps) {
#pragma unroll 1
      for (int a = 0; a < g.kh; a++) {
        const int y = row + g.padH - a * g.dilationH, i = y / g.strideH;
        if (y < 0 || i * g.strideH != y || i >= g.oh)
          continue;
#pragma unroll 1
        for (int b = 0; b < g.kw; b++) {
          const int x = col + g.padW - b * g.dilationW, j = x / g.strideW;
          if (x >= 0 && j * g.strideW == x && j < g.ow)
            sum = fma(with[a * g.kw + b], of[(i64)i * g.ow + j], sum);
        }
      }
    }
    dx[at] = finish(sum, bias, c, dx + at, beta);
  }
}

// blockSum returns to thread 0 the sum of v over the threads of the block, in a fixed order.
template <typename T>
__device__ T blockSum(T v) {
  __shared__ T part[256];
  part[threadIdx.x] = v;
  __syncthreads();
#pragma unroll 1
  for (int half = blockDim.x / 2; half > 0; half /= 2) {
    if (threadIdx.x < half)
      part[threadIdx.x] += part[threadIdx.x + half];
    __syncthreads();
  }
  v = part[0];
  __syncthreads(); // before the memory is used again
  return v;
}

// The small form of ConvGradWeight: a block computes an element of dweight.
//
//     for n := range N {
//         for i := range OH {
//             for j := range OW {
//                 sum += dy[n,o,i,j] * x[n, g*C/groups+c, i*stride+a*dilation-padding, j*stride+b*dilation-padding]
//             }
//         }
//     }
//     dweight[o,c,a,b] = sum + beta*dweight[o,c,a,b]
template <typename T>
__device__ void grad_weight(T *dweight, const T *x, const T *dy, T beta, const Geometry &g) {
  const int channels = g.c / g.groups;
  const i64 positions = (i64)g.n * g.oh * g.ow;
  for (i64 at = blockIdx.x; at < (i64)g.o * channels * g.kh * g.kw; at += gridDim.x) {
    const int b = (int)(at % g.kw), a = (int)(at / g.kw % g.kh);
    const i64 plane = at / g.kw / g.kh;
    const int o = (int)(plane / channels), c = o / (g.o / g.groups) * channels + (int)(plane % channels);
    T sum = 0;
#pragma unroll 1
    for (i64 p = threadIdx.x; p < positions; p += blockDim.x) {
      const i64 line = p / g.ow, image = line / g.oh;
      const int j = (int)(p - line * g.ow), i = (int)(line - image * g.oh);
      const int r = i * g.strideH + a * g.dilationH - g.padH, q = j * g.strideW + b * g.dilationW - g.padW;
      if (r >= 0 && r < g.h && q >= 0 && q < g.w)
        sum = fma(dy[((image * g.o + o) * g.oh + i) * g.ow + j], x[((image * g.c + c) * g.h + r) * g.w + q], sum);
    }
    sum = blockSum(sum);
    if (threadIdx.x == 0)
      dweight[at] = finish<T>(sum, 0, 0, dweight + at, beta);
  }
}

// ConvGradBias: a block computes an element of db, in double precision.
//
//     for n := range N {
//         for p := range plane {
//             sum += dy[n,o,p]
//         }
//     }
//     db[o] = sum + beta*db[o]
template <typename T>
__device__ void grad_bias(T *db, const T *dy, i64 n, i64 o, i64 plane, T beta) {
  for (i64 c = blockIdx.x; c < o; c += gridDim.x) {
    double sum = 0;
#pragma unroll 1
    for (i64 i = threadIdx.x; i < n * plane; i += blockDim.x)
      sum += dy[(i / plane * o + c) * plane + i % plane];
    sum = blockSum(sum);
    if (threadIdx.x == 0)
      db[c] = finish<T>(T(sum), 0, 0, db + c, beta);
  }
}

// A position is an element of the plane that is computed, or over which is summed, in one image; a tap
// is an element of the kernel in one channel. Each knows its part of the place of an element.
struct Position {
  i64 image; // where the image begins
  int row, col;
};
struct Tap {
  i64 plane; // where the channel begins; -1 for no tap
  int row, col;
};

// Patches are the elements of x under the taps at positions of y, or, backwards, those of dy that have
// used an element of x.
template <typename T, bool BACK>
struct Patches {
  const T *from; // the first channel of the group in image 0
  const Geometry &g;

  __device__ Position position(i64 p) const {
    const int h = BACK ? g.h : g.oh, w = BACK ? g.w : g.ow;
    const i64 line = p / w, image = line / h;
    if (image >= g.n)
      return Position{0, -1 << 30, 0}; // outside, with every tap
    const int i = (int)(line - image * h), j = (int)(p - line * w);
    if (BACK)
      return Position{image * g.o * g.oh * g.ow, i + g.padH, j + g.padW};
    return Position{image * g.c * g.h * g.w, i * g.strideH - g.padH, j * g.strideW - g.padW};
  }

  __device__ Tap tap(int k, int count) const {
    const int line = k / g.kw, c = line / g.kh;
    const i64 plane = BACK ? (i64)g.oh * g.ow : (i64)g.h * g.w;
    return Tap{k < count ? c * plane : -1, (line - c * g.kh) * g.dilationH, (k - line * g.kw) * g.dilationW};
  }

  __device__ T at(const Position &p, const Tap &t) const {
    int r = BACK ? p.row - t.row : p.row + t.row, q = BACK ? p.col - t.col : p.col + t.col;
    if (t.plane < 0 || r < 0 || q < 0)
      return T(0);
    if (BACK) {
      const int i = r / g.strideH, j = q / g.strideW;
      if (i * g.strideH != r || j * g.strideW != q)
        return T(0);
      r = i;
      q = j;
    }
    const int h = BACK ? g.oh : g.h, w = BACK ? g.ow : g.w;
    return r < h && q < w ? from[p.image + t.plane + (i64)r * w + q] : T(0);
  }
};

// A block of 16 x 16 threads computes a tile of 64 x 64 elements, a thread 4 x 4 of them, 16 apart.
// Tiles of both operands pass through shared memory, 16 terms of the sums at a time.
const int side = 16, R = 4, tile = side * R;

template <typename T>
__device__ void add_tile(T (&sum)[R][R], const T (&sa)[side][tile + 1], const T (&sb)[side][tile + 1]) {
#pragma unroll 2
  for (int p = 0; p < side; p++) {
    T x[R], y[R];
#pragma unroll
    for (int i = 0; i < R; i++) {
      x[i] = sa[p][threadIdx.y + i * side];
      y[i] = sb[p][threadIdx.x + i * side];
    }
#pragma unroll
    for (int i = 0; i < R; i++) {
#pragma unroll
      for (int j = 0; j < R; j++)
        sum[i][j] = fma(x[i], y[j], sum[i][j]);
    }
  }
}

// Conv and, backwards, ConvGradInput: in each group the product of the weight [O/groups, C/groups*KH*KW],
// or [C/groups, O/groups*KH*KW], with the patches at all positions of all images.
template <typename T, bool BACK>
__device__ void product(T *y, const T *x, const T *weight, const T *bias, T beta, const Geometry &g) {
  __shared__ T sa[side][tile + 1], sb[side][tile + 1];
  const int ci = g.c / g.groups, co = g.o / g.groups, taps = g.kh * g.kw;
  const int m = BACK ? ci : co, k = (BACK ? co : ci) * taps, t = threadIdx.y * side + threadIdx.x;
  const i64 plane = BACK ? (i64)g.h * g.w : (i64)g.oh * g.ow, positions = g.n * plane;
  const i64 col = (i64)blockIdx.x * tile;
  for (int z = blockIdx.z; z < g.groups; z += gridDim.z) {
    const Patches<T, BACK> patches{x + (BACK ? (i64)z * co * g.oh * g.ow : (i64)z * ci * g.h * g.w), g};
    const Position mine = patches.position(col + t % tile); // of which the thread loads elements
    for (int row = blockIdx.y * tile; row < m; row += gridDim.y * tile) {
      T sum[R][R] = {};
#pragma unroll 1
      for (int k0 = 0; k0 < k; k0 += side) {
#pragma unroll 1
        for (int e = t; e < side * tile; e += side * side) {
          const int q = k0 + e % side, r = row + e / side;
          T v = 0;
          if (q < k && r < m)
            v = BACK ? weight[(((i64)z * co + q / taps) * ci + r) * taps + q % taps] : weight[((i64)z * co + r) * k + q];
          sa[e % side][e / side] = v;
        }
#pragma unroll 1
        for (int p = t / tile; p < side; p += side * side / tile)
          sb[p][t % tile] = patches.at(mine, patches.tap(k0 + p, k));
        __syncthreads();
        add_tile(sum, sa, sb);
        __syncthreads();
      }
#pragma unroll
      for (int j = 0; j < R; j++) {
        const i64 p = col + threadIdx.x + j * side, image = p / plane;
        if (p >= positions)
          continue;
#pragma unroll
        for (int i = 0; i < R; i++) {
          const int r = row + threadIdx.y + i * side, channel = z * m + r;
          if (r >= m)
            continue;
          T *to = y + (image * m * g.groups + channel) * plane + p - image * plane;
          *to = finish(sum[i][j], bias, channel, to, beta);
        }
      }
    }
  }
}

// ConvGradWeight: in each group the product of dy [O/groups, positions] with the patches
// [positions, C/groups*KH*KW]. Few tiles have long sums: so these are cut into parts, each of its own
// block, which parts [parts, O, C/groups*KH*KW] keep apart; with one part they are dweight.
template <typename T>
__device__ void product_weight(T *parts, const T *x, const T *dy, i64 count, T beta, const Geometry &g) {
  __shared__ T sa[side][tile + 1], sb[side][tile + 1];
  const int ci = g.c / g.groups, co = g.o / g.groups, n = ci * g.kh * g.kw, t = threadIdx.y * side + threadIdx.x;
  const i64 plane = (i64)g.oh * g.ow, positions = g.n * plane, per = (positions + count - 1) / count;
  const int col = blockIdx.x * tile;
  for (i64 z = blockIdx.z; z < g.groups * count; z += gridDim.z) {
    const i64 group = z / count, part = z % count, end = min(positions, (part + 1) * per);
    const Patches<T, false> patches{x + group * ci * g.h * g.w, g};
    const Tap mine = patches.tap(col + t % tile, n);
    for (int row = blockIdx.y * tile; row < co; row += gridDim.y * tile) {
      T sum[R][R] = {};
#pragma unroll 1
      for (i64 k0 = part * per; k0 < end; k0 += side) {
#pragma unroll 1
        for (int e = t; e < side * tile; e += side * side) {
          const i64 q = k0 + e % side, image = q / plane;
          const int r = row + e / side;
          sa[e % side][e / side] = q < end && r < co ? dy[(image * g.o + group * co + r) * plane + q - image * plane] : T(0);
        }
#pragma unroll 1
        for (int p = t / tile; p < side; p += side * side / tile)
          sb[p][t % tile] = k0 + p < end ? patches.at(patches.position(k0 + p), mine) : T(0);
        __syncthreads();
        add_tile(sum, sa, sb);
        __syncthreads();
      }
#pragma unroll
      for (int i = 0; i < R; i++) {
#pragma unroll
        for (int j = 0; j < R; j++) {
          const int r = row + threadIdx.y + i * side, q = col + threadIdx.x + j * side;
          if (r >= co || q >= n)
            continue;
          T *to = parts + (part * g.o + group * co + r) * n + q;
          *to = finish<T>(sum[i][j], 0, 0, to, beta);
        }
      }
    }
  }
}

// for i := range dweight { dweight[i] = sum over p of parts[p,i] + beta*dweight[i] }
template <typename T>
__device__ void sum_parts(T *dweight, const T *parts, i64 count, i64 size, T beta) {
#pragma unroll 1
  GRID_LOOP(at, size) {
    T sum = 0;
#pragma unroll 1
    for (i64 p = 0; p < count; p++)
      sum += parts[p * size + at];
    dweight[at] = finish<T>(sum, 0, 0, dweight + at, beta);
  }
}

#define KERNELS(S, T)                                                                                              \
  extern "C" __global__ void conv_small_##S(T *y, const T *x, const T *weight, const T *bias, T beta, GEOMETRY) {  \
    conv(y, x, weight, bias, beta, GEOMETRY_OF_PARAMETERS);                                                        \
  }                                                                                                                \
  extern "C" __global__ void conv_grad_input_small_##S(T *dx, const T *dy, const T *weight, const T *bias, T beta, \
                                                       GEOMETRY) {                                                 \
    grad_input(dx, dy, weight, bias, beta, GEOMETRY_OF_PARAMETERS);                                                \
  }                                                                                                                \
  extern "C" __global__ void conv_grad_weight_small_##S(T *dweight, const T *x, const T *dy, T beta, GEOMETRY) {   \
    grad_weight(dweight, x, dy, beta, GEOMETRY_OF_PARAMETERS);                                                     \
  }                                                                                                                \
  extern "C" __global__ void __launch_bounds__(side *side)                                                         \
      conv_##S(T *y, const T *x, const T *weight, const T *bias, T beta, GEOMETRY) {                               \
    product<T, false>(y, x, weight, bias, beta, GEOMETRY_OF_PARAMETERS);                                           \
  }                                                                                                                \
  extern "C" __global__ void __launch_bounds__(side *side)                                                         \
      conv_grad_input_##S(T *dx, const T *dy, const T *weight, const T *bias, T beta, GEOMETRY) {                  \
    product<T, true>(dx, dy, weight, bias, beta, GEOMETRY_OF_PARAMETERS);                                          \
  }                                                                                                                \
  extern "C" __global__ void __launch_bounds__(side *side)                                                         \
      conv_grad_weight_##S(T *parts, const T *x, const T *dy, i64 count, T beta, GEOMETRY) {                       \
    product_weight(parts, x, dy, count, beta, GEOMETRY_OF_PARAMETERS);                                             \
  }                                                                                                                \
  extern "C" __global__ void conv_grad_weight_sum_##S(T *dweight, const T *parts, i64 count, i64 size, T beta) {   \
    sum_parts(dweight, parts, count, size, beta);                                                                  \
  }                                                                                                                \
  extern "C" __global__ void conv_grad_bias_##S(T *db, const T *dy, i64 n, i64 o, i64 plane, T beta) {             \
    grad_bias(db, dy, n, o, plane, beta);                                                                          \
  }

EACH_TYPE(KERNELS)

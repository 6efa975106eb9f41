// Gates: PReLU, gated linear units, the logarithm of a gate, and dropout. Above each kernel stands
// the loop that the CPU runs. A thread owns its elements, so that operands of one shape may be the
// same memory.
#include "functions.cuh"
#include "lines.cuh"

// for i, y := range y { dx[i] += dy[i] * (0.5 - 2*y*y) }
template <typename T>
__device__ void gate_log_grad(T *dx, const T *dy, const T *y, i64 n) {
  ROLLED_LOOP(i, n) {
    dx[i] += dy[i] * (T(0.5) - T(2) * y[i] * y[i]);
  }
}

// The weight of element i, where each of count weights serves runs of `run` elements in turn.
template <typename T>
__device__ T weight_of(const T *weight, i64 i, i64 count, i64 run) {
  return weight[count == 1 ? 0 : i / run % count];
}

// for i, v := range x { dst[i] = v > 0 ? v : weight[i/run%count]*v }
template <typename T>
__device__ void prelu(T *dst, const T *x, const T *weight, i64 n, i64 count, i64 run) {
  ROLLED_LOOP(i, n) {
    dst[i] = unary(UNARY_LEAKY_RELU, x[i], weight_of(weight, i, count, run), T(0));
  }
}

// for i, v := range x { dx[i] += dy[i] * (v > 0 ? 1 : weight[i/run%count]) }
template <typename T>
__device__ void prelu_grad(T *dx, const T *dy, const T *x, const T *weight, i64 n, i64 count, i64 run) {
  ROLLED_LOOP(i, n) {
    dx[i] += dy[i] * unary_slope(UNARY_LEAKY_RELU, x[i], T(0), weight_of(weight, i, count, run), T(0));
  }
}

// sum := 0.0
// for the elements i of weight w, from part*length on, length of them {
//     if !(x[i] > 0) { sum += dy[i] * x[i] }
// }
// sums[w*parts+part] = sum
//
// A weight has `each` elements. A block for each sum.
template <typename T>
__device__ void prelu_sums(double *sums, const T *dy, const T *x, i64 count, i64 parts, i64 each, i64 length, i64 run) {
#pragma unroll 1
  for (i64 block = blockIdx.x; block < count * parts; block += gridDim.x) {
    const i64 w = block / parts, first = block % parts * length;
    double sum = 0;
#pragma unroll 1
    for (i64 k = first + threadIdx.y; k < each && k < first + length; k += blockDim.y) {
      const i64 i = (k / run * count + w) * run + k % run;
      if (!(x[i] > T(0)))
        sum += double(dy[i]) * double(x[i]);
    }
    sum = reduce<Sum>(sum);
    if (threadIdx.y == 0)
      sums[block] = sum;
  }
}

// for w := range dweight { for part := range parts { dweight[w] += sums[w*parts+part] } }
template <typename T>
__device__ void prelu_weights(T *dweight, const double *sums, i64 count, i64 parts) {
  ROLLED_LOOP(w, count) {
    double sum = 0;
#pragma unroll 1
    for (i64 part = 0; part < parts; part++)
      sum += sums[w * parts + part];
    dweight[w] += T(sum);
  }
}

// x consists of pairs of runs of `run` elements, a and b; i counts the elements of all runs a.
__device__ inline i64 first_half(i64 i, i64 run) { return i + i / run * run; }

// for i := range dst { gate[i] = sigmoid(b[i]); dst[i] = a[i] * gate[i] }
template <typename T>
__device__ void glu(T *dst, T *gate, const T *x, i64 n, i64 run) {
  ROLLED_LOOP(i, n) {
    const i64 a = first_half(i, run);
    const T s = sigmoid(x[a + run]);
    gate[i] = s;
    dst[i] = x[a] * s;
  }
}

// for i, s := range gate { da[i] += dy[i] * s; db[i] += dy[i] * a[i] * (s * (1 - s)) }
template <typename T>
__device__ void glu_grad(T *dx, const T *dy, const T *gate, const T *x, i64 n, i64 run) {
  ROLLED_LOOP(i, n) {
    const i64 a = first_half(i, run);
    const T s = gate[i], g = dy[i], v = x[a];
    dx[a] += g * s;
    dx[a + run] += g * v * (s * (T(1) - s));
  }
}

// for i, v := range x {
//     bits := uint32(Uint64(i/2) >> (i%2*32))     // of the stream of the key
//     dst[i] = beta*dst[i] + (bits < threshold ? 0 : scale*v)
// }
//
// beta is 0, and then dst is not read, or 1. The stream is tensor.Key's.
template <typename T>
__device__ void dropout(T *dst, const T *x, i64 n, unsigned long long key, unsigned threshold, T scale, T beta) {
  ROLLED_LOOP(i, n) {
    unsigned long long z = key + (unsigned long long)(i / 2 + 1) * 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    z ^= z >> 31;
    const unsigned bits = (unsigned)(i % 2 ? z >> 32 : z);
    const T v = bits < threshold ? T(0) : scale * x[i];
    dst[i] = beta == T(0) ? v : dst[i] + v;
  }
}

#define KERNELS(SUFFIX, T)                                                                                            \
  extern "C" __global__ void gate_log_grad_##SUFFIX(T *dx, const T *dy, const T *y, i64 n) {                          \
    gate_log_grad(dx, dy, y, n);                                                                                      \
  }                                                                                                                   \
  extern "C" __global__ void prelu_##SUFFIX(T *dst, const T *x, const T *weight, i64 n, i64 count, i64 run) {         \
    prelu(dst, x, weight, n, count, run);                                                                             \
  }                                                                                                                   \
  extern "C" __global__ void prelu_grad_##SUFFIX(T *dx, const T *dy, const T *x, const T *weight, i64 n, i64 count,   \
                                                 i64 run) {                                                           \
    prelu_grad(dx, dy, x, weight, n, count, run);                                                                     \
  }                                                                                                                   \
  extern "C" __global__ void prelu_sums_##SUFFIX(double *sums, const T *dy, const T *x, i64 count, i64 parts,         \
                                                 i64 each, i64 length, i64 run) {                                     \
    prelu_sums(sums, dy, x, count, parts, each, length, run);                                                         \
  }                                                                                                                   \
  extern "C" __global__ void prelu_weights_##SUFFIX(T *dweight, const double *sums, i64 count, i64 parts) {           \
    prelu_weights(dweight, sums, count, parts);                                                                       \
  }                                                                                                                   \
  extern "C" __global__ void glu_##SUFFIX(T *dst, T *gate, const T *x, i64 n, i64 run) {                              \
    glu(dst, gate, x, n, run);                                                                                        \
  }                                                                                                                   \
  extern "C" __global__ void glu_grad_##SUFFIX(T *dx, const T *dy, const T *gate, const T *x, i64 n, i64 run) {       \
    glu_grad(dx, dy, gate, x, n, run);                                                                                \
  }                                                                                                                   \
  extern "C" __global__ void dropout_##SUFFIX(T *dst, const T *x, i64 n, i64 key, i64 threshold, T scale, T beta) {   \
    dropout(dst, x, n, (unsigned long long)key, (unsigned)threshold, scale, beta);                                    \
  }

EACH_TYPE(KERNELS)

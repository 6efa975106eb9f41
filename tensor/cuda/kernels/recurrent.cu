// The pointwise parts of recurrent cells, at step t of a sequence: a thread computes a column of an
// item. The loops are those of the processor over items i and columns j, with the gates
// in = gi[i, t] and state = gh[i], each gate H wide. Functions are computed in the type of the
// elements, where the processor takes float64 and rounds.
#include "common.cuh"

__device__ inline float function_tanh(float x) { return tanhf(x); }
__device__ inline double function_tanh(double x) { return tanh(x); }
__device__ inline float sigmoid(float x) { return 1 / (1 + expf(-x)); }
__device__ inline double sigmoid(double x) { return 1 / (1 + exp(-x)); }

// a = [sigmoid, sigmoid, tanh, sigmoid](in + state)
// next = a_f*c + a_i*a_g,  tanh = tanh(next),  h = a_o*tanh
template <typename T>
__device__ void lstm(T *h, T *next, T *act, T *th, const T *gi, const T *gh, const T *c, i64 batch, i64 n, i64 steps, i64 t) {
#pragma unroll 1
  GRID_LOOP(k, batch * n) {
    const i64 item = k / n, j = k - item * n;
    const T *in = gi + (item * steps + t) * 4 * n + j, *state = gh + item * 4 * n + j;
    T *a = act + item * 4 * n + j, gate[4];
#pragma unroll
    for (int part = 0; part < 4; part++) {
      const T z = in[part * n] + state[part * n];
      const T v = part == 2 ? function_tanh(z) : sigmoid(z);
      a[part * n] = v;
      gate[part] = v;
    }
    const T v = gate[1] * c[k] + gate[0] * gate[2], of = function_tanh(v);
    next[k] = v;
    th[k] = of;
    h[k] = gate[3] * of;
  }
}

// d = dnext + dh*o*(1-tanh*tanh),  dc += d*f
// dgi, dgh += [d*g*i*(1-i), d*c*f*(1-f), d*i*(1-g*g), dh*tanh*o*(1-o)]
template <typename T>
__device__ void lstm_grad(T *dgi, T *dgh, T *dc, const T *dh, const T *dnext, const T *act, const T *th, const T *c, i64 batch,
              i64 n, i64 steps, i64 t) {
#pragma unroll 1
  GRID_LOOP(k, batch * n) {
    const i64 item = k / n, j = k - item * n;
    const T *a = act + item * 4 * n + j;
    const T in = a[0], forget = a[n], g = a[2 * n], out = a[3 * n], of = th[k], up = dh[k];
    const T d = dnext[k] + up * out * (1 - of * of);
    const T parts[4] = {d * g * in * (1 - in), d * c[k] * forget * (1 - forget), d * in * (1 - g * g), up * of * out * (1 - out)};
    if (dc)
      dc[k] += d * forget;
    if (dgi) {
      T *to = dgi + (item * steps + t) * 4 * n + j;
#pragma unroll
      for (int part = 0; part < 4; part++)
        to[part * n] += parts[part];
    }
    if (dgh) {
      T *to = dgh + item * 4 * n + j;
#pragma unroll
      for (int part = 0; part < 4; part++)
        to[part * n] += parts[part];
    }
  }
}

// r, z = sigmoid(in + state),  c = tanh(in_n + r*state_n)
// dst = (1-z)*c + z*h
template <typename T>
__device__ void gru(T *dst, T *act, const T *gi, const T *gh, const T *h, i64 batch, i64 n, i64 steps, i64 t) {
#pragma unroll 1
  GRID_LOOP(k, batch * n) {
    const i64 item = k / n, j = k - item * n;
    const T *in = gi + (item * steps + t) * 3 * n + j, *state = gh + item * 3 * n + j;
    T *a = act + item * 3 * n + j;
    const T r = sigmoid(in[0] + state[0]), z = sigmoid(in[n] + state[n]), c = function_tanh(in[2 * n] + r * state[2 * n]);
    a[0] = r;
    a[n] = z;
    a[2 * n] = c;
    dst[k] = (1 - z) * c + z * h[k];
  }
}

// dc = dy*(1-z)*(1-c*c),  dz = dy*(h-c)*z*(1-z),  dr = dc*state_n*r*(1-r)
// dh += dy*z,  dgi += [dr, dz, dc],  dgh += [dr, dz, dc*r]
template <typename T>
__device__ void gru_grad(T *dgi, T *dgh, T *dh, const T *dy, const T *act, const T *gh, const T *h, i64 batch, i64 n, i64 steps,
             i64 t) {
#pragma unroll 1
  GRID_LOOP(k, batch * n) {
    const i64 item = k / n, j = k - item * n;
    const T *a = act + item * 3 * n + j;
    const T r = a[0], z = a[n], c = a[2 * n], up = dy[k];
    const T dc = up * (1 - z) * (1 - c * c), dz = up * (h[k] - c) * z * (1 - z);
    const T dr = dc * gh[(item * 3 + 2) * n + j] * r * (1 - r);
    if (dh)
      dh[k] += up * z;
    if (dgi) {
      T *to = dgi + (item * steps + t) * 3 * n + j;
      to[0] += dr;
      to[n] += dz;
      to[2 * n] += dc;
    }
    if (dgh) {
      T *to = dgh + item * 3 * n + j;
      to[0] += dr;
      to[n] += dz;
      to[2 * n] += dc * r;
    }
  }
}

// dst = tanh(in + state)
template <typename T>
__device__ void rnn(T *dst, const T *gi, const T *gh, i64 batch, i64 n, i64 steps, i64 t) {
#pragma unroll 1
  GRID_LOOP(k, batch * n) {
    const i64 item = k / n;
    dst[k] = function_tanh(gi[(item * steps + t) * n + k - item * n] + gh[k]);
  }
}

// d = dy*(1-y*y),  dgi += d,  dgh += d
template <typename T>
__device__ void rnn_grad(T *dgi, T *dgh, const T *dy, const T *y, i64 batch, i64 n, i64 steps, i64 t) {
#pragma unroll 1
  GRID_LOOP(k, batch * n) {
    const i64 item = k / n;
    const T d = dy[k] * (1 - y[k] * y[k]);
    if (dgi)
      dgi[(item * steps + t) * n + k - item * n] += d;
    if (dgh)
      dgh[k] += d;
  }
}

#define KERNELS(SUFFIX, T)                                                                                                    \
  extern "C" __global__ void lstm_##SUFFIX(T *h, T *next, T *act, T *th, const T *gi, const T *gh, const T *c, i64 batch,     \
                       i64 n, i64 steps, i64 t) {                                                                             \
    lstm(h, next, act, th, gi, gh, c, batch, n, steps, t);                                                                    \
  }                                                                                                                           \
  extern "C" __global__ void lstm_grad_##SUFFIX(T *dgi, T *dgh, T *dc, const T *dh, const T *dnext, const T *act,             \
                          const T *th, const T *c, i64 batch, i64 n, i64 steps, i64 t) {                                      \
    lstm_grad(dgi, dgh, dc, dh, dnext, act, th, c, batch, n, steps, t);                                                       \
  }                                                                                                                           \
  extern "C" __global__ void gru_##SUFFIX(T *dst, T *act, const T *gi, const T *gh, const T *h, i64 batch, i64 n,             \
                      i64 steps, i64 t) {                                                                                     \
    gru(dst, act, gi, gh, h, batch, n, steps, t);                                                                             \
  }                                                                                                                           \
  extern "C" __global__ void gru_grad_##SUFFIX(T *dgi, T *dgh, T *dh, const T *dy, const T *act, const T *gh, const T *h,     \
                         i64 batch, i64 n, i64 steps, i64 t) {                                                                \
    gru_grad(dgi, dgh, dh, dy, act, gh, h, batch, n, steps, t);                                                               \
  }                                                                                                                           \
  extern "C" __global__ void rnn_##SUFFIX(T *dst, const T *gi, const T *gh, i64 batch, i64 n, i64 steps, i64 t) {             \
    rnn(dst, gi, gh, batch, n, steps, t);                                                                                     \
  }                                                                                                                           \
  extern "C" __global__ void rnn_grad_##SUFFIX(T *dgi, T *dgh, const T *dy, const T *y, i64 batch, i64 n, i64 steps, i64 t) { \
    rnn_grad(dgi, dgh, dy, y, batch, n, steps, t);                                                                            \
  }

EACH_TYPE(KERNELS)

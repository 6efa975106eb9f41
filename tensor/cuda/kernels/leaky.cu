// Leaky integrator neurons (package elegans/tensor/leaky). The weights are a sparse matrix in
// compressed rows, or dense ones [n, n] where ptr is null. With a place, the value of entry k is
// val[place[k]]: so the transpose uses the values of the matrix.
#include "common.cuh"
#include "functions.cuh"

template <typename T>
struct Weights {
  const int *ptr, *col, *place;
  const T *val;
  i64 n;      // columns of dense weights
  int stride; // of the vector that they are multiplied with

  // dot returns what this lane of so many contributes to the product of row i with x.
  __device__ T dot(i64 i, const T *x, int lane, int lanes) const {
    T sum = 0;
    const i64 end = ptr ? ptr[i + 1] : (i + 1) * n;
#pragma unroll 1
    for (i64 k = (ptr ? ptr[i] : i * n) + lane; k < end; k += lanes)
      sum = fma(val[place ? place[k] : k], x[(ptr ? col[k] : k - i * n) * stride], sum);
    return sum;
  }

  // transposed_dot is dot with column i of dense weights.
  __device__ T transposed_dot(i64 i, const T *x, int lane, int lanes) const {
    T sum = 0;
#pragma unroll 1
    for (i64 k = lane; k < n; k += lanes)
      sum = fma(val[k * n + i], x[k], sum);
    return sum;
  }
};

// A neuron is worked on by `lanes` threads of a warp, a power of two. collect returns to the first of
// them the sum of v over them, in a fixed order. All threads of the warp call it.
template <typename T>
__device__ T collect(T v, int lanes) {
#pragma unroll 1
  for (int step = lanes / 2; step > 0; step /= 2)
    v += __shfl_down_sync(0xffffffff, v, step);
  return v;
}

// The neurons of the block's share: those of a warp together, so that its threads stay together.
// Blocks along y share the neurons.
#define NEURON_LOOP(i, n, lanes)                                                                                  \
  _Pragma("unroll 1") for (i64 i = ((i64)blockIdx.y * blockDim.x + threadIdx.x) / (lanes),                        \
                               first = ((i64)blockIdx.y * blockDim.x + threadIdx.x / 32 * 32) / (lanes);          \
                           first < (n);                                                                           \
                           i += (i64)gridDim.y * blockDim.x / (lanes), first += (i64)gridDim.y * blockDim.x / (lanes))

template <typename T>
struct Function {
  int op; // -1: the identity
  T a, b;

  __device__ T of(T z) const { return op < 0 ? z : unary(op, z, a, b); }
};

template <typename T>
__device__ T leak_of(const T *leak, i64 leaks, i64 i) {
  return leak ? leak[leaks == 1 ? 0 : i] : T(1);
}

// The rows from `from` to to-1 of each sequence, in place: a block for each sequence, or several where
// there is one row.
//
//     for t := from; t < to; t++ {
//         for i := range n {
//             z = states[s,t,i] + sum over k of W[i,k] * states[s,t-1,k]
//             states[s,t,i] = states[s,t-1,i] + leak[i]*(f(z)-states[s,t-1,i]) + noise[s,t,i]
//         }
//     }
//
// Rows behind the length of a sequence become 0.
template <typename T>
__device__ void run(T *states, const T *start, const Weights<T> &w, const T *leak, i64 leaks, const T *noise, const i64 *lengths,
                    i64 batch, i64 steps, i64 from, i64 to, int lanes, const Function<T> &f) {
  const int lane = threadIdx.x % lanes;
  const i64 n = w.n;
  for (i64 s = blockIdx.x; s < batch; s += gridDim.x) {
    for (i64 t = from; t < to; t++) {
      T *row = states + (s * steps + t) * n;
      const T *before = t > 0 ? row - n : start ? start + s * n : 0;
      const bool ended = lengths && t >= lengths[s];
      NEURON_LOOP(i, n, lanes) {
        T sum = 0;
        if (i < n && !ended && before)
          sum = w.dot(i, before, lane, lanes);
        sum = collect(sum, lanes);
        if (lane != 0 || i >= n)
          continue;
        T y = 0;
        if (!ended) {
          const T last = before ? before[i] : T(0), a = leak_of(leak, leaks, i);
          y = f.of(row[i] + sum);
          if (a != T(1))
            y = last + a * (y - last);
          if (noise)
            y += noise[(s * steps + t) * n + i];
        }
        row[i] = y;
      }
      __syncthreads(); // the next row reads this one
    }
  }
}

// Backwards through the rows from from-1 down to `to`, or -1 for the state before the first, with the
// weights back and, where the function needs its argument, forth; e and g are [batch, steps, n] and
// [batch, n], drive holds Win x + b.
//
//     for t := from - 1; t >= to; t-- {
//         for i := range n {
//             g[i] = dy[s,t,i] + (1-a)*g[i] + sum over k of W[k,i] * e[s,t+1,k]
//             e[s,t,i] = a * g[i] * f'(z)
//             dleak[s,i] += g[i] * (states[s,t,i]-states[s,t-1,i])/a
//         }
//     }
//     dstart[s,i] += (1-a)*g[i] + sum over k of W[k,i] * e[s,0,k]
template <typename T>
__device__ void back(T *e, T *g, T *dleak, T *dstart, const T *dy, const T *states, const T *start, const T *drive,
                     const Weights<T> &forth, const Weights<T> &transposed, const T *leak, i64 leaks, const i64 *lengths, i64 batch,
                     i64 steps, i64 from, i64 to, int lanes, bool from_result, const Function<T> &f) {
  const int lane = threadIdx.x % lanes;
  const i64 n = forth.n;
  for (i64 s = blockIdx.x; s < batch; s += gridDim.x) {
    const i64 length = lengths ? lengths[s] : steps;
    for (i64 t = from - 1; t >= to; t--) {
      const i64 at = (s * steps + t) * n;
      const T *before = t > 0 ? states + at - n : start ? start + s * n : 0;
      NEURON_LOOP(i, n, lanes) {
        T sum = 0, z = 0;
        if (i < n && t + 1 < length)
          sum = transposed.ptr ? transposed.dot(i, e + at + n, lane, lanes) : transposed.transposed_dot(i, e + at + n, lane, lanes);
        if (i < n && drive && before && t >= 0 && t < length)
          z = forth.dot(i, before, lane, lanes);
        sum = collect(sum, lanes);
        z = collect(z, lanes);
        if (lane != 0 || i >= n)
          continue;
        const T a = leak_of(leak, leaks, i);
        if (t + 1 < length && a != T(1))
          sum += (1 - a) * g[s * n + i];
        if (t < 0) {
          if (dstart)
            dstart[s * n + i] += sum;
          continue;
        }
        if (t >= length) {
          e[at + i] = 0;
          continue;
        }
        const T last = before ? before[i] : T(0), now = states[at + i];
        const T total = sum + dy[at + i], inner = a == T(0) ? T(0) : (now - last) / a;
        g[s * n + i] = total;
        if (dleak)
          dleak[s * n + i] += inner * total;
        const T y = a == T(1) ? now : inner + last; // f(z)
        T d = a * total;
        if (f.op >= 0)
          d *= unary_slope(f.op, from_result ? y : z + drive[at + i], y, f.a, f.b);
        e[at + i] = d;
      }
      __syncthreads(); // the row before reads this one
    }
  }
}

// A block of 32 x 8 threads has 32 entries of a sparse matrix; r is the row of entry k.
//
//     for s := range batch { for t := range lengths[s] { dval[k] += e[s,t,r] * states[s,t-1,col[k]] } }
template <typename T>
__device__ void values(T *dval, const int *ptr, const int *col, const T *e, const T *states, const T *start, const i64 *lengths,
                       i64 batch, i64 steps, i64 n, i64 entries) {
  __shared__ T part[8][32];
  for (i64 k = (i64)blockIdx.x * 32 + threadIdx.x; k - threadIdx.x < entries; k += (i64)gridDim.x * 32) {
    T sum = 0;
    if (k < entries) {
      i64 r = 0, end = n; // the last row that begins at or before k
#pragma unroll 1
      while (end - r > 1) {
        const i64 middle = (r + end) / 2;
        if (ptr[middle] <= k)
          r = middle;
        else
          end = middle;
      }
      const i64 c = col[k];
#pragma unroll 1
      for (i64 q = threadIdx.y; q < batch * steps; q += 8) {
        const i64 s = q / steps, t = q - s * steps;
        if (lengths && t >= lengths[s])
          continue;
        const T last = t > 0 ? states[(q - 1) * n + c] : start ? start[s * n + c] : T(0);
        sum = fma(e[q * n + r], last, sum);
      }
    }
    part[threadIdx.y][threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.y == 0 && k < entries) {
      for (int y = 1; y < 8; y++)
        sum += part[y][threadIdx.x];
      dval[k] += sum;
    }
    __syncthreads();
  }
}

// for s := range batch { for t := range lengths[s] { dst[s,t] = x[s,t-shift] } }, start at t = -1
//
// Rows behind the length of a sequence become 0.
template <typename T>
__device__ void shift(T *dst, const T *x, const T *start, const i64 *lengths, i64 batch, i64 steps, i64 n, i64 by) {
#pragma unroll 1
  GRID_LOOP(at, batch * steps * n) {
    const i64 line = at / n, s = line / steps, t = line - s * steps - by;
    T v = 0;
    if (!lengths || t + by < lengths[s])
      v = t >= 0 ? x[at - by * n] : start ? start[s * n + at - line * n] : T(0);
    dst[at] = v;
  }
}

// A step of sixteen sequences side by side: a thread has a neuron of one.
//
//     for i := range n {
//         for l := range lanes {
//             z = sum over k of W[i,k] * x[k,l]
//             v = before[i,l] + leak[i,l]*(f(z)-before[i,l])
//             y[i,l] = v
//         }
//     }
//
// before is x; where there are scales, it is the state, which becomes v, and y is v*scale.
template <typename T>
__device__ void panel(T *y, T *state, const T *x, const T *leak, const T *scale, Weights<T> w, i64 rows, i64 lanes,
                      const Function<T> &f) {
  w.stride = (int)lanes;
#pragma unroll 1
  GRID_LOOP(at, rows * lanes) {
    const T last = scale ? state[at] : x[at];
    const T v = last + leak[at] * (f.of(w.dot(at / lanes, x + at % lanes, 0, 1)) - last);
    y[at] = scale ? v * scale[at] : v;
    if (scale)
      state[at] = v;
  }
}

#define KERNELS(S, T)                                                                                                       \
  extern "C" __global__ void leaky_run_##S(T *states, const T *start, const int *ptr, const int *col, const T *val,         \
                                           const T *leak, i64 leaks, const T *noise, const i64 *lengths, i64 batch,         \
                                           i64 steps, i64 n, i64 from, i64 to, i64 lanes, i64 op, T a, T b) {               \
    run(states, start, Weights<T>{ptr, col, 0, val, n, 1}, leak, leaks, noise, lengths, batch, steps, from, to, (int)lanes,    \
        Function<T>{(int)op, a, b});                                                                                        \
  }                                                                                                                         \
  extern "C" __global__ void leaky_back_##S(                                                                                \
      T *e, T *g, T *dleak, T *dstart, const T *dy, const T *states, const T *start, const T *drive, const int *ptr,        \
      const int *col, const T *val, const int *colPtr, const int *row, const int *place, const T *leak, i64 leaks,         \
      const i64 *lengths, i64 batch, i64 steps, i64 n, i64 from, i64 to, i64 lanes, i64 from_result, i64 op, T a, T b) {    \
    back(e, g, dleak, dstart, dy, states, start, drive, Weights<T>{ptr, col, 0, val, n, 1},                                    \
         Weights<T>{colPtr, row, place, val, n, 1}, leak, leaks, lengths, batch, steps, from, to, (int)lanes, from_result != 0, \
         Function<T>{(int)op, a, b});                                                                                       \
  }                                                                                                                         \
  extern "C" __global__ void leaky_values_##S(T *dval, const int *ptr, const int *col, const T *e, const T *states,         \
                                              const T *start, const i64 *lengths, i64 batch, i64 steps, i64 n,              \
                                              i64 entries) {                                                                \
    values(dval, ptr, col, e, states, start, lengths, batch, steps, n, entries);                                            \
  }                                                                                                                         \
  extern "C" __global__ void leaky_shift_##S(T *dst, const T *x, const T *start, const i64 *lengths, i64 batch, i64 steps,  \
                                             i64 n, i64 by) {                                                               \
    shift(dst, x, start, lengths, batch, steps, n, by);                                                                     \
  }                                                                                                                         \
  extern "C" __global__ void leaky_panel_##S(T *y, T *state, const T *x, const T *leak, const T *scale, const int *ptr,     \
                                             const int *col, const T *val, i64 columns, i64 rows, i64 lanes, i64 op, T a) { \
    panel(y, state, x, leak, scale, Weights<T>{ptr, col, 0, val, columns, 1}, rows, lanes, Function<T>{(int)op, a, T(0)});     \
  }

EACH_TYPE(KERNELS)

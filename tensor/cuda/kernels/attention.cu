// Attention: softmax(scale q kᵀ + mask) v without storing the weights, its gradients, and the weights
// themselves. Scores, sums and results have the type of the elements, as on the CPU.
//
// A block of up to 256 threads computes a query (or, for the gradients of keys and values, a key) of a
// head of an item. It takes as many keys at a time as it has threads: each thread scores one of them,
// then each sums some columns of the result over all of them.
//
// Operands are described by whole numbers: those of Sizes.
#include "lines.cuh"

const int most = 256; // threads of a block

// Places are the strides of an operand [items, heads, rows, columns]. Rows of keys and values may come
// in groups of Sizes.group, in which they lie `inner` apart and from one group to the next `row`.
struct Places {
  i64 item, head, row, inner, column;

  __device__ i64 at(i64 i, i64 h, i64 r) const {
    return i * item + h * head + r * row;
  }

  __device__ i64 at(i64 i, i64 h, i64 r, i64 group) const {
    return group == 1 ? at(i, h, r) : at(i, h, r / group) + r % group * inner;
  }
};

struct Sizes {
  i64 items, heads, queries, keys, group, d, dv, causal;
  Places y, q, k, v;
  i64 add[4], blocked[4]; // strides of the masks along item, head, query and key
};

// Mask forbids pairs of a query and a key, or adds to their score. Null pointers do not restrict.
template <typename T>
struct Mask {
  const T *add, *blocked, *keys;

  __device__ T of(T score, const Sizes &n, i64 item, i64 head, i64 query, i64 key) const {
    if (add)
      score += add[item * n.add[0] + head * n.add[1] + query * n.add[2] + key * n.add[3]];
    if (blocked && blocked[item * n.blocked[0] + head * n.blocked[1] + query * n.blocked[2] + key * n.blocked[3]] != 0)
      score = -infinity<T>();
    if (keys && keys[item * n.keys + key] != 0 || n.causal && key > query)
      score = -infinity<T>();
    return score;
  }
};

template <typename T>
__device__ T dot(const T *a, i64 aColumn, const T *b, i64 bColumn, i64 n) {
  T sum = 0;
#pragma unroll 4
  for (i64 c = 0; c < n; c++)
    sum = fma(a[c * aColumn], b[c * bColumn], sum);
  return sum;
}

// for each query {
//     s := scale * (q · k[j]) + mask, over the keys j
//     high, sum := max(s), sum(exp(s - max(s)))
//     y = sum over j of exp(s[j] - high)/sum * v[j]
//     lse = high + log(sum)            // with a place for 1/sum: high
// }
//
// A query that may attend to nothing has y = 0 and lse = -Inf.
template <typename T>
__device__ void attention(T *y, T *lse, T *inverse, const T *q, const T *k, const T *v, Mask<T> mask, const Sizes &n,
                          T scale) {
  __shared__ T weights[most];
  __shared__ i64 places[most]; // of the values
  const int t = threadIdx.y, threads = blockDim.y;
  for (i64 row = blockIdx.x; row < n.items * n.heads * n.queries; row += gridDim.x) {
    const i64 query = row % n.queries, head = row / n.queries % n.heads, item = row / n.queries / n.heads;
    const T *own = q + n.q.at(item, head, query);
    T *out = y + n.y.at(item, head, query);
    for (i64 c = t; c < n.dv; c += threads)
      out[c * n.y.column] = 0;
    const i64 end = n.causal && query + 1 < n.keys ? query + 1 : n.keys;
    T high = -infinity<T>(), sum = 0;
#pragma unroll 1
    for (i64 first = 0; first < end; first += threads) {
      T s = -infinity<T>();
      i64 place = 0;
      if (first + t < end) {
        const i64 key = first + t;
        s = mask.of(scale * dot(own, n.q.column, k + n.k.at(item, head, key, n.group), n.k.column, n.d), n, item, head,
                    query, key);
        place = n.v.at(item, head, key, n.group);
      }
      const T m = fmax(high, reduce<Max>(s));
      if (m == -infinity<T>()) {
        if (__syncthreads_or(isnan(s)))
          sum = s - s; // NaN: all scores are, or are -Inf
        continue;
      }
      const T fade = high == m ? 1 : exp(high - m);
      places[t] = place;
      weights[t] = exp_normal(s - m);
      sum = sum * fade + reduce<Sum>(weights[t]);
      const int count = end - first < threads ? end - first : threads;
#pragma unroll 1
      for (i64 c = t; c < n.dv; c += threads) {
        T total = out[c * n.y.column] * fade;
#pragma unroll 4
        for (int j = 0; j < count; j++)
          total = fma(weights[j], v[places[j] + c * n.v.column], total);
        out[c * n.y.column] = total;
      }
      high = m;
    }
    const T factor = 1 / sum;
    for (i64 c = t; c < n.dv; c += threads)
      out[c * n.y.column] = sum == 0 ? 0 : out[c * n.y.column] * factor;
    if (t == 0) {
      lse[row] = sum == 0 ? -infinity<T>() : inverse || isinf(high) ? high : high + log(sum);
      if (inverse)
        inverse[row] = factor;
    }
  }
}

// The weight of a pair: exp(s - lse), with a factor where lse is the largest score alone.
template <typename T>
__device__ T weight_of(T score, const T *lse, const T *inverse, i64 row) {
  if (lse[row] == -infinity<T>()) // a query that attends to nothing
    return 0;
  const T w = exp_normal(score - lse[row]);
  return inverse ? w * inverse[row] : w;
}

// for each query {
//     dq = beta dq + scale * sum over the keys j of w[j] * (dy · (v[j] - y)) * k[j]
// }
//
// Where a single key has all the weight, v is y and its summand exactly 0.
template <typename T>
__device__ void attention_grad_queries(T *dq, const T *dy, const T *y, const T *lse, const T *inverse, const T *q,
                                       const T *k, const T *v, Mask<T> mask, const Sizes &n, const Places &dqAt,
                                       const Places &dyAt, T scale, T beta) {
  __shared__ T slopes[most];
  __shared__ i64 places[most]; // of the keys
  const int t = threadIdx.y, threads = blockDim.y;
  for (i64 row = blockIdx.x; row < n.items * n.heads * n.queries; row += gridDim.x) {
    const i64 query = row % n.queries, head = row / n.queries % n.heads, item = row / n.queries / n.heads;
    const T *own = q + n.q.at(item, head, query);
    const T *dyRow = dy + dyAt.at(item, head, query), *yRow = y + n.y.at(item, head, query);
    T *out = dq + dqAt.at(item, head, query);
    if (beta == 0)
      for (i64 c = t; c < n.d; c += threads)
        out[c * dqAt.column] = 0;
    const i64 end = n.causal && query + 1 < n.keys ? query + 1 : n.keys;
#pragma unroll 1
    for (i64 first = 0; first < end; first += threads) {
      if (first + t < end) {
        const i64 key = first + t, place = n.k.at(item, head, key, n.group);
        const T s = mask.of(scale * dot(own, n.q.column, k + place, n.k.column, n.d), n, item, head, query, key);
        const T *vRow = v + n.v.at(item, head, key, n.group);
        places[t] = place;
        T slope = 0;
#pragma unroll 4
        for (i64 c = 0; c < n.dv; c++)
          slope = fma(dyRow[c * dyAt.column], vRow[c * n.v.column] - yRow[c * n.y.column], slope);
        slopes[t] = weight_of(s, lse, inverse, row) * slope;
      }
      __syncthreads();
      const int count = end - first < threads ? end - first : threads;
#pragma unroll 1
      for (i64 c = t; c < n.d; c += threads) {
        T total = 0;
#pragma unroll 4
        for (int j = 0; j < count; j++)
          total = fma(slopes[j], k[places[j] + c * n.k.column], total);
        out[c * dqAt.column] += scale * total;
      }
      __syncthreads();
    }
  }
}

// for each key {
//     dv = beta dv + sum over the queries i of w[i] * dy[i]
//     dk = beta dk + scale * sum over the queries i of w[i] * (dy[i] · (v - y[i])) * q[i]
// }
//
// dk or dv may be null.
template <typename T>
__device__ void attention_grad_keys(T *dk, T *dv, const T *dy, const T *y, const T *lse, const T *inverse, const T *q,
                                    const T *k, const T *v, Mask<T> mask, const Sizes &n, const Places &dkAt, const Places &dvAt,
                                    const Places &dyAt, T scale, T beta) {
  __shared__ T weights[most], slopes[most];
  const int t = threadIdx.y, threads = blockDim.y;
  for (i64 number = blockIdx.x; number < n.items * n.heads * n.keys; number += gridDim.x) {
    const i64 key = number % n.keys, head = number / n.keys % n.heads, item = number / n.keys / n.heads;
    const T *kRow = k + n.k.at(item, head, key, n.group), *vRow = v + n.v.at(item, head, key, n.group);
    const T *qHead = q + n.q.at(item, head, 0);
    const T *dyHead = dy + dyAt.at(item, head, 0), *yHead = y + n.y.at(item, head, 0);
    T *dkRow = dk + (dk ? dkAt.at(item, head, key, n.group) : 0);
    T *dvRow = dv + (dv ? dvAt.at(item, head, key, n.group) : 0);
    if (beta == 0) {
      for (i64 c = t; dk && c < n.d; c += threads)
        dkRow[c * dkAt.column] = 0;
      for (i64 c = t; dv && c < n.dv; c += threads)
        dvRow[c * dvAt.column] = 0;
    }
#pragma unroll 1
    for (i64 first = n.causal ? key : 0; first < n.queries; first += threads) {
      if (first + t < n.queries) {
        const i64 query = first + t;
        const T s = mask.of(scale * dot(qHead + query * n.q.row, n.q.column, kRow, n.k.column, n.d), n, item, head,
                            query, key);
        const T *dyRow = dyHead + query * dyAt.row, *yRow = yHead + query * n.y.row;
        T slope = 0;
#pragma unroll 4
        for (i64 c = 0; c < n.dv; c++)
          slope = fma(dyRow[c * dyAt.column], vRow[c * n.v.column] - yRow[c * n.y.column], slope);
        weights[t] = weight_of(s, lse, inverse, (item * n.heads + head) * n.queries + query);
        slopes[t] = weights[t] * slope;
      }
      __syncthreads();
      const int count = n.queries - first < threads ? n.queries - first : threads;
#pragma unroll 1
      for (i64 c = t; dv && c < n.dv; c += threads) {
        T total = 0;
#pragma unroll 4
        for (int i = 0; i < count; i++)
          total = fma(weights[i], dyHead[(first + i) * dyAt.row + c * dyAt.column], total);
        dvRow[c * dvAt.column] += total;
      }
#pragma unroll 1
      for (i64 c = t; dk && c < n.d; c += threads) {
        T total = 0;
#pragma unroll 4
        for (int i = 0; i < count; i++)
          total = fma(slopes[i], qHead[(first + i) * n.q.row + c * n.q.column], total);
        dkRow[c * dkAt.column] += scale * total;
      }
      __syncthreads();
    }
  }
}

// for each query { w = softmax(w + mask) }
//
// w [items, heads, queries, keys]. A query that may attend to nothing has weights 0.
template <typename T>
__device__ void attention_weights(T *w, Mask<T> mask, const Sizes &n) {
  for (i64 row = blockIdx.x; row < n.items * n.heads * n.queries; row += gridDim.x) {
    const i64 query = row % n.queries, head = row / n.queries % n.heads, item = row / n.queries / n.heads;
    const Line line(row, n.keys, 1);
    T m = -infinity<T>(), sum = 0;
    bool odd = false; // a score is NaN
    ALONG(j, line) {
      const T s = mask.of(w[line.at + j], n, item, head, query, j);
      m = fmax(m, s);
      odd = odd || isnan(s);
      w[line.at + j] = s;
    }
    m = reduce<Max>(m);
    const bool none = m == -infinity<T>() && !__syncthreads_or(odd);
    ALONG(j, line) {
      const T e = none ? 0 : exp_normal(w[line.at + j] - m);
      sum += e;
      w[line.at + j] = e;
    }
    const T factor = none ? 0 : 1 / reduce<Sum>(sum);
    ALONG(j, line) w[line.at + j] = n.causal && j > query ? 0 : w[line.at + j] * factor;
  }
}

// numbers are Sizes, and for the gradients the Places of dq, dk, dv and dy behind them.
struct Numbers {
  Sizes n;
  Places dq, dk, dv, dy;
};

#define KERNELS(SUFFIX, T)                                                                                            \
  extern "C" __global__ void __launch_bounds__(most)                                                                  \
      attention_##SUFFIX(T *y, T *lse, T *inverse, const T *q, const T *k, const T *v, const T *add, const T *blocked, \
                         const T *keys, const Sizes *n, T scale) {                                                    \
    attention(y, lse, inverse, q, k, v, Mask<T>{add, blocked, keys}, *n, scale);                                      \
  }                                                                                                                   \
  extern "C" __global__ void __launch_bounds__(most)                                                                  \
      attention_grad_queries_##SUFFIX(T *dq, const T *dy, const T *y, const T *lse, const T *inverse, const T *q,     \
                                      const T *k, const T *v, const T *add, const T *blocked, const T *keys,          \
                                      const Numbers *n, T scale, T beta) {                                            \
    attention_grad_queries(dq, dy, y, lse, inverse, q, k, v, Mask<T>{add, blocked, keys}, n->n, n->dq, n->dy, scale,  \
                           beta);                                                                                     \
  }                                                                                                                   \
  extern "C" __global__ void __launch_bounds__(most)                                                                  \
      attention_grad_keys_##SUFFIX(T *dk, T *dv, const T *dy, const T *y, const T *lse, const T *inverse, const T *q, \
                                   const T *k, const T *v, const T *add, const T *blocked, const T *keys,             \
                                   const Numbers *n, T scale, T beta) {                                               \
    attention_grad_keys(dk, dv, dy, y, lse, inverse, q, k, v, Mask<T>{add, blocked, keys}, n->n, n->dk, n->dv, n->dy, \
                        scale, beta);                                                                                 \
  }                                                                                                                   \
  extern "C" __global__ void __launch_bounds__(most)                                                                  \
      attention_weights_##SUFFIX(T *w, const T *add, const T *blocked, const T *keys, const Sizes *n) {               \
    attention_weights(w, Mask<T>{add, blocked, keys}, *n);                                                            \
  }

EACH_TYPE(KERNELS)

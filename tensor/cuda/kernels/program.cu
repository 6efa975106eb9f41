// Straight-line programs over matrices [rows, width] (package elegans/tensor/program): for each level
// a kernel for its linear steps, which are products of matrices, and one for its other steps, which
// work on each row alone; and the same backwards.
//
// Matrices lie in one of two memories: that of the steps, at offset v of v >= 0, or that of the
// inputs, at offset -1-v.
#include "common.cuh"
#include "functions.cuh"

template <typename T>
struct Place {
  T *inputs, *steps; // of gradients, inputs may be null: then that of an input is not wanted

  __device__ T *at(i64 v) const { return v >= 0 ? steps + v : inputs ? inputs + (-1 - v) : 0; }
};

// Products of matrices, in tiles of `tile` x `tile` elements: a thread of 16 x 16 has R x R of them,
// 16 apart.
const int side = 16, R = 2, tile = side * R;

template <typename T>
__device__ void load(T (*s)[tile + 1], const T *x, i64 first, i64 count, i64 stride, i64 k0, i64 k, i64 strideK) {
#pragma unroll 1
  for (int e = threadIdx.y * side + threadIdx.x; e < side * tile; e += side * side) {
    // Neighbours among the threads load what is adjacent in memory.
    const int p = strideK == 1 ? e % side : e / tile, i = strideK == 1 ? e / side : e % tile;
    s[p][i] = k0 + p < k && first + i < count ? x[(first + i) * stride + (k0 + p) * strideK] : T(0);
  }
}

// add_product adds to sum the tile at row, col of the product of a [m, k] and b [k, n].
template <typename T>
__device__ void add_product(T (&sum)[R][R], const T *a, i64 aRow, i64 aCol, const T *b, i64 bRow, i64 bCol, i64 row, i64 col,
                            i64 m, i64 n, i64 k) {
  __shared__ T sa[side][tile + 1], sb[side][tile + 1];
#pragma unroll 1
  for (i64 k0 = 0; k0 < k; k0 += side) {
    load(sa, a, row, m, aRow, k0, k, aCol);
    load(sb, b, col, n, bCol, k0, k, bRow);
    __syncthreads();
#pragma unroll 1
    for (int p = 0; p < side; p++) {
#pragma unroll
      for (int i = 0; i < R; i++) {
#pragma unroll
        for (int j = 0; j < R; j++)
          sum[i][j] = fma(sa[p][threadIdx.y + i * side], sb[p][threadIdx.x + j * side], sum[i][j]);
      }
    }
    __syncthreads();
  }
}

// store writes the tile to c [m, n], or adds it.
template <typename T>
__device__ void store(T *c, const T (&sum)[R][R], const T *bias, bool add, i64 row, i64 col, i64 m, i64 n) {
#pragma unroll
  for (int i = 0; i < R; i++) {
#pragma unroll
    for (int j = 0; j < R; j++) {
      const i64 r = row + threadIdx.y + i * side, q = col + threadIdx.x + j * side;
      if (r >= m || q >= n)
        continue;
      T v = sum[i][j];
      if (bias)
        v += bias[q];
      c[r * n + q] = add ? c[r * n + q] + v : v;
    }
  }
}

// The tiles of `count` matrices [m, n]: z is the matrix, row and col where the tile begins.
#define TILE_LOOP(z, count, row, m, col)                                                    \
  const i64 col = (i64)blockIdx.x * tile;                                                   \
  for (i64 z = blockIdx.z; z < (count); z += gridDim.z)                                     \
    for (i64 row = (i64)blockIdx.y * tile; row < (m); row += (i64)gridDim.y * tile)

// for _, step := range linear { y = a weightᵀ + bias }
//
// refs: [steps, 2]: a and y
template <typename T>
__device__ void linear(Place<T> values, const T *const *weight, const T *const *bias, const i64 *refs, i64 steps, i64 rows,
                       i64 width) {
  TILE_LOOP(z, steps, row, rows, col) {
    T sum[R][R] = {};
    add_product(sum, values.at(refs[2 * z]), width, 1, weight[z], 1, width, row, col, rows, width, width);
    store(values.at(refs[2 * z + 1]), sum, bias[z], false, row, col, rows, width);
  }
}

// for _, source := range sources { for _, step := range source.steps { da += dy weight } }
//
// refs: [sources, 4]: da, whether it is written first, and the steps from to end-1
// dy: [steps]
template <typename T>
__device__ void source_grad(Place<T> grads, const T *const *weight, const i64 *refs, const i64 *dy, i64 sources, i64 rows,
                            i64 width) {
  TILE_LOOP(z, sources, row, rows, col) {
    const i64 *of = refs + 4 * z;
    T sum[R][R] = {};
    for (i64 i = of[2]; i < of[3]; i++)
      add_product(sum, (const T *)grads.at(dy[i]), width, 1, weight[i], width, 1, row, col, rows, width, width);
    store(grads.at(of[0]), sum, (const T *)0, !of[1], row, col, rows, width);
  }
}

// for unit, steps := range byUnit { for _, step := range steps { dweight += dyᵀ a } }
//
// refs: [units, 3]: whether dweight is overwritten, and the steps from to end-1
// pairs: [steps, 2]: dy and a
template <typename T>
__device__ void unit_grad(T *const *dweight, Place<T> values, Place<T> grads, const i64 *refs, const i64 *pairs, i64 units,
                          i64 rows, i64 width) {
  TILE_LOOP(z, units, row, width, col) {
    const i64 *of = refs + 3 * z;
    if (!dweight[z])
      continue;
    T sum[R][R] = {};
    for (i64 i = of[1]; i < of[2]; i++) {
      add_product(sum, (const T *)grads.at(pairs[2 * i]), 1, width, (const T *)values.at(pairs[2 * i + 1]), width, 1, row, col,
                  width, width, rows);
    }
    store(dweight[z], sum, (const T *)0, !of[0], row, col, width, width);
  }
}

// What a step of the rows is, as numbers.
enum Field : int { KIND, NORM, A, B, Y, NUMBER, UNIT, DA, DB, DY, FIRST_A, FIRST_B, FIELDS };
enum Kind : i64 { ACT = 1, ADD = 2, MUL = 3 };
enum Activation : i64 { UNARY, SOFTMAX, PRELU };

template <typename T>
struct Function {
  i64 kind;
  int op;
  T a, b;

  // of PReLU the slope is a parameter
  __device__ Function(i64 kind, i64 op, T a, T b, const T *slope)
      : kind(kind), op(kind == PRELU ? (int)UNARY_LEAKY_RELU : (int)op), a(kind == PRELU ? *slope : a), b(b) {}
};

struct Sum {
  template <typename T>
  __device__ static T of(T a, T b) {
    return a + b;
  }
};
struct Largest {
  template <typename T>
  __device__ static T of(T a, T b) {
    return go::max(a, b);
  }
};

// over_block returns to all threads of the block what the values of v come to, in a fixed order.
template <typename OP, typename T>
__device__ T over_block(T v) {
  __shared__ T part[256];
  part[threadIdx.x] = v;
  __syncthreads();
#pragma unroll 1
  for (int half = blockDim.x / 2; half > 0; half /= 2) {
    if (threadIdx.x < half)
      part[threadIdx.x] = OP::of(part[threadIdx.x], part[threadIdx.x + half]);
    __syncthreads();
  }
  v = part[0];
  __syncthreads(); // before the memory is used again
  return v;
}

// The columns of a thread. No other thread of its block touches them, so that steps need not wait
// for each other.
#define COLUMNS(j, width) for (i64 j = threadIdx.x; j < (width); j += blockDim.x)

template <typename T>
__device__ T combined(i64 kind, const T *a, const T *b, i64 j) {
  return kind == ACT ? a[j] : kind == ADD ? a[j] + b[j] : a[j] * b[j];
}

// Run: a block for each row.
//
//     for _, step := range steps {
//         z = a, a + b or a * b
//         if step.Norm { z = (z - mean)*rstd*gain + shift }
//         y = z, or f(z)
//     }
template <typename T>
__device__ void run_rows(Place<T> values, T *means, T *rstds, const T *const *gains, const T *const *shifts, const i64 *steps,
                         i64 count, i64 rows, i64 width, double eps, const Function<T> &f) {
  for (i64 r = blockIdx.x; r < rows; r += gridDim.x) {
#pragma unroll 1
    for (const i64 *s = steps; s < steps + count * FIELDS; s += FIELDS) {
      const T *a = values.at(s[A]) + r * width, *b = s[KIND] == ACT ? 0 : values.at(s[B]) + r * width;
      T *y = values.at(s[Y]) + r * width;
      T mean = 0, rstd = 1;
      if (s[NORM]) {
        T sum = 0;
#pragma unroll 1
        COLUMNS(j, width) sum += combined(s[KIND], a, b, j);
        mean = over_block<Sum>(sum) / T(width);
        sum = 0;
#pragma unroll 1
        COLUMNS(j, width) {
          const T d = combined(s[KIND], a, b, j) - mean;
          sum = fma(d, d, sum);
        }
        rstd = T(1 / sqrt((double)(over_block<Sum>(sum) / T(width)) + eps));
        if (means && threadIdx.x == 0) {
          means[s[NUMBER] * rows + r] = mean;
          rstds[s[NUMBER] * rows + r] = rstd;
        }
      }
      const T *gain = s[NORM] ? gains[s[UNIT]] : 0, *shift = s[NORM] ? shifts[s[UNIT]] : 0;
      const bool unary_act = s[KIND] == ACT && f.kind != SOFTMAX;
#pragma unroll 1
      COLUMNS(j, width) {
        T z = combined(s[KIND], a, b, j);
        if (s[NORM])
          z = fma((z - mean) * rstd, gain[j], shift[j]);
        y[j] = unary_act ? unary(f.op, z, f.a, f.b) : z;
      }
      if (s[KIND] != ACT || f.kind != SOFTMAX)
        continue;
      T most = T(__int_as_float(0xff800000)), sum = 0; // -Inf
#pragma unroll 1
      COLUMNS(j, width) most = go::max(most, y[j]);
      most = over_block<Largest>(most);
#pragma unroll 1
      COLUMNS(j, width) {
        y[j] = go::exp(y[j] - most);
        sum += y[j];
      }
      sum = 1 / over_block<Sum>(sum);
#pragma unroll 1
      COLUMNS(j, width) y[j] *= sum;
    }
  }
}

// Backward: a block for each chunk of rows, with sums of its own, parts [chunks, units*2*width + 1].
//
//     for _, step := range slices.Backward(steps) {
//         g = dy, or dy*f'(z)
//         if step.Norm { dgain += g*zhat; dshift += g; g = rstd*(g*gain - mean(g*gain) - zhat*mean(g*gain*zhat)) }
//         da += g, db += g, or da += g*b, db += g*a
//     }
template <typename T>
__device__ void rows_grad(Place<T> values, Place<T> grads, T *parts, const T *means, const T *rstds, const T *const *gains,
                          const T *const *shifts, const i64 *steps, i64 count, i64 rows, i64 width, i64 units, i64 chunk,
                          const Function<T> &f) {
  for (i64 first = blockIdx.x * chunk; first < rows; first += gridDim.x * chunk) {
    T *part = parts + first / chunk * (units * 2 * width + 1);
    double slope = 0;
    for (i64 r = first; r < rows && r < first + chunk; r++) {
#pragma unroll 1
      for (const i64 *s = steps + (count - 1) * FIELDS; s >= steps; s -= FIELDS) {
        const T *a = values.at(s[A]) + r * width, *b = s[KIND] == ACT ? 0 : values.at(s[B]) + r * width;
        const T *y = values.at(s[Y]) + r * width;
        // The gradient of a value that is complete is needed no more: g takes its place.
        T *g = grads.at(s[DY]) + r * width;
        T *da = grads.at(s[DA]), *db = s[KIND] == ACT ? 0 : grads.at(s[DB]);
        const bool norm = s[NORM];
        const T mean = norm ? means[s[NUMBER] * rows + r] : T(0), rstd = norm ? rstds[s[NUMBER] * rows + r] : T(1);
        const T *gain = norm ? gains[s[UNIT]] : 0, *shift = norm ? shifts[s[UNIT]] : 0;
        if (s[KIND] == ACT && f.kind == SOFTMAX) {
          T dot = 0;
#pragma unroll 1
          COLUMNS(j, width) dot = fma(y[j], g[j], dot);
          dot = over_block<Sum>(dot);
#pragma unroll 1
          COLUMNS(j, width) g[j] = y[j] * (g[j] - dot);
        } else if (s[KIND] == ACT) {
#pragma unroll 1
          COLUMNS(j, width) {
            T z = a[j];
            if (norm)
              z = fma((z - mean) * rstd, gain[j], shift[j]);
            if (f.kind == PRELU)
              slope += (double)g[j] * fmin((double)z, 0.0);
            g[j] *= unary_slope(f.op, z, y[j], f.a, f.b);
          }
        }
        if (norm) {
          T sum = 0, dot = 0;
          T *dgain = part + s[UNIT] * 2 * width, *dshift = dgain + width;
#pragma unroll 1
          COLUMNS(j, width) {
            const T hat = (combined(s[KIND], a, b, j) - mean) * rstd;
            dgain[j] = fma(g[j], hat, dgain[j]);
            dshift[j] += g[j];
            g[j] *= gain[j];
            sum += g[j];
            dot = fma(g[j], hat, dot);
          }
          sum = over_block<Sum>(sum) / T(width);
          dot = over_block<Sum>(dot) / T(width);
#pragma unroll 1
          COLUMNS(j, width) {
            const T hat = (combined(s[KIND], a, b, j) - mean) * rstd;
            g[j] = rstd * (g[j] - sum - hat * dot);
          }
        }
        const bool product = s[KIND] == MUL;
        // b may be the same value as a, and comes second.
#pragma unroll 1
        COLUMNS(j, width) {
          if (da) {
            const T v = product ? g[j] * b[j] : g[j];
            T *to = da + r * width + j;
            *to = s[FIRST_A] ? v : *to + v;
          }
          if (db) {
            const T v = product ? g[j] * a[j] : g[j];
            T *to = db + r * width + j;
            *to = s[FIRST_B] ? v : *to + v;
          }
        }
      }
    }
    if (f.kind == PRELU) {
      slope = over_block<Sum>(slope);
      if (threadIdx.x == 0)
        part[units * 2 * width] += T(slope);
    }
  }
}

// The sums over rows and chunks that remain, a block for each unit:
//
//     for _, step := range byUnit[unit] { for r := range rows { dbias += dy[r] } }
//     for c := range chunks { dgain += parts[c, unit, 0]; dshift += parts[c, unit, 1]; dslope += parts[c, -1] }
//
// refs and pairs are as in unit_grad.
template <typename T>
__device__ void unit_sums(T *const *dbias, T *const *dgain, T *const *dshift, T *dslope, Place<T> grads, const T *parts,
                          const i64 *refs, const i64 *pairs, i64 units, i64 rows, i64 width, i64 chunks) {
  const i64 stride = units * 2 * width + 1;
  for (i64 unit = blockIdx.x; unit < units; unit += gridDim.x) {
#pragma unroll 1
    COLUMNS(j, width) {
      if (T *to = dbias[unit]) {
        T sum = to[j];
        for (i64 i = refs[3 * unit + 1]; i < refs[3 * unit + 2]; i++) {
          const T *dy = grads.at(pairs[2 * i]) + j;
#pragma unroll 1
          for (i64 r = 0; r < rows; r++)
            sum += dy[r * width];
        }
        to[j] = sum;
      }
#pragma unroll 1
      for (int which = 0; which < 2; which++) {
        T *to = which ? dshift[unit] : dgain[unit];
        if (!to)
          continue;
        T sum = to[j];
#pragma unroll 1
        for (i64 c = 0; c < chunks; c++)
          sum += parts[c * stride + (unit * 2 + which) * width + j];
        to[j] = sum;
      }
    }
  }
  if (dslope && blockIdx.x == 0 && threadIdx.x == 0) {
    T sum = *dslope;
    for (i64 c = 0; c < chunks; c++)
      sum += parts[(c + 1) * stride - 1];
    *dslope = sum;
  }
}

// for o, v := range outputs { for r := range rows { copy(out[o/group,r,o%group], v[r]) } }
template <typename T>
__device__ void gather(T *out, Place<T> values, const i64 *outputs, i64 count, i64 group, i64 rows, i64 width) {
#pragma unroll 1
  GRID_LOOP(at, count * rows * width) {
    const i64 j = at % width, line = at / width, o = line / group / rows * group + line % group;
    out[at] = values.at(outputs[o])[line / group % rows * width + j];
  }
}

// for o, v := range outputs { for r := range rows { dv[r] += dout[o/group,r,o%group] } }
//
// refs: [outputs, 2]: dv, and whether it is written first
template <typename T>
__device__ void scatter(Place<T> grads, const T *dout, const i64 *refs, i64 count, i64 group, i64 rows, i64 width) {
#pragma unroll 1
  GRID_LOOP(at, rows * width) {
    const i64 r = at / width, j = at % width;
#pragma unroll 1
    for (i64 o = 0; o < count; o++) {
      T *to = grads.at(refs[2 * o]);
      if (!to)
        continue;
      const T v = dout[((o / group * rows + r) * group + o % group) * width + j];
      to[at] = refs[2 * o + 1] ? v : to[at] + v;
    }
  }
}

#define KERNELS(S, T)                                                                                                     \
  extern "C" __global__ void __launch_bounds__(side *side)                                                                \
      program_linear_##S(T *x, T *values, const T *const *weight, const T *const *bias, const i64 *refs, i64 steps,       \
                         i64 rows, i64 width) {                                                                           \
    linear(Place<T>{x, values}, weight, bias, refs, steps, rows, width);                                                  \
  }                                                                                                                       \
  extern "C" __global__ void __launch_bounds__(side *side)                                                                \
      program_source_grad_##S(T *dx, T *grads, const T *const *weight, const i64 *refs, const i64 *dy, i64 sources,       \
                              i64 rows, i64 width) {                                                                      \
    source_grad(Place<T>{dx, grads}, weight, refs, dy, sources, rows, width);                                             \
  }                                                                                                                       \
  extern "C" __global__ void __launch_bounds__(side *side)                                                                \
      program_unit_grad_##S(T *const *dweight, T *x, T *values, T *grads, const i64 *refs, const i64 *pairs, i64 units,   \
                            i64 rows, i64 width) {                                                                        \
    unit_grad(dweight, Place<T>{x, values}, Place<T>{0, grads}, refs, pairs, units, rows, width);                         \
  }                                                                                                                       \
  extern "C" __global__ void program_rows_##S(T *x, T *values, T *means, T *rstds, const T *const *gains,                 \
                                              const T *const *shifts, const i64 *steps, i64 count, i64 rows, i64 width,   \
                                              double eps, i64 kind, i64 op, T a, T b, const T *slope) {                   \
    run_rows(Place<T>{x, values}, means, rstds, gains, shifts, steps, count, rows, width, eps,                            \
             Function<T>(kind, op, a, b, slope));                                                                         \
  }                                                                                                                       \
  extern "C" __global__ void program_rows_grad_##S(T *x, T *values, T *dx, T *grads, T *parts, const T *means,            \
                                                   const T *rstds, const T *const *gains, const T *const *shifts,         \
                                                   const i64 *steps, i64 count, i64 rows, i64 width, i64 units, i64 chunk, \
                                                   i64 kind, i64 op, T a, T b, const T *slope) {                          \
    rows_grad(Place<T>{x, values}, Place<T>{dx, grads}, parts, means, rstds, gains, shifts, steps, count, rows, width,    \
              units, chunk, Function<T>(kind, op, a, b, slope));                                                          \
  }                                                                                                                       \
  extern "C" __global__ void program_unit_sums_##S(T *const *dbias, T *const *dgain, T *const *dshift, T *dslope,         \
                                                   T *grads, const T *parts, const i64 *refs, const i64 *pairs, i64 units, \
                                                   i64 rows, i64 width, i64 chunks) {                                     \
    unit_sums(dbias, dgain, dshift, dslope, Place<T>{0, grads}, parts, refs, pairs, units, rows, width, chunks);          \
  }                                                                                                                       \
  extern "C" __global__ void program_gather_##S(T *out, T *x, T *values, const i64 *outputs, i64 count, i64 group,        \
                                                i64 rows, i64 width) {                                                    \
    gather(out, Place<T>{x, values}, outputs, count, group, rows, width);                                                 \
  }                                                                                                                       \
  extern "C" __global__ void program_scatter_##S(T *dx, T *grads, const T *dout, const i64 *refs, i64 count, i64 group,   \
                                                 i64 rows, i64 width) {                                                   \
    scatter(Place<T>{dx, grads}, dout, refs, count, group, rows, width);                                                  \
  }

EACH_TYPE(KERNELS)

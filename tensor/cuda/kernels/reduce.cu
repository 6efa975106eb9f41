// Reductions: sums, means, maxima, variances, norms and products over axes, with their gradients;
// what a whole tensor is reduced to on its way to the host; places of maxima.
//
// A block of threads computes one result or more. `lanes` of its threads, a power of two, share the
// elements of a result: lane l takes the elements l, l+lanes, ... and a tree combines what they
// have. All is done in float64, in an order that the shape alone determines.
#include "common.cuh"
#include "axes.cuh"

const int most = 1024; // threads of a block

enum Op { sumOf, squaresOf, maxOf, minOf, varianceOf, powersOf, productOf };

__device__ __noinline__ double power(double x, double p) { return pow(x, p); }

__device__ double start(int op) {
  return op == maxOf ? -1.0 / 0.0 : op == minOf ? 1.0 / 0.0 : op == productOf ? 1 : 0;
}

// combine keeps a NaN.
__device__ double combine(int op, double a, double b) {
  switch (op) {
  case maxOf: return a != a || a > b ? a : b;
  case minOf: return a != a || a < b ? a : b;
  case productOf: return a * b;
  default: return a + b;
  }
}

// Lanes is a thread's part in a block: it serves result `result` of those that the block computes.
struct Lanes {
  int lanes, results, lane, result;

  // Neighbouring threads take neighbouring elements of a result or, in columns, neighbouring
  // results, whichever lie closer together.
  __device__ Lanes(i64 lanes, i64 columns) : lanes(lanes), results(blockDim.x / lanes) {
    lane = columns ? threadIdx.x / results : threadIdx.x % lanes;
    result = columns ? threadIdx.x % results : threadIdx.x / lanes;
  }

  // across combines the values of all lanes of a result, and gives them all what comes out.
  __device__ double across(double *shared, int op, double v) const {
    double *mine = shared + result * lanes + lane;
    *mine = v;
    __syncthreads();
#pragma unroll 1
    for (int half = lanes / 2; half > 0; half /= 2) {
      if (lane < half)
        *mine = combine(op, *mine, mine[half]);
      __syncthreads();
    }
    v = shared[result * lanes];
    __syncthreads();
    return v;
  }
};

// The axes of a reduction: the kept ones, in the order of the results, and the reduced ones.
struct Reduced {
  i64 results, count; // of elements of a result
  Axes<1> kept, reduced;
};

// for each result k:
//     acc := start; for each element v of it { acc = op(acc, v) }
//     dst[k] = root(acc/divisor)     or += with add
//
// op adds up the elements, their squares, |v|^p, or, for the variance, the squares of their
// differences from the mean; it multiplies them; or it takes the largest or smallest. root is
// none (0), the square root (2), or another one.
template <typename T>
__device__ void reduce(T *dst, const T *x, int op, double divisor, double p, double root, bool add, i64 lanes,
                       i64 columns, const Reduced &r) {
  __shared__ double shared[most];
  const Lanes l(lanes, columns);
  for (i64 k0 = (i64)blockIdx.x * l.results; k0 < r.results; k0 += (i64)gridDim.x * l.results) {
    const i64 k = k0 + l.result, count = k < r.results ? r.count : 0;
    const T *row = x + (k < r.results ? place(r.kept, k) : 0);
    double mean = 0, acc = 0;
#pragma unroll 1
    for (int pass = op != varianceOf; pass < 2; pass++) {
      const int with = pass == 0 ? sumOf : op;
      acc = start(with);
#pragma unroll 1
      for (i64 i = l.lane; i < count; i += lanes) {
        double v = row[place(r.reduced, i)];
        if (with == squaresOf || with == varianceOf)
          v = (v - mean) * (v - mean);
        if (with == powersOf)
          v = v == 0 && p == 0 ? 0 : power(fabs(v), p);
        acc = combine(with, acc, v);
      }
      acc = l.across(shared, with, acc);
      if (pass == 0)
        mean = acc / r.count;
    }
    if (k < r.results && l.lane == 0) {
      acc /= divisor;
      acc = root == 0 ? acc : root == 2 ? sqrt(acc) : power(acc, 1 / root);
      dst[k] = T(add ? dst[k] + acc : acc);
    }
  }
}

enum Grad { whereEqual, centred, scaled, ofPowers };

// for each result k, with the gradient dy[k] of it:
//     whereEqual:  dx += dy/n where x = y, n the number of such elements of the result
//     centred:     dx += scale*dy*(x - mean), with dy/y in place of dy if y is there, 0 if it is 0
//     scaled:      dx += dy/y*x, nothing if y is 0
//     ofPowers:    dx += dy*sign(x)*(|x|/y)^(p-1), nothing if x or y is 0
template <typename T>
__device__ void reduce_grad(T *dx, const T *x, const T *dy, const T *y, int kind, double scale, double p, i64 lanes,
                            i64 columns, const Reduced &r) {
  __shared__ double shared[most];
  const Lanes l(lanes, columns);
  for (i64 k0 = (i64)blockIdx.x * l.results; k0 < r.results; k0 += (i64)gridDim.x * l.results) {
    const i64 k = k0 + l.result, count = k < r.results ? r.count : 0;
    const i64 first = k < r.results ? place(r.kept, k) : 0;
    double acc = 0, g = 0, of = 1;
#pragma unroll 1
    for (i64 i = l.lane; kind <= centred && i < count; i += lanes) {
      const double v = x[first + place(r.reduced, i)];
      acc += kind == centred ? v : v == y[k] ? 1 : 0;
    }
    if (kind <= centred)
      acc = l.across(shared, sumOf, acc);
    if (count > 0) {
      g = dy[k];
      of = y ? y[k] : 1;
      if (kind == whereEqual)
        g /= acc;
      else if (kind == centred)
        g = of == 0 ? 0 : scale * g / of;
      else if (kind == scaled)
        g = of == 0 ? 0 : g / of;
    }
    const double mean = acc / r.count;
#pragma unroll 1
    for (i64 i = l.lane; i < count; i += lanes) {
      const i64 at = first + place(r.reduced, i);
      const double v = x[at];
      if (kind == whereEqual && v == of)
        dx[at] += g;
      else if (kind == centred)
        dx[at] += g * (v - mean);
      else if (kind == scaled)
        dx[at] += g * v;
      else if (kind == ofPowers && v != 0 && of != 0)
        dx[at] += g * copysign(power(fabs(v) / of, p - 1), v);
    }
  }
}

enum Whole {
  total,
  totalSquares,
  totalProducts,
  nonFinite,
  largest,
  totalPowers,
  above,
  bothAbove,
  nonZero,
  firstNonFinite,
  firstOutside
};

// for i := range a { acc = op(acc, f(a[i], b[i], i)) }
//
// f is, in the order of Whole: the element, its square, its product with that of b; 1 where it is
// not finite; its magnitude, the power p of that; 1 where it is above p, where also that of b is
// above q, where it is not 0; the place of one that is not finite, or not in [p, q]. The largest
// magnitude and the first place are wanted, and the sum of all others. Each block gives one part.
template <typename T>
__device__ void whole(double *parts, const T *a, const T *b, i64 n, int op, double p, double q) {
  __shared__ double shared[most];
  const int with = op == largest ? maxOf : op >= firstNonFinite ? minOf : sumOf;
  double acc = op == largest ? 0 : start(with);
  GRID_LOOP(i, n) {
    const double x = a[i], none = 1.0 / 0.0;
    double v = x;
    switch (op) {
    case totalSquares: v = x * x; break;
    case totalProducts: v = x * b[i]; break;
    case nonFinite: v = x - x != 0; break;
    case largest: v = fabs(x); break;
    case totalPowers: v = power(fabs(x), p); break;
    case above: v = x > p; break;
    case bothAbove: v = x > p && b[i] > q; break;
    case nonZero: v = x != 0; break;
    case firstNonFinite: v = x - x != 0 ? i : none; break;
    case firstOutside: v = x >= p && x <= q ? none : i; break;
    }
    acc = combine(with, acc, v);
  }
  acc = Lanes(blockDim.x, 0).across(shared, with, acc);
  if (threadIdx.x == 0)
    parts[blockIdx.x] = acc;
}

// for g := range flags { flags[g] = 1 if an element of x[g*n:(g+1)*n] is not 0, else 0 }
template <typename T>
__device__ void nonzero_groups(i64 *flags, const T *x, i64 groups, i64 n) {
  for (i64 g = blockIdx.x; g < groups; g += gridDim.x) {
    int found = 0;
#pragma unroll 1
    for (i64 i = threadIdx.x; i < n && !found; i += blockDim.x)
      found = x[g * n + i] != 0;
    found = __syncthreads_or(found);
    if (threadIdx.x == 0)
      flags[g] = found;
  }
}

enum Extremum { largestFirst, smallestFirst, ignoreNaN };

// better says whether an element v at place i comes before w at place j: the larger one or, wanted
// smallest, the smaller one; a NaN before all numbers; the first one among equals.
template <typename T>
__device__ bool better(bool smallest, T v, i64 i, T w, i64 j) {
  if (v != v || w != w)
    return v != v && (w == w || i < j);
  return v == w ? i < j : v > w != smallest;
}

// for each line k of n elements of x, inner apart:
//     best, where := x[0], 0; for i := range n { if x[i] > best { best, where = x[i], i } }
//     dst[k], index[k] = best, where
//
// dst and index may be null. With ignoreNaN the comparison is that of numbers: no NaN is larger,
// and none is smaller than one at the place 0.
template <typename T>
__device__ void extremum(T *dst, i64 *index, const T *x, i64 results, i64 n, i64 inner, int kind, i64 lanes) {
  __shared__ T values[most];
  __shared__ i64 places[most];
  const bool smallest = kind == smallestFirst;
  const Lanes l(lanes, inner > 1);
  const int mine = l.result * lanes + l.lane;
  for (i64 k0 = (i64)blockIdx.x * l.results; k0 < results; k0 += (i64)gridDim.x * l.results) {
    const i64 k = k0 + l.result;
    T best = smallest ? T(1.0 / 0.0) : T(-1.0 / 0.0);
    i64 where = n; // behind all
#pragma unroll 1
    for (i64 i = l.lane; k < results && i < n; i += lanes) {
      T v = x[(k / inner * n + i) * inner + k % inner];
      if (kind == ignoreNaN && v != v)
        v = i == 0 ? T(1.0 / 0.0) : T(-1.0 / 0.0);
      if (better(smallest, v, i, best, where)) {
        best = v;
        where = i;
      }
    }
    values[mine] = best;
    places[mine] = where;
    __syncthreads();
#pragma unroll 1
    for (int half = lanes / 2; half > 0; half /= 2) {
      const int other = mine + half;
      if (l.lane < half && better(smallest, values[other], places[other], values[mine], places[mine])) {
        values[mine] = values[other];
        places[mine] = places[other];
      }
      __syncthreads();
    }
    if (k < results && l.lane == 0) {
      if (dst)
        dst[k] = values[mine];
      if (index)
        index[k] = places[mine];
    }
    __syncthreads();
  }
}

#define AXES i64 results, i64 count, i64 kept, EIGHT(kn), EIGHT(ks), i64 reduced, EIGHT(rn), EIGHT(rs)
#define REDUCED Reduced{results, count, {kept, ARRAY(kn), {ARRAY(ks)}}, {reduced, ARRAY(rn), {ARRAY(rs)}}}

#define KERNELS(S, T)                                                                                                  \
  extern "C" __global__ void __launch_bounds__(most)                                                                   \
    reduce_##S(T *dst, const T *x, i64 op, double divisor, double p, double root, i64 add, i64 lanes, i64 columns,     \
               AXES) {                                                                                                 \
    reduce(dst, x, op, divisor, p, root, add, lanes, columns, REDUCED);                                                \
  }                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(most)                                                                   \
    reduce_grad_##S(T *dx, const T *x, const T *dy, const T *y, i64 kind, double scale, double p, i64 lanes,           \
                    i64 columns, AXES) {                                                                               \
    reduce_grad(dx, x, dy, y, kind, scale, p, lanes, columns, REDUCED);                                                \
  }                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(most)                                                                   \
    whole_##S(double *parts, const T *a, const T *b, i64 n, i64 op, double p, double q) {                              \
    whole(parts, a, b, n, op, p, q);                                                                                   \
  }                                                                                                                    \
  extern "C" __global__ void nonzero_groups_##S(i64 *flags, const T *x, i64 groups, i64 n) {                           \
    nonzero_groups(flags, x, groups, n);                                                                               \
  }                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(most)                                                                   \
    extremum_##S(T *dst, i64 *index, const T *x, i64 results, i64 n, i64 inner, i64 kind, i64 lanes) {                 \
    extremum(dst, index, x, results, n, inner, kind, lanes);                                                           \
  }

EACH_TYPE(KERNELS)

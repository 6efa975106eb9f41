// Products of matrices: dst = alpha A B + beta dst + bias, for each index of the batch axes. It
// stands for this loop of the processor (gemm.Run computes it in blocks):
//
//	for i := range m {
//		for j := range n {
//			var sum T
//			for p := range k {
//				sum += a[i*aRow+p*aCol] * b[p*bRow+j*bCol]
//			}
//			sum *= alpha
//			if beta != 0 {
//				sum += beta * dst[i*dRow+j*dCol]
//			}
//			dst[i*dRow+j*dCol] = sum + bias[j]
//		}
//	}
//
// A block of 16 x 16 threads computes a tile of 16 R x 16 R elements, each thread R x R of them, 16
// apart; tiles of A and B pass through shared memory, 16 columns of A at a time. The sum over k is
// in ascending order, with multiply-adds that round once.
//
// batch holds whole numbers: the number of batch axes, their lengths, and the strides of dst, A,
// B and bias along them.

typedef long long i64;

const int side = 16; // of a block of threads, and columns of A at a time

// place returns the offset of batch entry i in operand number o.
__device__ i64 place(const i64 *batch, i64 i, int o) {
  int axes = (int)batch[0];
  i64 at = 0;
  for (int a = axes; a > 0; a--) {
    at += i % batch[a] * batch[(o + 1) * axes + a];
    i /= batch[a];
  }
  return at;
}

// load fetches a tile of `side` columns along k and 16 R rows or columns across it: s[p][i] is the
// element p of the k axis and i of the other. Threads run along the axis whose elements lie closer.
template <typename T, int R>
__device__ void load(T (*s)[side * R + 1], const T *x, i64 first, i64 count, i64 stride, i64 k0, i64 k, i64 strideK) {
  int t = threadIdx.y * side + threadIdx.x;
#pragma unroll 1
  for (int e = t; e < side * side * R; e += side * side) {
    int p, i;
    if (strideK <= stride) {
      p = e % side;
      i = e / side;
    } else {
      i = e % (side * R);
      p = e / (side * R);
    }
    bool inside = k0 + p < k && first + i < count;
    s[p][i] = inside ? x[(first + i) * stride + (k0 + p) * strideK] : T(0);
  }
}

template <typename T, int R>
__device__ void tile(T *dst, const T *a, const T *b, const T *bias, i64 row, i64 col, i64 m, i64 n,
                     i64 k, i64 dRow, i64 dCol, i64 aRow, i64 aCol, i64 bRow, i64 bCol, T alpha, T beta) {
  __shared__ T sa[side][side * R + 1], sb[side][side * R + 1];
  T sum[R][R] = {};
  for (i64 k0 = 0; k0 < k; k0 += side) {
    load<T, R>(sa, a, row, m, aRow, k0, k, aCol);
    load<T, R>(sb, b, col, n, bCol, k0, k, bRow);
    __syncthreads();
#pragma unroll 4
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
        for (int j = 0; j < R; j++) sum[i][j] = fma(x[i], y[j], sum[i][j]);
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < R; i++) {
    i64 r = row + threadIdx.y + i * side;
#pragma unroll
    for (int j = 0; j < R; j++) {
      i64 c = col + threadIdx.x + j * side;
      if (r >= m || c >= n) continue;
      T v = alpha * sum[i][j];
      i64 at = r * dRow + c * dCol;
      if (beta != 0) v += beta * dst[at];
      if (bias) v += bias[c];
      dst[at] = v;
    }
  }
}

template <typename T, int R>
__device__ void product(T *dst, const T *a, const T *b, const T *bias, const i64 *batch, i64 batches,
                        i64 m, i64 n, i64 k, i64 dRow, i64 dCol, i64 aRow, i64 aCol, i64 bRow, i64 bCol, T alpha, T beta) {
  for (i64 z = blockIdx.z; z < batches; z += gridDim.z) {
    i64 at[4] = {};
    if (batch) {
      for (int o = 0; o < 4; o++) at[o] = place(batch, z, o);
    }
    for (i64 row = (i64)blockIdx.y * side * R; row < m; row += (i64)gridDim.y * side * R) {
      tile<T, R>(dst + at[0], a + at[1], b + at[2], bias ? bias + at[3] : 0, row,
                 (i64)blockIdx.x * side * R, m, n, k, dRow, dCol, aRow, aCol, bRow, bCol, alpha, beta);
    }
  }
}

#define PRODUCT(NAME, T, R)                                                                                          \
  extern "C" __global__ void __launch_bounds__(side *side)                                                           \
      NAME(T *dst, const T *a, const T *b, const T *bias, const i64 *batch, i64 batches, i64 m, i64 n, i64 k, i64 dRow,\
           i64 dCol, i64 aRow, i64 aCol, i64 bRow, i64 bCol, T alpha, T beta) {                                      \
    product<T, R>(dst, a, b, bias, batch, batches, m, n, k, dRow, dCol, aRow, aCol, bRow, bCol, alpha, beta);        \
  }

// The small form serves products of which a large tile would compute mostly what does not exist.
PRODUCT(matmul_f32, float, 4)
PRODUCT(matmul_f64, double, 4)
PRODUCT(matmul_small_f32, float, 1)
PRODUCT(matmul_small_f64, double, 1)

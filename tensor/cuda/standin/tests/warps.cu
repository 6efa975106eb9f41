// Kernels whose threads work together: shuffles, votes, atomic operations, shared memory, calls.
typedef long long i64;
#define KERNEL extern "C" __global__ void

// Each row of 32 results is one instruction of a warp.
KERNEL lanes(unsigned *y, const unsigned *x)
{
    const int l = threadIdx.x;
    const unsigned all = 0xffffffffu, v = x[l];
    unsigned *r = y + l;
    *r = __shfl_up_sync(all, v, 3), r += 32;
    *r = __shfl_down_sync(all, v, 5), r += 32;
    *r = __shfl_xor_sync(all, v, 9), r += 32;
    *r = __shfl_sync(all, v, v % 32), r += 32;
    *r = __shfl_down_sync(all, v, 2, 8), r += 32;
    *r = __shfl_up_sync(all, v, 2, 8), r += 32;
    *r = __shfl_sync(all, v, 3, 16), r += 32;
    *r = __ballot_sync(all, v & 1), r += 32;
    *r = __any_sync(all, v == x[7]), r += 32;
    *r = __all_sync(all, v == x[7]), r += 32;
    *r = __match_any_sync(all, v % 4), r += 32;
    int same;
    *r = __match_all_sync(all, v / 1000000000u, &same) + same, r += 32;
    *r = __match_any_sync(all, (unsigned long long)(v % 3) << 40), r += 32;
    *r = __match_all_sync(all, 1ull << 50, &same) + same, r += 32;
    if (l < 16)
        *r = __shfl_xor_sync(0xffffu, v, 1);
    else
        *r = __ballot_sync(0xffff0000u, v & 2);
    r += 32;
    *r = __activemask();
    r += 32;
    *r = __syncthreads_count(v & 1), r += 32;
    *r = __syncthreads_and(v != 0), r += 32;
    *r = __syncthreads_or(v == 77), r += 32;
    unsigned uniform;
    asm volatile("{.reg .pred %p, %q; setp.gt.u32 %p, %1, 5; vote.sync.uni.pred %q, %p, -1; selp.u32 %0, 1, 0, %q;}" : "=r"(uniform) : "r"(v));
    *r = uniform;
}

// Every atomic operation, by 64 threads on one number each.
#define ATOMICS(NAME, T)                                         \
    KERNEL NAME(T *y, const T *x)                                \
    {                                                            \
        const T v = x[threadIdx.x];                              \
        atomicAdd(y, v), atomicMin(y + 1, v), atomicMax(y + 2, v); \
        atomicAnd(y + 3, v), atomicOr(y + 4, v), atomicXor(y + 5, v); \
        atomicExch(y + 6, v), atomicCAS(y + 7, x[0], v);         \
    }
ATOMICS(atomics_u32, unsigned)
ATOMICS(atomics_s32, int)
ATOMICS(atomics_u64, unsigned long long)
KERNEL atomics_s64(i64 *y, const i64 *x)
{
    atomicMin(y, x[threadIdx.x]), atomicMax(y + 1, x[threadIdx.x]);
}
KERNEL atomics_f32(float *y, const float *x)
{
    atomicAdd(y, x[threadIdx.x]);
    atomicExch(y + 1, x[threadIdx.x]);
}
KERNEL atomics_f64(double *y, const double *x) { atomicAdd(y, x[threadIdx.x]); }
KERNEL atomics_mod(unsigned *y)
{
    atomicInc(y, 9);
    atomicDec(y + 1, 9);
}

// The sum of x by a tree in shared memory (static and dynamic) and by shuffles, for any block of
// warps; the results are the same bits in any order of threads.
KERNEL sums(float *y, const float *x, int n)
{
    __shared__ float part[32];
    extern __shared__ float every[];
    float sum = 0;
    for (int i = threadIdx.x; i < n; i += blockDim.x)
        sum += x[(i64)blockIdx.x * n + i];
    every[threadIdx.x] = sum;
    for (int d = 16; d; d /= 2)
        sum += __shfl_xor_sync(0xffffffffu, sum, d);
    if (threadIdx.x % 32 == 0)
        part[threadIdx.x / 32] = sum;
    __syncthreads();
    for (int half = blockDim.x / 2; half; half /= 2) {
        if (threadIdx.x < half)
            every[threadIdx.x] += every[threadIdx.x + half];
        __syncthreads();
    }
    if (threadIdx.x == 0) {
        float s = 0;
        for (int w = 0; w < blockDim.x / 32; w++)
            s += part[w];
        y[2 * blockIdx.x] = s;
        y[2 * blockIdx.x + 1] = every[0];
    }
}

// c[m, n] = a[m, k] b[k, n] by tiles.
template <class T> __device__ void product(T *c, const T *a, const T *b, int m, int n, int k)
{
    __shared__ T as[16][17], bs[16][17];
    const int row = blockIdx.y * 16 + threadIdx.y, column = blockIdx.x * 16 + threadIdx.x;
    T sum = 0;
    for (int k0 = 0; k0 < k; k0 += 16) {
        as[threadIdx.y][threadIdx.x] = row < m && k0 + threadIdx.x < k ? a[(i64)row * k + k0 + threadIdx.x] : (T)0;
        bs[threadIdx.y][threadIdx.x] = k0 + threadIdx.y < k && column < n ? b[(i64)(k0 + threadIdx.y) * n + column] : (T)0;
        __syncthreads();
        for (int i = 0; i < 16; i++)
            sum += as[threadIdx.y][i] * bs[i][threadIdx.x];
        __syncthreads();
    }
    if (row < m && column < n)
        c[(i64)row * n + column] = sum;
}
KERNEL product_f32(float *c, const float *a, const float *b, int m, int n, int k) { product(c, a, b, m, n, k); }
KERNEL product_f64(double *c, const double *a, const double *b, int m, int n, int k) { product(c, a, b, m, n, k); }

// Lanes part in loops of different lengths, in a switch and in a function that is not put in place
// by the compiler, and meet again.
__device__ __noinline__ unsigned collatz(unsigned n)
{
    unsigned steps = 0;
    while (n != 1) {
        n = n % 2 ? 3 * n + 1 : n / 2;
        steps++;
    }
    return steps;
}
KERNEL parting(unsigned *y, const unsigned *x)
{
    const unsigned v = x[threadIdx.x];
    unsigned r = v % 5 ? collatz(v) : 0;
    switch (v % 11) {
    case 0: r += 1; break;
    case 1: r *= 3; break;
    case 2: r ^= v; // falls through
    case 3: r -= 7; break;
    case 4: return;
    case 5: r = r * r; break;
    case 6: r = __brev(r); break;
    case 7: r = __popc(v); break;
    case 8: r = __clz(v); break;
    case 9: r |= 1; break;
    }
    y[threadIdx.x] = r;
}
KERNEL jump_table(unsigned *y, const unsigned *x)
{
    unsigned r;
    asm volatile("{\n.reg .b32 %i;\nrem.u32 %i, %1, 3;\nts: .branchtargets L0, L1, L2;\nbrx.idx %i, ts;\nL0: mov.u32 %0, 10; bra.uni E;\nL1: mov.u32 %0, 20; bra.uni E;\nL2: mov.u32 %0, 30;\nE:\n}" : "=r"(r) : "r"(x[threadIdx.x]));
    y[threadIdx.x] = r;
}

// A structure by value, vectors, bytes and halves of words, a table in constant memory, generic
// pointers to shared and local memory.
struct Pair {
    int index[4];
    double scale;
};
__constant__ int primes[8] = {2, 3, 5, 7, 11, 13, 17, 19};
__device__ float counter = 5;
KERNEL memories(float4 *y, Pair p, const unsigned char *bytes, const short *words, int pick)
{
    __shared__ float s[32];
    float local[4] = {1, 2, 3, 4};
    s[threadIdx.x] = threadIdx.x;
    local[p.index[pick]] += primes[threadIdx.x % 8];
    __syncthreads();
    const float *from = pick ? s : local;
    float4 v;
    v.x = from[threadIdx.x % 4];
    v.y = p.scale * words[threadIdx.x];
    v.z = bytes[threadIdx.x] + p.index[threadIdx.x % 4];
    v.w = local[threadIdx.x % 4] + counter;
    y[threadIdx.x] = v;
}

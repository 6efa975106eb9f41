// Kernels with one mistake each, and beside each the right form. RIGHT is the parameter that
// chooses, so that both are the same code but for the mistake.
#define KERNEL extern "C" __global__ void

// y becomes x backwards, through shared memory. Blocks of 64.
KERNEL missing_barrier(float *y, const float *x, int right)
{
    __shared__ float s[64];
    s[threadIdx.x] = x[threadIdx.x];
    if (right)
        __syncthreads();
    y[threadIdx.x] = s[63 - threadIdx.x];
}

// The barrier that keeps the next round's writes from this round's reads.
KERNEL missing_second_barrier(float *y, const float *x, int right)
{
    __shared__ float s[64];
    float sum = 0;
    for (int round = 0; round < 3; round++) {
        s[threadIdx.x] = x[threadIdx.x] + round;
        __syncthreads();
        sum += s[(threadIdx.x + 32) % 64];
        if (right)
            __syncthreads();
    }
    y[threadIdx.x] = sum;
}

// Threads of one warp need __syncwarp.
KERNEL missing_warp_barrier(float *y, const float *x, int right)
{
    __shared__ float s[64];
    s[threadIdx.x] = x[threadIdx.x];
    if (right)
        __syncwarp();
    y[threadIdx.x] = s[threadIdx.x ^ 1];
}

KERNEL read_behind(float *y, const float *x, int right)
{
    y[threadIdx.x] = x[threadIdx.x + (right ? 0 : 1)];
}
KERNEL read_before(float *y, const float *x, int right)
{
    y[threadIdx.x] = x[(int)threadIdx.x - (right ? 0 : 1)];
}
KERNEL write_behind(float *y, const float *x, int right)
{
    y[threadIdx.x + (right ? 0 : 1)] = x[threadIdx.x];
}
KERNEL atomic_behind(float *y, const float *x, int right)
{
    atomicAdd(&y[right ? 0 : 64], x[threadIdx.x]);
}
KERNEL shared_behind(float *y, const float *x, int right)
{
    __shared__ float s[64];
    s[threadIdx.x + (right ? 0 : 1)] = x[threadIdx.x];
    __syncthreads();
    y[threadIdx.x] = s[threadIdx.x];
}
KERNEL local_behind(float *y, const float *x, int right)
{
    float local[8];
    for (int i = 0; i < 8; i++)
        local[(i + threadIdx.x) % 8] = x[threadIdx.x];
    y[threadIdx.x] = local[right ? threadIdx.x % 8 : threadIdx.x];
}
KERNEL misaligned(float *y, const float *x, int right)
{
    *(float *)((char *)y + 4 * threadIdx.x + (right ? 0 : 2)) = 1;
    (void)x;
}

KERNEL divergent_barrier(float *y, const float *x, int right)
{
    if (right || threadIdx.x < 16)
        __syncthreads();
    y[threadIdx.x] = x[threadIdx.x];
}
// Threads that leave early do not come to the barrier.
KERNEL early_exit(float *y, const float *x, int right)
{
    if (!right && threadIdx.x >= 60)
        return;
    __syncthreads();
    y[threadIdx.x] = x[threadIdx.x];
}

KERNEL race_of_blocks(float *y, const float *x, int right)
{
    if (right)
        atomicAdd(y, x[threadIdx.x]);
    else if (threadIdx.x == 0)
        *y += x[0];
}
// A block reads what another one writes.
KERNEL read_of_blocks(float *y, const float *x, int right)
{
    const int i = blockIdx.x * 32 + threadIdx.x % 32;
    if (threadIdx.x < 32)
        y[i] = x[threadIdx.x];
    if (!right && blockIdx.x == 1 && threadIdx.x == 32)
        y[32] = y[0];
}
KERNEL race_in_block(float *y, const float *x, int right)
{
    y[right ? threadIdx.x : threadIdx.x / 2] = x[threadIdx.x];
}
KERNEL atomic_and_plain(float *y, const float *x, int right)
{
    if (threadIdx.x == 63 && !right)
        y[0] = 0;
    else
        atomicAdd(&y[0], x[threadIdx.x]);
}

KERNEL missing_lane(float *y, const float *x, int right)
{
    float v = x[threadIdx.x];
    if (right || threadIdx.x % 32 < 16)
        v += __shfl_xor_sync(0xffffffffu, v, 1);
    y[threadIdx.x] = v;
}
KERNEL endless(float *y, const float *x, int right)
{
    volatile float *v = y;
    y[threadIdx.x] = x[threadIdx.x];
    while (!right && v[threadIdx.x] > -1)
        ;
}
extern "C" __global__ void __launch_bounds__(64) bounded(float *y, const float *x, int right)
{
    y[threadIdx.x] = x[threadIdx.x];
    (void)right;
}
KERNEL plain(float *y, const float *x, int right)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    y[i] = x[i] + right;
}
KERNEL gives_up(float *y, const float *x, int right)
{
    y[threadIdx.x] = x[threadIdx.x];
    if (!right && threadIdx.x == 5)
        __trap();
}
KERNEL unset_shared(float *y, const float *x, int right)
{
    __shared__ float s[64];
    if (right)
        s[threadIdx.x] = x[threadIdx.x];
    y[threadIdx.x] = s[threadIdx.x];
}

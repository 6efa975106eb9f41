// y = a x + y over n elements, with any grid.
extern "C" __global__ void saxpy(float *y, const float *x, float a, long long n)
{
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x)
        y[i] = a * x[i] + y[i];
}

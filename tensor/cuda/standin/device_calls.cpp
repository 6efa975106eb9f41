// Calls about devices and contexts.
#include "driver.h"
#include <algorithm>
#include <cstdio>
#include <cstring>

using namespace standin;

namespace {
long devices() { return number("DEVICES", 1); }
int architecture() { return (int)number("SM", 70); }

CUresult retain(CUcontext c)
{
    c->references++;
    driver().contexts.insert(c);
    return CUDA_SUCCESS;
}
CUresult release(CUcontext c)
{
    Driver &d = driver();
    if (--c->references > 0)
        return CUDA_SUCCESS;
    d.contexts.erase(c);
    if (d.contexts.empty())
        closeDevice();
    return CUDA_SUCCESS;
}
} // namespace

EXPORT CUresult cuInit(unsigned flags)
{
    ANYWHERE
    return flags ? CUDA_ERROR_INVALID_VALUE : devices() < 1 ? CUDA_ERROR_NO_DEVICE : CUDA_SUCCESS;
}
EXPORT CUresult cuDriverGetVersion(int *version)
{ return *version = (int)number("VERSION", 11080), CUDA_SUCCESS; }
EXPORT CUresult cuDeviceGetCount(int *count)
{
    ANYWHERE
    return *count = (int)devices(), CUDA_SUCCESS;
}
EXPORT CUresult cuDeviceGet(CUdevice *d, int ordinal)
{
    ANYWHERE
    *d = ordinal;
    return ordinal >= 0 && ordinal < devices() ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}
EXPORT CUresult cuDeviceGetName(char *name, int length, CUdevice)
{
    ANYWHERE
    return snprintf(name, length, "stand-in (interpreted PTX, no GPU)"), CUDA_SUCCESS;
}
EXPORT CUresult cuDeviceTotalMem(size_t *bytes, CUdevice)
{
    ANYWHERE
    return *bytes = driver().memory.total, CUDA_SUCCESS;
}
EXPORT CUresult cuDeviceGetUuid(CUuuid *uuid, CUdevice)
{
    ANYWHERE
    return memset(uuid, 0x5d, sizeof *uuid), CUDA_SUCCESS;
}
EXPORT CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice)
{
    ANYWHERE
    static const std::map<int, int> values = {
        {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK, 1024},
        {CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X, 1024},
        {CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y, 1024},
        {CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z, 64},
        {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X, 0x7fffffff},
        {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y, 65535},
        {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z, 65535},
        {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK, 48 << 10},
        {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, 96 << 10},
        {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR, 96 << 10},
        {CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY, 64 << 10},
        {CU_DEVICE_ATTRIBUTE_WARP_SIZE, lanes},
        {CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK, 65536},
        {CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR, 65536},
        {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR, 2048},
        {CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 4},
        {CU_DEVICE_ATTRIBUTE_CLOCK_RATE, 1000000},
        {CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE, 1000000},
        {CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH, 64},
        {CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, 1 << 20},
        {CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS, 1},
        {CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT, 2},
        {CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING, 1},
        {CU_DEVICE_ATTRIBUTE_MANAGED_MEMORY, 1},
        {CU_DEVICE_ATTRIBUTE_CONCURRENT_MANAGED_ACCESS, 1},
        {CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY, 1},
        {CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS, 0},
        {CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH, 0},
        {CU_DEVICE_ATTRIBUTE_COMPUTE_MODE, 0},
        {CU_DEVICE_ATTRIBUTE_INTEGRATED, 0},
        {CU_DEVICE_ATTRIBUTE_ECC_ENABLED, 0},
        {CU_DEVICE_ATTRIBUTE_KERNEL_EXEC_TIMEOUT, 0},
        {CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT, 512},
        {CU_DEVICE_ATTRIBUTE_PCI_BUS_ID, 0},
        {CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID, 0},
        {CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID, 0}};
    if (attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
        return *value = architecture() / 10, CUDA_SUCCESS;
    if (attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)
        return *value = architecture() % 10, CUDA_SUCCESS;
    const auto i = values.find((int)attribute);
    if (i == values.end())
        return refuse(CUDA_ERROR_INVALID_VALUE, "cuDeviceGetAttribute",
                      format("attribute %d is not known", (int)attribute));
    return *value = i->second, CUDA_SUCCESS;
}
EXPORT CUresult cuDeviceCanAccessPeer(int *can, CUdevice, CUdevice)
{
    ANYWHERE
    return *can = 0, CUDA_SUCCESS;
}

EXPORT CUresult cuDevicePrimaryCtxRetain(CUcontext *c, CUdevice device)
{
    ANYWHERE
    if (device < 0 || device >= devices())
        return CUDA_ERROR_INVALID_DEVICE;
    *c = &driver().primary;
    return retain(*c);
}
EXPORT CUresult cuDevicePrimaryCtxRelease(CUdevice)
{
    ANYWHERE
    if (!driver().primary.references)
        return refuse(CUDA_ERROR_INVALID_CONTEXT, "cuDevicePrimaryCtxRelease",
                      "the primary context is not retained");
    return release(&driver().primary);
}
EXPORT CUresult cuDevicePrimaryCtxReset(CUdevice)
{
    ANYWHERE
    return closeDevice(), CUDA_SUCCESS;
}
EXPORT CUresult cuDevicePrimaryCtxGetState(CUdevice, unsigned *flags, int *active)
{
    ANYWHERE
    *flags = driver().primary.flags;
    return *active = driver().primary.references > 0, CUDA_SUCCESS;
}
EXPORT CUresult cuDevicePrimaryCtxSetFlags(CUdevice, unsigned flags)
{
    ANYWHERE
    return driver().primary.flags = flags, CUDA_SUCCESS;
}
EXPORT CUresult cuCtxCreate(CUcontext *c, unsigned flags, CUdevice device)
{
    ANYWHERE
    if (device < 0 || device >= devices())
        return CUDA_ERROR_INVALID_DEVICE;
    *c = new CUctx_st{0, flags};
    contextStack.push_back(*c);
    return retain(*c);
}
EXPORT CUresult cuCtxDestroy(CUcontext c)
{
    ANYWHERE
    if (c == &driver().primary || !driver().contexts.count(c))
        return CUDA_ERROR_INVALID_CONTEXT;
    if (currentContext() == c)
        contextStack.pop_back();
    release(c);
    return delete c, CUDA_SUCCESS;
}
EXPORT CUresult cuCtxSetCurrent(CUcontext c)
{
    ANYWHERE
    if (c && !driver().contexts.count(c))
        return refuse(CUDA_ERROR_INVALID_CONTEXT, "cuCtxSetCurrent", "no such context");
    if (!contextStack.empty())
        contextStack.pop_back();
    if (c)
        contextStack.push_back(c);
    return CUDA_SUCCESS;
}
EXPORT CUresult cuCtxPushCurrent(CUcontext c)
{
    ANYWHERE
    if (!driver().contexts.count(c))
        return CUDA_ERROR_INVALID_CONTEXT;
    return contextStack.push_back(c), CUDA_SUCCESS;
}
EXPORT CUresult cuCtxPopCurrent(CUcontext *c)
{
    ANYWHERE
    if (contextStack.empty())
        return CUDA_ERROR_INVALID_CONTEXT;
    if (c)
        *c = contextStack.back();
    return contextStack.pop_back(), CUDA_SUCCESS;
}
EXPORT CUresult cuCtxGetCurrent(CUcontext *c)
{
    ANYWHERE
    return *c = currentContext(), CUDA_SUCCESS;
}
EXPORT CUresult cuCtxGetDevice(CUdevice *d)
{
    IN_CONTEXT
    return *d = 0, CUDA_SUCCESS;
}
EXPORT CUresult cuCtxGetFlags(unsigned *flags)
{
    IN_CONTEXT
    return *flags = currentContext()->flags, CUDA_SUCCESS;
}
EXPORT CUresult cuCtxGetApiVersion(CUcontext, unsigned *version)
{
    ANYWHERE
    return *version = 3020, CUDA_SUCCESS;
}
EXPORT CUresult cuCtxGetStreamPriorityRange(int *least, int *greatest)
{
    IN_CONTEXT
    *least = 0;
    return *greatest = -5, CUDA_SUCCESS;
}
EXPORT CUresult cuCtxGetLimit(size_t *value, CUlimit limit)
{
    IN_CONTEXT
    return *value = limit == CU_LIMIT_STACK_SIZE ? 1024 : 8 << 20, CUDA_SUCCESS;
}
EXPORT CUresult cuCtxSetLimit(CUlimit, size_t)
{
    IN_CONTEXT
    return CUDA_SUCCESS;
}
EXPORT CUresult cuCtxGetCacheConfig(CUfunc_cache *config)
{
    IN_CONTEXT
    return *config = CU_FUNC_CACHE_PREFER_NONE, CUDA_SUCCESS;
}
EXPORT CUresult cuCtxSetCacheConfig(CUfunc_cache)
{
    IN_CONTEXT
    return CUDA_SUCCESS;
}
EXPORT CUresult cuCtxGetSharedMemConfig(CUsharedconfig *config)
{
    IN_CONTEXT
    return *config = CU_SHARED_MEM_CONFIG_FOUR_BYTE_BANK_SIZE, CUDA_SUCCESS;
}
EXPORT CUresult cuCtxSetSharedMemConfig(CUsharedconfig)
{
    IN_CONTEXT
    return CUDA_SUCCESS;
}
EXPORT CUresult cuCtxSynchronize(void)
{
    IN_CONTEXT
    driver().waits++;
    return finishAll();
}

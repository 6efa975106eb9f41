// Calls about memory: allocating, copying, filling.
#include "driver.h"
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <unistd.h>
#include <vector>

using namespace standin;

namespace {
CUresult allocate(const char *call, CUdeviceptr *p, size_t bytes, Kind kind)
{
    if (!bytes)
        return refuse(CUDA_ERROR_INVALID_VALUE, call, "0 bytes");
    const Allocation *a = driver().memory.allocate(bytes, kind);
    if (!a)
        return CUDA_ERROR_OUT_OF_MEMORY;
    return *p = a->base, CUDA_SUCCESS;
}

CUresult release(const char *call, uint64_t p, bool pinned)
{
    if (!p)
        return CUDA_SUCCESS;
    if (CUresult r = finishAll())
        return r;
    Allocation *a = driver().memory.startingAt(p);
    if (a && !a->bytes)
        return refuse(CUDA_ERROR_INVALID_VALUE, call,
                      format("double free: the allocation of %zu bytes at %#llx was freed before",
                             a->was, (unsigned long long)p));
    if (!a || a->kind == Kind::Variable || (a->kind == Kind::Pinned) != pinned)
        return refuse(
            CUDA_ERROR_INVALID_VALUE, call,
            format("%#llx is not the beginning of such an allocation", (unsigned long long)p));
    driver().memory.release(a);
    return CUDA_SUCCESS;
}

// A side of a copy: memory of the device, or of the host.
struct Side {
    bool onDevice;
    uint64_t address;
    size_t bytes;
};
Side device(uint64_t address, size_t bytes) { return {true, address, bytes}; }
Side host(const void *p, size_t bytes) { return {false, (uint64_t)p, bytes}; }

// at returns the host's address of a side, or throws.
char *at(const char *call, const Side &s)
{
    const Memory &m = driver().memory;
    const bool ours = s.address >= sharedWindow;
    if (s.onDevice || ours) {
        if (!s.onDevice)
            throw Fault{CUDA_ERROR_INVALID_VALUE,
                        format("%s: a device pointer, %#llx, where one of the host is expected",
                               call, (unsigned long long)s.address)};
        if (char *p = m.host(s.address, s.bytes))
            return p;
        throw Fault{CUDA_ERROR_INVALID_VALUE,
                    format("%s: %zu bytes at %#llx: %s", call, s.bytes,
                           (unsigned long long)s.address, m.describe(s.address, s.bytes).c_str())};
    }
    return (char *)s.address;
}

void count(const Side &to, const Side &from)
{
    Driver &d = driver();
    (to.onDevice ? from.onDevice ? d.onDevice : d.toDevice : d.toHost) += to.bytes;
}

CUresult copyNow(const char *call, Side to, Side from)
{
    if (CUresult r = finishAll(false))
        return r;
    driver().memory.guard(false);
    try {
        char *const d = at(call, to);
        memmove(d, at(call, from), to.bytes);
    } catch (const Fault &f) {
        return refuse(f);
    }
    count(to, from);
    return finish(&driver().defaultStream); // closes the guard again if work is left
}

// Until somebody waits, the destination on the host holds NaN and the source is not read.
CUresult copyLater(const char *call, Side to, Side from, CUstream handle)
{
    CUstream s = streamOf(handle);
    if (!s)
        return refuse(CUDA_ERROR_INVALID_HANDLE, call, "no such stream");
    try {
        at(call, to);
        at(call, from);
    } catch (const Fault &f) {
        return refuse(f);
    }
    if (!to.onDevice)
        memset((void *)to.address, 0xff, to.bytes);
    count(to, from);
    const std::string name = call;
    return enqueue(s, name, [=] {
        char *const d = at(name.c_str(), to);
        memmove(d, at(name.c_str(), from), to.bytes);
    });
}

// A copy from pageable memory has been read when the call returns, and arrives when somebody waits
// for the default stream: kernels in a non-blocking stream do not.
CUresult copyIn(const char *call, Side to, Side from)
{
    if (CUresult r = finishAll(false))
        return r;
    driver().memory.guard(false);
    std::vector<char> read(from.bytes);
    try {
        at(call, to);
        memcpy(read.data(), at(call, from), from.bytes);
    } catch (const Fault &f) {
        return refuse(f);
    }
    count(to, from);
    const std::string name = call;
    return enqueue(&driver().defaultStream, name,
                   [=] { memcpy(at(name.c_str(), to), read.data(), read.size()); });
}

template <class T> void fill(const char *call, uint64_t p, T value, size_t n)
{
    if (p % sizeof(T))
        throw Fault{CUDA_ERROR_INVALID_VALUE,
                    format("%s: misaligned: %#llx", call, (unsigned long long)p)};
    T *d = (T *)at(call, device(p, n * sizeof(T)));
    std::fill(d, d + n, value);
}
template <class T> CUresult fillNow(const char *call, uint64_t p, T value, size_t n)
{
    if (CUresult r = finishAll(false))
        return r;
    driver().memory.guard(false);
    try {
        fill(call, p, value, n);
    } catch (const Fault &f) {
        return refuse(f);
    }
    return finish(&driver().defaultStream);
}
template <class T>
CUresult fillLater(const char *call, uint64_t p, T value, size_t n, CUstream handle)
{
    CUstream s = streamOf(handle);
    if (!s)
        return refuse(CUDA_ERROR_INVALID_HANDLE, call, "no such stream");
    try {
        at(call, device(p, n * sizeof(T)));
    } catch (const Fault &f) {
        return refuse(f);
    }
    const std::string name = call;
    return enqueue(s, name, [=] { fill(name.c_str(), p, value, n); });
}

// With STANDIN_GUARD=1: says what happened when the host touches managed memory too early, and
// hands the signal on, so that the host's language shows where.
struct sigaction before;
void onTouch(int signal, siginfo_t *info, void *context)
{
    const Allocation *a =
        driver().memory.guarded ? driver().memory.find((uint64_t)info->si_addr) : nullptr;
    if (a && a->kind == Kind::Managed && a->holds((uint64_t)info->si_addr, 1)) {
        const char text[] =
            "standin: forgotten wait: the host touches managed memory while work is queued\n";
        (void)!write(2, text, sizeof text - 1);
    }
    if (before.sa_flags & SA_SIGINFO)
        before.sa_sigaction(signal, info, context);
    else
        sigaction(SIGSEGV, &before, nullptr);
}
void watchHost()
{
    static const bool once = [] {
        struct sigaction s = {};
        s.sa_sigaction = onTouch;
        s.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
        sigaction(SIGSEGV, &s, &before);
        return true;
    }();
    (void)once;
}
} // namespace

EXPORT CUresult cuMemAlloc(CUdeviceptr *p, size_t bytes)
{
    IN_CONTEXT
    return allocate("cuMemAlloc", p, bytes, Kind::Device);
}
EXPORT CUresult cuMemAllocManaged(CUdeviceptr *p, size_t bytes, unsigned flags)
{
    IN_CONTEXT
    if (flags != CU_MEM_ATTACH_GLOBAL && flags != CU_MEM_ATTACH_HOST)
        return refuse(CUDA_ERROR_INVALID_VALUE, "cuMemAllocManaged",
                      "expected the flag CU_MEM_ATTACH_GLOBAL or CU_MEM_ATTACH_HOST");
    if (number("GUARD", 0))
        watchHost();
    return allocate("cuMemAllocManaged", p, bytes, Kind::Managed);
}
EXPORT CUresult cuMemFree(CUdeviceptr p)
{
    IN_CONTEXT
    return release("cuMemFree", p, false);
}
EXPORT CUresult cuMemHostAlloc(void **p, size_t bytes, unsigned)
{
    IN_CONTEXT
    return allocate("cuMemHostAlloc", (CUdeviceptr *)p, bytes, Kind::Pinned);
}
EXPORT CUresult cuMemAllocHost(void **p, size_t bytes)
{
    IN_CONTEXT
    return allocate("cuMemAllocHost", (CUdeviceptr *)p, bytes, Kind::Pinned);
}
EXPORT CUresult cuMemFreeHost(void *p)
{
    IN_CONTEXT
    return release("cuMemFreeHost", (uint64_t)p, true);
}
EXPORT CUresult cuMemHostGetDevicePointer(CUdeviceptr *d, void *p, unsigned)
{
    IN_CONTEXT
    return *d = (CUdeviceptr)p,
           driver().memory.host((uint64_t)p, 1) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}
EXPORT CUresult cuMemGetInfo(size_t *free, size_t *total)
{
    IN_CONTEXT
    *total = driver().memory.total;
    return *free = *total - driver().memory.used, CUDA_SUCCESS;
}
EXPORT CUresult cuMemGetAddressRange(CUdeviceptr *base, size_t *bytes, CUdeviceptr p)
{
    IN_CONTEXT
    const Allocation *a = driver().memory.find(p);
    if (!a || !a->holds(p, 1))
        return CUDA_ERROR_NOT_FOUND;
    if (base)
        *base = a->base;
    if (bytes)
        *bytes = a->bytes;
    return CUDA_SUCCESS;
}
EXPORT CUresult cuPointerGetAttribute(void *data, CUpointer_attribute attribute, CUdeviceptr p)
{
    IN_CONTEXT
    const Allocation *a = driver().memory.find(p);
    if (!a || !a->holds(p, 1))
        return CUDA_ERROR_INVALID_VALUE;
    switch (attribute) {
    case CU_POINTER_ATTRIBUTE_CONTEXT: *(CUcontext *)data = currentContext(); break;
    case CU_POINTER_ATTRIBUTE_MEMORY_TYPE:
        *(unsigned *)data = a->kind == Kind::Pinned ? CU_MEMORYTYPE_HOST : CU_MEMORYTYPE_DEVICE;
        break;
    case CU_POINTER_ATTRIBUTE_DEVICE_POINTER: *(CUdeviceptr *)data = p; break;
    case CU_POINTER_ATTRIBUTE_HOST_POINTER:
        if (a->kind != Kind::Pinned && a->kind != Kind::Managed)
            return CUDA_ERROR_INVALID_VALUE;
        *(void **)data = (void *)p;
        break;
    case CU_POINTER_ATTRIBUTE_IS_MANAGED: *(unsigned *)data = a->kind == Kind::Managed; break;
    case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL: *(int *)data = 0; break;
    default:
        return refuse(CUDA_ERROR_INVALID_VALUE, "cuPointerGetAttribute",
                      format("attribute %d is not known", (int)attribute));
    }
    return CUDA_SUCCESS;
}
EXPORT CUresult cuMemAdvise(CUdeviceptr p, size_t bytes, CUmem_advise, CUdevice)
{
    IN_CONTEXT
    return driver().memory.host(p, bytes) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}
EXPORT CUresult cuMemPrefetchAsync(CUdeviceptr p, size_t bytes, CUdevice, CUstream)
{
    IN_CONTEXT
    return driver().memory.host(p, bytes) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}
EXPORT CUresult cuStreamAttachMemAsync(CUstream, CUdeviceptr p, size_t, unsigned)
{
    IN_CONTEXT
    return driver().memory.host(p, 1) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

EXPORT CUresult cuMemcpyHtoD(CUdeviceptr d, const void *s, size_t n)
{
    IN_CONTEXT
    return copyIn("cuMemcpyHtoD", device(d, n), host(s, n));
}
EXPORT CUresult cuMemcpyDtoH(void *d, CUdeviceptr s, size_t n)
{
    IN_CONTEXT
    return copyNow("cuMemcpyDtoH", host(d, n), device(s, n));
}
EXPORT CUresult cuMemcpyDtoD(CUdeviceptr d, CUdeviceptr s, size_t n)
{
    IN_CONTEXT
    return copyNow("cuMemcpyDtoD", device(d, n), device(s, n));
}
static Side either(CUdeviceptr p, size_t n)
{ return {p >= sharedWindow || driver().memory.host(p, 1) != nullptr, p, n}; }
EXPORT CUresult cuMemcpy(CUdeviceptr d, CUdeviceptr s, size_t n)
{
    IN_CONTEXT
    return copyNow("cuMemcpy", either(d, n), either(s, n));
}
EXPORT CUresult cuMemcpyHtoDAsync(CUdeviceptr d, const void *s, size_t n, CUstream stream)
{
    IN_CONTEXT
    return copyLater("cuMemcpyHtoDAsync", device(d, n), host(s, n), stream);
}
EXPORT CUresult cuMemcpyDtoHAsync(void *d, CUdeviceptr s, size_t n, CUstream stream)
{
    IN_CONTEXT
    return copyLater("cuMemcpyDtoHAsync", host(d, n), device(s, n), stream);
}
EXPORT CUresult cuMemcpyDtoDAsync(CUdeviceptr d, CUdeviceptr s, size_t n, CUstream stream)
{
    IN_CONTEXT
    return copyLater("cuMemcpyDtoDAsync", device(d, n), device(s, n), stream);
}
EXPORT CUresult cuMemcpyAsync(CUdeviceptr d, CUdeviceptr s, size_t n, CUstream stream)
{
    IN_CONTEXT
    return copyLater("cuMemcpyAsync", either(d, n), either(s, n), stream);
}
EXPORT CUresult cuMemsetD8(CUdeviceptr p, unsigned char v, size_t n)
{
    IN_CONTEXT
    return fillNow("cuMemsetD8", p, v, n);
}
EXPORT CUresult cuMemsetD16(CUdeviceptr p, unsigned short v, size_t n)
{
    IN_CONTEXT
    return fillNow("cuMemsetD16", p, v, n);
}
EXPORT CUresult cuMemsetD32(CUdeviceptr p, unsigned v, size_t n)
{
    IN_CONTEXT
    return fillNow("cuMemsetD32", p, v, n);
}
EXPORT CUresult cuMemsetD8Async(CUdeviceptr p, unsigned char v, size_t n, CUstream stream)
{
    IN_CONTEXT
    return fillLater("cuMemsetD8Async", p, v, n, stream);
}
EXPORT CUresult cuMemsetD16Async(CUdeviceptr p, unsigned short v, size_t n, CUstream stream)
{
    IN_CONTEXT
    return fillLater("cuMemsetD16Async", p, v, n, stream);
}
EXPORT CUresult cuMemsetD32Async(CUdeviceptr p, unsigned v, size_t n, CUstream stream)
{
    IN_CONTEXT
    return fillLater("cuMemsetD32Async", p, v, n, stream);
}

// What the tests share: a context, modules, buffers and launches through the driver's calls, which
// throw what fails.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cuda.h>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

extern "C" const char *standinLastMessage(void);

struct Error : std::runtime_error {
    CUresult code;
    explicit Error(CUresult c) : std::runtime_error(standinLastMessage()), code(c) {}
};
inline void ok(CUresult r)
{
    if (r != CUDA_SUCCESS)
        throw Error(r);
}

struct Context { // retains the primary context and releases it, which takes a sticky error away
    CUcontext handle;
    Context()
    {
        ok(cuInit(0));
        ok(cuDevicePrimaryCtxRetain(&handle, 0));
        ok(cuCtxSetCurrent(handle));
    }
    ~Context()
    {
        cuCtxSetCurrent(nullptr);
        cuDevicePrimaryCtxRelease(0);
    }
};

inline std::string readFile(const std::string &path)
{
    std::ifstream f(path);
    if (!f)
        throw std::runtime_error("cannot read " + path);
    std::stringstream s;
    s << f.rdbuf();
    return s.str();
}

struct Module {
    CUmodule handle;
    explicit Module(const std::string &ptx) { ok(cuModuleLoadData(&handle, ptx.c_str())); }
    ~Module() { cuModuleUnload(handle); }
    CUfunction function(const std::string &name) const
    {
        CUfunction f;
        ok(cuModuleGetFunction(&f, handle, name.c_str()));
        return f;
    }
};

template <class T> struct Buffer {
    CUdeviceptr at = 0;
    size_t n;
    explicit Buffer(size_t count) : n(count) { ok(cuMemAlloc(&at, n * sizeof(T))); }
    explicit Buffer(const std::vector<T> &v) : Buffer(v.size())
    {
        ok(cuMemcpyHtoD(at, v.data(), n * sizeof(T)));
        ok(cuStreamSynchronize(nullptr)); // streams that do not wait for copies may use it
    }
    Buffer(const Buffer &) = delete;
    ~Buffer() { cuMemFree(at); }
    std::vector<T> get() const
    {
        std::vector<T> v(n);
        ok(cuMemcpyDtoH(v.data(), at, n * sizeof(T)));
        return v;
    }
};

// launch starts a kernel on the default stream and waits. Arguments have the size of the kernel's
// parameters.
template <class... A>
void launchShared(CUfunction f, unsigned grid, unsigned block, unsigned shared, A... arguments)
{
    void *parameters[] = {(void *)&arguments..., nullptr};
    ok(cuLaunchKernel(f, grid, 1, 1, block, 1, 1, shared, nullptr, parameters, nullptr));
    ok(cuCtxSynchronize());
}
template <class... A> void launch(CUfunction f, unsigned grid, unsigned block, A... arguments)
{ launchShared(f, grid, block, 0, arguments...); }

template <class... A> std::string format(const char *pattern, A... a)
{
    std::string s((size_t)snprintf(nullptr, 0, pattern, a...), '\0');
    snprintf(s.data(), s.size() + 1, pattern, a...);
    return s;
}

// Tests count what fails.
inline int failures = 0;
template <class... A> void failed(const char *pattern, A... a)
{
    failures++;
    fprintf(stderr, "FAIL: ");
    fprintf(stderr, pattern, a...);
    fputc('\n', stderr);
}
#define CHECK(CONDITION)                                                                           \
    do                                                                                             \
        if (!(CONDITION))                                                                          \
            failed("%s:%d: %s", __FILE__, __LINE__, #CONDITION);                                   \
    while (0)

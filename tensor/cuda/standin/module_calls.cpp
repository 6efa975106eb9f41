// Calls about modules, functions and launches.
#include "driver.h"
#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

using namespace standin;

namespace {
CUresult load(CUmodule *result, const std::string &ptx)
{
    Driver &d = driver();
    auto m = std::make_unique<CUmod_st>();
    try {
        m->module = parse(ptx);
        if (m->module->version > number("PTX", 78))
            throw Fault{CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
                        format("PTX of version %d.%d is newer than the device knows",
                               m->module->version / 10, m->module->version % 10)};
        if (m->module->target > number("SM", 70))
            throw Fault{CUDA_ERROR_NO_BINARY_FOR_GPU, format("PTX for sm_%d, the device is sm_%ld",
                                                             m->module->target, number("SM", 70))};
        std::map<std::string, uint64_t> addresses;
        for (const Variable &v : m->module->variables) {
            if (v.space == "shared" || !v.bytes())
                continue;
            Allocation *a = d.memory.allocate(v.bytes(), Kind::Variable);
            if (!a)
                throw Fault{CUDA_ERROR_OUT_OF_MEMORY, "no memory for variable " + v.name};
            memset(a->host, 0, v.bytes()); // variables without an initial value are zero
            for (size_t k = 0; k < v.init.size() && (k + 1) * v.type.bytes() <= v.bytes(); k++)
                memcpy(a->host + k * v.type.bytes(), &v.init[k], v.type.bytes());
            m->variables[v.name] = a;
            addresses[v.name] = a->base;
        }
        for (const auto &f : m->module->functions)
            if (f.second.entry)
                m->functions[f.first] = {m.get(), decode(m->module, f.second, addresses)};
    } catch (const Fault &f) {
        for (auto &v : m->variables)
            d.memory.release(v.second);
        return refuse((CUresult)f.code, "cuModuleLoadData", f.text);
    } catch (const std::exception &e) { // a piece of text that is missing
        for (auto &v : m->variables)
            d.memory.release(v.second);
        return refuse(CUDA_ERROR_INVALID_PTX, "cuModuleLoadData", e.what());
    }
    for (auto &f : m->functions)
        d.functions.insert(&f.second);
    d.modules.insert(m.get());
    return *result = m.release(), CUDA_SUCCESS;
}

CUresult launch(CUfunction f, Dim grid, Dim block, unsigned dynamicShared, CUstream handle,
                void **parameters)
{
    Driver &d = driver();
    if (!d.functions.count(f))
        return refuse(CUDA_ERROR_INVALID_HANDLE, "cuLaunchKernel", "no such function");
    const Kernel &k = *f->kernel;
    CUstream stream = streamOf(handle);
    if (!stream)
        return refuse(CUDA_ERROR_INVALID_HANDLE, "cuLaunchKernel",
                      "kernel " + k.name + ": no such stream");
    const std::string sizes =
        format("kernel %s: wrong launch size: grid %u x %u x %u, block %u x %u x %u",
               k.name.c_str(), grid.x, grid.y, grid.z, block.x, block.y, block.z);
    auto wrong = [&](const std::string &why) {
        return refuse(CUDA_ERROR_INVALID_VALUE, "cuLaunchKernel", sizes + ", " + why);
    };
    if (!grid.count() || !block.count())
        return wrong("one of them is zero");
    if (grid.x > 0x7fffffff || grid.y > 65535 || grid.z > 65535)
        return wrong("a grid may have 2147483647 x 65535 x 65535 blocks");
    if (block.x > 1024 || block.y > 1024 || block.z > 64 || block.count() > 1024)
        return wrong("a block may have 1024 threads, 64 of them in z");
    if (k.hasMaxThreads && block.count() > k.maxThreads.count())
        return wrong(format("the kernel's launch bounds allow %zu threads", k.maxThreads.count()));
    if (k.needThreads.count() && !(block == k.needThreads))
        return wrong(format("the kernel needs %u x %u x %u threads", k.needThreads.x,
                            k.needThreads.y, k.needThreads.z));
    if (dynamicShared > f->maxDynamicShared ||
        dynamicShared + k.staticShared > std::max<size_t>(48 << 10, f->maxDynamicShared))
        return wrong(format("%zu static and %u dynamic bytes of shared memory are too many",
                            k.staticShared, dynamicShared));
    if (!k.params.empty() && !parameters)
        return wrong("the parameters are missing");
    auto arguments = std::make_shared<std::vector<char>>(k.paramBytes);
    for (size_t p = 0; p < k.params.size(); p++)
        memcpy(arguments->data() + k.paramAt[p], parameters[p], k.params[p].bytes());
    d.launches++;
    const std::shared_ptr<Kernel> kernel = f->kernel;
    return enqueue(stream, "kernel " + k.name, [=] {
        Driver &d = driver();
        Grid &g = d.grid;
        g.kernel = kernel.get();
        g.grid = grid;
        g.block = block;
        g.arguments = arguments->data();
        g.dynamicShared = dynamicShared;
        g.memory = &d.memory;
        g.races = number("RACES", 0) != 0;
        g.reverse = std::string(setting("ORDER", "forward")) == "reverse";
        g.most = (uint64_t)number("LIMIT", 1l << 40);
        const auto start = std::chrono::steady_clock::now();
        g.run();
        d.seconds +=
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    });
}
} // namespace

EXPORT CUresult cuModuleLoadData(CUmodule *m, const void *image)
{
    IN_CONTEXT
    return load(m, (const char *)image);
}
EXPORT CUresult cuModuleLoadDataEx(CUmodule *m, const void *image, unsigned, CUjit_option *,
                                   void **)
{
    IN_CONTEXT
    return load(m, (const char *)image);
}
EXPORT CUresult cuModuleLoad(CUmodule *m, const char *path)
{
    IN_CONTEXT
    std::ifstream f(path);
    std::stringstream text;
    text << f.rdbuf();
    return f ? load(m, text.str()) : refuse(CUDA_ERROR_FILE_NOT_FOUND, "cuModuleLoad", path);
}
EXPORT CUresult cuModuleUnload(CUmodule m)
{
    IN_CONTEXT
    Driver &d = driver();
    if (!d.modules.erase(m))
        return refuse(CUDA_ERROR_INVALID_HANDLE, "cuModuleUnload", "no such module");
    const CUresult r = finishAll();
    for (auto &f : m->functions)
        d.functions.erase(&f.second);
    for (auto &v : m->variables)
        d.memory.release(v.second);
    return delete m, r;
}
EXPORT CUresult cuModuleGetFunction(CUfunction *f, CUmodule m, const char *name)
{
    IN_CONTEXT
    if (!driver().modules.count(m))
        return CUDA_ERROR_INVALID_HANDLE;
    const auto i = m->functions.find(name);
    if (i == m->functions.end())
        return refuse(CUDA_ERROR_NOT_FOUND, "cuModuleGetFunction",
                      format("no kernel %s in the module", name));
    return *f = &i->second, CUDA_SUCCESS;
}
EXPORT CUresult cuModuleGetGlobal(CUdeviceptr *p, size_t *bytes, CUmodule m, const char *name)
{
    IN_CONTEXT
    if (!driver().modules.count(m))
        return CUDA_ERROR_INVALID_HANDLE;
    const auto i = m->variables.find(name);
    if (i == m->variables.end())
        return refuse(CUDA_ERROR_NOT_FOUND, "cuModuleGetGlobal",
                      format("no variable %s in the module", name));
    if (p)
        *p = i->second->base;
    if (bytes)
        *bytes = i->second->bytes;
    return CUDA_SUCCESS;
}
EXPORT CUresult cuFuncGetAttribute(int *value, CUfunction_attribute attribute, CUfunction f)
{
    IN_CONTEXT
    if (!driver().functions.count(f))
        return CUDA_ERROR_INVALID_HANDLE;
    const Kernel &k = *f->kernel;
    switch (attribute) {
    case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK: *value = (int)k.maxThreads.count(); break;
    case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES: *value = (int)k.staticShared; break;
    case CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES: *value = 0; break;
    case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES: *value = (int)k.localBytes; break;
    case CU_FUNC_ATTRIBUTE_NUM_REGS: *value = 32; break; // the stand-in allots none
    case CU_FUNC_ATTRIBUTE_PTX_VERSION: *value = k.module->target; break;
    case CU_FUNC_ATTRIBUTE_BINARY_VERSION: *value = (int)number("SM", 70); break;
    case CU_FUNC_ATTRIBUTE_CACHE_MODE_CA: *value = 0; break;
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES: *value = (int)f->maxDynamicShared; break;
    default:
        return refuse(CUDA_ERROR_INVALID_VALUE, "cuFuncGetAttribute",
                      format("attribute %d is not known", (int)attribute));
    }
    return CUDA_SUCCESS;
}
EXPORT CUresult cuFuncSetAttribute(CUfunction f, CUfunction_attribute attribute, int value)
{
    IN_CONTEXT
    if (!driver().functions.count(f))
        return CUDA_ERROR_INVALID_HANDLE;
    if (attribute == CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT)
        return CUDA_SUCCESS;
    if (attribute != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES || value < 0 ||
        value + f->kernel->staticShared > 96 << 10)
        return refuse(CUDA_ERROR_INVALID_VALUE, "cuFuncSetAttribute",
                      format("attribute %d to %d", (int)attribute, value));
    return f->maxDynamicShared = (size_t)value, CUDA_SUCCESS;
}
EXPORT CUresult cuFuncSetCacheConfig(CUfunction, CUfunc_cache)
{
    IN_CONTEXT
    return CUDA_SUCCESS;
}
EXPORT CUresult cuFuncSetSharedMemConfig(CUfunction, CUsharedconfig)
{
    IN_CONTEXT
    return CUDA_SUCCESS;
}
EXPORT CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, CUfunction f, int threads,
                                                            size_t dynamicShared)
{
    IN_CONTEXT
    if (!driver().functions.count(f) || threads < 1)
        return CUDA_ERROR_INVALID_VALUE;
    const size_t bytes = f->kernel->staticShared + dynamicShared;
    *blocks = std::min(2048 / threads, 32);
    if (bytes)
        *blocks = std::min<int>(*blocks, (int)((96 << 10) / bytes));
    return CUDA_SUCCESS;
}
EXPORT CUresult cuLaunchKernel(CUfunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx,
                               unsigned by, unsigned bz, unsigned dynamicShared, CUstream stream,
                               void **parameters, void **extra)
{
    IN_CONTEXT
    if (extra)
        return refuse(CUDA_ERROR_NOT_SUPPORTED, "cuLaunchKernel", "parameters through extra");
    return launch(f, {gx, gy, gz}, {bx, by, bz}, dynamicShared, stream, parameters);
}

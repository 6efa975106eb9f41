// The state of the driver: one device, its memory, streams and contexts, behind one lock.
#pragma once
#include "decode.h"
#include "grid.h"
#include "memory.h"
#include <chrono>
#include <cuda.h>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <set>

struct CUctx_st {
    int references = 0;
    unsigned flags = 0;
};
struct CUmod_st;
struct CUfunc_st {
    CUmod_st *module = nullptr;
    std::shared_ptr<standin::Kernel> kernel;
    size_t maxDynamicShared = 48 << 10;
};
struct CUmod_st {
    std::shared_ptr<standin::Module> module;
    std::map<std::string, CUfunc_st> functions;
    std::map<std::string, standin::Allocation *> variables;
};
struct CUevent_st {
    CUstream stream = nullptr; // of its record
    uint64_t number = 0;       // of the last work before it; 0: never recorded
    std::chrono::steady_clock::time_point when;
    unsigned flags = 0;
};

namespace standin {
// Work waits in its stream until somebody waits for it.
struct Work {
    uint64_t number;
    std::string name;
    std::function<void()> run; // throws a Fault
};
} // namespace standin

struct CUstream_st {
    unsigned flags = 0;
    int priority = 0;
    std::deque<standin::Work> queue;
    bool blocking() const
    { return !(flags & CU_STREAM_NON_BLOCKING); } // with respect to the default stream
};

namespace standin {
struct Driver {
    std::recursive_mutex lock;
    Memory memory;
    CUresult broken = CUDA_SUCCESS; // after a kernel has failed, everything does
    std::set<CUcontext> contexts;
    CUctx_st primary;
    std::set<CUmodule> modules;
    std::set<CUevent> events;
    std::set<CUfunction> functions;
    std::vector<CUstream> streams;
    CUstream_st defaultStream;
    uint64_t works = 0;
    Grid grid; // of the launch that runs; keeps its buffers

    uint64_t calls = 0, launches = 0, waits = 0, toDevice = 0, toHost = 0, onDevice = 0;
    double seconds = 0; // in kernels
};
Driver &driver();

// The stream of a handle, or null.
CUstream streamOf(CUstream handle);
// enqueue adds work to a stream, behind what the default stream orders.
CUresult enqueue(CUstream stream, const std::string &name, std::function<void()> run);
// finish runs the work of a stream up to a number; finishAll that of all streams (of all that the
// default stream waits for).
CUresult finish(CUstream stream, uint64_t number = ~0ull);
CUresult finishAll(bool alsoNonBlocking = true);

extern thread_local std::vector<CUcontext> contextStack;
inline CUcontext currentContext() { return contextStack.empty() ? nullptr : contextStack.back(); }
void closeDevice(); // when the last context goes: the report, and everything is freed

// refuse prints why a call fails, and returns its code.
CUresult refuse(CUresult code, const char *call, const std::string &why);
CUresult refuse(const Fault &f);

// A Call begins every function of the driver: it locks, counts, injects failures, and checks the
// context.
class Call {
  public:
    Call(const char *function, bool needsContext);
    CUresult result = CUDA_SUCCESS;
    std::string name;

  private:
    std::lock_guard<std::recursive_mutex> guard;
};
#define STANDIN_ENTER(NEEDS_CONTEXT)                                                               \
    standin::Call call(__func__, NEEDS_CONTEXT);                                                   \
    if (call.result != CUDA_SUCCESS)                                                               \
        return call.result;
#define IN_CONTEXT STANDIN_ENTER(true)
#define ANYWHERE STANDIN_ENTER(false)
} // namespace standin

#define EXPORT extern "C" __attribute__((visibility("default")))

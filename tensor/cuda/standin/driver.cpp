#include "driver.h"
#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace standin {
thread_local std::vector<CUcontext> contextStack;

Driver &driver()
{
    static Driver *const d = [] { // never destroyed: threads of the host may outlive main
        Driver *made = new Driver;
        made->memory.total = (size_t)number("MEMORY", 4l << 30);
        return made;
    }();
    return *d;
}

CUresult refuse(CUresult code, const char *call, const std::string &why)
{
    say(format("%s: %s", call, why.c_str()));
    return code;
}

CUresult refuse(const Fault &f)
{
    say(f.text);
    return (CUresult)f.code;
}

namespace {
std::string plainName(const char *function) // "cuMemAlloc" of "cuMemAlloc_v2"
{
    const std::string f = function;
    const size_t version = f.rfind("_v");
    return version != std::string::npos && version + 3 == f.size() ? f.substr(0, version) : f;
}

// STANDIN_FAIL=N, NAME:N or NAME:N:CODE: the N-th call (of that name) fails.
struct Failure {
    std::string name;
    uint64_t at = 0;
    CUresult code = CUDA_ERROR_OUT_OF_MEMORY;
    uint64_t seen = 0;

    Failure()
    {
        std::string s = setting("FAIL", "");
        if (!s.empty() && !isdigit((unsigned char)s[0])) {
            name = s.substr(0, s.find(':'));
            s = s.size() > name.size() ? s.substr(name.size() + 1) : "1";
        }
        at = strtoull(s.c_str(), nullptr, 10);
        if (s.find(':') != std::string::npos)
            code = (CUresult)atoi(s.c_str() + s.find(':') + 1);
    }
    bool now(const std::string &call)
    { return at && (name.empty() || name == call) && ++seen == at; }
};
} // namespace

Call::Call(const char *function, bool needsContext)
    : name(plainName(function)), guard(driver().lock)
{
    static Failure failure;
    Driver &d = driver();
    d.calls++;
    if (*setting("TRACE", ""))
        fprintf(stderr, "standin: call %llu: %s\n", (unsigned long long)d.calls, name.c_str());
    if (failure.now(name)) {
        result = refuse(failure.code, name.c_str(),
                        format("fails as asked (call %llu)", (unsigned long long)d.calls));
        return;
    }
    if (!needsContext)
        return;
    if (!currentContext() || !d.contexts.count(currentContext()))
        result = refuse(CUDA_ERROR_INVALID_CONTEXT, name.c_str(),
                        "no context is current on this thread");
    else
        result = d.broken;
}

CUstream streamOf(CUstream h)
{
    Driver &d = driver();
    if (!h || h == CU_STREAM_LEGACY || h == CU_STREAM_PER_THREAD)
        return &d.defaultStream;
    return std::find(d.streams.begin(), d.streams.end(), h) == d.streams.end() ? nullptr : h;
}

namespace {
bool idle()
{
    const Driver &d = driver();
    return d.defaultStream.queue.empty() &&
           std::all_of(d.streams.begin(), d.streams.end(),
                       [](CUstream s) { return s->queue.empty(); });
}

// With STANDIN_GUARD=1 the host must not touch managed memory while work is queued.
void guardManaged()
{
    if (number("GUARD", 0))
        driver().memory.guard(!idle());
}
} // namespace

CUresult finish(CUstream s, uint64_t number)
{
    Driver &d = driver();
    while (!s->queue.empty() && s->queue.front().number <= number && d.broken == CUDA_SUCCESS) {
        Work work = std::move(s->queue.front());
        s->queue.pop_front();
        d.memory.guard(false);
        try {
            work.run();
        } catch (const Fault &f) {
            say(f.text);
            d.broken = (CUresult)f.code;
        } catch (const std::exception &e) { // the host has no more memory
            say(work.name + ": " + e.what());
            d.broken = CUDA_ERROR_OUT_OF_MEMORY;
        }
    }
    guardManaged();
    return d.broken;
}

CUresult finishAll(bool alsoNonBlocking)
{
    Driver &d = driver();
    for (size_t k = d.streams.size(); k-- > 0;) // the newest first: any order is allowed
        if (alsoNonBlocking || d.streams[k]->blocking())
            finish(d.streams[k]);
    return finish(&d.defaultStream);
}

CUresult enqueue(CUstream s, const std::string &name, std::function<void()> run)
{
    Driver &d = driver();
    if (s == &d.defaultStream) { // behind everything in the other blocking streams
        for (CUstream other : d.streams)
            if (other->blocking())
                finish(other);
    } else if (s->blocking()) // behind everything in the default stream
        finish(&d.defaultStream);
    s->queue.push_back({++d.works, name, std::move(run)});
    guardManaged();
    return d.broken;
}

void closeDevice()
{
    Driver &d = driver();
    std::string forgotten;
    size_t count = 0;
    auto look = [&](CUstream s) {
        for (const Work &w : s->queue) {
            count++;
            forgotten += (forgotten.empty() ? "" : ", ") + w.name;
        }
        s->queue.clear();
    };
    for (CUstream s : d.streams)
        look(s);
    look(&d.defaultStream);
    guardManaged();
    if (count && d.broken == CUDA_SUCCESS)
        say(format("forgotten wait: nobody waited for %zu operations: %s", count,
                   forgotten.c_str()));
    const auto leaks = d.memory.leaks();
    if (!leaks.empty()) {
        size_t bytes = 0;
        for (const Allocation *a : leaks)
            bytes += a->bytes;
        say(format("leak: %zu allocations of %zu bytes were not freed; the first is number %llu, "
                   "of %zu bytes",
                   leaks.size(), bytes, (unsigned long long)leaks[0]->number, leaks[0]->bytes));
    }
    const std::string report = setting("REPORT", "");
    if (!report.empty()) {
        FILE *f = report == "1" ? stderr : fopen(report.c_str(), "a");
        if (f) {
            fprintf(f,
                    "{\"calls\":%llu,\"launches\":%llu,\"waits\":%llu,\"allocations\":%llu,"
                    "\"leaks\":%zu,\"forgotten\":%zu,\"peak_bytes\":%zu,"
                    "\"bytes_to_device\":%llu,\"bytes_to_host\":%llu,\"bytes_on_device\":%llu,"
                    "\"instructions\":%llu,\"seconds\":%.3f}\n",
                    (unsigned long long)d.calls, (unsigned long long)d.launches,
                    (unsigned long long)d.waits, (unsigned long long)d.memory.count, leaks.size(),
                    count, d.memory.peak, (unsigned long long)d.toDevice,
                    (unsigned long long)d.toHost, (unsigned long long)d.onDevice,
                    (unsigned long long)d.grid.executed, d.seconds);
            if (f != stderr)
                fclose(f);
        }
    }
    for (const Allocation *a : leaks)
        d.memory.release(const_cast<Allocation *>(a));
    d.broken = CUDA_SUCCESS;
}
} // namespace standin

extern "C" __attribute__((visibility("default"))) unsigned long long standinInstructions(void)
{ return standin::driver().grid.executed; }

// Every mistake is made once and must be named: kernel, thread, statement; its right form must
// raise no alarm. With --table the results are printed as the table of README.md.
#include "host.h"
#include <algorithm>
#include <cmath>
#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

namespace {
bool table;

// Shortens what is said to what a reader of the table needs.
std::string cell(std::string s)
{
    for (size_t tab; (tab = s.find('|')) != std::string::npos;)
        s.replace(tab, 1, "/");
    for (size_t at; (at = s.find(" at 0x")) != std::string::npos;) // an address says nothing here
        s.erase(at, s.find_first_of(":;, ", at + 4) - at);
    return s;
}
void row(const std::string &name, const std::string &said, const std::string &right)
{
    if (table)
        printf("| %s | %s | %s |\n", name.c_str(), cell(said).c_str(), right.c_str());
}

bool contains(const std::string &text, const std::vector<std::string> &parts)
{
    return std::all_of(parts.begin(), parts.end(),
                       [&](const std::string &p) { return text.find(p) != std::string::npos; });
}

// attempt returns the code and the message of what f does in a context of its own.
std::pair<CUresult, std::string> attempt(const std::function<void()> &f)
{
    Context context;
    try {
        f();
    } catch (const Error &e) {
        return {e.code, e.what()};
    }
    return {CUDA_SUCCESS, ""};
}

struct Launch {
    const char *kernel;
    unsigned grid, block, shared;
};
std::pair<CUresult, std::string> runKernel(const std::string &ptx, const Launch &l, int right)
{
    return attempt([&] {
        Module m(ptx);
        std::vector<float> ones(64, 1);
        Buffer<float> y(std::vector<float>(64, 0)), x(ones);
        launchShared(m.function(l.kernel), l.grid, l.block, l.shared, y.at, x.at, right);
    });
}

// kernelFault makes a mistake of faults.cu and its right form.
void kernelFault(const std::string &ptx, const char *what, const Launch &wrong, const Launch &right,
                 CUresult code, std::vector<std::string> parts)
{
    const auto bad = runKernel(ptx, wrong, 0), good = runKernel(ptx, right, 1);
    parts.push_back(wrong.kernel);
    if (bad.first != code)
        failed("%s (%s): code %d, expected %d: %s", what, wrong.kernel, bad.first, code,
               bad.second.c_str());
    else if (!contains(bad.second, parts))
        failed("%s (%s): the message does not name what is wrong: %s", what, wrong.kernel,
               bad.second.c_str());
    if (good.first)
        failed("%s (%s): the right form fails: %s", what, right.kernel, good.second.c_str());
    row(what, bad.second, good.first ? good.second : "no alarm");
}

void kernels(const std::string &ptx)
{
    const CUresult failure = CUDA_ERROR_LAUNCH_FAILED, address = CUDA_ERROR_ILLEGAL_ADDRESS;
    auto fault = [&](const char *what, const char *kernel, unsigned grid, CUresult code,
                     std::vector<std::string> parts) {
        parts.push_back("PTX line");
        parts.push_back("faults.cu:");
        kernelFault(ptx, what, {kernel, grid, 64, 0}, {kernel, grid, 64, 0}, code, parts);
    };
    fault("missing barrier", "missing_barrier", 1, failure,
          {"race: a write", "a read by thread (31,0,0)", "ld.shared.f32", "st.shared.f32"});
    fault("missing barrier before the next round", "missing_second_barrier", 1, failure,
          {"race: a read", "a write by thread", "st.shared.f32"});
    fault("missing barrier of a warp", "missing_warp_barrier", 1, failure,
          {"race: a read", "ld.shared.f32"});
    fault("read behind the end", "read_behind", 1, address,
          {"thread (63,0,0)", "a read of 4 bytes",
           "0 bytes behind the end of an allocation of 256 bytes"});
    fault("read before the beginning", "read_before", 1, address,
          {"thread (0,0,0)", "a read of 4 bytes", "4 bytes before an allocation of 256 bytes"});
    fault("write behind the end", "write_behind", 1, address,
          {"thread (63,0,0)", "a write of 4 bytes", "st.global.f32"});
    fault("atomic addition behind the end", "atomic_behind", 1, address,
          {"an atomic access of 4 bytes"});
    fault("write behind shared memory", "shared_behind", 1, address,
          {"thread (63,0,0)", "out of bounds of shared memory: byte 256 of the 256 of"});
    fault("read behind local memory", "local_behind", 1, address,
          {"thread (8,0,0)", "local memory"});
    fault("misaligned", "misaligned", 1, CUDA_ERROR_MISALIGNED_ADDRESS,
          {"misaligned: a write of 4 bytes"});
    fault("divergent barrier", "divergent_barrier", 1, failure,
          {"divergent barrier: thread (", "has ended without it", "bar.sync"});
    fault("barrier after some have left", "early_exit", 1, failure,
          {"divergent barrier: thread (60,0,0)", "bar.sync"});
    fault("race between blocks: two write", "race_of_blocks", 2, failure,
          {"race between blocks: a read", "a write by thread (0,0,0) of block (0,0,0)"});
    fault("race between blocks: one reads", "read_of_blocks", 2, failure,
          {"race between blocks: a read", "of block (1,0,0)",
           "a write by thread (0,0,0) of block (0,0,0)"});
    fault("race within a block", "race_in_block", 1, failure,
          {"race: a write", "a write by thread"});
    fault("atomic and plain access", "atomic_and_plain", 1, failure,
          {"race: ", "an atomic access"});
    fault("shuffle that not all lanes reach", "missing_lane", 1, failure, {"lane", "shfl.sync"});
    fault("the kernel gives up", "gives_up", 1, failure, {"thread (5,0,0)", "trap"});

    setenv("STANDIN_LIMIT", "1000000", 1);
    kernelFault(ptx, "endless loop", {"endless", 1, 64, 0}, {"endless", 1, 64, 0},
                CUDA_ERROR_LAUNCH_TIMEOUT,
                {"more than 1000000 instructions", "thread (0,0,0)", "PTX line"});
    unsetenv("STANDIN_LIMIT");

    const CUresult value = CUDA_ERROR_INVALID_VALUE;
    kernelFault(ptx, "wrong launch size: more than the launch bounds", {"bounded", 1, 128, 0},
                {"bounded", 1, 64, 0}, value, {"wrong launch size", "64 threads"});
    kernelFault(ptx, "wrong launch size: no blocks", {"plain", 0, 64, 0}, {"plain", 1, 64, 0},
                value, {"wrong launch size", "zero"});
    kernelFault(ptx, "wrong launch size: too many threads", {"plain", 1, 2048, 0},
                {"plain", 1, 64, 0}, value, {"wrong launch size", "1024"});
    kernelFault(ptx, "wrong launch size: too much shared memory", {"plain", 1, 64, 50000},
                {"plain", 1, 64, 40000}, value, {"wrong launch size", "50000 dynamic"});
    kernelFault(ptx, "wrong launch size: more threads than elements", {"plain", 2, 64, 0},
                {"plain", 1, 64, 0}, address, {"block (1,0,0)", "behind the end"});
}

// memoryFault makes a mistake of the host.
void memoryFault(const char *what, CUresult code, const std::vector<std::string> &parts,
                 const std::function<void()> &wrong, const std::function<void()> &right)
{
    const auto bad = attempt(wrong), good = attempt(right);
    if (bad.first != code || !contains(bad.second, parts))
        failed("%s: code %d, expected %d: %s", what, bad.first, code, bad.second.c_str());
    if (good.first)
        failed("%s: the right form fails: %s", what, good.second.c_str());
    row(what, bad.second, good.first ? good.second : "no alarm");
}

void hostFaults(const std::string &ptx)
{
    auto use = [&](bool freed) {
        return [&ptx, freed] {
            Module m(ptx);
            Buffer<float> x(std::vector<float>(64, 1));
            CUdeviceptr y, fresh;
            ok(cuMemAlloc(&y, 256));
            if (freed)
                ok(cuMemFree(y));
            ok(cuMemAlloc(&fresh, 256)); // a driver might give out the same address again
            launch(m.function("plain"), 1, 64, y, x.at, 1);
            ok(cuMemFree(fresh));
            if (!freed)
                ok(cuMemFree(y));
        };
    };
    memoryFault("use after free", CUDA_ERROR_ILLEGAL_ADDRESS,
                {"kernel plain", "thread (0,0,0)", "use after free", "256 bytes that was freed"},
                use(true), use(false));

    auto copy = [](bool freed) {
        return [freed] {
            CUdeviceptr y;
            float host[64] = {};
            ok(cuMemAlloc(&y, 256));
            if (freed)
                ok(cuMemFree(y));
            ok(cuMemcpyHtoD(y, host, 256));
            ok(cuMemFree(y));
        };
    };
    memoryFault("copy after free", CUDA_ERROR_INVALID_VALUE, {"cuMemcpyHtoD", "use after free"},
                copy(true), copy(false));

    auto release = [](int times) {
        return [times] {
            CUdeviceptr y;
            ok(cuMemAlloc(&y, 256));
            for (int i = 0; i < times; i++)
                ok(cuMemFree(y));
        };
    };
    memoryFault("double free", CUDA_ERROR_INVALID_VALUE, {"cuMemFree: double free", "256 bytes"},
                release(2), release(1));

    auto pointer = [&](bool ofHost) {
        return [&ptx, ofHost] {
            Module m(ptx);
            std::vector<float> host(64, 1);
            Buffer<float> y(64), x(host);
            launch(m.function("plain"), 1, 64, y.at, ofHost ? (CUdeviceptr)host.data() : x.at, 1);
        };
    };
    memoryFault("host pointer given to a kernel", CUDA_ERROR_ILLEGAL_ADDRESS,
                {"kernel plain", "perhaps one of the host"}, pointer(true), pointer(false));

    auto range = [](size_t bytes) {
        return [bytes] {
            Buffer<float> y(64);
            std::vector<float> host(128);
            ok(cuMemcpyDtoH(host.data(), y.at, bytes));
        };
    };
    memoryFault("copy behind the end", CUDA_ERROR_INVALID_VALUE, {"cuMemcpyDtoH", "out of bounds"},
                range(260), range(256));
}

// said returns what f and the end of its context print.
std::string said(const std::function<void()> &f)
{
    const std::string before = standinLastMessage();
    attempt(f);
    const std::string after = standinLastMessage();
    return after == before ? "" : after;
}

void atTheEnd(const std::string &ptx)
{
    auto leak = [](bool leaks) {
        return [leaks] {
            CUdeviceptr y;
            ok(cuMemAlloc(&y, 1000));
            if (!leaks)
                ok(cuMemFree(y));
        };
    };
    const std::string leaked = said(leak(true)), clean = said(leak(false));
    CHECK(contains(leaked, {"leak: 1 allocations of 1000 bytes"}));
    CHECK(clean.empty());
    row("leak", leaked, clean.empty() ? "no alarm" : clean);

    // The result of an asynchronous copy is read without a wait: it is NaN until somebody waits.
    float got = 0;
    auto asynchronous = [&](bool waits) {
        return [&ptx, &got, waits] {
            Module m(ptx);
            CUdeviceptr y, x;
            float host = 1;
            static float result;
            ok(cuMemAlloc(&y, 4));
            ok(cuMemAlloc(&x, 4));
            ok(cuMemcpyHtoD(x, &host, 4));
            ok(cuStreamSynchronize(nullptr));
            CUstream s;
            ok(cuStreamCreate(&s, CU_STREAM_NON_BLOCKING));
            int one = 1;
            void *arguments[] = {&y, &x, &one};
            ok(cuLaunchKernel(m.function("plain"), 1, 1, 1, 1, 1, 1, 0, s, arguments, nullptr));
            ok(cuMemcpyDtoHAsync(&result, y, 4, s));
            if (waits)
                ok(cuStreamSynchronize(s));
            got = result;
            if (!waits)
                throw Error(CUDA_SUCCESS); // leaves with work in the stream
            ok(cuStreamDestroy(s));
            ok(cuMemFree(y));
            ok(cuMemFree(x));
        };
    };
    CHECK(said(asynchronous(true)).empty());
    CHECK(got == 2);
    // The module's destructor would wait; a child process leaves without it.
    int ends[2];
    (void)!pipe(ends);
    if (fork() == 0) {
        dup2(ends[1], 2);
        Context *c = new Context;
        Module *m = new Module(ptx);
        CUdeviceptr y;
        float result = 1;
        ok(cuMemAlloc(&y, 256));
        CUstream s;
        ok(cuStreamCreate(&s, CU_STREAM_NON_BLOCKING));
        int one = 1;
        void *arguments[] = {&y, &y, &one};
        ok(cuLaunchKernel(m->function("plain"), 1, 1, 1, 1, 1, 1, 0, s, arguments, nullptr));
        ok(cuMemcpyDtoHAsync(&result, y, 4, s));
        const bool undefined = std::isnan(result);
        unsetenv("STANDIN_QUIET");
        delete c;
        _exit(undefined ? 0 : 1);
    }
    close(ends[1]);
    std::string text(4096, '\0');
    text.resize((size_t)std::max<ssize_t>(0, read(ends[0], text.data(), text.size())));
    text.resize(text.find('\n') == std::string::npos ? text.size() : text.find('\n'));
    close(ends[0]);
    int status;
    wait(&status);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(contains(
        text, {"forgotten wait: nobody waited for 2 operations: kernel plain, cuMemcpyDtoHAsync"}));
    row("forgotten wait: the result is NaN, and the end says",
        text.substr(std::min(text.size(), text.find(": ") + 2)), "no alarm");
}

// With STANDIN_GUARD the host is stopped where it touches managed memory too early.
void guardedHost(const std::string &ptx)
{
    auto child = [&](bool waits) {
        int ends[2];
        (void)!pipe(ends);
        if (fork() == 0) {
            dup2(ends[1], 2);
            setenv("STANDIN_GUARD", "1", 1);
            signal(SIGSEGV, [](int) { _exit(9); });
            Context c;
            Module m(ptx);
            CUdeviceptr y;
            ok(cuMemAllocManaged(&y, 256, CU_MEM_ATTACH_GLOBAL));
            volatile float *host = (float *)y;
            host[0] = 1;
            int one = 1;
            void *arguments[] = {&y, &y, &one};
            ok(cuLaunchKernel(m.function("plain"), 1, 1, 1, 64, 1, 1, 0, nullptr, arguments,
                              nullptr));
            if (waits)
                ok(cuCtxSynchronize());
            const float got = host[0];
            ok(cuMemFree(y));
            _exit(got == 2 ? 0 : 1);
        }
        close(ends[1]);
        std::string text(4096, '\0');
        text.resize((size_t)std::max<ssize_t>(0, read(ends[0], text.data(), text.size())));
        close(ends[0]);
        int status;
        wait(&status);
        return std::make_pair(WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                              text.substr(0, text.find('\n')));
    };
    const auto bad = child(false), good = child(true);
    CHECK(bad.first == 9);
    CHECK(contains(bad.second, {"forgotten wait: the host touches managed memory"}));
    CHECK(good.first == 0 && good.second.empty());
    row("forgotten wait: managed memory, with STANDIN_GUARD=1",
        bad.second.substr(std::min(bad.second.size(), bad.second.find(": ") + 2)), "no alarm");
}

void freshMemory(const std::string &ptx)
{
    Context c;
    Buffer<double> y(10);
    CHECK(std::isnan(y.get()[9]));
    Module m(ptx);
    Buffer<float> out(64), x(std::vector<float>(64, 1));
    launch(m.function("unset_shared"), 1, 64, out.at, x.at, 0);
    const float wrong = out.get()[0];
    launch(m.function("unset_shared"), 1, 64, out.at, x.at, 1);
    CHECK(std::isnan(wrong) && out.get()[0] == 1);
    row("memory that nobody wrote", "it reads as NaN", "no alarm");
}
} // namespace

int main(int argc, char **argv)
{
    table = argc > 2 && !strcmp(argv[2], "--table");
    setenv("STANDIN_QUIET", "1", 1);
    setenv("STANDIN_RACES", "1", 1);
    const std::string ptx = readFile(std::string(argv[1]) + "/faults.ptx");
    if (table)
        printf("| Mistake | What the stand-in says | The right form |\n|---|---|---|\n");
    try {
        kernels(ptx);
        hostFaults(ptx);
        atTheEnd(ptx);
        guardedHost(ptx);
        freshMemory(ptx);
    } catch (const std::exception &e) {
        failed("%s", e.what());
    }
    if (!table)
        printf("faults: %d failures\n", failures);
    return failures > 0;
}

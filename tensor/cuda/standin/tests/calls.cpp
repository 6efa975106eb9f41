// The driver's calls: streams run when somebody waits, events order them, errors stick, failures
// are injected, and everything that is allocated is counted.
#include "host.h"
#include <cmath>
#include <random>
#include <thread>

namespace {
std::string ptxFile, warpsFile;

struct Streams {
    CUstream a, b;
    explicit Streams(unsigned flags)
    {
        ok(cuStreamCreate(&a, flags));
        ok(cuStreamCreate(&b, flags));
    }
    ~Streams()
    {
        cuStreamDestroy(a);
        cuStreamDestroy(b);
    }
};
void add(CUfunction f, const Buffer<float> &y, const Buffer<float> &x, CUstream s)
{
    float one = 1;
    long long n = (long long)y.n;
    void *arguments[] = {(void *)&y.at, (void *)&x.at, &one, &n};
    ok(cuLaunchKernel(f, 1, 1, 1, 32, 1, 1, 0, s, arguments, nullptr));
}
float first(const Buffer<float> &b, CUstream s) // without waiting for other streams
{
    float v;
    ok(cuMemcpyDtoHAsync(&v, b.at, 4, s));
    ok(cuStreamSynchronize(s));
    return v;
}

void laziness()
{
    Context c;
    Module m(ptxFile);
    CUfunction f = m.function("saxpy");
    Buffer<float> y(std::vector<float>(8, 1)), x(std::vector<float>(8, 2));
    Streams s(CU_STREAM_NON_BLOCKING);
    add(f, y, x, s.a);
    CHECK(cuStreamQuery(s.b) == CUDA_SUCCESS);
    CHECK(first(y, s.b) == 1); // a has not run: nobody waited for it
    ok(cuStreamSynchronize(s.a));
    CHECK(first(y, s.b) == 3);

    CUevent e;
    ok(cuEventCreate(&e, CU_EVENT_DEFAULT));
    add(f, y, x, s.a);
    ok(cuEventRecord(e, s.a));
    add(f, y, x, s.a);
    ok(cuStreamWaitEvent(s.b, e, 0));
    CHECK(first(y, s.b) == 5); // what lies before the event has run, what lies behind has not
    ok(cuStreamSynchronize(s.a));
    CHECK(first(y, s.a) == 7);
    add(f, y, x, s.a);
    ok(cuEventRecord(e, s.a));
    int polls = 0;
    while (cuEventQuery(e) == CUDA_ERROR_NOT_READY && polls < 10)
        polls++;
    CHECK(polls < 10 && cuStreamQuery(s.a) == CUDA_SUCCESS);
    ok(cuEventDestroy(e));

    // A copy to the host holds NaN until somebody waits; the source of one to the device is read
    // late.
    float host = 4, got = 4;
    ok(cuMemcpyHtoDAsync(x.at, &host, 4, s.a));
    host = 10;
    ok(cuMemcpyDtoHAsync(&got, x.at, 4, s.a));
    CHECK(std::isnan(got));
    ok(cuStreamSynchronize(s.a));
    CHECK(got == 10);

    // A copy to the device has been read when the call returns, but a stream that does not wait for
    // the default stream may be ahead of it.
    host = 3;
    ok(cuMemcpyHtoD(x.at, &host, 4));
    host = 11;
    CHECK(first(x, s.a) == 10);
    ok(cuStreamSynchronize(nullptr));
    CHECK(first(x, s.a) == 3);
    host = 10;
    ok(cuMemcpyHtoD(x.at, &host, 4));

    // The default stream orders blocking streams.
    Streams blocking(CU_STREAM_DEFAULT);
    Buffer<float> z(std::vector<float>(8, 1));
    add(f, z, x, blocking.a);
    CHECK(z.get()[1] == 3);
    int called = 0;
    ok(cuLaunchHostFunc(s.a, [](void *p) { ++*(int *)p; }, &called));
    CHECK(called == 0);
    ok(cuCtxSynchronize());
    CHECK(called == 1);
}

void managed()
{
    Context c;
    Module m(ptxFile);
    CUdeviceptr p;
    ok(cuMemAllocManaged(&p, 32, CU_MEM_ATTACH_GLOBAL));
    float *host = (float *)p;
    CHECK(std::isnan(host[0]));
    for (int i = 0; i < 8; i++)
        host[i] = (float)i;
    launch(m.function("saxpy"), 1, 8, p + 4, p, 1.f, (long long)1); // y[0] of a slice
    CHECK(host[1] == 1 && host[2] == 2);
    launch(m.function("saxpy"), 1, 8, p, p, 2.f, (long long)8);
    CHECK(host[7] == 21);
    unsigned is = 0;
    ok(cuPointerGetAttribute(&is, CU_POINTER_ATTRIBUTE_IS_MANAGED, p + 8));
    CHECK(is == 1);
    ok(cuMemFree(p));
    void *pinned;
    ok(cuMemHostAlloc(&pinned, 32, 0));
    memset(pinned, 0, 32);
    Buffer<float> y(std::vector<float>(8, 1));
    launch(m.function("saxpy"), 1, 8, (CUdeviceptr)pinned, y.at, 2.f, (long long)8);
    CHECK(((float *)pinned)[7] == 2);
    ok(cuMemFreeHost(pinned));
}

void memory()
{
    Context c;
    size_t free0, total, free1;
    ok(cuMemGetInfo(&free0, &total));
    CHECK(free0 == total);
    {
        Buffer<unsigned> b(100);
        ok(cuMemGetInfo(&free1, &total));
        CHECK(free0 - free1 == 400);
        ok(cuMemsetD32(b.at, 7, 100));
        CHECK(b.get()[99] == 7);
        ok(cuMemsetD8(b.at, 1, 4));
        CHECK(b.get()[0] == 0x01010101);
        ok(cuMemsetD16(b.at + 2, 2, 1));
        CHECK(b.get()[0] == 0x00020101);
        CHECK(cuMemsetD32(b.at + 2, 0, 1) == CUDA_ERROR_INVALID_VALUE);
        CHECK(cuMemsetD32(b.at, 0, 101) == CUDA_ERROR_INVALID_VALUE);
        CUdeviceptr base;
        size_t size;
        ok(cuMemGetAddressRange(&base, &size, b.at + 44));
        CHECK(base == b.at && size == 400);
        unsigned host = 1;
        CHECK(cuMemcpyHtoD(b.at, (void *)b.at, 4) == CUDA_ERROR_INVALID_VALUE);
        CHECK(cuMemcpyDtoH(&host, (CUdeviceptr)&host, 4) == CUDA_ERROR_INVALID_VALUE);
    }
    ok(cuMemGetInfo(&free1, &total));
    CHECK(free1 == free0);
    CUdeviceptr p;
    CHECK(cuMemAlloc(&p, total + 1) == CUDA_ERROR_OUT_OF_MEMORY);
    CHECK(cuMemAlloc(&p, 0) == CUDA_ERROR_INVALID_VALUE);
}

void contexts()
{
    CUdeviceptr p;
    CHECK(cuMemAlloc(&p, 4) == CUDA_ERROR_INVALID_CONTEXT); // none yet
    {
        Context c;
        CUresult elsewhere = CUDA_SUCCESS;
        std::thread([&] { elsewhere = cuMemAlloc(&p, 4); }).join();
        CHECK(elsewhere == CUDA_ERROR_INVALID_CONTEXT); // current on one thread only
        CUcontext now;
        ok(cuCtxGetCurrent(&now));
        CHECK(now == c.handle);
    }
    CUcontext made;
    ok(cuCtxCreate(&made, 0, 0));
    ok(cuMemAlloc(&p, 4));
    ok(cuMemFree(p));
    ok(cuCtxDestroy(made));
    const char *name, *text;
    ok(cuGetErrorName(CUDA_ERROR_OUT_OF_MEMORY, &name));
    ok(cuGetErrorString(CUDA_ERROR_ILLEGAL_ADDRESS, &text));
    CHECK(!strcmp(name, "CUDA_ERROR_OUT_OF_MEMORY") && !strcmp(text, "illegal address"));
    CHECK(cuGetErrorName((CUresult)12345, &name) == CUDA_ERROR_INVALID_VALUE);
}

void errorsStick()
{
    {
        Context c;
        Module m(ptxFile);
        Buffer<float> y(std::vector<float>(8, 1));
        long long n = 9; // one too many
        float a = 1;
        void *arguments[] = {&y.at, &y.at, &a, &n};
        ok(cuLaunchKernel(m.function("saxpy"), 1, 1, 1, 32, 1, 1, 0, nullptr, arguments,
                          nullptr)); // says nothing yet
        CHECK(cuCtxSynchronize() == CUDA_ERROR_ILLEGAL_ADDRESS);
        CUdeviceptr p;
        CHECK(cuMemAlloc(&p, 4) == CUDA_ERROR_ILLEGAL_ADDRESS);
    }
    Context fresh;
    Buffer<float> y(8);
    CHECK(y.at != 0);
}

void badModules()
{
    Context c;
    CUmodule m;
    const struct {
        const char *ptx;
        CUresult code;
        const char *says;
    } cases[] = {
        {"nothing", CUDA_ERROR_INVALID_PTX, "line 1"},
        {".version 9.0\n.target sm_70\n.address_size 64\n", CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
         "9.0"},
        {".version 7.8\n.target sm_90\n.address_size 64\n", CUDA_ERROR_NO_BINARY_FOR_GPU, "sm_90"},
        {".version 7.8\n.target sm_70\n.address_size 64\n.entry k() {\n.reg .b32 %r<2>;\nadd.u7 "
         "%r0, %r1, 1;\n}",
         CUDA_ERROR_INVALID_PTX, "line 6"},
        {".version 7.8\n.target sm_70\n.address_size 64\n.entry k() {\n.reg .b32 %r<2>;\nadd.u32 "
         "%r0, %r2, 1;\n}",
         CUDA_ERROR_INVALID_PTX, "%r2"},
        {".version 7.8\n.target sm_70\n.address_size 64\n.entry k() {\n.reg .b32 %r<2>;\nadd.u64 "
         "%r0, %r1, 1;\n}",
         CUDA_ERROR_INVALID_PTX, "32 bits, expected 64"},
        {".version 7.8\n.target sm_70\n.address_size 64\n.entry k() {\nbra L;\n}",
         CUDA_ERROR_INVALID_PTX, "label L"},
        {".version 7.8\n.target sm_70\n.address_size 64\n.entry k() {\nadd.u32",
         CUDA_ERROR_INVALID_PTX, "semicolon"},
        {".version 7.8\n.target sm_70\n.address_size 64\n.entry k() {\ncall vprintf;\n}",
         CUDA_ERROR_INVALID_PTX, "vprintf"},
    };
    for (const auto &t : cases) {
        const CUresult r = cuModuleLoadData(&m, t.ptx);
        if (r != t.code || !strstr(standinLastMessage(), t.says))
            failed("module \"%s\": code %d, expected %d: %s", t.ptx, r, t.code,
                   standinLastMessage());
    }
    // Cut or changed anywhere, a module is refused or taken; the process lives.
    auto load = [&](const std::string &ptx) {
        if (cuModuleLoadData(&m, ptx.c_str()) == CUDA_SUCCESS)
            ok(cuModuleUnload(m));
    };
    for (size_t n = 0; n < ptxFile.size(); n += 3)
        load(ptxFile.substr(0, n));
    std::mt19937_64 random(1);
    for (const std::string &whole : {ptxFile, warpsFile})
        for (int k = 0; k < 500; k++) {
            std::string ptx = whole;
            for (size_t changes = 1 + random() % 4; changes; changes--) {
                const size_t at = random() % ptx.size(), n = 1 + random() % 12;
                const size_t from = random() % ptx.size();
                switch (random() % 4) {
                case 0: ptx.erase(at, n); break;
                case 1: ptx.insert(at, ptx.substr(from, n)); break;
                case 2: ptx[at] = ptx[from]; break;
                default: ptx[at] = (char)(32 + random() % 95); break;
                }
            }
            load(ptx);
        }
}
} // namespace

// session is a whole use of the device; with a failure injected at any call it ends in order.
static CUresult session()
{
    try {
        Context c;
        Module m(ptxFile);
        Buffer<float> y(std::vector<float>(8, 1));
        CUstream s;
        ok(cuStreamCreate(&s, 0));
        add(m.function("saxpy"), y, y, s);
        const CUresult r = cuStreamSynchronize(s);
        ok(cuStreamDestroy(s));
        ok(r);
        return y.get()[0] == 2 ? CUDA_SUCCESS : CUDA_ERROR_UNKNOWN;
    } catch (const Error &e) {
        return e.code;
    }
}

int main(int argc, char **argv)
{
    setenv("STANDIN_QUIET", "1", 1);
    ptxFile = readFile(std::string(argv[1]) + "/saxpy.ptx");
    warpsFile = readFile(std::string(argv[1]) + "/warps.ptx");
    if (argc > 2 && !strcmp(argv[2], "session"))
        return (int)session() & 127;
    try {
        contexts();
        laziness();
        managed();
        memory();
        errorsStick();
        badModules();
    } catch (const std::exception &e) {
        failed("%s", e.what());
    }
    // The setting is read once, so that each failure needs a process.
    int fails = 0, n = 1;
    for (; n < 100; n++) {
        const int status =
            system(format("STANDIN_FAIL=%d %s %s session", n, argv[0], argv[1]).c_str());
        if (WEXITSTATUS(status) == 0 && n > 12)
            break;
        fails += WEXITSTATUS(status) == CUDA_ERROR_OUT_OF_MEMORY;
        if (!WIFEXITED(status))
            failed("a failure at call %d ends the process", n);
    }
    CHECK(n < 100 && fails >= 10);
    CHECK(WEXITSTATUS(system(
              format("STANDIN_FAIL=cuStreamSynchronize:1:719 %s %s session", argv[0], argv[1])
                  .c_str())) == (719 & 127));
    printf("calls: %d failures\n", failures);
    return failures > 0;
}

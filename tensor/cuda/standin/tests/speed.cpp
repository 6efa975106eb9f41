// Measures the interpreter: instructions of all lanes a second, for kernels of the kinds that
// training runs.
#include "host.h"
#include <chrono>

namespace {
// executed returns the instructions of the launches so far, which the report of a context holds.
extern "C" unsigned long long standinInstructions(void);

void measure(const char *name, const std::function<void()> &run)
{
    run(); // decodes, allocates
    double best = 1e9;
    unsigned long long instructions = 0;
    for (int k = 0; k < 3; k++) {
        const unsigned long long before = standinInstructions();
        const auto start = std::chrono::steady_clock::now();
        run();
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        instructions = standinInstructions() - before;
        best = std::min(best, seconds);
    }
    printf("| %s | %.1f | %.2f | %.2f |\n", name, (double)instructions * 1e-6, best * 1e3,
           (double)instructions / best * 1e-9);
}
} // namespace

int main(int, char **argv)
{
    Context c;
    const std::string folder = argv[1];
    Module warps(readFile(folder + "/warps.ptx")), saxpy(readFile(folder + "/saxpy.ptx")),
        functions(readFile(folder + "/functions.ptx"));
    printf(
        "| Kernel | Instructions (millions) | ms | Instructions/s (10^9) |\n|---|---|---|---|\n");
    const int n = 256;
    Buffer<float> a(std::vector<float>(n * n, 1)), b(std::vector<float>(n * n, 1)), y(n * n);
    Buffer<double> a64(std::vector<double>(n * n, 1)), b64(std::vector<double>(n * n, 1)),
        y64(n * n);
    auto product = [&](const char *name, CUdeviceptr y, CUdeviceptr a, CUdeviceptr b) {
        int size = n;
        void *arguments[] = {&y, &a, &b, &size, &size, &size};
        ok(cuLaunchKernel(warps.function(name), n / 16, n / 16, 1, 16, 16, 1, 0, nullptr, arguments,
                          nullptr));
        ok(cuCtxSynchronize());
    };
    measure("product_f32, 256 x 256 x 256", [&] { product("product_f32", y.at, a.at, b.at); });
    measure("product_f64, 256 x 256 x 256",
            [&] { product("product_f64", y64.at, a64.at, b64.at); });
    measure("saxpy, 65536 elements",
            [&] { launch(saxpy.function("saxpy"), 256, 256, y.at, a.at, 1.f, (long long)n * n); });
    measure("exp_f32, 65536 elements", [&] {
        launch(functions.function("exp_f32"), 256, 256, y.at, a.at, b.at, (long long)n * n);
    });
    measure("exp_f64, 65536 elements", [&] {
        launch(functions.function("exp_f64"), 256, 256, y64.at, a64.at, b64.at, (long long)n * n);
    });
    measure("tanh_f32, 65536 elements", [&] {
        launch(functions.function("tanh_f32"), 256, 256, y.at, a.at, b.at, (long long)n * n);
    });
    measure("sums, 256 rows of 256",
            [&] { launchShared(warps.function("sums"), n, 128, 512, y.at, a.at, n); });
    measure("saxpy, 1 element, 1000 launches", [&] {
        for (int k = 0; k < 1000; k++)
            launch(saxpy.function("saxpy"), 1, 32, y.at, a.at, 1.f, (long long)1);
    });
    setenv("STANDIN_RACES", "1", 1);
    measure("product_f32 with the race watch", [&] { product("product_f32", y.at, a.at, b.at); });
    return 0;
}

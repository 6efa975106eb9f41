// Threads that work together: what warps.cu computes against the same computed here, without alarms
// of the race watch, and the same bits when blocks, warps and lanes run in the opposite order.
#include "host.h"
#include <algorithm>
#include <cmath>
#include <random>

namespace {
using u32 = uint32_t;
using u64 = uint64_t;

template <class T> std::vector<T> numbers(size_t n, u32 seed)
{
    std::mt19937_64 random(seed);
    std::vector<T> v(n);
    for (T &x : v)
        x = std::is_floating_point_v<T> ? (T)((double)(random() % 20001) / 10000 - 1) : (T)random();
    return v;
}

void lanes(const Module &m)
{
    std::vector<u32> x = numbers<u32>(32, 1);
    for (u32 &v : x)
        v %= 3000000000u;
    x[9] = 77;
    Buffer<u32> in(x), out(std::vector<u32>(32 * 20, 12345));
    launch(m.function("lanes"), 1, 32, out.at, in.at);
    const std::vector<u32> got = out.get();
    auto count = [&](const std::function<bool(u32)> &f) {
        return (u32)std::count_if(x.begin(), x.end(), f);
    };
    auto ballot = [&](const std::function<bool(u32)> &f) {
        u32 r = 0;
        for (int l = 0; l < 32; l++)
            r |= (u32)f(x[l]) << l;
        return r;
    };
    const bool sameHigh = std::all_of(x.begin(), x.end(),
                                      [&](u32 v) { return v / 1000000000u == x[0] / 1000000000u; });
    for (u32 l = 0; l < 32; l++) {
        const u32 v = x[l];
        const u32 want[20] = {l >= 3 ? x[l - 3] : v,
                              l + 5 < 32 ? x[l + 5] : v,
                              x[l ^ 9],
                              x[v % 32],
                              l % 8 + 2 < 8 ? x[l + 2] : v,
                              l % 8 >= 2 ? x[l - 2] : v,
                              x[l / 16 * 16 + 3],
                              ballot([](u32 a) { return a & 1; }),
                              ballot([&](u32 a) { return a == x[7]; }) != 0,
                              ballot([&](u32 a) { return a == x[7]; }) == ~0u,
                              ballot([=](u32 a) { return a % 4 == v % 4; }),
                              sameHigh ? 0u : 0u,
                              ballot([=](u32 a) { return a % 3 == v % 3; }),
                              0u,
                              l < 16 ? x[l ^ 1] : ballot([](u32 a) { return a & 2; }) & 0xffff0000u,
                              ~0u,
                              count([](u32 a) { return a & 1; }),
                              count([](u32 a) { return a != 0; }) == 32,
                              count([](u32 a) { return a == 77; }) > 0,
                              count([](u32 a) { return a > 5; }) % 32 == 0};
        for (int k = 0; k < 20; k++)
            if (k != 13 && k != 11 && got[k * 32 + l] != want[k])
                failed("lanes: row %d lane %u is %#x, expected %#x", k, l, got[k * 32 + l],
                       want[k]);
        if (got[11 * 32 + l] != (sameHigh ? 0u : 0u) ||
            got[13 * 32 + l] != 0u) // all ones and 1, wrapped; none and 0
            failed("lanes: match.all: %#x, %#x", got[11 * 32 + l], got[13 * 32 + l]);
    }
}

template <class T> void atomics(const Module &m, const char *name)
{
    const std::vector<T> x = numbers<T>(64, 2), y = numbers<T>(8, 3);
    Buffer<T> in(x), out(y);
    launch(m.function(name), 2, 32, out.at, in.at); // both blocks with the same numbers
    const std::vector<T> got = out.get();
    T want[6] = {y[0], y[1], y[2], y[3], y[4], y[5]};
    for (int i = 0; i < 64; i++) {
        const T v = x[i % 32];
        want[0] = (T)((u64)want[0] + (u64)v);
        want[1] = std::min(want[1], v);
        want[2] = std::max(want[2], v);
        want[3] &= v;
        want[4] |= v;
        want[5] ^= v;
    }
    for (int k = 0; k < 6; k++)
        if (got[k] != want[k])
            failed("%s: number %d is %lld, expected %lld", name, k, (long long)got[k],
                   (long long)want[k]);
    CHECK(std::find(x.begin(), x.begin() + 32, got[6]) != x.begin() + 32);
    CHECK(got[7] == y[7]);
}

void moreAtomics(const Module &m)
{
    const std::vector<long long> x = numbers<long long>(64, 4);
    Buffer<long long> in(x), out(std::vector<long long>{0, 0});
    launch(m.function("atomics_s64"), 1, 64, out.at, in.at);
    CHECK(out.get()[0] == std::min(0ll, *std::min_element(x.begin(), x.end())));
    CHECK(out.get()[1] == std::max(0ll, *std::max_element(x.begin(), x.end())));
    Buffer<float> f(std::vector<float>{1, 0}), fs(std::vector<float>(64, 0.5f));
    launch(m.function("atomics_f32"), 1, 64, f.at, fs.at);
    CHECK(f.get()[0] == 33 && f.get()[1] == 0.5f);
    Buffer<double> d(std::vector<double>{1}), ds(std::vector<double>(64, 0.25));
    launch(m.function("atomics_f64"), 1, 64, d.at, ds.at);
    CHECK(d.get()[0] == 17);
    Buffer<u32> mod(std::vector<u32>{0, 0});
    launch(m.function("atomics_mod"), 1, 64, mod.at);
    CHECK(mod.get()[0] == 64 % 10);
    CHECK(mod.get()[1] == (10 - 64 % 10) % 10);
}

std::vector<float> sums(const Module &m, unsigned blocks, unsigned threads, int n)
{
    Buffer<float> in(numbers<float>(blocks * n, 5)), out(2 * blocks);
    launchShared(m.function("sums"), blocks, threads, threads * 4, out.at, in.at, n);
    return out.get();
}

template <class T>
std::vector<T> product(const Module &m, const char *name, int rows, int columns, int inner)
{
    Buffer<T> a(numbers<T>((size_t)rows * inner, 6)), b(numbers<T>((size_t)inner * columns, 7)),
        c((size_t)rows * columns);
    void *parameters[] = {&c.at, (void *)&a.at, (void *)&b.at, &rows, &columns, &inner};
    ok(cuLaunchKernel(m.function(name), (columns + 15) / 16, (rows + 15) / 16, 1, 16, 16, 1, 0,
                      nullptr, parameters, nullptr));
    return c.get();
}

template <class T> void checkProduct(const Module &m, const char *name)
{
    const int rows = 17, columns = 37, inner = 53;
    const std::vector<T> a = numbers<T>(rows * inner, 6), b = numbers<T>(inner * columns, 7),
                         c = product<T>(m, name, rows, columns, inner);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) {
            T want = 0; // in the kernel's order, with its fused additions: the same bits
            for (int k = 0; k < (inner + 15) / 16 * 16; k++)
                want = std::fma(k < inner ? a[i * inner + k] : (T)0,
                                k < inner ? b[k * columns + j] : (T)0, want);
            if (c[i * columns + j] != want)
                failed("%s: element %d, %d is %g, expected %g", name, i, j,
                       (double)c[i * columns + j], (double)want);
        }
}

u32 collatz(u32 n)
{
    u32 steps = 0;
    for (; n != 1; steps++)
        n = n % 2 ? 3 * n + 1 : n / 2;
    return steps;
}
u32 reversed(u32 a)
{
    u32 r = 0;
    for (int k = 0; k < 32; k++)
        r |= (a >> k & 1) << (31 - k);
    return r;
}
void parting(const Module &m)
{
    std::vector<u32> x(256);
    for (u32 i = 0; i < 256; i++)
        x[i] = i * 37 % 1009 + 1;
    Buffer<u32> in(x), out(std::vector<u32>(256, 99));
    launch(m.function("parting"), 1, 256, out.at, in.at);
    const std::vector<u32> got = out.get();
    for (u32 i = 0; i < 256; i++) {
        const u32 v = x[i];
        u32 r = v % 5 ? collatz(v) : 0;
        const u32 cases[] = {r + 1,
                             r * 3,
                             (r ^ v) - 7,
                             r - 7,
                             99,
                             r * r,
                             reversed(r),
                             (u32)__builtin_popcount(v),
                             (u32)__builtin_clz(v),
                             r | 1,
                             r};
        if (got[i] != cases[v % 11])
            failed("parting: %u gives %u, expected %u", v, got[i], cases[v % 11]);
    }
    launch(m.function("jump_table"), 1, 256, out.at, in.at);
    const std::vector<u32> jumped = out.get();
    for (u32 i = 0; i < 256; i++)
        if (jumped[i] != 10 * (x[i] % 3 + 1))
            failed("jump_table: %u gives %u", x[i], jumped[i]);
}

struct Pair {
    int index[4];
    double scale;
};
void memories(const Module &m)
{
    const Pair p{{3, 1, 2, 0}, 0.5};
    std::vector<unsigned char> bytes(32);
    std::vector<short> words(32);
    for (int i = 0; i < 32; i++)
        bytes[i] = (unsigned char)(200 + i), words[i] = (short)(i - 16);
    const int primes[8] = {2, 3, 5, 7, 11, 13, 17, 19};
    Buffer<float> out(128);
    Buffer<unsigned char> b(bytes);
    Buffer<short> w(words);
    CUdeviceptr counter;
    size_t size;
    ok(cuModuleGetGlobal(&counter, &size, m.handle, "counter"));
    CHECK(size == 4);
    float value;
    ok(cuMemcpyDtoH(&value, counter, 4));
    CHECK(value == 5);
    for (int pick = 0; pick < 2; pick++) {
        launch(m.function("memories"), 1, 32, out.at, p, b.at, w.at, pick);
        const std::vector<float> got = out.get();
        for (int i = 0; i < 32; i++) {
            float local[4] = {1, 2, 3, 4};
            local[p.index[pick]] += primes[i % 8];
            const float want[4] = {pick ? (float)(i % 4) : local[i % 4], (float)(0.5 * words[i]),
                                   (float)(bytes[i] + p.index[i % 4]), local[i % 4] + 5};
            for (int k = 0; k < 4; k++)
                if (got[4 * i + k] != want[k])
                    failed("memories: pick %d, thread %d, element %d is %g, expected %g", pick, i,
                           k, got[4 * i + k], want[k]);
        }
    }
}

template <class F> auto reverse(F f)
{
    setenv("STANDIN_ORDER", "reverse", 1);
    auto r = f();
    unsetenv("STANDIN_ORDER");
    return r;
}
template <class T> bool sameBits(const std::vector<T> &a, const std::vector<T> &b)
{ return a.size() == b.size() && !memcmp(a.data(), b.data(), a.size() * sizeof(T)); }

void all(const Module &m)
{
    lanes(m);
    atomics<u32>(m, "atomics_u32");
    atomics<int>(m, "atomics_s32");
    atomics<unsigned long long>(m, "atomics_u64");
    moreAtomics(m);
    const std::vector<float> s = sums(m, 3, 96, 1000);
    const std::vector<float> x = numbers<float>(3000, 5);
    for (int b = 0; b < 3; b++) {
        double want = 0;
        for (int i = 0; i < 1000; i++)
            want += x[b * 1000 + i];
        CHECK(std::fabs(s[2 * b] - want) < 1e-3);
    }
    checkProduct<float>(m, "product_f32");
    checkProduct<double>(m, "product_f64");
    parting(m);
    memories(m);
}
} // namespace

int main(int, char **argv)
{
    setenv("STANDIN_QUIET", "1", 1);
    try {
        Context c;
        Module m(readFile(std::string(argv[1]) + "/warps.ptx"));
        all(m);
        reverse([&] {
            all(m);
            return 0;
        });
        CHECK(sameBits(sums(m, 5, 128, 777), reverse([&] { return sums(m, 5, 128, 777); })));
        CHECK(sameBits(product<float>(m, "product_f32", 33, 65, 40),
                       reverse([&] { return product<float>(m, "product_f32", 33, 65, 40); })));
        CHECK(sameBits(product<double>(m, "product_f64", 33, 65, 40),
                       reverse([&] { return product<double>(m, "product_f64", 33, 65, 40); })));
        setenv("STANDIN_RACES", "1", 1);
        all(m);
        reverse([&] {
            all(m);
            return 0;
        });
    } catch (const std::exception &e) {
        failed("%s", e.what());
    }
    printf("warps: %d failures\n", failures);
    return failures > 0;
}

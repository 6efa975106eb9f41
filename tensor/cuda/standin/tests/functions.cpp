// The functions of CUDA's mathematical library, interpreted, against those of the C library in a
// wider type. The bounds are the largest errors that the CUDA C++ Programming Guide names, in units
// of the last place; a little is added where the guide's bound holds for a part of the range only.
#include "host.h"
#include <cmath>
#include <limits>
#include <random>

namespace {
template <class T> struct Wider;
template <> struct Wider<float> {
    using W = double;
};
template <> struct Wider<double> {
    using W = long double;
};

// ulps is the distance between got and the correctly rounded value, in units of the last place.
template <class T, class W> double ulps(T got, W want)
{
    const T nearest = (T)want;
    if (std::isnan(nearest) || std::isnan(got))
        return std::isnan(nearest) && std::isnan(got) ? 0 : INFINITY;
    if (got == nearest)
        return 0;
    T step = nearest;
    for (int k = 1; k < 100; k++)
        if ((step = std::nextafter(step, got)) == got)
            return k;
    return INFINITY;
}

struct Range {
    double low, high;
    bool logarithmic; // exponents are drawn, not values; and signs if low is negative
};
template <class W> struct Row {
    const char *name;
    W (*one)(W);
    W (*two)(W, W);
    double bound32, bound64;
    Range range;
};
template <class W> W rsqrt(W x) { return 1 / std::sqrt(x); }
template <class W> W divide(W a, W b) { return a / b; }

template <class W> std::vector<Row<W>> rows()
{
    const Range all{-1e30, 1e30, true}, positive{0, 1e30, true}, trig{-1e8, 1e8, true};
    return {
        {"exp", std::exp, nullptr, 2, 1, {-110, 100, false}},
        {"exp2", std::exp2, nullptr, 2, 1, {-150, 130, false}},
        {"expm1", std::expm1, nullptr, 1, 1, {-50, 88, true}},
        {"log", std::log, nullptr, 1, 1, positive},
        {"log2", std::log2, nullptr, 1, 1, positive},
        {"log1p", std::log1p, nullptr, 1, 1, {0, 1e30, true}},
        {"sin", std::sin, nullptr, 2, 2, trig},
        {"cos", std::cos, nullptr, 2, 2, trig},
        {"tanh", std::tanh, nullptr, 2, 2, {-30, 30, true}},
        {"erf", std::erf, nullptr, 2, 2, {-8, 8, true}},
        {"erfc", std::erfc, nullptr, 4, 5, {-6, 9, false}},
        {"sqrt", std::sqrt, nullptr, 0, 0, positive},
        {"rsqrt", rsqrt, nullptr, 2, 1, positive},
        {"cbrt", std::cbrt, nullptr, 1, 1, all},
        {"atan", std::atan, nullptr, 2, 2, all},
        {"floor", std::floor, nullptr, 0, 0, all},
        {"ceil", std::ceil, nullptr, 0, 0, all},
        {"trunc", std::trunc, nullptr, 0, 0, all},
        {"rint", std::rint, nullptr, 0, 0, all},
        {"round", std::round, nullptr, 0, 0, {-1e4, 1e4, false}},
        {"pow", nullptr, std::pow, 4, 2, {0.01, 20, false}},
        {"fmod", nullptr, std::fmod, 0, 0, {-1e3, 1e3, true}},
        {"atan2", nullptr, std::atan2, 3, 2, all},
        {"fmin", nullptr, std::fmin, 0, 0, all},
        {"fmax", nullptr, std::fmax, 0, 0, all},
        {"div", nullptr, divide, 0, 0, {-1e15, 1e15, true}},
    };
}

template <class T> std::vector<T> draw(std::mt19937_64 &random, Range r, size_t n)
{
    std::uniform_real_distribution<double> unit(0, 1);
    std::vector<T> v(n);
    for (T &x : v)
        if (r.logarithmic) {
            const double most = std::log(r.high), size = std::exp(unit(random) * (most + 25) - 25);
            x = (T)(r.low < 0 && unit(random) < 0.5 ? -std::min(size, -r.low) : size);
        } else
            x = (T)(r.low + unit(random) * (r.high - r.low));
    return v;
}

// expected is the value in the wider type; of what must be rounded correctly it is T's own, since
// rounding twice is not rounding once.
template <class T, class W> W expected(const Row<W> &r, T a, T b)
{
    if (std::string(r.name) == "sqrt")
        return std::sqrt(a);
    if (std::string(r.name) == "div")
        return a / b;
    return r.one ? r.one((W)a) : r.two((W)a, (W)b);
}

template <class T> void check(const Module &m, const char *type, bool table)
{
    using W = typename Wider<T>::W;
    const size_t n = 20000;
    std::mt19937_64 random(1);
    for (const Row<W> &r : rows<W>()) {
        std::vector<T> a = draw<T>(random, r.range, n), b = draw<T>(random, r.range, n);
        const T inf = std::numeric_limits<T>::infinity();
        const T special[] = {0,
                             (T)-0.0,
                             inf,
                             -inf,
                             (T)NAN,
                             1,
                             -1,
                             std::numeric_limits<T>::denorm_min(),
                             std::numeric_limits<T>::max()};
        const size_t specials = sizeof special / sizeof *special;
        for (size_t k = 0; k < specials * specials; k++) { // all pairs
            a[k] = special[k % specials];
            b[k] = special[k / specials];
        }
        const Buffer<T> x(a), z(b), y(n);
        launch(m.function(std::string(r.name) + "_" + type), 7, 96, y.at, x.at, z.at, (long long)n);
        const std::vector<T> got = y.get();
        double worst = 0;
        size_t at = 0;
        for (size_t i = 0; i < n; i++) {
            const double e = ulps(got[i], expected(r, a[i], b[i]));
            if (e > worst)
                worst = e, at = i;
        }
        const double bound = sizeof(T) == 4 ? r.bound32 : r.bound64;
        if (!(worst <= bound))
            failed("%s of %s: %g ulp at %.17g, %.17g: %.17g, expected %.17g", r.name, type, worst,
                   (double)a[at], (double)b[at], (double)got[at],
                   (double)expected(r, a[at], b[at]));
        if (table)
            printf("| %s_%s | %g | %g |\n", r.name, type, worst, bound);
    }
}
} // namespace

int main(int argc, char **argv)
{
    const bool table = argc > 2 && !strcmp(argv[2], "--table");
    if (table)
        printf("| Function | Largest error (ulp) | Bound |\n|---|---|---|\n");
    try {
        Context c;
        Module m(readFile(std::string(argv[1]) + "/functions.ptx"));
        check<float>(m, "f32", table);
        check<double>(m, "f64", table);
    } catch (const std::exception &e) {
        failed("%s", e.what());
    }
    if (!table)
        printf("functions: %d failures\n", failures);
    return failures > 0;
}

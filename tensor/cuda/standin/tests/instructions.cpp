// Every instruction of the tables, against the same computed here. A kernel of one instruction is
// written for each row; rows that are missing fail the test, too.
#include "host.h"
#include <cfenv>
#include <cmath>
#include <limits>
#include <random>
#include <set>

extern "C" const char *standinUnusedInstructions(void);

namespace {
using u8 = uint8_t;
using s8 = int8_t;
using u16 = uint16_t;
using s16 = int16_t;
using u32 = uint32_t;
using s32 = int32_t;
using u64 = uint64_t;
using s64 = int64_t;
using f32 = float;
using f64 = double;
using u128 = unsigned __int128;
using s128 = __int128;

template <class T> std::string typeName()
{
    return (std::is_floating_point_v<T> ? "f"
            : std::is_signed_v<T>       ? "s"
                                        : "u") +
           std::to_string(sizeof(T) * 8);
}
template <class T> int width() { return (int)sizeof(T) * 8; }

// values returns edges and random numbers, of all sizes, of a type.
template <class T> std::vector<T> values(std::mt19937_64 &random, size_t n)
{
    using L = std::numeric_limits<T>;
    std::vector<T> v;
    std::vector<T> edges;
    if constexpr (std::is_floating_point_v<T>)
        edges = {0,
                 (T)-0.0,
                 1,
                 -1,
                 (T)0.5,
                 (T)-0.5,
                 (T)1.5,
                 (T)2.5,
                 (T)-2.5,
                 L::infinity(),
                 -L::infinity(),
                 L::quiet_NaN(),
                 L::min(),
                 -L::min(),
                 L::denorm_min(),
                 L::max(),
                 L::lowest(),
                 (T)0x1p31,
                 (T)-0x1p31,
                 (T)0x1p32,
                 (T)0x1p63,
                 (T)0x1p64,
                 (T)127.5,
                 (T)255.5,
                 (T)32767.5,
                 (T)65535.5,
                 (T)1e-3,
                 (T)-1e-3};
    else
        edges = {0,
                 1,
                 2,
                 3,
                 (T)-1,
                 (T)-2,
                 L::max(),
                 L::min(),
                 (T)(L::max() - 1),
                 (T)(L::min() + 1),
                 7,
                 8,
                 15,
                 16,
                 31,
                 32,
                 33,
                 63,
                 64,
                 127};
    for (size_t i = 0; i < n; i++)
        if (random() % 3 == 0)
            v.push_back(edges[random() % edges.size()]);
        else if constexpr (std::is_floating_point_v<T>) {
            const int spread = random() % 4 == 0 ? sizeof(T) * 20 : 8;
            v.push_back((T)(std::ldexp((double)(s64)random(),
                                       -63 + (int)(random() % (2 * spread)) - spread)));
        } else
            v.push_back((T)(random() >> random() % 64));
    return v;
}

struct Operand { // how the kernel declares, loads and stores one
    std::string declare, load, store, name;
};
// Types of 8 bits live in registers of 16.
template <class T> Operand operand(char name)
{
    Operand o;
    o.name = std::string("%v") + name;
    const std::string bytes = std::to_string(sizeof(T)), kind = std::is_floating_point_v<T> ? "f"
                                                                : std::is_signed_v<T>       ? "s"
                                                                                            : "u";
    const std::string memory = (sizeof(T) == 1 ? kind + "8" : typeName<T>());
    o.declare = std::string(".reg .") + (std::is_floating_point_v<T> ? "f" : "b") +
                std::to_string(std::max<size_t>(16, sizeof(T) * 8)) + " " + o.name + ";\n";
    o.load = std::string("ld.param.u64 %at, [") + name + "]; mad.lo.s64 %at, %i, " + bytes +
             ", %at;\nld.global." + memory + " " + o.name + ", [%at];\n";
    o.store = std::string("ld.param.u64 %at, [") + name + "]; mad.lo.s64 %at, %i, " + bytes +
              ", %at;\nst.global." + memory + " [%at], " + o.name + ";\n";
    return o;
}

const size_t count = 3000;

// test runs "op d, a, b...;" and compares with expected. body, if it is given, replaces that
// statement.
template <class D, class... S>
void test(const std::string &op, std::function<D(S...)> expected, std::string body = "")
{
    std::mt19937_64 random(std::hash<std::string>()(op));
    const bool predicate = std::is_same_v<D, bool>;
    using Stored = std::conditional_t<std::is_same_v<D, bool>, u32, D>;
    char names[] = "abcd";
    size_t k = 0;
    std::tuple<std::vector<S>...> inputs{values<S>(random, count)...};
    const Operand d = operand<Stored>('d');
    std::vector<Operand> sources{(operand<S>(names[k++]))...};
    // The result's parameter comes last and is called d; a fourth source is called e.
    if (sources.size() == 4)
        sources[3] = operand<std::tuple_element_t<sizeof...(S) - 1, std::tuple<S...>>>('e');
    std::string ptx = ".version 7.8\n.target sm_70\n.address_size 64\n.visible .entry k(", code;
    for (const char *p : {"a", "b", "c", "e", "d"})
        ptx += std::string(p[0] == 'a' ? "" : ", ") + ".param .u64 " + p;
    ptx += ") {\n.reg .b64 %i, %at; .reg .b32 %t, %n; .reg .pred %p, %q;\n" + d.declare;
    std::string list;
    for (const Operand &o : sources) {
        ptx += o.declare;
        code += o.load;
        list += ", " + o.name;
    }
    ptx += "mov.u32 %t, %ctaid.x; mov.u32 %n, %ntid.x; mul.wide.u32 %i, %t, %n; cvt.u64.u32 %at, "
           "%t; mov.u32 %t, %tid.x; cvt.u64.u32 %at, %t;\n"
           "add.s64 %i, %i, %at;\n";
    if (body.empty())
        body = op + " " + (predicate ? "%p" : d.name) + list + ";\n";
    ptx += code + body + (predicate ? "selp.u32 %vd, 1, 0, %p;\n" : "") + d.store + "ret;\n}\n";
    try {
        Module m(ptx);
        Buffer<Stored> result(count);
        std::vector<CUdeviceptr> at(5);
        k = 0;
        std::apply(
            [&](auto &...v) {
                ((ok(cuMemAlloc(&at[k], count * sizeof v[0])),
                  ok(cuMemcpyHtoD(at[k], v.data(), count * sizeof v[0])), k++),
                 ...);
            },
            inputs);
        launch(m.function("k"), count / 100, 100, at[0], at[1], at[2], at[3], result.at);
        const std::vector<Stored> got = result.get();
        for (size_t j = 0; j < k; j++)
            cuMemFree(at[j]);
        for (size_t i = 0; i < count; i++) {
            const Stored want =
                std::apply([&](auto &...v) { return (Stored)expected(v[i]...); }, inputs);
            if (memcmp(&want, &got[i], sizeof want) && !(want != want && got[i] != got[i])) {
                std::ostringstream s;
                s.precision(17);
                std::apply([&](auto &...v) { ((s << " " << +v[i]), ...); }, inputs);
                s << " gives " << +got[i] << ", expected " << +want;
                failed("%s:%s", op.c_str(), s.str().c_str());
                return;
            }
        }
    } catch (const std::exception &e) {
        failed("%s: %s", op.c_str(), e.what());
    }
}

template <class T> T rounded(int mode, const std::function<T()> &f)
{
    fesetround(mode);
    const volatile T r = f();
    fesetround(FE_TONEAREST);
    return r;
}
const std::vector<std::pair<const char *, int>> roundings = {
    {"rn", FE_TONEAREST}, {"rz", FE_TOWARDZERO}, {"rm", FE_DOWNWARD}, {"rp", FE_UPWARD}};

template <class T> T flushed(T x)
{ return std::fpclassify(x) == FP_SUBNORMAL ? std::copysign((T)0, x) : x; }
template <class T> T clamped(T x) { return x > 0 ? std::fmin(x, (T)1) : (T)0; }
template <class T> T least(T a, T b)
{ return a == b ? (std::signbit(a) ? a : b) : std::fmin(a, b); }
template <class T> T most(T a, T b) { return a == b ? (std::signbit(a) ? b : a) : std::fmax(a, b); }

template <class T> void floats()
{
    const std::string t = "." + typeName<T>();
    using F1 = std::function<T(T)>;
    using F2 = std::function<T(T, T)>;
    using F3 = std::function<T(T, T, T)>;
    for (const auto &[name, mode] : roundings) {
        const std::string r = std::string(".") + name + t;
        const int m = mode;
        auto in = [m](T a, T b, T (*f)(volatile T &, volatile T &)) {
            return rounded<T>(m, [&] {
                volatile T x = a, y = b;
                return f(x, y);
            });
        };
        test<T, T, T>("add" + r, F2([=](T a, T b) {
                          return in(a, b, [](volatile T &x, volatile T &y) -> T { return x + y; });
                      }));
        test<T, T, T>("sub" + r, F2([=](T a, T b) {
                          return in(a, b, [](volatile T &x, volatile T &y) -> T { return x - y; });
                      }));
        test<T, T, T>("mul" + r, F2([=](T a, T b) {
                          return in(a, b, [](volatile T &x, volatile T &y) -> T { return x * y; });
                      }));
        test<T, T, T>("div" + r, F2([=](T a, T b) {
                          return in(a, b, [](volatile T &x, volatile T &y) -> T { return x / y; });
                      }));
        test<T, T, T, T>("fma" + r, F3([=](T a, T b, T c) {
                             return rounded<T>(m, [&] {
                                 volatile T x = a, y = b, z = c;
                                 return std::fma((T)x, (T)y, (T)z);
                             });
                         }));
        test<T, T>("sqrt" + r, F1([=](T a) {
                       return rounded<T>(m, [&] {
                           volatile T x = a;
                           return std::sqrt((T)x);
                       });
                   }));
        test<T, T>("rcp" + r, F1([=](T a) {
                       return rounded<T>(m, [&] {
                           volatile T x = a;
                           return (T)1 / x;
                       });
                   }));
    }
    test<T, T, T, T>("mad.rn" + t, F3([](T a, T b, T c) { return std::fma(a, b, c); }));
    test<T, T, T>("min" + t, F2(least<T>));
    test<T, T, T>("max" + t, F2(most<T>));
    test<T, T, T>("min.NaN" + t, F2([](T a, T b) {
                      return std::isnan(a) || std::isnan(b) ? (T)NAN : least(a, b);
                  }));
    test<T, T, T>("max.NaN" + t, F2([](T a, T b) {
                      return std::isnan(a) || std::isnan(b) ? (T)NAN : most(a, b);
                  }));
    test<T, T>("neg" + t, F1([](T a) { return -a; }));
    test<T, T>("abs" + t, F1([](T a) { return std::fabs(a); }));
    test<T, T, T>("copysign" + t, F2([](T a, T b) { return std::copysign(b, a); }));
    test<T, T>("rsqrt.approx" + t, F1([](T a) { return 1 / std::sqrt(a); }));
    using P2 = std::function<bool(T, T)>;
    test<bool, T, T>("setp.ne" + t, P2([](T a, T b) { return a < b || a > b; }));
    test<bool, T, T>("setp.equ" + t, P2([](T a, T b) { return std::isunordered(a, b) || a == b; }));
    test<bool, T, T>("setp.neu" + t, P2([](T a, T b) { return a != b; }));
    test<bool, T, T>("setp.ltu" + t, P2([](T a, T b) { return std::isunordered(a, b) || a < b; }));
    test<bool, T, T>("setp.leu" + t, P2([](T a, T b) { return std::isunordered(a, b) || a <= b; }));
    test<bool, T, T>("setp.gtu" + t, P2([](T a, T b) { return std::isunordered(a, b) || a > b; }));
    test<bool, T, T>("setp.geu" + t, P2([](T a, T b) { return std::isunordered(a, b) || a >= b; }));
    test<bool, T, T>("setp.num" + t, P2([](T a, T b) { return !std::isunordered(a, b); }));
    test<bool, T, T>("setp.nan" + t, P2([](T a, T b) { return std::isunordered(a, b); }));
    using P1 = std::function<bool(T)>;
    test<bool, T>("testp.finite" + t, P1([](T a) { return std::isfinite(a); }));
    test<bool, T>("testp.infinite" + t, P1([](T a) { return std::isinf(a); }));
    test<bool, T>("testp.number" + t, P1([](T a) { return !std::isnan(a); }));
    test<bool, T>("testp.notanumber" + t, P1([](T a) { return std::isnan(a); }));
    test<bool, T>("testp.normal" + t, P1([](T a) { return std::isnormal(a); }));
    test<bool, T>("testp.subnormal" + t,
                  P1([](T a) { return std::fpclassify(a) == FP_SUBNORMAL; }));
}

void singles()
{
    using F1 = std::function<f32(f32)>;
    using F2 = std::function<f32(f32, f32)>;
    using F3 = std::function<f32(f32, f32, f32)>;
    test<f32, f32, f32>("add.sat.f32", F2([](f32 a, f32 b) { return clamped(a + b); }));
    test<f32, f32, f32, f32>("fma.rn.sat.f32",
                             F3([](f32 a, f32 b, f32 c) { return clamped(std::fma(a, b, c)); }));
    test<f32, f32, f32>("add.ftz.f32",
                        F2([](f32 a, f32 b) { return flushed(flushed(a) + flushed(b)); }));
    test<f32, f32, f32>("mul.ftz.f32",
                        F2([](f32 a, f32 b) { return flushed(flushed(a) * flushed(b)); }));
    test<f32, f32, f32>("div.full.f32", F2([](f32 a, f32 b) { return a / b; }));
    test<f32, f32>("ex2.approx.f32", F1([](f32 a) { return std::exp2(a); }));
    test<f32, f32>("lg2.approx.f32", F1([](f32 a) { return std::log2(a); }));
    test<f32, f32>("sin.approx.f32", F1([](f32 a) { return (f32)std::sin((double)a); }));
    test<f32, f32>("cos.approx.f32", F1([](f32 a) { return (f32)std::cos((double)a); }));
    test<f32, f32>("tanh.approx.f32", F1([](f32 a) { return std::tanh(a); }));
    auto high = [](f64 x) {
        u64 u;
        memcpy(&u, &x, 8);
        u &= ~0xffffffffull;
        memcpy(&x, &u, 8);
        return x;
    };
    test<f64, f64>("rcp.approx.ftz.f64",
                   std::function<f64(f64)>([=](f64 a) { return high(1 / high(a)); }));
    test<f64, f64>("rsqrt.approx.ftz.f64",
                   std::function<f64(f64)>([=](f64 a) { return high(1 / std::sqrt(high(a))); }));
}

template <class T> void comparisons(const std::string &t)
{
    using P = std::function<bool(T, T)>;
    test<bool, T, T>("setp.eq." + t, P([](T a, T b) { return a == b; }));
    test<bool, T, T>("setp.lt." + t, P([](T a, T b) { return a < b; }));
    test<bool, T, T>("setp.le." + t, P([](T a, T b) { return a <= b; }));
    test<bool, T, T>("setp.gt." + t, P([](T a, T b) { return a > b; }));
    test<bool, T, T>("setp.ge." + t, P([](T a, T b) { return a >= b; }));
    test<bool, T, T>("setp.lt.and." + t, P([](T a, T b) { return a < b && a != 0; }),
                     "setp.ne." + t + " %q, %va, 0" +
                         (t[0] == 'f' ? (sizeof(T) == 4 ? "f00000000" : "d0000000000000000") : "") +
                         ";\nsetp.lt.and." + t + " %p, %va, %vb, %q;\n");
    test<bool, T, T>("setp.lt.or." + t, P([](T a, T b) { return a < b || !(a < b); }),
                     "setp.lt." + t + " %p|%q, %va, %vb;\nor.pred %p, %p, %q;\n");
    test<bool, T, T>("setp.lt.xor." + t, P([](T a, T b) { return (a < b) != (a == b); }),
                     "setp.eq." + t + " %q, %va, %vb;\nsetp.lt.xor." + t + " %p, %va, %vb, %q;\n");
    const char *names[] = {"eq", "ne", "lt", "le", "gt", "ge"};
    const P functions[] = {
        [](T a, T b) { return a == b; },
        [](T a, T b) { return std::is_floating_point_v<T> ? a < b || a > b : a != b; },
        [](T a, T b) { return a < b; },
        [](T a, T b) { return a <= b; },
        [](T a, T b) { return a > b; },
        [](T a, T b) { return a >= b; }};
    for (int k = 0; k < 6; k++) {
        const P f = functions[k];
        test<u32, T, T>(std::string("set.") + names[k] + ".u32." + t,
                        std::function<u32(T, T)>([f](T a, T b) { return f(a, b) ? ~0u : 0u; }));
        test<s32, T, T>(std::string("set.") + names[k] + ".s32." + t,
                        std::function<s32(T, T)>([f](T a, T b) { return f(a, b) ? -1 : 0; }));
        test<f32, T, T>(std::string("set.") + names[k] + ".f32." + t,
                        std::function<f32(T, T)>([f](T a, T b) { return f(a, b) ? 1.f : 0.f; }));
    }
    if constexpr (std::is_floating_point_v<T>) {
        using B = std::function<bool(T, T)>;
        const std::pair<const char *, B> more[] = {
            {"equ", [](T a, T b) { return !(a < b || a > b); }},
            {"neu", [](T a, T b) { return a != b; }},
            {"ltu", [](T a, T b) { return !(a >= b); }},
            {"leu", [](T a, T b) { return !(a > b); }},
            {"gtu", [](T a, T b) { return !(a <= b); }},
            {"geu", [](T a, T b) { return !(a < b); }},
            {"num", [](T a, T b) { return !std::isunordered(a, b); }},
            {"nan", [](T a, T b) { return std::isunordered(a, b); }}};
        for (const auto &[name, f] : more) {
            const B g = f;
            for (const char *to : {".u32.", ".s32."})
                test<u32, T, T>(
                    std::string("set.") + name + to + t,
                    std::function<u32(T, T)>([g](T a, T b) { return g(a, b) ? ~0u : 0u; }));
            test<f32, T, T>(
                std::string("set.") + name + ".f32." + t,
                std::function<f32(T, T)>([g](T a, T b) { return g(a, b) ? 1.f : 0.f; }));
        }
    }
}

template <class T> void integers()
{
    const std::string t = "." + typeName<T>();
    using W = std::conditional_t<std::is_signed_v<T>, s128, u128>;
    using F1 = std::function<T(T)>;
    using F2 = std::function<T(T, T)>;
    using F3 = std::function<T(T, T, T)>;
    test<T, T, T>("add" + t, F2([](T a, T b) { return (T)((W)a + b); }));
    test<T, T, T>("sub" + t, F2([](T a, T b) { return (T)((W)a - b); }));
    test<T, T, T>("mul.lo" + t, F2([](T a, T b) { return (T)((u128)a * (u128)b); }));
    test<T, T, T>("mul.hi" + t, F2([](T a, T b) { return (T)((W)a * b >> width<T>()); }));
    test<T, T, T, T>("mad.lo" + t,
                     F3([](T a, T b, T c) { return (T)((u128)a * (u128)b + (u128)c); }));
    test<T, T, T, T>("mad.hi" + t,
                     F3([](T a, T b, T c) { return (T)(((W)a * b >> width<T>()) + c); }));
    test<T, T, T>("div" + t, F2([](T a, T b) { return b ? (T)((W)a / b) : (T)-1; }));
    test<T, T, T>("rem" + t, F2([](T a, T b) { return b ? (T)((W)a % b) : a; }));
    test<T, T, T>("min" + t, F2([](T a, T b) { return std::min(a, b); }));
    test<T, T, T>("max" + t, F2([](T a, T b) { return std::max(a, b); }));
    test<T, T, T, T>("sad" + t,
                     F3([](T a, T b, T c) { return (T)(c + (a < b ? (W)b - a : (W)a - b)); }));
    test<T, T>("neg" + t, F1([](T a) { return (T)(-(W)a); }));
    test<T, T>("abs" + t, F1([](T a) { return (T)(a < 0 ? -(W)a : (W)a); }));
    test<T, T, u32>("shr" + t, std::function<T(T, u32)>(
                                   [](T a, u32 b) { return (T)((W)a >> std::min(b, 127u)); }));
    comparisons<T>(typeName<T>());
}

template <class T> void bits()
{
    const std::string n = std::to_string(width<T>()), t = ".b" + n;
    using F1 = std::function<T(T)>;
    using F2 = std::function<T(T, T)>;
    test<T, T, T>("and" + t, F2([](T a, T b) { return a & b; }));
    test<T, T, T>("or" + t, F2([](T a, T b) { return a | b; }));
    test<T, T, T>("xor" + t, F2([](T a, T b) { return a ^ b; }));
    test<T, T>("not" + t, F1([](T a) { return (T)~a; }));
    test<T, T>("cnot" + t, F1([](T a) { return (T)!a; }));
    test<T, T, u32>("shl" + t, std::function<T(T, u32)>(
                                   [](T a, u32 b) { return b > 64 ? (T)0 : (T)((u128)a << b); }));
    test<T, T, u32>("shr" + t, std::function<T(T, u32)>(
                                   [](T a, u32 b) { return b > 64 ? (T)0 : (T)((u128)a >> b); }));
    using P = std::function<bool(T, T)>;
    test<bool, T, T>("setp.eq" + t, P([](T a, T b) { return a == b; }));
    test<bool, T, T>("setp.ne" + t, P([](T a, T b) { return a != b; }));
    for (const char *to : {".u32", ".s32"}) {
        test<u32, T, T>("set.eq" + std::string(to) + t,
                        std::function<u32(T, T)>([](T a, T b) { return a == b ? ~0u : 0u; }));
        test<u32, T, T>("set.ne" + std::string(to) + t,
                        std::function<u32(T, T)>([](T a, T b) { return a != b ? ~0u : 0u; }));
    }
    test<f32, T, T>("set.eq.f32" + t, std::function<f32(T, T)>([](T a, T b) { return a == b; }));
    test<f32, T, T>("set.ne.f32" + t, std::function<f32(T, T)>([](T a, T b) { return a != b; }));
    const std::string u = ".u" + n;
    test<bool, T, T>("setp.lo" + u, P([](T a, T b) { return a < b; }));
    test<bool, T, T>("setp.ls" + u, P([](T a, T b) { return a <= b; }));
    test<bool, T, T>("setp.hi" + u, P([](T a, T b) { return a > b; }));
    test<bool, T, T>("setp.hs" + u, P([](T a, T b) { return a >= b; }));
    for (const char *kind : {"b", "u", "s", "f"}) {
        test<T, T>("mov." + (kind + n), F1([](T a) { return a; }));
        test<T, T, T, u32>("selp." + (kind + n), std::function<T(T, T, u32)>([](T a, T b, u32 c) {
                               return c > 5 ? a : b;
                           }),
                           "setp.gt.u32 %p, %vc, 5;\nselp." + (kind + n) + " %vd, %va, %vb, %p;\n");
        test<T, T, T, s32>(
            "slct." + (kind + n) + ".s32",
            std::function<T(T, T, s32)>([](T a, T b, s32 c) { return c >= 0 ? a : b; }));
        test<T, T, T, f32>(
            "slct." + (kind + n) + ".f32",
            std::function<T(T, T, f32)>([](T a, T b, f32 c) { return c >= 0 ? a : b; }));
    }
}

template <class T> void wide()
{
    using W = std::conditional_t<
        std::is_same_v<T, u16>, u32,
        std::conditional_t<std::is_same_v<T, s16>, s32,
                           std::conditional_t<std::is_same_v<T, u32>, u64, s64>>>;
    test<W, T, T>("mul.wide." + typeName<T>(),
                  std::function<W(T, T)>([](T a, T b) { return (W)a * (W)b; }));
    test<W, T, T, W>("mad.wide." + typeName<T>(),
                     std::function<W(T, T, W)>([](T a, T b, W c) { return (W)((s128)a * b + c); }));
}

template <class T> void bitCounts()
{
    using S = std::make_signed_t<T>;
    const std::string n = std::to_string(width<T>());
    auto highest = [](T a) {
        u32 k = ~0u;
        for (int j = 0; j < width<T>(); j++)
            if (a >> j & 1)
                k = j;
        return k;
    };
    test<u32, T>("popc.b" + n, std::function<u32(T)>([](T a) {
                     u32 k = 0;
                     for (; a; a &= a - 1)
                         k++;
                     return k;
                 }));
    test<u32, T>("clz.b" + n, std::function<u32(T)>([=](T a) {
                     return a ? width<T>() - 1 - highest(a) : width<T>();
                 }));
    test<u32, T>("bfind.u" + n, std::function<u32(T)>(highest));
    test<u32, S>("bfind.s" + n,
                 std::function<u32(S)>([=](S a) { return highest((T)(a < 0 ? ~a : a)); }));
    test<u32, T>("bfind.shiftamt.u" + n,
                 std::function<u32(T)>([=](T a) { return a ? width<T>() - 1 - highest(a) : ~0u; }));
    test<u32, S>("bfind.shiftamt.s" + n, std::function<u32(S)>([=](S a) {
                     const T u = (T)(a < 0 ? ~a : a);
                     return u ? width<T>() - 1 - highest(u) : ~0u;
                 }));
    test<T, T>("brev.b" + n, std::function<T(T)>([](T a) {
                   T r = 0;
                   for (int k = 0; k < width<T>(); k++, a >>= 1)
                       r = (T)(r << 1 | (a & 1));
                   return r;
               }));
    test<T, T, u8, u8>("bfe.u" + n, std::function<T(T, u8, u8)>([](T a, u8 b, u8 c) {
                           return (T)((b >= width<T>() ? 0 : a >> b) &
                                      (c >= width<T>() ? (T)-1 : (T)(((T)1 << c) - 1)));
                       }),
                       "cvt.u32.u8 %t, %vb; cvt.u32.u8 %n, %vc;\nbfe.u" + n +
                           " %vd, %va, %t, %n;\n");
    test<S, S, u8, u8>(
        "bfe.s" + n, std::function<S(S, u8, u8)>([](S a, u8 b, u8 c) {
            if (c == 0)
                return (S)0;
            const S shifted =
                b >= width<T>() ? (S)(a < 0 ? -1 : 0) : (S)(a >> b); // the sign goes on
            return c >= width<T>() ? shifted
                                   : (S)((S)((T)shifted << (width<T>() - c)) >> (width<T>() - c));
        }),
        "cvt.u32.u8 %t, %vb; cvt.u32.u8 %n, %vc;\nbfe.s" + n + " %vd, %va, %t, %n;\n");
    test<T, T, T, u8, u8>(
        "bfi.b" + n, std::function<T(T, T, u8, u8)>([](T a, T b, u8 c, u8 e) {
            const T mask =
                c >= width<T>() ? 0 : (T)((e >= width<T>() ? (T)-1 : (T)(((T)1 << e) - 1)) << c);
            return (T)((b & ~mask) | (c >= width<T>() ? 0 : a << c & mask));
        }),
        "cvt.u32.u8 %t, %vc; cvt.u32.u8 %n, %ve;\nbfi.b" + n + " %vd, %va, %vb, %t, %n;\n");
}

// A chain of two instructions: the carry of the first shows in the second.
template <class T> void carries()
{
    const std::string t = "." + typeName<T>();
    using V = std::make_unsigned_t<T>;
    using W = std::conditional_t<std::is_signed_v<T>, s128, u128>;
    using F3 = std::function<T(T, T, T)>;
    auto chain = [&](const std::string &first, const std::string &second, F3 f) {
        const std::string three = second.compare(0, 3, "mad") == 0 ? ", %va" : "";
        test<T, T, T, T>(first + t + ", " + second + t, f,
                         first + t + " %vd, %va, %vb" +
                             (first.compare(0, 3, "mad") == 0 ? ", %vc" : "") + ";\n" + second + t +
                             " %vd, %vb, %vc" + three + ";\n");
    };
    auto carry = [](V a, V b) { return (V)(((u128)a + b) >> width<T>() & 1); };
    auto high = [](T a, T b) { return (V)((W)a * b >> width<T>()); };
    auto low = [](T a, T b) { return (V)((V)a * (u128)(V)b); };
    chain("add.cc", "addc", [=](T a, T b, T c) { return (T)((V)b + (V)c + carry(a, b)); });
    chain("add.cc", "addc.cc", [=](T a, T b, T c) { return (T)((V)b + (V)c + carry(a, b)); });
    chain("sub.cc", "subc", [=](T a, T b, T c) { return (T)((V)b - (V)c - ((V)a < (V)b)); });
    chain("sub.cc", "subc.cc", [=](T a, T b, T c) { return (T)((V)b - (V)c - ((V)a < (V)b)); });
    chain("mad.lo.cc", "madc.hi",
          [=](T a, T b, T c) { return (T)(high(b, c) + (V)a + carry(low(a, b), c)); });
    chain("mad.hi.cc", "madc.lo",
          [=](T a, T b, T c) { return (T)(low(b, c) + (V)a + carry(high(a, b), c)); });
    chain("mad.lo.cc", "madc.hi.cc",
          [=](T a, T b, T c) { return (T)(high(b, c) + (V)a + carry(low(a, b), c)); });
    chain("mad.lo.cc", "madc.lo.cc",
          [=](T a, T b, T c) { return (T)(low(b, c) + (V)a + carry(low(a, b), c)); });
}

void words()
{
    using F3 = std::function<u32(u32, u32, u32)>;
    for (int table = 1; table < 256; table += 31)
        test<u32, u32, u32, u32>(
            format("lop3.b32 %#x", table), F3([=](u32 a, u32 b, u32 c) {
                u32 r = 0;
                for (int k = 0; k < 32; k++)
                    r |= (u32)(table >> ((a >> k & 1) * 4 + (b >> k & 1) * 2 + (c >> k & 1)) & 1)
                         << k;
                return r;
            }),
            format("lop3.b32 %%vd, %%va, %%vb, %%vc, %d;\n", table));
    auto left = [](u32 a, u32 b, u32 n) {
        return n == 0 ? b : n == 32 ? a : b << n | a >> (32 - n);
    };
    auto right = [](u32 a, u32 b, u32 n) {
        return n == 0 ? a : n == 32 ? b : a >> n | b << (32 - n);
    };
    test<u32, u32, u32, u32>("shf.l.wrap.b32",
                             F3([=](u32 a, u32 b, u32 c) { return left(a, b, c % 32); }));
    test<u32, u32, u32, u32>("shf.l.clamp.b32",
                             F3([=](u32 a, u32 b, u32 c) { return left(a, b, std::min(c, 32u)); }));
    test<u32, u32, u32, u32>("shf.r.wrap.b32",
                             F3([=](u32 a, u32 b, u32 c) { return right(a, b, c % 32); }));
    test<u32, u32, u32, u32>(
        "shf.r.clamp.b32", F3([=](u32 a, u32 b, u32 c) { return right(a, b, std::min(c, 32u)); }));
    test<u32, u32, u32, u32>("prmt.b32", F3([](u32 a, u32 b, u32 c) {
                                 u8 from[8], to[4];
                                 memcpy(from, &a, 4);
                                 memcpy(from + 4, &b, 4);
                                 for (int k = 0; k < 4; k++) {
                                     const int s = c >> 4 * k & 15;
                                     to[k] = s & 8 ? (u8)((s8)from[s & 7] >> 7) : from[s & 7];
                                 }
                                 u32 r;
                                 memcpy(&r, to, 4);
                                 return r;
                             }));
    auto low24 = [](u32 a) { return a & 0xffffff; };
    auto signed24 = [](s32 a) { return (s64)((s32)((u32)a << 8) >> 8); };
    test<u32, u32, u32>("mul24.lo.u32", std::function<u32(u32, u32)>(
                                            [=](u32 a, u32 b) { return low24(a) * low24(b); }));
    test<s32, s32, s32>("mul24.lo.s32", std::function<s32(s32, s32)>([=](s32 a, s32 b) {
                            return (s32)(signed24(a) * signed24(b));
                        }));
    test<u32, u32, u32, u32>("mad24.lo.u32",
                             F3([=](u32 a, u32 b, u32 c) { return low24(a) * low24(b) + c; }));
    test<s32, s32, s32, s32>("mad24.lo.s32",
                             std::function<s32(s32, s32, s32)>([=](s32 a, s32 b, s32 c) {
                                 return (s32)(signed24(a) * signed24(b) + c);
                             }));
    test<u64, u32, u32>("pack.64.32",
                        std::function<u64(u32, u32)>([](u32 a, u32 b) { return (u64)b << 32 | a; }),
                        "mov.b64 %vd, {%va, %vb};\n");
    test<u32, u16, u16>("pack.32.16",
                        std::function<u32(u16, u16)>([](u16 a, u16 b) { return (u32)b << 16 | a; }),
                        "mov.b32 %vd, {%va, %vb};\n");
    test<u64, u16, u16>("pack.64.16", std::function<u64(u16, u16)>([](u16 a, u16 b) {
                            return ((u64)b << 16 | a) * 0x100000001;
                        }),
                        "mov.b64 %vd, {%va, %vb, %va, %vb};\n");
    test<u32, u64>("unpack.64.32",
                   std::function<u32(u64)>([](u64 a) { return (u32)a ^ (u32)(a >> 32); }),
                   "mov.b64 {%t, %n}, %va;\nxor.b32 %vd, %t, %n;\n");
    test<u16, u32>("unpack.32.16", std::function<u16(u32)>([](u32 a) { return (u16)(a >> 16); }),
                   "mov.b32 {_, %vd}, %va;\n");
    test<u16, u64>("unpack.64.16", std::function<u16(u64)>([](u64 a) { return (u16)(a >> 32); }),
                   "mov.b64 {_, _, %vd, _}, %va;\n");
    using P = std::function<bool(u32, u32)>;
    const std::string both = "setp.gt.u32 %p, %va, 9; setp.lt.u32 %q, %vb, 9;\n";
    test<bool, u32, u32>("and.pred", P([](u32 a, u32 b) { return a > 9 && b < 9; }),
                         both + "and.pred %p, %p, %q;\n");
    test<bool, u32, u32>("xor.pred", P([](u32 a, u32 b) { return (a > 9) != (b < 9); }),
                         both + "xor.pred %p, %p, %q;\n");
    test<bool, u32, u32>("not.pred", P([](u32, u32 b) { return b >= 9; }),
                         both + "not.pred %p, %q;\n");
    test<bool, u32, u32>("mov.pred", P([](u32, u32 b) { return b < 9; }),
                         both + "mov.pred %p, %q;\n");
    test<u32, u32, u32>("guard", std::function<u32(u32, u32)>([](u32 a, u32 b) {
                            return a > 9 ? (b < 9 ? b : a) : 7u;
                        }),
                        both + "mov.u32 %vd, 7;\n@%p mov.u32 %vd, %va;\nand.pred %q, %p, %q;\n@%q "
                               "mov.u32 %vd, %vb;\n");
}

// Conversions.
template <class D, class S> D saturated(long double x)
{
    using L = std::numeric_limits<D>;
    if (x != x)
        return sizeof(S) == 8 || sizeof(D) == 8 ? (D)((u64)1 << (width<D>() - 1)) : (D)0;
    return x >= (long double)L::max() ? L::max() : x <= (long double)L::min() ? L::min() : (D)x;
}
// A register of R bits that holds the low bits of a value of type S: the wider registers of PTX.
template <class D, class S, int toBits, int fromBits> void convertBetween()
{
    using R = std::conditional_t<fromBits == 16, u16, std::conditional_t<fromBits == 32, u32, u64>>;
    using Q = std::conditional_t<
        std::is_signed_v<D>,
        std::conditional_t<toBits == 16, s16, std::conditional_t<toBits == 32, s32, s64>>,
        std::conditional_t<toBits == 16, u16, std::conditional_t<toBits == 32, u32, u64>>>;
    const std::string types = typeName<D>() + "." + typeName<S>();
    if constexpr (std::is_floating_point_v<D>)
        for (const auto &[name, mode] : roundings) {
            const int m = mode;
            test<D, R>("cvt." + std::string(name) + "." + types, std::function<D(R)>([m](R a) {
                           return rounded<D>(m, [&] {
                               volatile S s = (S)a;
                               return (D)s;
                           });
                       }));
        }
    else {
        test<Q, R>("cvt." + types, std::function<Q(R)>([](R a) { return (Q)(D)(S)a; }));
        test<Q, R>("cvt.sat." + types,
                   std::function<Q(R)>([](R a) { return (Q)saturated<D, u8>((long double)(S)a); }));
    }
}
template <class D, class S, int toBits> void convertFrom()
{
    if constexpr (std::is_floating_point_v<S>) {
        using Q = std::conditional_t<
            std::is_signed_v<D>,
            std::conditional_t<toBits == 16, s16, std::conditional_t<toBits == 32, s32, s64>>,
            std::conditional_t<toBits == 16, u16, std::conditional_t<toBits == 32, u32, u64>>>;
        for (const auto &[name, mode] : roundings) {
            const int m = mode;
            const std::string types = std::string(name);
            if constexpr (std::is_floating_point_v<D>) {
                if (sizeof(D) != sizeof(S))
                    test<D, S>((sizeof(D) < sizeof(S) ? "cvt." + types + "." : "cvt.") +
                                   typeName<D>() + "." + typeName<S>(),
                               std::function<D(S)>([m](S a) {
                                   return sizeof(D) < sizeof(S) ? rounded<D>(
                                                                      m,
                                                                      [&] {
                                                                          volatile S s = a;
                                                                          return (D)s;
                                                                      })
                                                                : (D)a;
                               }));
                else
                    test<D, S>("cvt." + types + "i." + typeName<D>() + "." + typeName<S>(),
                               std::function<D(S)>([m](S a) {
                                   return rounded<D>(m, [&] {
                                       volatile S s = a;
                                       return std::nearbyint((S)s);
                                   });
                               }));
            } else
                test<Q, S>("cvt." + types + "i." + typeName<D>() + "." + typeName<S>(),
                           std::function<Q(S)>([m](S a) {
                               return (Q)saturated<D, S>((long double)rounded<S>(m, [&] {
                                   volatile S s = a;
                                   return std::nearbyint((S)s);
                               }));
                           }));
        }
    } else {
        if constexpr (sizeof(S) <= 2)
            convertBetween<D, S, toBits, 16>();
        if constexpr (sizeof(S) <= 4)
            convertBetween<D, S, toBits, 32>();
        convertBetween<D, S, toBits, 64>();
    }
}
template <class D, int toBits> void convertFromAll()
{
    convertFrom<D, u8, toBits>();
    convertFrom<D, s8, toBits>();
    convertFrom<D, u16, toBits>();
    convertFrom<D, s16, toBits>();
    convertFrom<D, u32, toBits>();
    convertFrom<D, s32, toBits>();
    convertFrom<D, u64, toBits>();
    convertFrom<D, s64, toBits>();
    convertFrom<D, f32, toBits>();
    convertFrom<D, f64, toBits>();
}
template <class D> void conversions()
{
    if constexpr (std::is_floating_point_v<D>)
        convertFromAll<D, sizeof(D) * 8>();
    else {
        if constexpr (sizeof(D) <= 2)
            convertFromAll<D, 16>();
        if constexpr (sizeof(D) <= 4)
            convertFromAll<D, 32>();
        convertFromAll<D, 64>();
    }
}
void halves()
{
    test<f32, u16>("cvt.f32.f16", std::function<f32(u16)>([](u16 h) {
                       const int e = h >> 10 & 31, m = h & 1023;
                       const double size = e == 31 ? (m ? NAN : INFINITY)
                                           : e     ? (1 + m / 1024.0) * std::pow(2.0, e - 15)
                                                   : m * std::pow(2.0, -24);
                       return (f32)(h & 0x8000 ? -size : size);
                   }));
    // To half and back: the nearest of the neighbours, and the even one of two.
    test<u16, f32>("cvt.rn.f16.f32", std::function<u16(f32)>([](f32 x) {
                       auto size = [](int h) {
                           return h == 0x7c00 ? 65536.0
                                              : (h >> 10 ? (1 + (h & 1023) / 1024.0) *
                                                               std::pow(2.0, (h >> 10) - 15)
                                                         : h * std::pow(2.0, -24));
                       };
                       if (std::isnan(x))
                           return (u16)0x7fff;
                       const double a = std::fabs((double)x);
                       int low = 0, high = 0x7c00;
                       while (high - low > 1)
                           (size((low + high) / 2) <= a ? low : high) = (low + high) / 2;
                       const double down = a - size(low), up = size(high) - a;
                       const int h = down < up || (down == up && low % 2 == 0) ? low : high;
                       return (u16)(h | (std::signbit(x) ? 0x8000 : 0));
                   }));
    test<f32, f32>("cvt.sat.f32.f32", std::function<f32(f32)>(clamped<f32>));
    test<f64, f64>("cvt.f64.f64", std::function<f64(f64)>([](f64 a) { return a; }));
}
} // namespace

int main()
{
    setenv("STANDIN_QUIET", "1", 1);
    Context c;
    floats<f32>();
    floats<f64>();
    comparisons<f32>("f32");
    comparisons<f64>("f64");
    singles();
    integers<u16>();
    integers<s16>();
    integers<u32>();
    integers<s32>();
    integers<u64>();
    integers<s64>();
    bits<u16>();
    bits<u32>();
    bits<u64>();
    wide<u16>();
    wide<s16>();
    wide<u32>();
    wide<s32>();
    bitCounts<u32>();
    bitCounts<u64>();
    carries<u32>();
    carries<s32>();
    carries<u64>();
    carries<s64>();
    words();
    conversions<u8>();
    conversions<s8>();
    conversions<u16>();
    conversions<s16>();
    conversions<u32>();
    conversions<s32>();
    conversions<u64>();
    conversions<s64>();
    conversions<f32>();
    conversions<f64>();
    halves();
    // What works on several lanes or on memory is tested in warps.cpp.
    std::istringstream unused(standinUnusedInstructions());
    const std::set<std::string> others = {"atom",       "shfl", "vote",   "match", "syncwarp",
                                          "activemask", "bra",  "brx",    "exit",  "trap",
                                          "brkpt",      "bar",  "nothing"};
    for (std::string name; std::getline(unused, name);)
        if (!others.count(name.substr(0, name.find('.'))))
            failed("no row tests %s", name.c_str());
    printf("instructions: %d failures\n", failures);
    return failures > 0;
}

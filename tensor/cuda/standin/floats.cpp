// Arithmetic in float and double. Approximate instructions are computed exactly and rounded, except
// rcp.approx.ftz.f64 and rsqrt.approx.ftz.f64, whose low words are zero by definition.
#include "table.h"
#include <cfenv>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace standin {
namespace {
template <class T> struct Bits;
template <> struct Bits<float> {
    using U = uint32_t;
};
template <> struct Bits<double> {
    using U = uint64_t;
};
template <class T> typename Bits<T>::U bits(T x)
{
    typename Bits<T>::U u;
    memcpy(&u, &x, sizeof u);
    return u;
}
template <class T> T value(typename Bits<T>::U u)
{
    T x;
    memcpy(&x, &u, sizeof x);
    return x;
}
template <class T> constexpr typename Bits<T>::U signBit()
{ return (typename Bits<T>::U)1 << (sizeof(T) * 8 - 1); }

// clang-format off
struct Add { template <class T> static T of(T a, T b) { return a + b; } };
struct Sub { template <class T> static T of(T a, T b) { return a - b; } };
struct Mul { template <class T> static T of(T a, T b) { return a * b; } };
struct Div { template <class T> static T of(T a, T b) { return a / b; } };
struct Fma { template <class T> static T of(T a, T b, T c) { return std::fma(a, b, c); } };
struct Neg { template <class T> static T of(T a) { return value<T>(bits(a) ^ signBit<T>()); } };
struct Abs { template <class T> static T of(T a) { return value<T>(bits(a) & ~signBit<T>()); } };
struct Sqrt { template <class T> static T of(T a) { return std::sqrt(a); } };
struct Rcp { template <class T> static T of(T a) { return 1 / a; } };
struct Rsqrt { template <class T> static T of(T a) { return 1 / std::sqrt(a); } };
struct Copysign { template <class T> static T of(T a, T b) { return value<T>((bits(b) & ~signBit<T>()) | (bits(a) & signBit<T>())); } };
// clang-format on

// Of a number and NaN the number; -0 is less than +0.
struct Min {
    template <class T> static T of(T a, T b)
    {
        const T equal = value<T>(bits(a) | bits(b));
        return a < b ? a : b < a ? b : a == b ? equal : b == b ? b : a;
    }
};
struct Max {
    template <class T> static T of(T a, T b)
    {
        const T equal = value<T>(bits(a) & bits(b));
        return a > b ? a : b > a ? b : a == b ? equal : b == b ? b : a;
    }
};
// clang-format off
struct MinNaN { template <class T> static T of(T a, T b) { return a != a ? a : b != b ? b : Min::of(a, b); } };
struct MaxNaN { template <class T> static T of(T a, T b) { return a != a ? a : b != b ? b : Max::of(a, b); } };
// clang-format on

// clang-format off
struct Ex2 { template <class T> static T of(T a) { return std::exp2(a); } };
struct Lg2 { template <class T> static T of(T a) { return std::log2(a); } };
struct Sin { template <class T> static T of(T a) { return (T)std::sin((double)a); } };
struct Cos { template <class T> static T of(T a) { return (T)std::cos((double)a); } };
struct Tanh { template <class T> static T of(T a) { return std::tanh(a); } };
// clang-format on

double highWord(double x) { return value<double>(bits(x) & ~0xffffffffull); }
// clang-format off
struct CoarseRcp { static double of(double a) { return highWord(1 / highWord(a)); } };
struct CoarseRsqrt { static double of(double a) { return highWord(1 / std::sqrt(highWord(a))); } };
// clang-format on

template <class T> void addType(Table &t, const std::string &type)
{
    t["add." + type] = binary<T, Add>;
    t["sub." + type] = binary<T, Sub>;
    t["mul." + type] = binary<T, Mul>;
    t["div." + type] = binary<T, Div>;
    t["fma." + type] = t["mad." + type] = ternary<T, Fma>;
    t["min." + type] = binary<T, Min>;
    t["max." + type] = binary<T, Max>;
    t["min.NaN." + type] = binary<T, MinNaN>;
    t["max.NaN." + type] = binary<T, MaxNaN>;
    t["neg." + type] = unary<T, Neg>;
    t["abs." + type] = unary<T, Abs>;
    t["sqrt." + type] = unary<T, Sqrt>;
    t["rcp." + type] = unary<T, Rcp>;
    t["rsqrt." + type] = unary<T, Rsqrt>;
    t["copysign." + type] = binary<T, Copysign>;
}

// Sets rounding and the flushing of subnormals, and takes them back.
class Mode {
  public:
    Mode(int rounding, bool flush)
    {
        if (rounding)
            fesetround(rounding);
#if defined(__SSE2__)
        if (flush)
            _mm_setcsr(_mm_getcsr() | 0x8040); // results and operands
#endif
    }
    ~Mode()
    {
#if defined(__SSE2__)
        _mm_setcsr(_mm_getcsr() & ~0x8040u);
#endif
        fesetround(FE_TONEAREST);
    }
};
} // namespace

const Instruction *runInMode(Warp &w, const Instruction *i)
{
    Mode mode(i->rounding, i->flush);
    return i->inMode(w, i);
}

template <class T> const Instruction *runSaturated(Warp &w, const Instruction *i)
{
    const Instruction *next = i->saturated(w, i);
    T *d = w.at<T>(i->d);
    each(w, d, [=](int l) { return d[l] > 0 ? (d[l] < 1 ? d[l] : (T)1) : (T)0; });
    return next;
}
template const Instruction *runSaturated<float>(Warp &, const Instruction *);
template const Instruction *runSaturated<double>(Warp &, const Instruction *);

void addFloats(Table &t)
{
    addType<float>(t, "f32");
    addType<double>(t, "f64");
    t["ex2.f32"] = dear<float, Ex2>;
    t["lg2.f32"] = dear<float, Lg2>;
    t["sin.f32"] = dear<float, Sin>;
    t["cos.f32"] = dear<float, Cos>;
    t["tanh.f32"] = dear<float, Tanh>;
    t["rcp.coarse.f64"] = unary<double, CoarseRcp>;
    t["rsqrt.coarse.f64"] = unary<double, CoarseRsqrt>;
}
} // namespace standin

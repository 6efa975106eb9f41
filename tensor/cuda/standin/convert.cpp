// cvt: every pair of types. Rounding other than to nearest is set by the instruction's mode, so
// that a conversion here is a plain one; those to an integral value ask rint, which obeys the mode
// too.
#include "table.h"

namespace standin {
namespace {
// Half precision is only converted. From float it rounds to nearest even.
float fromHalf(uint16_t h)
{
    const int exponent = h >> 10 & 31;
    const float fraction = h & 1023;
    const float size = exponent == 31 ? (fraction ? NAN : INFINITY)
                       : exponent     ? std::ldexp(1024 + fraction, exponent - 25)
                                      : std::ldexp(fraction, -24);
    return h >> 15 ? -size : size;
}
uint16_t toHalf(float x)
{
    const uint16_t sign = std::signbit(x) ? 0x8000 : 0;
    const float size = std::fabs(x);
    if (x != x)
        return 0x7fff;
    if (size >= 65520)
        return sign | 0x7c00;
    if (size < 0x1p-14f)
        return sign | (uint16_t)std::rint(size * 0x1p24f);
    int exponent;
    const float fraction = std::frexp(size, &exponent); // in [1/2, 1)
    return sign | (uint16_t)(((exponent + 14) << 10) + (int)std::rint(fraction * 2048) - 1024);
}

// The integer of a number that has been made integral: saturated, and NaN as the ISA has it.
template <class D, class F> D saturate(F x)
{
    using L = std::numeric_limits<D>;
    if (x != x)
        return sizeof(F) == 8 || sizeof(D) == 8 ? (D)((uint64_t)1 << (sizeof(D) * 8 - 1)) : (D)0;
    if (x >= std::ldexp((F)1, L::digits))
        return L::max();
    if (x <= (F)L::min())
        return L::min();
    return (D)x;
}

// R and S are the types of the registers' lanes, D and F those of the values.
template <class R, class D, class S, class F>
const Instruction *convert(Warp &w, const Instruction *i)
{
    const S *a = w.at<S>(i->a);
    if constexpr (std::is_floating_point_v<F> && !std::is_floating_point_v<D>) {
        R *d = w.at<R>(i->d);
        eachActive(w.mask, [=](int l) { d[l] = (R)saturate<D, F>(std::rint((F)a[l])); });
    } else
        each(w, w.at<R>(i->d), [=](int l) { return (R)(D)(F)a[l]; });
    return i + 1;
}
// Integer to integer with .sat.
template <class R, class D, class S, class F>
const Instruction *clamp(Warp &w, const Instruction *i)
{
    using L = std::numeric_limits<D>;
    const S *a = w.at<S>(i->a);
    R *d = w.at<R>(i->d);
    eachActive(w.mask, [=](int l) {
        const __int128 v = (F)a[l];
        d[l] = (R)(D)(v < L::min() ? (__int128)L::min() : v > L::max() ? (__int128)L::max() : v);
    });
    return i + 1;
}
template <class T> const Instruction *integral(Warp &w, const Instruction *i)
{
    const T *a = w.at<T>(i->a);
    each(w, w.at<T>(i->d), [=](int l) { return std::rint(a[l]); });
    return i + 1;
}
template <class T> const Instruction *copy(Warp &w, const Instruction *i)
{
    const T *a = w.at<T>(i->a);
    each(w, w.at<T>(i->d), [=](int l) { return a[l]; });
    return i + 1;
}
const Instruction *halfToFloat(Warp &w, const Instruction *i)
{
    const uint16_t *a = w.at<uint16_t>(i->a);
    float *d = w.at<float>(i->d);
    eachActive(w.mask, [=](int l) { d[l] = fromHalf(a[l]); });
    return i + 1;
}
const Instruction *floatToHalf(Warp &w, const Instruction *i)
{
    const float *a = w.at<float>(i->a);
    uint16_t *d = w.at<uint16_t>(i->d);
    eachActive(w.mask, [=](int l) { d[l] = toHalf(a[l]); });
    return i + 1;
}

// The name holds the bits of both registers, which may be wider than the types:
// "cvt.s32.s8/32/16" reads the low byte of a register of 16 bits.
template <class R, class D, class S, class F>
void add(Table &t, const std::string &to, const std::string &from, int toBits, int fromBits)
{
    const std::string name =
        to + "." + from + "/" + std::to_string(toBits) + "/" + std::to_string(fromBits);
    t["cvt." + name] = convert<R, D, S, F>;
    if constexpr (!std::is_floating_point_v<D> && !std::is_floating_point_v<F>)
        t["cvt.sat." + name] = clamp<R, D, S, F>;
}
template <class R, class D, class S, class F>
void fromRegister(Table &t, const std::string &to, const std::string &from, int toBits)
{
    if constexpr (sizeof(S) >= sizeof(F))
        add<R, D, S, F>(t, to, from, toBits, sizeof(S) * 8);
}
template <class R, class D> void fromEvery(Table &t, const std::string &to)
{
    constexpr int bits = sizeof(R) * 8;
#define FROM(F, NAME)                                                                              \
    fromRegister<R, D, uint16_t, F>(t, to, NAME, bits);                                            \
    fromRegister<R, D, uint32_t, F>(t, to, NAME, bits);                                            \
    fromRegister<R, D, uint64_t, F>(t, to, NAME, bits);
    FROM(uint8_t, "u8")
    FROM(int8_t, "s8")
    FROM(uint16_t, "u16")
    FROM(int16_t, "s16")
    FROM(uint32_t, "u32")
    FROM(int32_t, "s32")
    FROM(uint64_t, "u64")
    FROM(int64_t, "s64")
    add<R, D, float, float>(t, to, "f32", bits, 32);
    add<R, D, double, double>(t, to, "f64", bits, 64);
#undef FROM
}
// A signed result is extended to the width of its register.
template <class D> void toEvery(Table &t, const std::string &to)
{
    constexpr bool sign = std::is_signed_v<D>;
    if constexpr (sizeof(D) <= 2)
        fromEvery<std::conditional_t<sign, int16_t, uint16_t>, D>(t, to);
    if constexpr (sizeof(D) <= 4)
        fromEvery<std::conditional_t<sign, int32_t, uint32_t>, D>(t, to);
    fromEvery<std::conditional_t<sign, int64_t, uint64_t>, D>(t, to);
}
} // namespace

void addConversions(Table &t)
{
    toEvery<uint8_t>(t, "u8");
    toEvery<int8_t>(t, "s8");
    toEvery<uint16_t>(t, "u16");
    toEvery<int16_t>(t, "s16");
    toEvery<uint32_t>(t, "u32");
    toEvery<int32_t>(t, "s32");
    toEvery<uint64_t>(t, "u64");
    toEvery<int64_t>(t, "s64");
    fromEvery<float, float>(t, "f32");
    fromEvery<double, double>(t, "f64");
    t["cvt.f32.f32/32/32"] = copy<float>;
    t["cvt.f64.f64/64/64"] = copy<double>;
    t["cvt.integral.f32.f32/32/32"] = integral<float>;
    t["cvt.integral.f64.f64/64/64"] = integral<double>;
    t["cvt.f32.f16/32/16"] = halfToFloat;
    t["cvt.f16.f32/16/32"] = floatToHalf;
}
} // namespace standin

// Arithmetic and bits of integers. Everything is computed without a sign where the result is the
// same, since overflow wraps in PTX.
#include "table.h"

namespace standin {
namespace {
template <class T> struct Wide;
template <> struct Wide<uint16_t> {
    using W = uint32_t;
};
template <> struct Wide<int16_t> {
    using W = int32_t;
};
template <> struct Wide<uint32_t> {
    using W = uint64_t;
};
template <> struct Wide<int32_t> {
    using W = int64_t;
};
template <> struct Wide<uint64_t> {
    using W = unsigned __int128;
};
template <> struct Wide<int64_t> {
    using W = __int128;
};
template <class T> constexpr int width() { return (int)sizeof(T) * 8; }
template <class T> using U = std::make_unsigned_t<T>;

// clang-format off
struct Add { template <class T> static T of(T a, T b) { return (T)((U<T>)a + (U<T>)b); } };
struct Sub { template <class T> static T of(T a, T b) { return (T)((U<T>)a - (U<T>)b); } };
// clang-format on
template <class T> T low(T a, T b) { return (T)((typename Wide<U<T>>::W)(U<T>)a * (U<T>)b); }
template <class T> T high(T a, T b) { return (T)((typename Wide<T>::W)a * b >> width<T>()); }
// clang-format off
struct MulLo { template <class T> static T of(T a, T b) { return low(a, b); } };
struct MulHi { template <class T> static T of(T a, T b) { return high(a, b); } };
struct MadLo { template <class T> static T of(T a, T b, T c) { return Add::of(low(a, b), c); } };
struct MadHi { template <class T> static T of(T a, T b, T c) { return Add::of(high(a, b), c); } };
struct Mul24 { template <class T> static T of(T a, T b) { return low((T)((U<T>)a << 8) >> 8, (T)((U<T>)b << 8) >> 8); } };
struct Mad24 { template <class T> static T of(T a, T b, T c) { return Add::of(Mul24::of(a, b), c); } };
struct Div { template <class T> static T of(T a, T b) { return b == 0 ? (T)-1 : (T)-1 < 0 && b == (T)-1 ? Sub::of((T)0, a) : a / b; } };
struct Rem { template <class T> static T of(T a, T b) { return b == 0 ? a : (T)-1 < 0 && b == (T)-1 ? (T)0 : a % b; } };
struct Min { template <class T> static T of(T a, T b) { return a < b ? a : b; } };
struct Max { template <class T> static T of(T a, T b) { return a > b ? a : b; } };
struct Sad { template <class T> static T of(T a, T b, T c) { return Add::of(c, a < b ? Sub::of(b, a) : Sub::of(a, b)); } };
struct Neg { template <class T> static T of(T a) { return Sub::of((T)0, a); } };
struct Abs { template <class T> static T of(T a) { return a < 0 ? Sub::of((T)0, a) : a; } };
struct And { template <class T> static T of(T a, T b) { return a & b; } };
struct Or { template <class T> static T of(T a, T b) { return a | b; } };
struct Xor { template <class T> static T of(T a, T b) { return a ^ b; } };
struct Not { template <class T> static T of(T a) { return ~a; } };
struct Cnot { template <class T> static T of(T a) { return a == 0; } };
// clang-format on

// Shifts take 32 bits of count, and one beyond the width shifts everything out.
template <class T> const Instruction *shl(Warp &w, const Instruction *i)
{
    const T *a = w.at<T>(i->a);
    const uint32_t *b = w.at<uint32_t>(i->b);
    each(w, w.at<T>(i->d), [=](int l) {
        return b[l] >= (unsigned)width<T>() ? (T)0 : (T)((U<T>)a[l] << (b[l] & (width<T>() - 1)));
    });
    return i + 1;
}
template <class T> const Instruction *shr(Warp &w, const Instruction *i)
{
    const T *a = w.at<T>(i->a);
    const uint32_t *b = w.at<uint32_t>(i->b);
    each(w, w.at<T>(i->d), [=](int l) {
        const unsigned most = width<T>() - 1;
        const T all = (T)-1 < 0 ? (T)(a[l] >> most) : (T)0;
        return b[l] > most ? all : (T)(a[l] >> (b[l] & most));
    });
    return i + 1;
}

template <class T, bool withSum> const Instruction *wide(Warp &w, const Instruction *i)
{
    using W = typename Wide<T>::W;
    const T *a = w.at<T>(i->a), *b = w.at<T>(i->b);
    const W *c = w.at<W>(i->c);
    each(w, w.at<W>(i->d), [=](int l) {
        const W product = (W)a[l] * b[l];
        return withSum ? (W)((U<W>)product + (U<W>)c[l]) : product;
    });
    return i + 1;
}

// clang-format off
struct Popc { template <class T> static uint32_t of(T a) { return (uint32_t)__builtin_popcountll((U<T>)a); } };
struct Clz { template <class T> static uint32_t of(T a) { return a ? (uint32_t)__builtin_clzll((U<T>)a) - (64 - width<T>()) : width<T>(); } };
// clang-format on
// bfind: the highest bit that differs from the sign; -1 if there is none.
struct Bfind {
    template <class T> static uint32_t of(T a)
    {
        const U<T> u = (U<T>)(a < 0 ? ~a : a);
        return u ? 63u - (uint32_t)__builtin_clzll(u) : ~0u;
    }
};
// clang-format off
struct BfindShift { template <class T> static uint32_t of(T a) { const uint32_t at = Bfind::of(a); return at == ~0u ? at : width<T>() - 1 - at; } };
// clang-format on
struct Brev {
    template <class T> static T of(T a)
    {
        T r = 0;
        for (int k = 0; k < width<T>(); k++)
            r |= (a >> k & 1) << (width<T>() - 1 - k);
        return r;
    }
};
template <class T, class F>
const Instruction *counting(Warp &w, const Instruction *i) // a result of 32 bits
{
    const T *a = w.at<T>(i->a);
    uint32_t *d = w.at<uint32_t>(i->d);
    eachActive(w.mask, [=](int l) { d[l] = F::of(a[l]); });
    return i + 1;
}

// bfe takes c bits from bit b on; of a signed type it extends the sign.
template <class T> const Instruction *bfe(Warp &w, const Instruction *i)
{
    const T *a = w.at<T>(i->a);
    const uint32_t *b = w.at<uint32_t>(i->b), *c = w.at<uint32_t>(i->c);
    T *d = w.at<T>(i->d);
    eachActive(w.mask, [=](int l) {
        const int most = width<T>() - 1, from = b[l] & 255, count = c[l] & 255;
        const bool sign =
            (T)-1 < 0 && count > 0 && ((U<T>)a[l] >> std::min(from + count - 1, most) & 1);
        U<T> r = sign ? (U<T>)-1 : 0;
        for (int k = 0; k < count && k <= most; k++) {
            const bool bit = from + k <= most ? (U<T>)a[l] >> (from + k) & 1 : sign;
            r = (r & ~((U<T>)1 << k)) | (U<T>)bit << k;
        }
        d[l] = (T)r;
    });
    return i + 1;
}
// bfi puts the low e bits of a into b from bit c on.
template <class T> const Instruction *bfi(Warp &w, const Instruction *i)
{
    const T *a = w.at<T>(i->a), *b = w.at<T>(i->b);
    const uint32_t *c = w.at<uint32_t>(i->c), *e = w.at<uint32_t>(i->e);
    T *d = w.at<T>(i->d);
    eachActive(w.mask, [=](int l) {
        const int from = c[l] & 255, count = e[l] & 255;
        T r = b[l];
        for (int k = 0; k < count && from + k < width<T>(); k++)
            r = (r & ~((T)1 << (from + k))) | (a[l] >> k & 1) << (from + k);
        d[l] = r;
    });
    return i + 1;
}

// Carries: one bit a lane in a register of its own.
template <class T, bool useCarry, bool setCarry>
const Instruction *addCarry(Warp &w, const Instruction *i)
{
    const T *a = w.at<T>(i->a), *b = w.at<T>(i->b);
    T *d = w.at<T>(i->d);
    uint32_t *carry = &w.predicate(i->e);
    eachActive(w.mask, [=](int l) {
        const unsigned __int128 sum =
            (unsigned __int128)a[l] + b[l] + (useCarry ? *carry >> l & 1 : 0);
        d[l] = (T)sum;
        if (setCarry)
            *carry = (*carry & ~(1u << l)) | (uint32_t)(sum >> width<T>() & 1) << l;
    });
    return i + 1;
}
template <class T, bool useCarry, bool setCarry>
const Instruction *subCarry(Warp &w, const Instruction *i)
{
    const T *a = w.at<T>(i->a), *b = w.at<T>(i->b);
    T *d = w.at<T>(i->d);
    uint32_t *carry = &w.predicate(i->e);
    eachActive(w.mask, [=](int l) {
        const unsigned __int128 difference =
            (unsigned __int128)a[l] - b[l] - (useCarry ? *carry >> l & 1 : 0);
        d[l] = (T)difference;
        if (setCarry)
            *carry = (*carry & ~(1u << l)) | (uint32_t)(difference >> width<T>() & 1) << l;
    });
    return i + 1;
}
template <class T, bool hi, bool useCarry, bool setCarry>
const Instruction *madCarry(Warp &w, const Instruction *i)
{
    using V = U<T>;
    const T *a = w.at<T>(i->a), *b = w.at<T>(i->b), *c = w.at<T>(i->c);
    T *d = w.at<T>(i->d);
    uint32_t *carry = &w.predicate(i->e);
    eachActive(w.mask, [=](int l) {
        const V product = (V)(hi ? high(a[l], b[l]) : low(a[l], b[l]));
        const unsigned __int128 sum =
            (unsigned __int128)product + (V)c[l] + (useCarry ? *carry >> l & 1 : 0);
        d[l] = (T)(V)sum;
        if (setCarry)
            *carry = (*carry & ~(1u << l)) | (uint32_t)(sum >> width<T>() & 1) << l;
    });
    return i + 1;
}
template <class T> void addCarries(Table &t, const std::string &type)
{
    using V = U<T>;
    t["add.cc." + type] = addCarry<V, false, true>;
    t["addc." + type] = addCarry<V, true, false>;
    t["addc.cc." + type] = addCarry<V, true, true>;
    t["sub.cc." + type] = subCarry<V, false, true>;
    t["subc." + type] = subCarry<V, true, false>;
    t["subc.cc." + type] = subCarry<V, true, true>;
    t["mad.lo.cc." + type] = madCarry<T, false, false, true>;
    t["mad.hi.cc." + type] = madCarry<T, true, false, true>;
    t["madc.lo." + type] = madCarry<T, false, true, false>;
    t["madc.hi." + type] = madCarry<T, true, true, false>;
    t["madc.lo.cc." + type] = madCarry<T, false, true, true>;
    t["madc.hi.cc." + type] = madCarry<T, true, true, true>;
}

template <class T> void addType(Table &t, const std::string &type)
{
    t["add." + type] = binary<T, Add>;
    t["sub." + type] = binary<T, Sub>;
    t["mul.lo." + type] = binary<T, MulLo>;
    t["mul.hi." + type] = binary<T, MulHi>;
    t["mad.lo." + type] = ternary<T, MadLo>;
    t["mad.hi." + type] = ternary<T, MadHi>;
    t["div." + type] = binary<T, Div>;
    t["rem." + type] = binary<T, Rem>;
    t["min." + type] = binary<T, Min>;
    t["max." + type] = binary<T, Max>;
    t["sad." + type] = ternary<T, Sad>;
    t["neg." + type] = unary<T, Neg>;
    t["abs." + type] = unary<T, Abs>;
    t["shr." + type] = shr<T>;
}
template <class T> void addBits(Table &t, const std::string &type)
{
    t["and." + type] = binary<T, And>;
    t["or." + type] = binary<T, Or>;
    t["xor." + type] = binary<T, Xor>;
    t["not." + type] = unary<T, Not>;
    t["cnot." + type] = unary<T, Cnot>;
    t["shl." + type] = shl<T>;
    t["shr." + type] = shr<T>;
}

// lop3 looks up each bit in its table: a counts 4, b 2, c 1.
const Instruction *lop3(Warp &w, const Instruction *i)
{
    const uint32_t *a = w.at<uint32_t>(i->a), *b = w.at<uint32_t>(i->b), *c = w.at<uint32_t>(i->c);
    const uint32_t table = (uint32_t)i->immediate;
    each(w, w.at<uint32_t>(i->d), [=](int l) {
        uint32_t r = 0;
        for (int k = 0; k < 8; k++)
            r |= (table >> k & 1 ? ~0u : 0u) & (k & 4 ? a[l] : ~a[l]) & (k & 2 ? b[l] : ~b[l]) &
                 (k & 1 ? c[l] : ~c[l]);
        return r;
    });
    return i + 1;
}

template <bool left, bool wrap> const Instruction *funnel(Warp &w, const Instruction *i)
{
    const uint32_t *a = w.at<uint32_t>(i->a), *b = w.at<uint32_t>(i->b), *c = w.at<uint32_t>(i->c);
    each(w, w.at<uint32_t>(i->d), [=](int l) {
        const uint64_t both = (uint64_t)b[l] << 32 | a[l];
        const uint32_t by = wrap ? c[l] & 31 : std::min(c[l], 32u);
        return left ? (uint32_t)(both << by >> 32) : (uint32_t)(both >> by);
    });
    return i + 1;
}

// prmt picks four of the eight bytes of a and b; bit 3 of a selector repeats the sign.
const Instruction *prmt(Warp &w, const Instruction *i)
{
    const uint32_t *a = w.at<uint32_t>(i->a), *b = w.at<uint32_t>(i->b), *c = w.at<uint32_t>(i->c);
    uint32_t *d = w.at<uint32_t>(i->d);
    eachActive(w.mask, [=](int l) {
        const uint64_t both = (uint64_t)b[l] << 32 | a[l];
        uint32_t r = 0;
        for (int k = 0; k < 4; k++) {
            const unsigned selector = c[l] >> 4 * k & 15;
            uint32_t byte = both >> 8 * (selector & 7) & 255;
            if (selector & 8)
                byte = byte & 128 ? 255 : 0;
            r |= byte << 8 * k;
        }
        d[l] = r;
    });
    return i + 1;
}
} // namespace

void addIntegers(Table &t)
{
    addType<uint16_t>(t, "u16");
    addType<int16_t>(t, "s16");
    addType<uint32_t>(t, "u32");
    addType<int32_t>(t, "s32");
    addType<uint64_t>(t, "u64");
    addType<int64_t>(t, "s64");
    addBits<uint16_t>(t, "b16");
    addBits<uint32_t>(t, "b32");
    addBits<uint64_t>(t, "b64");
    addCarries<uint32_t>(t, "u32");
    addCarries<int32_t>(t, "s32");
    addCarries<uint64_t>(t, "u64");
    addCarries<int64_t>(t, "s64");
    t["mul.wide.u16"] = wide<uint16_t, false>;
    t["mul.wide.s16"] = wide<int16_t, false>;
    t["mul.wide.u32"] = wide<uint32_t, false>;
    t["mul.wide.s32"] = wide<int32_t, false>;
    t["mad.wide.u16"] = wide<uint16_t, true>;
    t["mad.wide.s16"] = wide<int16_t, true>;
    t["mad.wide.u32"] = wide<uint32_t, true>;
    t["mad.wide.s32"] = wide<int32_t, true>;
    t["mul24.lo.u32"] = binary<uint32_t, Mul24>;
    t["mul24.lo.s32"] = binary<int32_t, Mul24>;
    t["mad24.lo.u32"] = ternary<uint32_t, Mad24>;
    t["mad24.lo.s32"] = ternary<int32_t, Mad24>;
    t["popc.b32"] = counting<uint32_t, Popc>;
    t["popc.b64"] = counting<uint64_t, Popc>;
    t["clz.b32"] = counting<uint32_t, Clz>;
    t["clz.b64"] = counting<uint64_t, Clz>;
    t["bfind.u32"] = counting<uint32_t, Bfind>;
    t["bfind.s32"] = counting<int32_t, Bfind>;
    t["bfind.u64"] = counting<uint64_t, Bfind>;
    t["bfind.s64"] = counting<int64_t, Bfind>;
    t["bfind.shiftamt.u32"] = counting<uint32_t, BfindShift>;
    t["bfind.shiftamt.s32"] = counting<int32_t, BfindShift>;
    t["bfind.shiftamt.u64"] = counting<uint64_t, BfindShift>;
    t["bfind.shiftamt.s64"] = counting<int64_t, BfindShift>;
    t["brev.b32"] = dear<uint32_t, Brev>;
    t["brev.b64"] = dear<uint64_t, Brev>;
    t["bfe.u32"] = bfe<uint32_t>;
    t["bfe.s32"] = bfe<int32_t>;
    t["bfe.u64"] = bfe<uint64_t>;
    t["bfe.s64"] = bfe<int64_t>;
    t["bfi.b32"] = bfi<uint32_t>;
    t["bfi.b64"] = bfi<uint64_t>;
    t["lop3.b32"] = lop3;
    t["shf.l.wrap.b32"] = funnel<true, true>;
    t["shf.l.clamp.b32"] = funnel<true, false>;
    t["shf.r.wrap.b32"] = funnel<false, true>;
    t["shf.r.clamp.b32"] = funnel<false, false>;
    t["prmt.b32"] = prmt;
}
} // namespace standin

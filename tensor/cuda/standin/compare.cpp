// Comparisons and predicates.
#include "table.h"

namespace standin {
namespace {
// clang-format off
struct Eq { template <class T> static bool of(T a, T b) { return a == b; } };
struct Ne { template <class T> static bool of(T a, T b) { return a < b || a > b; } }; // false for NaN
struct Lt { template <class T> static bool of(T a, T b) { return a < b; } };
struct Le { template <class T> static bool of(T a, T b) { return a <= b; } };
struct Gt { template <class T> static bool of(T a, T b) { return a > b; } };
struct Ge { template <class T> static bool of(T a, T b) { return a >= b; } };
// clang-format on
// Also true if an operand is NaN.
// clang-format off
struct Equ { template <class T> static bool of(T a, T b) { return !(a < b || a > b); } };
struct Neu { template <class T> static bool of(T a, T b) { return a != b; } };
struct Ltu { template <class T> static bool of(T a, T b) { return !(a >= b); } };
struct Leu { template <class T> static bool of(T a, T b) { return !(a > b); } };
struct Gtu { template <class T> static bool of(T a, T b) { return !(a <= b); } };
struct Geu { template <class T> static bool of(T a, T b) { return !(a < b); } };
struct Num { template <class T> static bool of(T a, T b) { return a == a && b == b; } };
struct Nan { template <class T> static bool of(T a, T b) { return a != a || b != b; } };
// clang-format on

uint32_t joined(const Instruction *i, uint32_t value, uint32_t with)
{
    switch (i->join) {
    case Compare::And: return value & with;
    case Compare::Or: return value | with;
    case Compare::Xor: return value ^ with;
    default: return value;
    }
}

// setp d|d2, a, b, c: d = (a ? b) op c, d2 = !(a ? b) op c.
template <class T, class F> const Instruction *setp(Warp &w, const Instruction *i)
{
    const T *a = w.at<T>(i->a), *b = w.at<T>(i->b);
    const uint32_t r = collect([=](int l) { return F::of(a[l], b[l]); });
    const uint32_t with = i->join == Compare::None ? 0 : w.predicate(i->c);
    if (i->hasD)
        setPredicate(w, i->d, joined(i, r, with));
    if (i->hasD2)
        setPredicate(w, i->d2, joined(i, ~r, with));
    return i + 1;
}

// set gives all ones or 1.0 instead of a predicate.
template <class D, class T, class F> const Instruction *set(Warp &w, const Instruction *i)
{
    const T *a = w.at<T>(i->a), *b = w.at<T>(i->b);
    const uint32_t with = i->join == Compare::None ? 0 : w.predicate(i->c);
    const uint32_t r = joined(i, collect([=](int l) { return F::of(a[l], b[l]); }), with);
    const D yes = std::is_floating_point_v<D> ? (D)1 : (D)-1;
    each(w, w.at<D>(i->d), [=](int l) { return r >> l & 1 ? yes : (D)0; });
    return i + 1;
}

template <class T> const Instruction *selp(Warp &w, const Instruction *i)
{
    const T *a = w.at<T>(i->a), *b = w.at<T>(i->b);
    const uint32_t p = w.predicate(i->c);
    each(w, w.at<T>(i->d), [=](int l) { return p >> l & 1 ? a[l] : b[l]; });
    return i + 1;
}
template <class T, class C> const Instruction *slct(Warp &w, const Instruction *i)
{
    const T *a = w.at<T>(i->a), *b = w.at<T>(i->b);
    const C *c = w.at<C>(i->c);
    each(w, w.at<T>(i->d), [=](int l) { return c[l] >= 0 ? a[l] : b[l]; });
    return i + 1;
}

enum class Class { Finite, Infinite, Number, NotANumber, Normal, Subnormal };
template <class T, Class what> const Instruction *testp(Warp &w, const Instruction *i)
{
    const T *a = w.at<T>(i->a);
    uint32_t r = 0;
    eachActive(w.mask, [&](int l) {
        const int c = std::fpclassify(a[l]);
        const bool yes = what == Class::Finite       ? c != FP_NAN && c != FP_INFINITE
                         : what == Class::Infinite   ? c == FP_INFINITE
                         : what == Class::Number     ? c != FP_NAN
                         : what == Class::NotANumber ? c == FP_NAN
                         : what == Class::Normal     ? c == FP_NORMAL
                                                     : c == FP_SUBNORMAL;
        r |= (uint32_t)yes << l;
    });
    setPredicate(w, i->d, r);
    return i + 1;
}

template <class F> const Instruction *logic(Warp &w, const Instruction *i)
{
    setPredicate(w, i->d, F::of(w.predicate(i->a), w.predicate(i->b)));
    return i + 1;
}
// clang-format off
struct And { static uint32_t of(uint32_t a, uint32_t b) { return a & b; } };
struct Or { static uint32_t of(uint32_t a, uint32_t b) { return a | b; } };
struct Xor { static uint32_t of(uint32_t a, uint32_t b) { return a ^ b; } };
struct Not { static uint32_t of(uint32_t a, uint32_t) { return ~a; } };
struct Same { static uint32_t of(uint32_t a, uint32_t) { return a; } };
// clang-format on

template <class T, class F>
void addComparison(Table &t, const std::string &name, const std::string &type)
{
    t["setp." + name + "." + type] = setp<T, F>;
    t["set." + name + ".u32." + type] = t["set." + name + ".s32." + type] = set<uint32_t, T, F>;
    t["set." + name + ".f32." + type] = set<float, T, F>;
}
template <class T> void addOrder(Table &t, const std::string &type)
{
    addComparison<T, Eq>(t, "eq", type);
    addComparison<T, Neu>(t, "ne", type);
    addComparison<T, Lt>(t, "lt", type);
    addComparison<T, Le>(t, "le", type);
    addComparison<T, Gt>(t, "gt", type);
    addComparison<T, Ge>(t, "ge", type);
}
template <class T> void addUnsigned(Table &t, const std::string &type)
{
    addOrder<T>(t, "u" + type);
    addComparison<T, Eq>(t, "eq", "b" + type);
    addComparison<T, Neu>(t, "ne", "b" + type);
    for (const char *name : {"lo", "ls", "hi", "hs"}) {
        const std::string same =
            std::string(1, name[0] == 'l' ? 'l' : 'g') + (name[1] == 's' ? "e" : "t");
        t["setp." + std::string(name) + ".u" + type] = t["setp." + same + ".u" + type];
    }
}
template <class T> void addFloat(Table &t, const std::string &type)
{
    addOrder<T>(t, type);
    addComparison<T, Ne>(t, "ne", type);
    addComparison<T, Equ>(t, "equ", type);
    addComparison<T, Neu>(t, "neu", type);
    addComparison<T, Ltu>(t, "ltu", type);
    addComparison<T, Leu>(t, "leu", type);
    addComparison<T, Gtu>(t, "gtu", type);
    addComparison<T, Geu>(t, "geu", type);
    addComparison<T, Num>(t, "num", type);
    addComparison<T, Nan>(t, "nan", type);
    t["testp.finite." + type] = testp<T, Class::Finite>;
    t["testp.infinite." + type] = testp<T, Class::Infinite>;
    t["testp.number." + type] = testp<T, Class::Number>;
    t["testp.notanumber." + type] = testp<T, Class::NotANumber>;
    t["testp.normal." + type] = testp<T, Class::Normal>;
    t["testp.subnormal." + type] = testp<T, Class::Subnormal>;
}
} // namespace

void addComparisons(Table &t)
{
    addUnsigned<uint16_t>(t, "16");
    addUnsigned<uint32_t>(t, "32");
    addUnsigned<uint64_t>(t, "64");
    addOrder<int16_t>(t, "s16");
    addOrder<int32_t>(t, "s32");
    addOrder<int64_t>(t, "s64");
    addFloat<float>(t, "f32");
    addFloat<double>(t, "f64");
    for (const char *kind : {"b", "u", "s", "f"}) {
        t["selp." + std::string(kind) + "16"] = selp<uint16_t>;
        t["selp." + std::string(kind) + "32"] = selp<uint32_t>;
        t["selp." + std::string(kind) + "64"] = selp<uint64_t>;
        t["slct." + std::string(kind) + "16.s32"] = slct<uint16_t, int32_t>;
        t["slct." + std::string(kind) + "32.s32"] = slct<uint32_t, int32_t>;
        t["slct." + std::string(kind) + "64.s32"] = slct<uint64_t, int32_t>;
        t["slct." + std::string(kind) + "16.f32"] = slct<uint16_t, float>;
        t["slct." + std::string(kind) + "32.f32"] = slct<uint32_t, float>;
        t["slct." + std::string(kind) + "64.f32"] = slct<uint64_t, float>;
    }
    t["and.pred"] = logic<And>;
    t["or.pred"] = logic<Or>;
    t["xor.pred"] = logic<Xor>;
    t["not.pred"] = logic<Not>;
    t["mov.pred"] = logic<Same>;
}
} // namespace standin

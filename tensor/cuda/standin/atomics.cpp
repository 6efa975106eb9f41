// atom and red: each lane reads, computes and writes before the next.
#include "access.h"

namespace standin {
namespace {
template <class T, class F> const Instruction *atomic(Warp &w, const Instruction *i)
{
    const Addresses a(w, i);
    const T *b = w.at<T>(i->b), *c = w.at<T>(i->c);
    T *d = w.at<T>(i->d);
    inTurn(w, [&](int l) {
        T old;
        memcpy(&old, a.place(l), sizeof old);
        const T result = F::of(old, b[l], c[l]);
        memcpy(a.place(l), &result, sizeof result);
        if (i->hasD)
            d[l] = old;
    });
    return i + 1;
}

// clang-format off
struct Add { template <class T> static T of(T a, T b, T) { return a + b; } };
struct Min { template <class T> static T of(T a, T b, T) { return a < b ? a : b; } };
struct Max { template <class T> static T of(T a, T b, T) { return a > b ? a : b; } };
struct And { template <class T> static T of(T a, T b, T) { return a & b; } };
struct Or { template <class T> static T of(T a, T b, T) { return a | b; } };
struct Xor { template <class T> static T of(T a, T b, T) { return a ^ b; } };
struct Exchange { template <class T> static T of(T, T b, T) { return b; } };
struct CompareAndSwap { template <class T> static T of(T a, T b, T c) { return a == b ? c : a; } };
struct Inc { template <class T> static T of(T a, T b, T) { return a >= b ? 0 : a + 1; } };
struct Dec { template <class T> static T of(T a, T b, T) { return a == 0 || a > b ? b : a - 1; } };
// clang-format on

template <class T> void addBits(Table &t, const std::string &bits)
{
    for (const char *kind : {"b", "u", "s"}) {
        t["atom.and." + (kind + bits)] = atomic<T, And>;
        t["atom.or." + (kind + bits)] = atomic<T, Or>;
        t["atom.xor." + (kind + bits)] = atomic<T, Xor>;
        t["atom.exch." + (kind + bits)] = atomic<T, Exchange>;
        t["atom.cas." + (kind + bits)] = atomic<T, CompareAndSwap>;
    }
    t["atom.exch.f" + bits] = atomic<T, Exchange>;
    t["atom.add.u" + bits] = t["atom.add.s" + bits] = atomic<T, Add>;
}
} // namespace

void addAtomics(Table &t)
{
    addBits<uint32_t>(t, "32");
    addBits<uint64_t>(t, "64");
    t["atom.cas.b16"] = atomic<uint16_t, CompareAndSwap>;
    t["atom.add.f32"] = atomic<float, Add>;
    t["atom.add.f64"] = atomic<double, Add>;
    t["atom.min.u32"] = atomic<uint32_t, Min>;
    t["atom.max.u32"] = atomic<uint32_t, Max>;
    t["atom.min.s32"] = atomic<int32_t, Min>;
    t["atom.max.s32"] = atomic<int32_t, Max>;
    t["atom.min.u64"] = atomic<uint64_t, Min>;
    t["atom.max.u64"] = atomic<uint64_t, Max>;
    t["atom.min.s64"] = atomic<int64_t, Min>;
    t["atom.max.s64"] = atomic<int64_t, Max>;
    t["atom.inc.u32"] = atomic<uint32_t, Inc>;
    t["atom.dec.u32"] = atomic<uint32_t, Dec>;
}
} // namespace standin

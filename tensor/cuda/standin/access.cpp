// Loads and stores. Bounds are checked once for all lanes where they lie in one allocation, and
// lane by lane where they do not.
#include "access.h"
#include <algorithm>
#include <cxxabi.h>

namespace standin {
Addresses::Addresses(Warp &w, const Instruction *i)
{
    const uint64_t offset = (uint64_t)i->immediate;
    if (!i->hasAddress)
        for (int l = 0; l < lanes; l++)
            at[l] = offset;
    else if (i->addressIs32) {
        const uint32_t *a = w.at<uint32_t>(i->a);
        for (int l = 0; l < lanes; l++)
            at[l] = (uint32_t)(a[l] + (uint32_t)offset);
    } else {
        const uint64_t *a = w.at<uint64_t>(i->a);
        for (int l = 0; l < lanes; l++)
            at[l] = a[l] + offset;
    }
    const int first = __builtin_ctz(w.mask);
    const uint64_t any = at[first];
    const uint32_t m = w.mask;
    uint64_t odd = 0, low = any, high = any;
    if (m == everyLane)
        for (int l = 0; l < lanes; l++) {
            odd |= at[l];
            low = at[l] < low ? at[l] : low;
            high = at[l] > high ? at[l] : high;
        }
    else
        for (int l = 0; l < lanes; l++) {
            const uint64_t x = m >> l & 1 ? at[l] : any;
            odd |= x;
            low = x < low ? x : low;
            high = x > high ? x : high;
        }
    const size_t size = (size_t)i->bytes * i->count;
    if (odd & (size - 1))
        eachActive(m, [&](int l) {
            if (at[l] & (size - 1))
                faultAt(misalignedAddress, w, l, i,
                        format("misaligned: %s of %zu bytes at %#llx", verb(i), size,
                               (unsigned long long)at[l]));
        });
    Space space = i->space;
    if (space == Space::Generic && low >> 56 == high >> 56) {
        const uint64_t window = low >> 56 << 56;
        space = window == sharedWindow  ? Space::Shared
                : window == localWindow ? Space::Local
                                        : Space::Global;
        if (space != Space::Global)
            for (int l = 0; l < lanes; l++)
                at[l] -= window;
        if (space != Space::Global)
            low -= window, high -= window;
    }
    uniform = low == high;
    near = high - low < 1u << 31;
    lowest = low;
    Grid &g = *w.grid;
    switch (space) {
    case Space::Global: {
        const Allocation *a = i->last;
        if (!a || !a->holds(low, high - low + size))
            a = g.memory->find(low);
        if (a && a->holds(low, high - low + size)) {
            i->last = a;
            bias = (uintptr_t)a->host - a->base;
            if (g.races)
                watch(w, i, *a);
            return;
        }
        break;
    }
    case Space::Shared:
        for (const auto &v : g.kernel->shared)
            if (low >= v.at && high + size <= v.at + v.bytes) {
                inShared(w, i);
                return;
            }
        if (low >= g.kernel->dynamicAt && high + size <= g.shared.size()) {
            inShared(w, i);
            return;
        }
        break;
    case Space::Local:
        if (high + size <= g.kernel->localBytes && high + size > high) {
            for (int l = 0; l < lanes; l++)
                at[l] += (uint64_t)l * g.kernel->localBytes;
            bias = (uintptr_t)w.local;
            uniform = near = false;
            return;
        }
        break;
    case Space::Param:
        if (high + size <= g.kernel->paramBytes && high + size > high) {
            bias = (uintptr_t)g.arguments;
            return;
        }
        break;
    case Space::Generic: break;
    }
    laneByLane(w, i, space, size);
}

void Addresses::inShared(Warp &w, const Instruction *i)
{
    Grid &g = *w.grid;
    bias = (uintptr_t)g.shared.data();
    if (g.races)
        eachActive(w.mask, [&](int l) {
            touch(g.sharedShadow, g.blockStamp, at[l], i->bytes * i->count, kind(i), w, l, i);
        });
}

void Addresses::watch(Warp &w, const Instruction *i, const Allocation &a)
{
    if (!a.shadow)
        a.shadow = std::make_unique<Shadow>();
    a.shadow->fit(a.bytes, w.grid->kernel->smallestGlobal);
    eachActive(w.mask, [&](int l) {
        touch(*a.shadow, w.grid->stamp, at[l] - a.base, i->bytes * i->count, kind(i), w, l, i);
    });
}

// laneByLane finds each lane's place by itself, or the lane that is wrong. Addresses become the
// host's.
void Addresses::laneByLane(Warp &w, const Instruction *i, Space space, size_t size)
{
    Grid &g = *w.grid;
    uniform = near = false;
    bias = 0;
    eachActive(w.mask, [&](int l) {
        uint64_t x = at[l];
        Space s = space;
        if (s == Space::Generic) {
            const uint64_t window = x >> 56 << 56;
            s = window == sharedWindow  ? Space::Shared
                : window == localWindow ? Space::Local
                                        : Space::Global;
            x -= s == Space::Global ? 0 : window;
        }
        auto wrong = [&](const std::string &what) {
            faultAt(illegalAddress, w, l, i,
                    format("%s of %zu bytes at %#llx: %s", verb(i), size, (unsigned long long)x,
                           what.c_str()));
        };
        if (s == Space::Global) {
            Allocation *a = g.memory->find(x);
            if (!a || !a->holds(x, size))
                wrong(g.memory->describe(x, size));
            if (g.races) {
                if (!a->shadow)
                    a->shadow = std::make_unique<Shadow>();
                a->shadow->fit(a->bytes, g.kernel->smallestGlobal);
                touch(*a->shadow, g.stamp, x - a->base, (int)size, kind(i), w, l, i);
            }
            at[l] = (uint64_t)(a->host + (x - a->base));
        } else if (s == Space::Shared) {
            bool inside = x >= g.kernel->dynamicAt && x + size <= g.shared.size();
            std::string nearest = format("the %zu bytes of dynamic shared memory", g.dynamicShared);
            for (const auto &v : g.kernel->shared) {
                inside |= x >= v.at && x + size <= v.at + v.bytes;
                if (x >= v.at && (x < g.kernel->dynamicAt || !g.kernel->dynamicShared))
                    nearest = format("shared memory: byte %zu of the %zu of %s", (size_t)(x - v.at),
                                     v.bytes, v.name.c_str());
            }
            if (!inside)
                wrong("out of bounds of " + nearest);
            if (g.races)
                touch(g.sharedShadow, g.blockStamp, x, (int)size, kind(i), w, l, i);
            at[l] = (uint64_t)(g.shared.data() + x);
        } else if (s == Space::Local) {
            if (x + size > g.kernel->localBytes || x + size < x)
                wrong(format("out of bounds of the thread's %zu bytes of local memory",
                             g.kernel->localBytes));
            at[l] = (uint64_t)(w.local + (uint64_t)l * g.kernel->localBytes + x);
        } else
            wrong(format("out of bounds of the %zu bytes of parameters", g.kernel->paramBytes));
    });
}

const char *verb(const Instruction *i)
{ return i->atomic ? "an atomic access" : i->writes ? "a write" : "a read"; }
Touch kind(const Instruction *i)
{ return i->atomic ? Touch::Atomic : i->writes ? Touch::Write : Touch::Read; }

namespace {
template <class M> M get(const char *p)
{
    M v;
    memcpy(&v, p, sizeof v);
    return v;
}

// Offsets of whole warps in shared memory, which kernels touch most: 32 bits suffice for them.
struct SharedOffsets {
    uint32_t at[lanes];
    char *base = nullptr;

    // fill returns false if anything is unusual; the general way finds out what.
    bool fill(Warp &w, const Instruction *i)
    {
        const Grid &g = *w.grid;
        if (i->space != Space::Shared || w.mask != everyLane || i->count != 1 || g.races ||
            !i->hasAddress)
            return false;
        const uint64_t offset = (uint64_t)i->immediate;
        uint32_t beyond = 0;
        if (i->addressIs32) {
            const uint32_t *a = w.at<uint32_t>(i->a);
            for (int l = 0; l < lanes; l++)
                at[l] = a[l] + (uint32_t)offset;
        } else {
            const uint64_t *a = w.at<uint64_t>(i->a);
            for (int l = 0; l < lanes; l++) {
                at[l] = (uint32_t)(a[l] + offset);
                beyond |= (uint32_t)((a[l] + offset) >> 32);
            }
        }
        uint32_t odd = 0, low = ~0u, high = 0;
        for (int l = 0; l < lanes; l++) {
            odd |= at[l];
            low = std::min(low, at[l]);
            high = std::max(high, at[l]);
        }
        if (beyond || (odd & (i->bytes - 1u)))
            return false;
        base = w.grid->shared.data();
        const size_t end = (size_t)high + i->bytes;
        for (const auto &v : g.kernel->shared)
            if (low >= v.at && end <= v.at + v.bytes)
                return true;
        return low >= g.kernel->dynamicAt && end <= g.shared.size();
    }
};

// M is the type in memory, R that of the register's lanes.
template <class M, class R> const Instruction *load(Warp &w, const Instruction *i)
{
    SharedOffsets shared;
    if (shared.fill(w, i)) {
        R *d = w.at<R>(i->vector[0]);
        const M *from = (const M *)shared.base;
        for (int l = 0; l < lanes; l++)
            d[l] = (R)from[shared.at[l] / sizeof(M)];
        return i + 1;
    }
    const Addresses a(w, i);
    const int n = i->count;
    if (n == 1 && a.uniform) {
        const R v = (R)get<M>(a.place(__builtin_ctz(w.mask)));
        each(w, w.at<R>(i->vector[0]), [=](int) { return v; });
        return i + 1;
    }
    if (n == 1 && a.inARow(w.mask, sizeof(M))) {
        const M *from = (const M *)a.place(0);
        R *d = w.at<R>(i->vector[0]);
        for (int l = 0; l < lanes; l++)
            d[l] = (R)from[l];
        return i + 1;
    }
    for (int k = 0; k < n; k++) {
        R *d = w.at<R>(i->vector[k]);
        if (w.mask == everyLane && a.near) {
            const M *from = (const M *)(a.lowest + a.bias) + k;
            for (int l = 0; l < lanes; l++)
                d[l] = (R)from[(uint32_t)(a.at[l] - a.lowest) / sizeof(M)];
        } else if (w.mask == everyLane)
            for (int l = 0; l < lanes; l++)
                d[l] = (R)get<M>(a.place(l) + k * sizeof(M));
        else
            eachActive(w.mask, [&](int l) { d[l] = (R)get<M>(a.place(l) + k * sizeof(M)); });
    }
    return i + 1;
}

template <class M, class R> const Instruction *store(Warp &w, const Instruction *i)
{
    const Addresses a(w, i);
    for (int k = 0; k < i->count; k++) {
        const R *from = w.at<R>(i->vector[k]);
        if (i->count == 1 && a.inARow(w.mask, sizeof(M))) {
            M *d = (M *)a.place(0);
            for (int l = 0; l < lanes; l++)
                d[l] = (M)from[l];
        } else
            inTurn(w, [&](int l) {
                const M v = (M)from[l];
                memcpy(a.place(l) + k * sizeof(M), &v, sizeof v);
            });
    }
    return i + 1;
}

template <class M> Run choose(bool writes, int registerBytes)
{
    using Narrow = std::conditional_t<std::is_signed_v<M>, int16_t, uint16_t>;
    using Middle = std::conditional_t<std::is_signed_v<M>, int32_t, uint32_t>;
    using Large = std::conditional_t<std::is_signed_v<M>, int64_t, uint64_t>;
    switch (registerBytes) {
    case 2: return sizeof(M) > 2 ? nullptr : writes ? store<M, Narrow> : load<M, Narrow>;
    case 4: return sizeof(M) > 4 ? nullptr : writes ? store<M, Middle> : load<M, Middle>;
    case 8: return writes ? store<M, Large> : load<M, Large>;
    }
    return nullptr;
}
} // namespace

Run loadOrStore(const Instruction &i, Type memory, int registerBytes)
{
    const bool sign = memory.kind == 's';
    switch (memory.bits) {
    case 8:
        return sign ? choose<int8_t>(i.writes, registerBytes)
                    : choose<uint8_t>(i.writes, registerBytes);
    case 16:
        return sign ? choose<int16_t>(i.writes, registerBytes)
                    : choose<uint16_t>(i.writes, registerBytes);
    case 32:
        return sign ? choose<int32_t>(i.writes, registerBytes)
                    : choose<uint32_t>(i.writes, registerBytes);
    case 64:
        return sign ? choose<int64_t>(i.writes, registerBytes)
                    : choose<uint64_t>(i.writes, registerBytes);
    }
    return nullptr;
}
} // namespace standin

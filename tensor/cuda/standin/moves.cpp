// Moves, and the taking apart and putting together of registers.
#include "table.h"

namespace standin {
namespace {
template <class T> const Instruction *move(Warp &w, const Instruction *i)
{
    const T *a = w.at<T>(i->a);
    each(w, w.at<T>(i->d), [=](int l) { return a[l]; });
    return i + 1;
}
// mov.b64 d, {x, y}: x is the low part.
template <class Whole, class Part> const Instruction *pack(Warp &w, const Instruction *i)
{
    Whole *d = w.at<Whole>(i->d);
    const Part *part[4];
    for (int k = 0; k < i->count; k++)
        part[k] = w.at<Part>(i->vector[k]);
    eachActive(w.mask, [&](int l) {
        Whole v = 0;
        for (int k = 0; k < i->count; k++)
            v |= (Whole)part[k][l] << k * sizeof(Part) * 8;
        d[l] = v;
    });
    return i + 1;
}
template <class Whole, class Part> const Instruction *unpack(Warp &w, const Instruction *i)
{
    const Whole *a = w.at<Whole>(i->a);
    Whole copy[lanes];
    memcpy(copy, a, sizeof copy); // a part may be the whole's register
    for (int k = 0; k < i->count; k++)
        if (i->vector[k])
            each(w, w.at<Part>(i->vector[k]),
                 [&](int l) { return (Part)(copy[l] >> k * sizeof(Part) * 8); });
    return i + 1;
}
} // namespace

void addMoves(Table &t)
{
    for (const char *kind : {"b", "u", "s", "f"}) {
        t["mov." + std::string(kind) + "16"] = move<uint16_t>;
        t["mov." + std::string(kind) + "32"] = move<uint32_t>;
        t["mov." + std::string(kind) + "64"] = move<uint64_t>;
    }
    t["pack.64.32"] = pack<uint64_t, uint32_t>;
    t["pack.64.16"] = pack<uint64_t, uint16_t>;
    t["pack.32.16"] = pack<uint32_t, uint16_t>;
    t["unpack.64.32"] = unpack<uint64_t, uint32_t>;
    t["unpack.64.16"] = unpack<uint64_t, uint16_t>;
    t["unpack.32.16"] = unpack<uint32_t, uint16_t>;
}
} // namespace standin

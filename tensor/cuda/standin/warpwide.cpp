// Instructions in which the lanes of a warp work together: shuffles, votes, matches, bar.warp.sync.
// They run when every lane that the mask names has come; lanes that came early are parked.
#include "table.h"
#include "grid.h"
#include <algorithm>

namespace standin {
namespace {
// arrived joins those parked at i, and says whether all lanes of the instruction's mask are here.
bool arrived(Warp &w, const Instruction *i, const uint32_t *members)
{
    for (size_t k = 0; k < w.parked.size();)
        if (w.parked[k].at == i) {
            w.mask |= w.parked[k].mask;
            w.parked.erase(w.parked.begin() + k);
        } else
            k++;
    const int first = __builtin_ctz(w.mask);
    uint32_t named = 0; // by anybody
    eachActive(w.mask, [&](int l) {
        if (!(members[l] >> l & 1))
            faultAt(launchFailed, w, l, i,
                    format("the mask %08x does not name the thread itself", members[l]));
        named |= members[l];
    });
    if (named & ~w.live) {
        const int gone = __builtin_ctz(named & ~w.live);
        faultAt(launchFailed, w, first, i,
                format("the mask %08x names lane %d, which has ended or never was", named, gone));
    }
    return !(named & ~w.mask);
}

const Instruction *park(Warp &w, const Instruction *i)
{
    w.parked.push_back({i, w.mask});
    return resume(w);
}

enum class Shuffle { Up, Down, Butterfly, Index };
// shfl d|p, a, b, c, members: c holds the clamp and the mask of segments.
template <Shuffle mode> const Instruction *shuffle(Warp &w, const Instruction *i)
{
    if (!arrived(w, i, w.at<uint32_t>(i->e)))
        return park(w, i);
    const uint32_t *a = w.at<uint32_t>(i->a), *b = w.at<uint32_t>(i->b), *c = w.at<uint32_t>(i->c);
    const uint32_t *members = w.at<uint32_t>(i->e);
    uint32_t from[lanes], inRange = 0;
    memcpy(from, a, sizeof from);
    uint32_t *d = w.at<uint32_t>(i->d);
    eachActive(w.mask, [&](int l) {
        const int by = b[l] & 31, clamp = c[l] & 31, segment = c[l] >> 8 & 31;
        const int least = l & segment, most = least | (clamp & ~segment);
        int j = mode == Shuffle::Up          ? l - by
                : mode == Shuffle::Down      ? l + by
                : mode == Shuffle::Butterfly ? l ^ by
                                             : least | (by & ~segment);
        const bool ok = mode == Shuffle::Up ? j >= most : j <= most;
        if (!ok)
            j = l;
        if (!(w.mask >> j & 1) || !(members[l] >> j & 1))
            faultAt(launchFailed, w, l, i, format("reads lane %d, which takes no part", j));
        if (i->hasD)
            d[l] = from[j];
        inRange |= (uint32_t)ok << l;
    });
    if (i->hasD2)
        setPredicate(w, i->d2, inRange);
    return i + 1;
}

enum class Vote { All, Any, Uniform, Ballot };
template <Vote mode> const Instruction *vote(Warp &w, const Instruction *i)
{
    const uint32_t *members = w.at<uint32_t>(i->e);
    if (!arrived(w, i, members))
        return park(w, i);
    const uint32_t p = i->immediate ? ~w.predicate(i->a) : w.predicate(i->a);
    uint32_t r = 0;
    eachActive(w.mask, [&](int l) {
        const uint32_t m = members[l], yes = p & m;
        if (mode == Vote::Ballot)
            w.at<uint32_t>(i->d)[l] = yes;
        else
            r |= (uint32_t)(mode == Vote::All   ? yes == m
                            : mode == Vote::Any ? yes != 0
                                                : yes == 0 || yes == m)
                 << l;
    });
    if (mode != Vote::Ballot)
        setPredicate(w, i->d, r);
    return i + 1;
}

template <class T, bool all> const Instruction *match(Warp &w, const Instruction *i)
{
    const uint32_t *members = w.at<uint32_t>(i->e);
    if (!arrived(w, i, members))
        return park(w, i);
    T from[lanes];
    memcpy(from, w.at<T>(i->a), sizeof from);
    uint32_t *d = w.at<uint32_t>(i->d), every = 0;
    eachActive(w.mask, [&](int l) {
        uint32_t same = 0;
        eachActive(members[l], [&](int j) { same |= (uint32_t)(from[j] == from[l]) << j; });
        const bool yes = same == members[l];
        every |= (uint32_t)yes << l;
        if (i->hasD)
            d[l] = all ? (yes ? same : 0) : same;
    });
    if (i->hasD2)
        setPredicate(w, i->d2, every);
    return i + 1;
}

const Instruction *syncWarp(Warp &w, const Instruction *i)
{
    if (!arrived(w, i, w.at<uint32_t>(i->e)))
        return park(w, i);
    w.syncs++;
    return i + 1;
}

const Instruction *activeMask(Warp &w, const Instruction *i)
{
    const uint32_t m = w.mask;
    each(w, w.at<uint32_t>(i->d), [=](int) { return m; });
    return i + 1;
}
} // namespace

void addWarpWide(Table &t)
{
    t["shfl.up"] = shuffle<Shuffle::Up>;
    t["shfl.down"] = shuffle<Shuffle::Down>;
    t["shfl.bfly"] = shuffle<Shuffle::Butterfly>;
    t["shfl.idx"] = shuffle<Shuffle::Index>;
    t["vote.all"] = vote<Vote::All>;
    t["vote.any"] = vote<Vote::Any>;
    t["vote.uni"] = vote<Vote::Uniform>;
    t["vote.ballot"] = vote<Vote::Ballot>;
    t["match.any.b32"] = match<uint32_t, false>;
    t["match.any.b64"] = match<uint64_t, false>;
    t["match.all.b32"] = match<uint32_t, true>;
    t["match.all.b64"] = match<uint64_t, true>;
    t["syncwarp"] = syncWarp;
    t["activemask"] = activeMask;
}
} // namespace standin

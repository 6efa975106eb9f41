// Jumps, ends and barriers of a block. Lanes that part are kept as groups; the group that is
// furthest behind runs first, so that the others wait where the paths of structured code meet
// again.
#include "table.h"
#include "grid.h"
#include <algorithm>

namespace standin {
void leave(Warp &w, const Instruction *at, uint32_t mask)
{
    auto place =
        std::find_if(w.ready.begin(), w.ready.end(), [=](const Group &g) { return g.at <= at; });
    if (place != w.ready.end() && place->at == at)
        place->mask |= mask;
    else
        w.ready.insert(place, Group{at, mask});
}

const Instruction *resume(Warp &w)
{
    if (w.ready.empty()) {
        w.mask = 0;
        return nullptr;
    }
    const Group next = w.ready.back();
    w.ready.pop_back();
    w.mask = next.mask;
    return next.at;
}

// A guard runs the instruction for the lanes whose predicate holds.
const Instruction *runGuarded(Warp &w, const Instruction *i)
{
    const uint32_t all = w.mask, p = w.predicate(i->guard);
    w.mask = all & (i->guardNegated ? ~p : p);
    if (w.mask)
        i->guarded(w, i);
    w.mask = all;
    return i + 1;
}

namespace {
uint32_t chosen(Warp &w, const Instruction *i)
{
    if (!i->hasGuard)
        return w.mask;
    const uint32_t p = w.predicate(i->guard);
    return w.mask & (i->guardNegated ? ~p : p);
}

const Instruction *branch(Warp &w, const Instruction *i)
{
    const uint32_t taken = chosen(w, i), rest = w.mask & ~taken;
    if (!taken)
        return i + 1;
    if (!rest && w.ready.empty())
        return i->target;
    if (rest)
        leave(w, i + 1, rest);
    leave(w, i->target, taken);
    return resume(w);
}

const Instruction *branchTable(Warp &w, const Instruction *i)
{
    const uint32_t taken = chosen(w, i);
    const uint32_t *index = w.at<uint32_t>(i->a);
    if (w.mask & ~taken)
        leave(w, i + 1, w.mask & ~taken);
    eachActive(taken, [&](int l) {
        if (index[l] >= i->targets.size())
            faultAt(launchFailed, w, l, i,
                    format("a jump to entry %u of a table of %zu", index[l], i->targets.size()));
        leave(w, i->targets[index[l]], 1u << l);
    });
    return resume(w);
}

// Where labels stand, groups meet; and instructions are counted.
const Instruction *meet(Warp &w, const Instruction *i)
{
    if (!w.ready.empty() && w.ready.back().at == i) {
        w.mask |= w.ready.back().mask;
        w.ready.pop_back();
    }
    w.grid->count((uint64_t)i->following * __builtin_popcount(w.mask), w, i);
    return i + 1;
}

const Instruction *end(Warp &w, const Instruction *i)
{
    const uint32_t ended = chosen(w, i), rest = w.mask & ~ended;
    w.live &= ~ended;
    if (rest)
        leave(w, i + 1, rest);
    return resume(w);
}

const Instruction *trap(Warp &w, const Instruction *i)
{
    const uint32_t lost = chosen(w, i);
    if (lost)
        faultAt(launchFailed, w, __builtin_ctz(lost), i, "the kernel gave up (trap)");
    return i + 1;
}

// bar.sync and bar.red: the lanes wait for all others of the block.
const Instruction *barrier(Warp &w, const Instruction *i)
{
    if (w.waiting && w.barrier != i)
        faultAt(launchFailed, w, __builtin_ctz(w.mask), i,
                "divergent barrier: " + where(w, __builtin_ctz(w.waiting)) + " waits at another, " +
                    statement(*w.grid->kernel, w.barrier));
    w.barrier = i;
    w.waiting |= w.mask;
    if (i->hasD2) // the predicate of bar.red
        w.vote =
            (w.vote & ~w.mask) | ((i->immediate ? ~w.predicate(i->a) : w.predicate(i->a)) & w.mask);
    return resume(w);
}

const Instruction *nothing(Warp &, const Instruction *i) { return i + 1; }
} // namespace

void addControl(Table &t)
{
    t["bra"] = branch;
    t["brx"] = branchTable;
    t["meet"] = meet;
    t["ret"] = t["exit"] = end;
    t["trap"] = t["brkpt"] = trap;
    t["bar"] = barrier;
    t["nothing"] = nothing;
}
} // namespace standin

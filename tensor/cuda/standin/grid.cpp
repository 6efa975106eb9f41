#include "grid.h"
#include <algorithm>

namespace standin {
namespace {
const uint64_t undefined32 = 0x7fb7dead, undefined64 = 0x7ff7dead7fb7deadull; // NaN both
Dim position(size_t n, Dim d)
{ return {(unsigned)(n % d.x), (unsigned)(n / d.x % d.y), (unsigned)(n / d.x / d.y)}; }
uint32_t stamps = 0;
} // namespace

std::string Grid::name(size_t b, size_t t) const
{
    const Dim at = position(t, block), in = position(b, grid);
    return format("thread (%u,%u,%u) of block (%u,%u,%u)", at.x, at.y, at.z, in.x, in.y, in.z);
}

std::string where(const Warp &w, int lane)
{ return w.grid->name(w.grid->blockNumber, (size_t)w.number * lanes + lane); }

std::string statement(const Kernel &k, const Instruction *i)
{
    const Statement *s = i->statement;
    if (!s)
        return "at the end";
    std::string source;
    const auto file = k.module->files.find(s->file);
    if (s->at > 0)
        source = format(" (%s:%d)", file == k.module->files.end() ? "source" : file->second.c_str(),
                        s->at);
    return format("PTX line %d%s: %s", s->line, source.c_str(), s->text.c_str());
}

void faultAt(int code, const Warp &w, int lane, const Instruction *i, const std::string &what)
{
    const Kernel &k = *w.grid->kernel;
    throw Fault{code, format("kernel %s, %s: %s; %s", k.name.c_str(), where(w, lane).c_str(),
                             what.c_str(), statement(k, i).c_str())};
}

void Grid::tooLong(const Warp &w, const Instruction *i)
{
    faultAt(
        launchTimeout, w, __builtin_ctz(w.mask), i + 1,
        format("more than %llu instructions, perhaps an endless loop", (unsigned long long)most));
}

void Grid::prepare()
{
    const size_t threads = block.count(), n = (threads + lanes - 1) / lanes;
    registers.resize(n * kernel->registerBytes + 64);
    local.resize(n * lanes * kernel->localBytes);
    shared.resize(kernel->dynamicAt + dynamicShared);
    char *aligned = registers.data() + (64 - (uintptr_t)registers.data() % 64) % 64;
    warps.resize(n);
    for (size_t k = 0; k < n; k++) {
        Warp &w = warps[k];
        w.grid = this;
        w.number = (int)k;
        w.registers = aligned + k * kernel->registerBytes;
        w.local = local.data() + k * lanes * kernel->localBytes;
        for (const Constant &c : kernel->constants)
            for (int l = 0; l < (c.bytes ? lanes : 1); l++)
                memcpy(w.registers + c.at + l * c.bytes, &c.value, c.bytes ? c.bytes : 4);
        fillSpecials(w, false);
    }
    stamp = ++stamps;
    if (races)
        sharedShadow.fit(shared.size(), kernel->smallestShared);
}

// fillSpecials writes the special registers of a launch once, those of a block again for each.
void Grid::fillSpecials(Warp &w, bool ofBlock)
{
    const Dim in = position(blockNumber, grid);
    for (const SpecialRegister &s : kernel->specials) {
        const bool changes = s.which == Special::CtaX || s.which == Special::CtaY ||
                             s.which == Special::CtaZ || s.which == Special::Clock;
        if (changes != ofBlock)
            continue;
        for (unsigned l = 0; l < lanes; l++) {
            const Dim at = position((size_t)w.number * lanes + l, block);
            const unsigned below = (1u << l) - 1;
            uint64_t v = 0;
            switch (s.which) {
            case Special::TidX: v = at.x; break;
            case Special::TidY: v = at.y; break;
            case Special::TidZ: v = at.z; break;
            case Special::NtidX: v = block.x; break;
            case Special::NtidY: v = block.y; break;
            case Special::NtidZ: v = block.z; break;
            case Special::CtaX: v = in.x; break;
            case Special::CtaY: v = in.y; break;
            case Special::CtaZ: v = in.z; break;
            case Special::NctaX: v = grid.x; break;
            case Special::NctaY: v = grid.y; break;
            case Special::NctaZ: v = grid.z; break;
            case Special::Lane: v = l; break;
            case Special::WarpId: v = (unsigned)w.number; break;
            case Special::WarpCount: v = warps.size(); break;
            case Special::LaneEq: v = 1u << l; break;
            case Special::LaneLt: v = below; break;
            case Special::LaneLe: v = below | 1u << l; break;
            case Special::LaneGt: v = ~(below | 1u << l); break;
            case Special::LaneGe: v = ~below; break;
            case Special::Zero: break;
            case Special::Clock: v = executed; break;
            case Special::DynamicShared: v = dynamicShared; break;
            }
            memcpy(w.registers + s.at + l * s.bytes, &v, s.bytes);
        }
    }
}

void Grid::run()
{
    prepare();
    limit = executed + most;
    const size_t n = grid.count();
    for (size_t k = 0; k < n; k++) {
        blockNumber = reverse ? n - 1 - k : k;
        runBlock();
    }
}

void Grid::runBlock()
{
    phase = 0;
    blockStamp = ++stamps;
    memset(shared.data(), 0xff, shared.size());
    memset(local.data(), 0xff, local.size());
    const size_t threads = block.count();
    for (Warp &w : warps) {
        uint64_t *r = (uint64_t *)w.registers;
        std::fill(r, r + kernel->constantsFrom / 8, undefined64);
        fillSpecials(w, true);
        const size_t count = std::min<size_t>(lanes, threads - (size_t)w.number * lanes);
        w.live = count == lanes ? everyLane : (1u << count) - 1;
        w.ready.assign(1, Group{kernel->code.data(), w.live});
        w.parked.clear();
        w.waiting = 0;
        w.syncs = 0;
    }
    do
        for (size_t k = 0; k < warps.size(); k++) {
            Warp &w = warps[reverse ? warps.size() - 1 - k : k];
            for (const Instruction *i = resume(w); i;)
                i = i->run(w, i);
            if (!w.parked.empty()) {
                const Group &g = w.parked.front();
                faultAt(launchFailed, w, __builtin_ctz(g.mask), g.at,
                        "waits for lanes of its warp that do not come");
            }
        }
    while (release());
}

bool Grid::release()
{
    const Warp *some = nullptr, *ended = nullptr;
    for (Warp &w : warps) {
        if (w.waiting && !some)
            some = &w;
        if (!ended && ((w.waiting ^ w.live) || !w.live))
            ended = &w;
    }
    if (!some)
        return false;
    const size_t threads = block.count();
    uint32_t votes = 0;
    for (Warp &w : warps) {
        const size_t count = std::min<size_t>(lanes, threads - (size_t)w.number * lanes);
        const uint32_t whole = count == lanes ? everyLane : (1u << count) - 1;
        if (w.waiting && w.barrier != some->barrier)
            faultAt(launchFailed, w, __builtin_ctz(w.waiting), w.barrier,
                    "divergent barrier: " + where(*some, __builtin_ctz(some->waiting)) +
                        " waits at another, " + statement(*kernel, some->barrier));
        if (w.waiting != whole)
            faultAt(launchFailed, *some, __builtin_ctz(some->waiting), some->barrier,
                    "divergent barrier: " + where(w, __builtin_ctz(whole & ~w.waiting)) +
                        " has ended without it");
        votes += __builtin_popcount(w.vote & w.waiting);
    }
    const Instruction *at = some->barrier;
    phase++;
    for (Warp &w : warps) {
        w.ready.assign(1, Group{at + 1, w.waiting});
        if (at->hasD2) { // bar.red
            w.mask = w.waiting;
            const uint32_t n = votes,
                           yes = at->count == 1 ? votes == threads : votes > 0; // .and, .or
            if (at->count == 0)
                each(w, w.at<uint32_t>(at->d), [=](int) { return n; });
            else
                setPredicate(w, at->d, yes ? everyLane : 0);
        }
        w.waiting = 0;
    }
    return true;
}
} // namespace standin

#include "races.h"
#include "grid.h"

namespace standin {
namespace {
[[noreturn]] void race(Touch kind, const char *earlier, uint32_t block, int thread, int at, Warp &w,
                       int lane, const Instruction *i)
{
    const Kernel &k = *w.grid->kernel;
    const char *name = kind == Touch::Read    ? "a read"
                       : kind == Touch::Write ? "a write"
                                              : "an atomic access";
    faultAt(launchFailed, w, lane, i,
            format("race%s: %s of %d bytes, and %s by %s, %s",
                   block == w.grid->blockNumber ? "" : " between blocks", name, i->bytes, earlier,
                   w.grid->name(block, thread).c_str(), statement(k, &k.code[at]).c_str()));
}
} // namespace

void touch(Shadow &s, uint32_t stamp, size_t offset, int bytes, Touch kind, Warp &w, int lane,
           const Instruction *i)
{
    const uint32_t block = (uint32_t)w.grid->blockNumber;
    const Access me{w.number * lanes + lane, w.grid->phase, w.syncs,
                    (int32_t)(i - w.grid->kernel->code.data())};
    auto unordered = [&](const Access &a) {
        return a.thread >= 0 && a.thread != me.thread && a.phase == me.phase &&
               (a.thread / lanes != w.number || a.sync == me.sync);
    };
    auto against = [&](const Access &local, const ForeignAccess &foreign, const char *name) {
        if (foreign.thread >= 0)
            race(kind, name, foreign.block, foreign.thread, foreign.at, w, lane, i);
        if (unordered(local))
            race(kind, name, block, local.thread, local.at, w, lane, i);
    };
    for (size_t c = offset / s.grain; c <= (offset + bytes - 1) / s.grain; c++) {
        Cell &cell = s.cells[c];
        if (cell.stamp != stamp) {
            cell = Cell();
            cell.stamp = stamp;
            cell.block = block;
        }
        if (kind == Touch::Read && cell.block == block && cell.read.phase == me.phase &&
            cell.read.thread >= 0 && cell.otherRead.phase == me.phase &&
            cell.otherRead.thread >= 0 &&
            cell.read.thread / lanes != cell.otherRead.thread / lanes &&
            cell.read.sync == me.sync && cell.write.phase != me.phase && cell.atomic.thread < 0 &&
            cell.foreignWrite.thread < 0 && cell.foreignAtomic.thread < 0)
            continue;              // readers of two warps are known, and nobody has written
        if (cell.block != block) { // what earlier blocks did orders nothing
            if (cell.write.thread >= 0)
                cell.foreignWrite = {cell.block, cell.write.thread, cell.write.at};
            if (cell.read.thread >= 0)
                cell.foreignRead = {cell.block, cell.read.thread, cell.read.at};
            if (cell.atomic.thread >= 0)
                cell.foreignAtomic = {cell.block, cell.atomic.thread, cell.atomic.at};
            cell.write = cell.read = cell.otherRead = cell.atomic = Access();
            cell.block = block;
        }
        against(cell.write, cell.foreignWrite, "a write");
        if (kind != Touch::Atomic)
            against(cell.atomic, cell.foreignAtomic, "an atomic access");
        if (kind != Touch::Read) {
            against(cell.read, cell.foreignRead, "a read");
            against(cell.otherRead, cell.foreignRead, "a read");
        }
        if (kind == Touch::Write)
            cell.write = me;
        else if (kind == Touch::Atomic)
            cell.atomic = me;
        else {
            // Two readers suffice: whoever writes is not one of them. One of another warp stays
            // longest.
            const bool keep = unordered(cell.otherRead) &&
                              cell.otherRead.thread / lanes != w.number &&
                              cell.read.thread / lanes == w.number;
            if (cell.read.thread != me.thread && !keep)
                cell.otherRead = cell.read;
            cell.read = me;
        }
    }
}
} // namespace standin

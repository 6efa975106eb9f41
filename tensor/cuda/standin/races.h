// The race watch: for every few bytes of memory, who touched them last. Two accesses of which one
// writes race if nothing orders them: no barrier of the block between threads of a block, no
// bar.warp.sync between threads of a warp, and nothing at all between blocks. Atomic accesses do
// not race with each other.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace standin {
struct Warp;
struct Instruction;

struct Access {
    int32_t thread = -1; // in its block; -1: none
    uint32_t phase = 0;  // barriers of the block before it
    uint32_t sync = 0;   // barriers of its warp before it
    int32_t at = 0;      // index of the instruction
};
struct ForeignAccess { // of an earlier block
    uint32_t block = 0;
    int32_t thread = -1, at = 0;
};
struct Cell {
    uint32_t stamp = 0, block = 0;
    Access write, read, otherRead, atomic;
    ForeignAccess foreignWrite, foreignRead, foreignAtomic;
};
struct Shadow {    // of one stretch of memory
    int grain = 4; // bytes of a cell
    std::vector<Cell> cells;
    void fit(size_t bytes, int grainBytes)
    {
        const size_t n = (bytes + grainBytes - 1) / grainBytes;
        if (grain != grainBytes || cells.size() != n) {
            grain = grainBytes;
            cells.assign(n, Cell());
        }
    }
};

enum class Touch { Read, Write, Atomic };
// touch throws a Fault if the access of a lane races with an earlier one. Cells of another stamp
// are stale.
void touch(Shadow &s, uint32_t stamp, size_t offset, int bytes, Touch kind, Warp &w, int lane,
           const Instruction *i);
} // namespace standin

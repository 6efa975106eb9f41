// Where the lanes of a load, store or atomic access go, checked.
#pragma once
#include "grid.h"
#include "table.h"

namespace standin {
struct Addresses {
    uint64_t at[lanes];
    uintptr_t bias = 0;   // added to an address it gives the host's
    bool uniform = false; // all the same
    bool near = false;    // less than 2 GiB apart, from the lowest on
    uint64_t lowest = 0;

    // Checks alignment, bounds and races of all lanes of the mask, and throws a Fault.
    Addresses(Warp &w, const Instruction *i);

    char *place(int lane) const { return (char *)(at[lane] + bias); }
    bool inARow(uint32_t mask, size_t bytes) const
    {
        if (mask != everyLane)
            return false;
        uint64_t differ = 0;
        for (int l = 0; l < lanes; l++)
            differ |= at[l] ^ (at[0] + l * bytes);
        return !differ;
    }

  private:
    void inShared(Warp &w, const Instruction *i);
    void watch(Warp &w, const Instruction *i, const Allocation &a);
    void laneByLane(Warp &w, const Instruction *i, Space space, size_t size);
};

const char *verb(const Instruction *i);
Touch kind(const Instruction *i);

// inTurn calls f for the lanes of the mask in the order of the launch.
template <class F> void inTurn(Warp &w, F f)
{
    if (!w.grid->reverse)
        eachActive(w.mask, f);
    else
        for (uint32_t m = w.mask; m;) {
            const int l = 31 - __builtin_clz(m);
            m &= ~(1u << l);
            f(l);
        }
}
} // namespace standin

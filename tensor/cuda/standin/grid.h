// A launch: blocks one after the other, in each the warps in turns from barrier to barrier.
#pragma once
#include "memory.h"
#include "warp.h"

namespace standin {
struct Grid {
    const Kernel *kernel = nullptr;
    Dim grid, block;
    const char *arguments = nullptr;
    size_t dynamicShared = 0;
    Memory *memory = nullptr;
    bool races = false;         // watch them
    bool reverse = false;       // blocks, warps and lanes in the opposite order
    uint64_t most = 1ull << 40; // instructions of a launch, of all lanes

    uint64_t executed = 0, limit = 0; // instructions of all launches; where this one stops
    size_t blockNumber = 0;
    uint32_t phase = 0;                 // barriers that the block has passed
    uint32_t stamp = 0, blockStamp = 0; // of the race watch: this launch, this block
    std::vector<Warp> warps;
    std::vector<char> registers, local;
    std::vector<char> shared;
    Shadow sharedShadow;

    // run runs the whole grid. It throws a Fault.
    void run();

    void count(uint64_t n, const Warp &w, const Instruction *i)
    {
        if ((executed += n) > limit)
            tooLong(w, i);
    }
    std::string name(size_t block, size_t thread) const; // "thread (1,0,0) of block (0,0,0)"

  private:
    void prepare();
    void fillSpecials(Warp &w, bool ofBlock);
    void runBlock();
    bool release(); // the threads from the barrier; false if all have ended
    [[noreturn]] void tooLong(const Warp &w, const Instruction *i);
};
} // namespace standin

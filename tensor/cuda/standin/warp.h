// A warp, and the instructions that it runs. One instruction works on the 32 lanes of a warp at
// once, so that the cost of finding out what to do is shared, and the loop over the lanes is
// vectorised.
//
// A register holds the values of all lanes side by side: 32 of 2, 4 or 8 bytes. A predicate is one
// word, a bit a lane. Constants and special registers are registers too, filled beforehand.
#pragma once
#include "module.h"
#include "report.h"
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace standin {
constexpr int lanes = 32;
constexpr uint32_t everyLane = ~0u;

struct Dim {
    unsigned x = 1, y = 1, z = 1;
    size_t count() const { return (size_t)x * y * z; }
};
inline bool operator==(Dim a, Dim b) { return a.x == b.x && a.y == b.y && a.z == b.z; }

struct Warp;
struct Instruction;
struct Allocation;

// A Run executes an instruction for the lanes of the warp's mask, and returns what comes next.
// Null: the warp has nothing left to run before the other warps of the block have caught up.
using Run = const Instruction *(*)(Warp &, const Instruction *);

enum class Space : uint8_t { Generic, Global, Shared, Local, Param };
enum class Compare : uint8_t { None, And, Or, Xor }; // how setp joins its result with a predicate

struct Instruction {
    Run run = nullptr;
    Run guarded = nullptr;   // what a guard @p runs
    Run inMode = nullptr;    // what runs with another rounding or with subnormals flushed
    Run saturated = nullptr; // whose result is clamped to [0, 1]

    // Offsets of registers in the register file of a warp.
    uint32_t guard = 0, d = 0, a = 0, b = 0, c = 0, e = 0;
    uint32_t d2 = 0;                   // second result: of setp p|q, of shfl
    uint32_t vector[4] = {0, 0, 0, 0}; // of ld.v4 and st.v4, mov of a vector
    bool hasGuard = false, guardNegated = false, hasD = true, hasD2 = false;

    int64_t immediate = 0;               // of an address; the table of lop3; the mode of shfl, prmt
    const Instruction *target = nullptr; // of a jump
    std::vector<const Instruction *> targets; // of brx.idx
    int targetIndex = -1;                     // of the same, while the code is put together
    std::vector<int> targetIndices;

    Space space = Space::Generic;
    uint8_t bytes = 4, count = 1; // of an access; elements of a vector
    bool addressIs32 = false, hasAddress = true, writes = false, atomic = false;
    Compare join = Compare::None;
    int rounding = 0; // of inMode: FE_TONEAREST and the others
    bool flush = false;
    uint32_t following = 0;                   // of a join: instructions up to the next jump or join
    mutable const Allocation *last = nullptr; // where its last access lay

    const Statement *statement = nullptr;
};

struct Constant {
    uint32_t at;
    int bytes; // of a lane; 0: a predicate
    uint64_t value;
};
enum class Special : uint8_t {
    TidX,
    TidY,
    TidZ,
    NtidX,
    NtidY,
    NtidZ,
    CtaX,
    CtaY,
    CtaZ,
    NctaX,
    NctaY,
    NctaZ,
    Lane,
    WarpId,
    WarpCount,
    LaneEq,
    LaneLt,
    LaneLe,
    LaneGt,
    LaneGe,
    Zero,
    Clock,
    DynamicShared
};
struct SpecialRegister {
    uint32_t at;
    Special which;
    int bytes;
};

// Kernel is an entry of a module, decoded.
struct Kernel {
    std::string name;
    std::shared_ptr<Module> module;
    std::vector<Instruction> code;
    std::vector<Constant> constants;
    std::vector<SpecialRegister> specials;
    size_t registerBytes = 0, constantsFrom = 0; // of a warp; constants and specials lie behind
    std::vector<Variable> params;
    std::vector<size_t> paramAt;
    size_t paramBytes = 0;
    struct SharedVariable {
        std::string name;
        size_t at, bytes;
    };
    std::vector<SharedVariable> shared; // gaps between them hold nothing
    size_t sharedExtent = 0, staticShared = 0;
    bool dynamicShared = false;
    size_t dynamicAt = 0;
    size_t localBytes = 0; // of a lane
    Dim maxThreads{1024, 1, 1}, needThreads{0, 0, 0};
    bool hasMaxThreads = false;
    int smallestGlobal = 8,
        smallestShared = 8; // bytes of the smallest access: grain of the race watch
};

struct Group { // lanes that go on at the same instruction
    const Instruction *at;
    uint32_t mask;
};

struct Grid;

struct Warp {
    char *registers = nullptr;
    uint32_t mask = 0;         // lanes that execute now
    uint32_t live = 0;         // lanes that have not ended
    std::vector<Group> ready;  // others that could run, the furthest behind last
    std::vector<Group> parked; // wait for lanes of their own warp
    uint32_t waiting = 0;      // lanes at the barrier
    const Instruction *barrier = nullptr;
    uint32_t vote = 0;  // what the lanes bring to bar.red
    uint32_t syncs = 0; // number of bar.warp.sync passed: a phase of the race watch
    int number = 0;     // in its block
    char *local = nullptr;
    Grid *grid = nullptr;

    template <class T> T *at(uint32_t offset) { return reinterpret_cast<T *>(registers + offset); }
    uint32_t &predicate(uint32_t offset) { return *at<uint32_t>(offset); }
};

// each sets the lanes of the mask; f is computed for all and must not mind.
template <class D, class F> inline void each(Warp &w, D *d, F f)
{
    const uint32_t m = w.mask;
    if (m == everyLane) {
#pragma GCC ivdep
        for (int l = 0; l < lanes; l++)
            d[l] = f(l);
    } else {
#pragma GCC ivdep
        for (int l = 0; l < lanes; l++)
            d[l] = m >> l & 1 ? f(l) : d[l];
    }
}

// eachActive calls f for the lanes of the mask only: for what is dear, and for memory.
template <class F> inline void eachActive(uint32_t mask, F f)
{
    for (uint32_t m = mask; m; m &= m - 1)
        f(__builtin_ctz(m));
}

// collect makes a predicate of the lanes.
template <class F> inline uint32_t collect(F f)
{
    alignas(32) uint8_t byte[lanes];
#pragma GCC ivdep
    for (int l = 0; l < lanes; l++)
        byte[l] = f(l);
    uint32_t r = 0;
    for (int l = 0; l < lanes; l += 8) {
        uint64_t eight;
        memcpy(&eight, byte + l, 8);
        r |= (uint32_t)(eight * 0x0102040810204080ull >> 56) << l;
    }
    return r;
}

inline void setPredicate(Warp &w, uint32_t offset, uint32_t value)
{
    uint32_t &p = w.predicate(offset);
    p = (p & ~w.mask) | (value & w.mask);
}

// leave makes lanes a group that goes on later; resume goes on with the group that is furthest
// behind.
void leave(Warp &w, const Instruction *at, uint32_t mask);
const Instruction *resume(Warp &w);

// The codes of the driver for what a kernel can do wrong.
enum { illegalAddress = 700, misalignedAddress = 716, launchTimeout = 702, launchFailed = 719 };

// Names of a place for messages.
std::string where(const Warp &w, int lane);
std::string statement(const Kernel &k, const Instruction *i);
[[noreturn]] void faultAt(int code, const Warp &w, int lane, const Instruction *i,
                          const std::string &what);
} // namespace standin

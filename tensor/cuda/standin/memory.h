// The device's memory. An address of the device is no address of the host, and is never given out
// twice, so that a freed allocation is still known by name. Managed and pinned memory have the
// address that the host has.
#pragma once
#include "races.h"
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace standin {
// Windows of the address space. A generic address in the first two means memory of the block or the
// thread.
constexpr uint64_t sharedWindow = 1ull << 56, localWindow = 2ull << 56, deviceWindow = 3ull << 56,
                   windowEnd = 4ull << 56;

enum class Kind { Device, Managed, Pinned, Variable };

struct Allocation {
    uint64_t base = 0;
    size_t bytes = 0; // 0 when it is freed
    size_t was = 0;   // bytes that it had
    char *host = nullptr;
    Kind kind = Kind::Device;
    uint64_t number = 0; // in the order of allocation
    mutable std::unique_ptr<Shadow> shadow;

    bool holds(uint64_t from, size_t n) const
    { return from - base <= bytes && n <= bytes - (from - base) && bytes; }
};

class Memory {
  public:
    // allocate returns fresh memory full of NaN, or null if the device or the host has no more.
    Allocation *allocate(size_t bytes, Kind kind);
    void release(Allocation *a);
    // find returns the allocation, live or freed, that begins at or before the address.
    Allocation *find(uint64_t address) const;
    Allocation *startingAt(uint64_t address) const;
    // host returns where the bytes lie, or null if they are not in one live allocation.
    char *host(uint64_t address, size_t bytes) const;
    // describe says what lies at an address that is wrong: "4 bytes behind an allocation of 40
    // bytes".
    std::string describe(uint64_t address, size_t bytes) const;
    std::vector<const Allocation *> leaks() const;

    // guard makes managed memory inaccessible to the host, or accessible again.
    void guard(bool closed);

    size_t total = 0, used = 0, peak = 0;
    uint64_t count = 0; // of allocations
    bool guarded = false;

  private:
    std::map<uint64_t, std::unique_ptr<Allocation>> all;
    std::vector<Allocation *> managed;
    uint64_t next = deviceWindow;
};
} // namespace standin

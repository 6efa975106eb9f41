#include "memory.h"
#include "report.h"
#include <algorithm>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace standin {
namespace {
size_t pages(size_t bytes)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (bytes + page - 1) / page * page;
}
} // namespace

Allocation *Memory::allocate(size_t bytes, Kind kind)
{
    const bool onDevice = kind != Kind::Pinned;
    if (onDevice && bytes > total - std::min(total, used))
        return nullptr;
    void *host =
        mmap(nullptr, pages(bytes), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (host == MAP_FAILED)
        return nullptr;
    memset(host, 0xff, bytes);
    auto a = std::make_unique<Allocation>();
    a->bytes = a->was = bytes;
    a->host = (char *)host;
    a->kind = kind;
    a->number = ++count;
    if (kind == Kind::Managed || kind == Kind::Pinned)
        a->base = (uint64_t)host;
    else {
        a->base = next;
        next +=
            (bytes + 4096 + 511) / 512 * 512; // a gap, so that a step behind the end hits nothing
    }
    if (kind == Kind::Managed)
        managed.push_back(a.get());
    if (onDevice) {
        used += bytes;
        peak = std::max(peak, used);
    }
    return (all[a->base] = std::move(a)).get();
}

void Memory::release(Allocation *a)
{
    if (a->kind != Kind::Pinned)
        used -= a->bytes;
    if (a->kind == Kind::Managed) {
        managed.erase(std::find(managed.begin(), managed.end(), a));
        // The address stays reserved: who still uses it is stopped, on either side.
        mmap(a->host, pages(a->bytes), PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
    } else if (a->kind == Kind::Pinned)
        mmap(a->host, pages(a->bytes), PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
    else
        munmap(a->host, pages(a->bytes));
    a->bytes = 0;
    a->host = nullptr;
    a->shadow.reset();
}

Allocation *Memory::find(uint64_t address) const
{
    auto i = all.upper_bound(address);
    return i == all.begin() ? nullptr : std::prev(i)->second.get();
}

Allocation *Memory::startingAt(uint64_t address) const
{
    const auto i = all.find(address);
    return i == all.end() ? nullptr : i->second.get();
}

char *Memory::host(uint64_t address, size_t bytes) const
{
    const Allocation *a = find(address);
    return a && a->holds(address, bytes) ? a->host + (address - a->base) : nullptr;
}

std::string Memory::describe(uint64_t address, size_t bytes) const
{
    const bool ours = address >= deviceWindow && address < windowEnd;
    const Allocation *a = find(address);
    if (a && (a->kind == Kind::Device || a->kind == Kind::Variable) && !ours)
        a = nullptr;
    if (a && address - a->base < a->was && !a->bytes)
        return format("use after free: byte %zu of an allocation of %zu bytes that was freed",
                      (size_t)(address - a->base), a->was);
    if (a && address - a->base < a->was)
        return format("out of bounds: the last of %zu bytes lie behind an allocation of %zu bytes",
                      bytes, a->was);
    const auto next = all.upper_bound(address);
    const uint64_t far = 1ull << 40;
    const uint64_t behind = a ? address - a->base - a->was : far;
    const uint64_t before = next != all.end() ? next->first - address : far;
    if (behind < far && behind < before)
        return format("out of bounds: %zu bytes behind the end of an allocation of %zu bytes%s",
                      (size_t)behind, a->was, a->bytes ? "" : " that was freed");
    if (before < far && ours)
        return format("out of bounds: %zu bytes before an allocation of %zu bytes", (size_t)before,
                      next->second->was);
    if (address < 4096)
        return "out of bounds: a null pointer";
    return ours ? "out of bounds: no memory of the device"
                : "out of bounds: no address of the device, perhaps one of the host";
}

std::vector<const Allocation *> Memory::leaks() const
{
    std::vector<const Allocation *> list;
    for (const auto &a : all)
        if (a.second->bytes && a.second->kind != Kind::Variable)
            list.push_back(a.second.get());
    std::sort(list.begin(), list.end(), [](auto *a, auto *b) { return a->number < b->number; });
    return list;
}

void Memory::guard(bool closed)
{
    if (closed == guarded)
        return;
    guarded = closed;
    for (Allocation *a : managed)
        mprotect(a->host, pages(a->bytes), closed ? PROT_NONE : PROT_READ | PROT_WRITE);
}
} // namespace standin

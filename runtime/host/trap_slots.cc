// SPDX-License-Identifier: GPL-2.0-only
// Addresses for symbols that nobody provides.
#include "host/trap_slots.h"

#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <unordered_map>

#include "seam/memory.h"

namespace umc {
namespace {

constexpr std::uint64_t kSlotSize = 64;  // room for an offset into what the module believes to be a structure
constexpr std::uint64_t kChunkSize = 4096;
constexpr std::size_t kSlots = kChunkSize / kSlotSize;

// One inaccessible page and the names of its slots. Never freed, so that readers need no lock.
struct Chunk {
    std::uint64_t base = 0;
    std::array<std::atomic<const char*>, kSlots> names{};
    std::size_t used = 0;  // protected by mutex
    Chunk* next = nullptr;
};

std::mutex mutex;
std::atomic<Chunk*> chunks{nullptr};

std::unordered_map<std::string, std::uint64_t>& slots() {
    static std::unordered_map<std::string, std::uint64_t> map;
    return map;
}

Chunk* add_chunk() {
    const std::uint64_t base = umc_host_memory_low_alloc(kChunkSize);
    if (!base) return nullptr;
    mprotect(reinterpret_cast<void*>(base), kChunkSize, PROT_NONE);
    auto* chunk = new Chunk;
    chunk->base = base;
    chunk->next = chunks.load(std::memory_order_relaxed);
    chunks.store(chunk, std::memory_order_release);
    return chunk;
}

}  // namespace

Result<std::uint64_t> trap_slot(const std::string& name) {
    std::lock_guard lock(mutex);
    if (const auto known = slots().find(name); known != slots().end()) return known->second;
    Chunk* chunk = chunks.load(std::memory_order_relaxed);
    if (!chunk || chunk->used == kSlots) chunk = add_chunk();
    if (!chunk) return fail(ENOMEM, "no address space below 2 GiB for missing symbols");
    const std::size_t index = chunk->used++;
    chunk->names[index].store(strdup(name.c_str()), std::memory_order_release);
    const std::uint64_t address = chunk->base + index * kSlotSize;
    slots().emplace(name, address);
    return address;
}

const char* trap_slot_name(std::uint64_t address) {
    for (const Chunk* chunk = chunks.load(std::memory_order_acquire); chunk; chunk = chunk->next)
        if (address - chunk->base < kChunkSize)
            return chunk->names[(address - chunk->base) / kSlotSize].load(std::memory_order_acquire);
    return nullptr;
}

}  // namespace umc

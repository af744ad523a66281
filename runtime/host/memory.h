// SPDX-License-Identifier: GPL-2.0-only
// The instance's address space: reserved once, before kern boots. kern reaches it through seam/memory.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

#include "seam/memory.h"
#include "symtab/result.h"

namespace umc {

// Reserves every range of umc_memory_layout with `bytes` of emulated physical memory (0: a quarter of the host's),
// rounded up to 4 MiB, at least 64 MiB. Once per process; EEXIST when called again, ENOMEM when a range is taken.
Result<> reserve_memory(std::uint64_t bytes);

// First-fit allocator of address ranges: pages of [base, base + size). Neighbouring free ranges are merged.
// Thread safe; knows nothing of what is mapped there.
class RangeAllocator {
   public:
    RangeAllocator() = default;
    RangeAllocator(std::uintptr_t base, std::size_t size) { free_.emplace(base, size); }

    void reset(std::uintptr_t base, std::size_t size);
    // 0 when no free range is large enough. `size` in bytes, a multiple of the page size, above 0.
    std::uintptr_t alloc(std::size_t size);
    // [address, address + size) must have been handed out, whole or in part.
    void free(std::uintptr_t address, std::size_t size);
    std::size_t free_bytes() const;

   private:
    mutable std::mutex mutex_;
    std::map<std::uintptr_t, std::size_t> free_;  // start to length, never adjacent
};

}  // namespace umc

// SPDX-License-Identifier: GPL-2.0-only
// Address space below 2 GiB, which the program, its modules and their 32-bit relocations share.
#pragma once

#include <cstddef>
#include <cstdint>

namespace umc {

// Images of .ko modules.
constexpr std::uintptr_t kLowModules = 1ul << 30;
constexpr std::size_t kLowModulesSize = 1008ul << 20;

// Everything from the program's end to the end of kLowModules is reserved (PROT_NONE) before any library's constructor
// runs, so that the heap, whose place the host draws by chance in that range, never takes it: malloc then uses mmap.
// False when that failed: something was mapped there already.
bool low_memory_reserved();

// A range between the program and kLowModules, given up so that the dynamic linker can map a file at the address it
// was linked for, and reserved again in the end. Thread safe.
class LowHole {
   public:
    LowHole() = default;
    ~LowHole() { close(); }
    LowHole(const LowHole&) = delete;
    LowHole& operator=(const LowHole&) = delete;

    // Page aligned. Does nothing when the range is not inside the reservation or another hole has a part of it: then
    // the dynamic linker finds another place.
    void open(std::uintptr_t begin, std::uintptr_t end);
    // Nothing may be mapped there any more.
    void close();

   private:
    std::uintptr_t begin_ = 0, end_ = 0;
};

}  // namespace umc

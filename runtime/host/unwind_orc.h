// SPDX-License-Identifier: GPL-2.0-only
// ORC: the kernel's own unwind tables, which distribution modules carry instead of frame pointers or CFI.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "host/unwind.h"

namespace umc {

// struct orc_entry of Linux 6.1 (asm/orc_types.h).
struct OrcEntry {
    std::int16_t sp_offset;
    std::int16_t bp_offset;
    std::uint8_t sp_reg : 4;
    std::uint8_t bp_reg : 4;
    std::uint8_t type : 2;
    std::uint8_t end : 1;
} __attribute__((packed));

// Sorted by address. A .ko lies below 2 GiB, so 32 bits hold an address.
struct OrcTable {
    std::vector<std::uint32_t> addresses;
    std::vector<OrcEntry> entries;

    bool empty() const { return addresses.empty(); }
    const OrcEntry* find(std::uint64_t address) const;
};

// Replaces `frame` by its caller's. `orc` is the entry that holds for frame's ip. Any context.
Step step_orc(const OrcEntry& orc, const StackReader& stack, Frame& frame);

}  // namespace umc

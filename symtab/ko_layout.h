// SPDX-License-Identifier: GPL-2.0-only
// Where the sections of a .ko go: sizes and offsets only, no memory is touched.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "symtab/module_file.h"
#include "symtab/result.h"

namespace umc::symtab {

// Each block is one contiguous allocation.
enum class KoBlock : std::uint8_t {
    kNone,    // not placed: not allocated, or metadata
    kCore,    // stays while the module is loaded
    kInit,    // given back after init
    kPercpu,  // static per-CPU data: a template, copied to every CPU
};

// Parts of the core and init blocks, in this order, each starting on a page of its own.
enum class KoPart : std::uint8_t { kText, kRodata, kRoAfterInit, kData };
inline constexpr std::size_t kKoParts = 4;

struct KoPlace {
    KoBlock block = KoBlock::kNone;
    KoPart part = KoPart::kText;  // core and init only
    std::uint64_t offset = 0;     // in the block
};

struct KoRange {
    std::uint64_t offset = 0;  // in the block, page aligned
    std::uint64_t size = 0;    // whole pages; 0: there is none
};

struct KoBlockLayout {
    std::uint64_t size = 0;   // whole pages (of kPercpu: bytes); 0: nothing in it
    std::uint64_t align = 1;  // a power of two, at least a page for core and init
    std::array<KoRange, kKoParts> parts{};

    const KoRange& part(KoPart p) const { return parts[static_cast<std::size_t>(p)]; }
};

struct KoLayout {
    static constexpr std::uint64_t kPageSize = 4096;

    KoBlockLayout core;
    KoBlockLayout init;
    KoBlockLayout percpu;
    std::vector<KoPlace> places;       // by section index
    std::uint32_t this_module = 0;     // section index of struct module
    std::uint32_t percpu_section = 0;  // 0: none

    const KoBlockLayout& block(KoBlock b) const;
};

// ENOEXEC for a file that is no .ko, for a section both writable and executable, for one that asks for more
// than a huge page's alignment, and when a block would pass 1 GiB.
Result<KoLayout> layout_ko(const ModuleFile& file);

}  // namespace umc::symtab

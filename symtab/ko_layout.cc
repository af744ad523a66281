// SPDX-License-Identifier: GPL-2.0-only
// Where the sections of a .ko go.
#include "symtab/ko_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "symtab/module_reader.h"
#include "symtab/section_names.h"

namespace umc::symtab {

namespace {

constexpr std::uint64_t align_up(std::uint64_t n, std::uint64_t align) {
    return (n + align - 1) & ~(align - 1);
}

KoPart part_of(const Section& s) {
    if (s.executable()) return KoPart::kText;
    if (!s.writable()) return KoPart::kRodata;
    return section_name::is_ro_after_init(s.name) ? KoPart::kRoAfterInit : KoPart::kData;
}

KoBlock block_of(const Section& s, const Section* percpu) {
    if (!s.alloc() || section_name::is_metadata(s.name)) return KoBlock::kNone;
    if (&s == percpu) return KoBlock::kPercpu;
    return section_name::is_init(s.name) ? KoBlock::kInit : KoBlock::kCore;
}

// Appends the section and returns its offset. Sizes are at most 1 GiB each: no sum overflows before it is
// refused.
std::uint64_t append(KoBlockLayout& block, const Elf64_Shdr& h) {
    const std::uint64_t align = std::max<std::uint64_t>(h.sh_addralign, 1);
    const std::uint64_t offset = align_up(block.size, align);
    block.align = std::max(block.align, align);
    block.size = offset + h.sh_size;
    return offset;
}

}  // namespace

const KoBlockLayout& KoLayout::block(KoBlock b) const {
    static const KoBlockLayout kNothing;
    switch (b) {
        case KoBlock::kCore:
            return core;
        case KoBlock::kInit:
            return init;
        case KoBlock::kPercpu:
            return percpu;
        case KoBlock::kNone:
            break;
    }
    return kNothing;
}

Result<KoLayout> layout_ko(const ModuleFile& file) {
    if (file.kind() != ModuleKind::kKo) return malformed("not a relocatable file");
    const auto sections = file.sections();
    const Section* percpu = file.percpu_section();

    KoLayout layout;
    layout.core.align = layout.init.align = KoLayout::kPageSize;
    layout.places.resize(sections.size());
    layout.this_module = file.find_section(section_name::kThisModule)->index;
    if (percpu) {
        layout.percpu_section = percpu->index;
        layout.places[percpu->index] = {.block = KoBlock::kPercpu,
                                        .offset = append(layout.percpu, percpu->header)};
    }

    for (const KoBlock which : {KoBlock::kCore, KoBlock::kInit}) {
        KoBlockLayout& block = which == KoBlock::kCore ? layout.core : layout.init;
        for (std::size_t p = 0; p < kKoParts; p++) {
            KoRange& range = block.parts[p];
            range.offset = block.size;
            for (const Section& s : sections) {
                if (block_of(s, percpu) != which || part_of(s) != static_cast<KoPart>(p)) continue;
                layout.places[s.index] = {which, static_cast<KoPart>(p), append(block, s.header)};
                if (block.size > kMaxSize)
                    return malformed("{}: the module needs more than 1 GiB", describe(s));
            }
            block.size = align_up(block.size, KoLayout::kPageSize);
            range.size = block.size - range.offset;
        }
    }
    return layout;
}

}  // namespace umc::symtab

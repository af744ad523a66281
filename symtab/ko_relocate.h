// SPDX-License-Identifier: GPL-2.0-only
// Fills the memory of a .ko: copies the sections and applies the relocations. Pure: it writes to the caller's
// images only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "symtab/ko_layout.h"
#include "symtab/module_file.h"
#include "symtab/result.h"

namespace umc::symtab {

// Memory for one block: where the bytes are written now and at which address they will be used. The two are
// the same when the caller writes in place.
struct KoImage {
    std::span<std::byte> bytes;  // KoBlockLayout::size bytes
    std::uint64_t address = 0;   // per-CPU block: the per-CPU offset
};

struct KoImages {
    KoImage core;
    KoImage init;
    KoImage percpu;

    const KoImage& block(KoBlock b) const;
};

// Run-time address of a section (of the per-CPU section: its offset); 0 when it is not placed.
std::uint64_t section_address(const KoLayout& layout, const KoImages& images, std::uint32_t section);
// The bytes of a placed section in its image; empty when it is not placed.
std::span<std::byte> section_bytes(const ModuleFile& file, const KoLayout& layout, const KoImages& images,
                                   std::uint32_t section);

// Zeroes the images and copies every placed section. EINVAL when an image is smaller than its block.
Result<> copy_sections(const ModuleFile& file, const KoLayout& layout, const KoImages& images);

// The final value of every symbol, by index in file.symbols(). `import_value` is asked for each undefined one
// by its index (a weak import that nobody provides is 0).
std::vector<std::uint64_t> symbol_values(const ModuleFile& file, const KoLayout& layout,
                                         const KoImages& images,
                                         const std::function<std::uint64_t(std::uint32_t)>& import_value);

// Applies all relocations. ENOEXEC naming section, offset, type and symbol when a value does not fit its
// field or the field is not zero beforehand (the kernel refuses both), EINVAL when values does not have one
// value a symbol.
Result<> relocate(const ModuleFile& file, const KoLayout& layout, const KoImages& images,
                  std::span<const std::uint64_t> values);

}  // namespace umc::symtab

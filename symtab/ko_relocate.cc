// SPDX-License-Identifier: GPL-2.0-only
// Copies the sections of a .ko into place and applies its relocations.
#include "symtab/ko_relocate.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <limits>

#include "symtab/module_reader.h"
#include "symtab/relocation_types.h"

namespace umc::symtab {

namespace {

template <typename T>
constexpr bool fits(std::uint64_t value) {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<T>(value))) == value;
}
template <>
constexpr bool fits<std::uint32_t>(std::uint64_t value) {
    return value <= std::numeric_limits<std::uint32_t>::max();
}

std::string symbol_text(const ModuleFile& file, std::uint32_t index) {
    const Elf64_Sym& symbol = file.symbols()[index];
    const std::string_view name = file.symbol_name(symbol);
    if (!name.empty()) return std::string(name);
    if (symbol.st_shndx < file.sections().size()) return std::string(file.sections()[symbol.st_shndx].name);
    return fmt::format("symbol {}", index);
}

// One field: what was there must be zero, as the kernel demands.
template <typename T>
bool store(std::byte* at, std::uint64_t value) {
    T field;
    std::memcpy(&field, at, sizeof field);
    if (field != 0) return false;
    field = static_cast<T>(value);
    std::memcpy(at, &field, sizeof field);
    return true;
}

Result<> relocate_section(const ModuleFile& file, const RelocationTable& table, std::span<std::byte> bytes,
                          std::uint64_t address, std::span<const std::uint64_t> values) {
    for (std::size_t i = 0; i < table.entries.size(); i++) {
        const Elf64_Rela& r = table.entries[i];
        const std::uint32_t type = ELF64_R_TYPE(r.r_info);
        const std::uint32_t index = ELF64_R_SYM(r.r_info);
        std::byte* at = bytes.data() + r.r_offset;
        std::uint64_t value = values[index] + static_cast<std::uint64_t>(r.r_addend);
        bool in_range = true;
        bool was_zero = true;
        switch (type) {
            case R_X86_64_NONE:
                break;
            case R_X86_64_64:
                was_zero = store<std::uint64_t>(at, value);
                break;
            case R_X86_64_PC64:
                was_zero = store<std::uint64_t>(at, value - (address + r.r_offset));
                break;
            case R_X86_64_32:
                in_range = fits<std::uint32_t>(value);
                was_zero = store<std::uint32_t>(at, value);
                break;
            case R_X86_64_32S:
                in_range = fits<std::int32_t>(value);
                was_zero = store<std::uint32_t>(at, value);
                break;
            case R_X86_64_PC32:
            case R_X86_64_PLT32:
                value -= address + r.r_offset;
                in_range = fits<std::int32_t>(value);
                was_zero = store<std::uint32_t>(at, value);
                break;
            default:
                return malformed("relocation type {} is not supported", type);  // refused by ModuleFile
        }
        if (in_range && was_zero) continue;
        const std::string where = fmt::format(
            "{}: {} at offset {:#x} of {}, symbol {}", describe(file.sections()[table.section]),
            relocation_name(type), r.r_offset, file.sections()[table.target].name, symbol_text(file, index));
        if (!was_zero) return malformed("{}: the field is not zero", where);
        return malformed("{}: value {:#x} does not fit", where, value);
    }
    return {};
}

}  // namespace

const KoImage& KoImages::block(KoBlock b) const {
    static const KoImage kNothing;
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

std::uint64_t section_address(const KoLayout& layout, const KoImages& images, std::uint32_t section) {
    const KoPlace& place = layout.places[section];
    return place.block == KoBlock::kNone ? 0 : images.block(place.block).address + place.offset;
}

std::span<std::byte> section_bytes(const ModuleFile& file, const KoLayout& layout, const KoImages& images,
                                   std::uint32_t section) {
    const KoPlace& place = layout.places[section];
    if (place.block == KoBlock::kNone) return {};
    return images.block(place.block).bytes.subspan(place.offset, file.sections()[section].header.sh_size);
}

Result<> copy_sections(const ModuleFile& file, const KoLayout& layout, const KoImages& images) {
    for (const KoBlock b : {KoBlock::kCore, KoBlock::kInit, KoBlock::kPercpu}) {
        const auto bytes = images.block(b).bytes;
        if (bytes.size() < layout.block(b).size) {
            return fail(EINVAL, fmt::format("{} bytes of memory for a block of {}", bytes.size(),
                                            layout.block(b).size));
        }
        if (!bytes.empty()) std::memset(bytes.data(), 0, layout.block(b).size);
    }
    for (const Section& s : file.sections()) {
        const auto from = file.contents(s);
        const auto to = section_bytes(file, layout, images, s.index);
        if (!to.empty() && !from.empty()) std::memcpy(to.data(), from.data(), from.size());
    }
    return {};
}

std::vector<std::uint64_t> symbol_values(const ModuleFile& file, const KoLayout& layout,
                                         const KoImages& images,
                                         const std::function<std::uint64_t(std::uint32_t)>& import_value) {
    const auto symbols = file.symbols();
    std::vector<std::uint64_t> values(symbols.size());
    for (std::uint32_t i = 1; i < symbols.size(); i++) {
        const Elf64_Sym& s = symbols[i];
        if (s.st_shndx == SHN_UNDEF) {
            values[i] = import_value(i);
        } else if (s.st_shndx == SHN_ABS) {
            values[i] = s.st_value;
        } else if (s.st_shndx < layout.places.size() && layout.places[s.st_shndx].block != KoBlock::kNone) {
            values[i] = section_address(layout, images, s.st_shndx) + s.st_value;
        }
    }
    return values;
}

Result<> relocate(const ModuleFile& file, const KoLayout& layout, const KoImages& images,
                  std::span<const std::uint64_t> values) {
    if (values.size() != file.symbols().size()) return fail(EINVAL, "not one value for each symbol");
    for (const RelocationTable& table : file.relocations()) {
        const auto bytes = section_bytes(file, layout, images, table.target);
        if (bytes.empty()) continue;  // metadata
        auto ok = relocate_section(file, table, bytes, section_address(layout, images, table.target), values);
        if (!ok) return ok;
    }
    return {};
}

}  // namespace umc::symtab

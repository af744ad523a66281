// SPDX-License-Identifier: GPL-2.0-only
// What only a .ko has: relocations of sections, and exports that are known through them.
#include <algorithm>
#include <array>

#include "symtab/module_reader.h"
#include "symtab/relocation_types.h"

namespace umc::symtab {

Result<> ModuleReader::read_ko_relocations() {
    for (const Section& s : file_.sections_) {
        if (s.header.sh_type != SHT_RELA && s.header.sh_type != SHT_REL) continue;
        const std::uint32_t target = s.header.sh_info;
        if (target == 0 || target >= file_.sections_.size()) {
            return malformed("{}: relocates section [{}] of {}", describe(s), target, file_.sections_.size());
        }
        if (!section(target).alloc()) continue;  // debug information: nobody here applies those
        if (auto ok = read_ko_relocation_table(s); !ok) return ok;
    }
    return {};
}

Result<> ModuleReader::read_ko_relocation_table(const Section& s) {
    const Section& target = section(s.header.sh_info);
    if (s.header.sh_type == SHT_REL) return malformed("{}: x86-64 has no REL relocations", describe(s));
    if (s.header.sh_link != symtab_)
        return malformed("{}: links to section [{}], not the symbol table", describe(s), s.header.sh_link);
    if (target.header.sh_type == SHT_NOBITS)
        return malformed("{}: relocates {}, which has no contents", describe(s), describe(target));

    const std::span entries(reinterpret_cast<const Elf64_Rela*>(data() + s.header.sh_offset),
                            s.header.sh_size / sizeof(Elf64_Rela));
    for (std::size_t i = 0; i < entries.size(); i++) {
        const Elf64_Rela& r = entries[i];
        const std::uint32_t type = ELF64_R_TYPE(r.r_info);
        const std::uint64_t index = ELF64_R_SYM(r.r_info);
        const auto width = ko_relocation_width(type);
        if (is_got_relocation(type)) {
            return malformed("{}: relocation {}: built position independent; load the .so made beside it",
                             describe(s), i);
        }
        if (!width) return malformed("{}: relocation {}: type {} is not supported", describe(s), i, type);
        if (!in_range(r.r_offset, *width, target.header.sh_size)) {
            return malformed("{}: relocation {}: offset {:#x} lies outside {} of {:#x} bytes", describe(s), i,
                             r.r_offset, describe(target), target.header.sh_size);
        }
        if (index >= file_.symbols_.size()) {
            return malformed("{}: relocation {}: symbol {} of {}", describe(s), i, index,
                             file_.symbols_.size());
        }
        const Elf64_Sym& symbol = file_.symbols_[index];
        if (symbol.st_shndx != SHN_UNDEF && symbol.st_shndx < file_.sections_.size() &&
            !section(symbol.st_shndx).alloc()) {
            return malformed("{}: relocation {}: symbol {} {} lies in {}, which is not loaded", describe(s),
                             i, index, file_.symbol_name(symbol), describe(section(symbol.st_shndx)));
        }
        if (symbol.st_shndx == SHN_COMMON) {
            return malformed("{}: relocation {}: symbol {} is common", describe(s), i, index);
        }
    }
    file_.relocations_.push_back({s.index, target.index, entries});
    return {};
}

// Before relocation the entries are empty: value, name and namespace are what the PC32 relocations of their
// three fields refer to.
Result<> ModuleReader::read_ko_exports(const Section& ksymtab, const Section* kcrctab, bool gpl_only) {
    using Fields = std::array<const Elf64_Rela*, 3>;
    std::vector<Fields> entries(ksymtab.header.sh_size / 12, Fields{});
    for (const RelocationTable& table : file_.relocations_) {
        if (table.target != ksymtab.index) continue;
        for (const Elf64_Rela& r : table.entries) {
            if (ELF64_R_TYPE(r.r_info) == R_X86_64_NONE) continue;
            if (ELF64_R_TYPE(r.r_info) != R_X86_64_PC32 || r.r_offset % 4) {
                return malformed("{}: relocation of type {} at offset {:#x}", describe(ksymtab),
                                 ELF64_R_TYPE(r.r_info), r.r_offset);
            }
            entries[r.r_offset / 12][r.r_offset % 12 / 4] = &r;
        }
    }

    const auto text_of = [this](const Elf64_Rela& r) -> std::optional<std::string_view> {
        const Elf64_Sym& symbol = file_.symbols_[ELF64_R_SYM(r.r_info)];
        if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx >= file_.sections_.size()) return std::nullopt;
        return string_at(file_.contents(section(symbol.st_shndx)),
                         symbol.st_value + static_cast<std::uint64_t>(r.r_addend));
    };
    for (std::size_t i = 0; i < entries.size(); i++) {
        const auto& [value, name, name_space] = entries[i];
        if (!value || !name || !name_space)
            return malformed("{}: export {} is not relocated", describe(ksymtab), i);
        const auto name_text = text_of(*name);
        const auto name_space_text = text_of(*name_space);
        if (!name_text || !name_space_text)
            return malformed("{}: export {} has no readable name", describe(ksymtab), i);
        const Elf64_Sym& symbol = file_.symbols_[ELF64_R_SYM(value->r_info)];
        if (symbol.st_shndx == SHN_UNDEF) {
            return malformed("{}: export {} {} is not defined here", describe(ksymtab), i, *name_text);
        }
        Export e{.name = std::string(*name_text),
                 .name_space = std::string(*name_space_text),
                 .gpl_only = gpl_only};
        e.section = symbol.st_shndx;
        e.offset = symbol.st_value + static_cast<std::uint64_t>(value->r_addend);
        if (e.section < file_.sections_.size() && e.offset > section(e.section).header.sh_size) {
            return malformed("{}: export {} {} lies outside {}", describe(ksymtab), i, e.name,
                             describe(section(e.section)));
        }
        if (auto ok = add_export(std::move(e), i, kcrctab, ksymtab); !ok) return ok;
    }
    return {};
}

}  // namespace umc::symtab

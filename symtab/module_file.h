// SPDX-License-Identifier: GPL-2.0-only
// A module's ELF file (.ko or .so), read into memory once and checked throughout before anyone trusts a byte
// of it.
#pragma once

#include <elf.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "symtab/kernel_info.h"
#include "symtab/module_description.h"
#include "symtab/result.h"

namespace umc::symtab {

// A section header that has been checked: name, range and links lie within the file.
struct Section {
    std::string_view name;
    std::uint32_t index = 0;
    Elf64_Shdr header{};

    bool alloc() const { return header.sh_flags & SHF_ALLOC; }
    bool writable() const { return header.sh_flags & SHF_WRITE; }
    bool executable() const { return header.sh_flags & SHF_EXECINSTR; }
};

// The entries of one relocation section. .ko: those of an allocated section `target`, offsets within that
// section. .so: target 0, offsets are virtual addresses inside a writable segment.
struct RelocationTable {
    std::uint32_t section = 0;
    std::uint32_t target = 0;
    std::span<const Elf64_Rela> entries;
};

struct ModVersion {
    std::uint64_t crc = 0;
    std::string_view name;
};

class ModuleFile {
 public:
    // ENOENT, EACCES, ... when it cannot be read; EINVAL for what is no regular file; EFBIG over 1 GiB;
    // ENOEXEC ("Invalid module format") for everything that is wrong with the contents, the message naming
    // section, index and offset.
    static Result<ModuleFile> open(const std::string& path, const KernelInfo& kernel);
    // The same for bytes in memory, which are copied. `path` appears in messages only.
    static Result<ModuleFile> parse(std::span<const std::byte> bytes, std::string path,
                                    const KernelInfo& kernel);

    ModuleFile(ModuleFile&&) noexcept = default;
    ModuleFile& operator=(ModuleFile&&) noexcept = default;

    const std::string& path() const { return path_; }
    ModuleKind kind() const { return description_.kind; }
    const std::string& name() const { return description_.name; }
    std::span<const std::byte> bytes() const { return {bytes_.get(), size_}; }  // without the signature
    bool has_signature() const { return has_signature_; }  // an appended one; it is not verified

    // By index, the null section included.
    std::span<const Section> sections() const { return sections_; }
    // The first allocated section of that name, as the kernel's find_sec(); nullptr: none.
    const Section* find_section(std::string_view name) const;
    // The same, allocated or not.
    const Section* find_any_section(std::string_view name) const;
    // Empty for SHT_NOBITS.
    std::span<const std::byte> contents(const Section& section) const;
    // The static per-CPU data, under either kind's name; nullptr: none.
    const Section* percpu_section() const;

    // .ko: .symtab; .so: .dynsym. Index 0, the null symbol, included; every index in relocations lies inside.
    std::span<const Elf64_Sym> symbols() const { return symbols_; }
    std::string_view symbol_name(const Elf64_Sym& symbol) const;

    // .symtab of either kind, for backtraces; empty when a .so was stripped.
    std::span<const Elf64_Sym> debug_symbols() const { return debug_symbols_; }
    std::string_view debug_symbol_name(const Elf64_Sym& symbol) const;

    std::span<const RelocationTable> relocations() const { return relocations_; }
    std::span<const Elf64_Phdr> segments() const { return segments_; }  // .so only

    // .modinfo in file order, as modinfo(8) prints it.
    std::span<const std::pair<std::string_view, std::string_view>> modinfo() const { return modinfo_; }
    std::optional<std::string_view> modinfo(std::string_view tag) const;  // the first such tag
    std::span<const ModVersion> versions() const { return versions_; }

    const ModuleDescription& description() const { return description_; }
    std::span<const Import> imports() const { return description_.imports; }
    std::span<const Export> exports() const { return description_.exports; }
    // For those who check many files and keep no bytes.
    ModuleDescription take_description() && { return std::move(description_); }

 private:
    friend class ModuleReader;
    ModuleFile() = default;

    std::string path_;
    std::unique_ptr<std::byte[]> bytes_;
    std::size_t size_ = 0;
    bool has_signature_ = false;
    std::vector<Section> sections_;
    std::span<const Elf64_Sym> symbols_;
    std::span<const std::byte> symbol_strings_;
    std::span<const Elf64_Sym> debug_symbols_;
    std::span<const std::byte> debug_symbol_strings_;
    std::vector<RelocationTable> relocations_;
    std::span<const Elf64_Phdr> segments_;
    std::vector<std::pair<std::string_view, std::string_view>> modinfo_;
    std::vector<ModVersion> versions_;
    ModuleDescription description_;
};

}  // namespace umc::symtab

// SPDX-License-Identifier: GPL-2.0-only
// Internal to symtab: fills a ModuleFile from its bytes, checking each thing before it is used. libelf reads the
// headers; what it takes on trust (ranges, names, entry sizes, the contents of tables) is checked here.
#pragma once

#include <fmt/format.h>
#include <gelf.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "symtab/module_file.h"

namespace umc::symtab {

// Longest name of a section or symbol that is believed. Bounds the work a file can ask for: names may
// overlap.
inline constexpr std::size_t kMaxName = 1024;
// Largest file, section and image.
inline constexpr std::uint64_t kMaxSize = 1ULL << 30;
inline constexpr std::uint64_t kMaxAlign = 2ULL << 20;
inline constexpr std::size_t kModuleNameLen = 56;  // MODULE_NAME_LEN, the NUL included

// [offset, offset + size) within limit bytes, no overflow
constexpr bool in_range(std::uint64_t offset, std::uint64_t size, std::uint64_t limit) {
    return offset <= limit && size <= limit - offset;
}

constexpr bool is_power_of_two(std::uint64_t n) { return n && !(n & (n - 1)); }

// The string at `offset`; nullopt when its NUL is not within the bytes and kMaxName.
std::optional<std::string_view> string_at(std::span<const std::byte> bytes, std::uint64_t offset);

template <typename... Args>
tl::unexpected<Error> malformed(fmt::format_string<Args...> format, Args&&... args) {
    return fail(ENOEXEC, fmt::format(format, std::forward<Args>(args)...));
}

class ModuleReader {
 public:
    // `file` holds path and bytes.
    ModuleReader(ModuleFile& file, const KernelInfo& kernel) : file_(file), kernel_(kernel) {}

    Result<> read();

 private:
    // The steps, in order: each relies on what those before it have checked.
    Result<> read_signature();
    Result<> read_header();
    Result<> read_sections();
    Result<> read_symbol_tables();
    Result<> read_image();  // relocations, and of a .so segments and dynamic section
    Result<> read_modinfo();
    Result<> read_this_module();
    Result<> read_versions();
    Result<> read_imports();
    Result<> read_exports();

    Result<> read_section(std::uint32_t index, const Elf64_Shdr& header, std::span<const std::byte> names);
    Result<> check_symbols(const Section& table, std::span<const Elf64_Sym> symbols,
                           std::span<const std::byte> strings);
    Result<> read_modinfo_tag(std::string_view tag, std::string_view value);

    // .ko
    Result<> read_ko_relocations();
    Result<> read_ko_relocation_table(const Section& section);
    Result<> read_ko_exports(const Section& ksymtab, const Section* kcrctab, bool gpl_only);
    // .so
    Result<> read_so_segments();
    Result<> check_so_sections();
    Result<> read_so_dynamic();
    Result<> check_so_hash(std::uint64_t address);
    Result<> read_so_relocations(std::uint64_t address, std::uint64_t size, std::string_view what);
    Result<> read_so_exports(const Section& ksymtab, const Section* kcrctab, bool gpl_only);

    Result<> add_export(Export e, std::size_t index, const Section* kcrctab, const Section& ksymtab);

    // .so: the segment whose memory (or, file_part, whose file contents) holds all of [address, address +
    // size).
    const Elf64_Phdr* segment_of(std::uint64_t address, std::uint64_t size, bool file_part) const;
    // .so: the file's bytes from this virtual address to the end of its segment's file part; empty: none.
    std::span<const std::byte> bytes_at(std::uint64_t address) const;
    // .so: the allocated section that holds this address (or ends there); nullptr: none.
    const Section* section_of(std::uint64_t address) const;

    std::span<const std::byte> bytes() const { return file_.bytes(); }
    const std::byte* data() const { return file_.bytes_.get(); }
    ModuleDescription& description() { return file_.description_; }
    const Section& section(std::uint32_t index) const { return file_.sections_[index]; }

    ModuleFile& file_;
    const KernelInfo& kernel_;
    std::unique_ptr<Elf, decltype(&elf_end)> elf_{nullptr, &elf_end};
    GElf_Ehdr header_{};
    std::uint64_t section_bytes_ = 0;  // of all sections so far: no file may list more than it has
    std::uint32_t symtab_ = 0;         // section indexes; 0: none
    std::uint32_t dynsym_ = 0;
    std::vector<const Elf64_Phdr*> loads_;            // PT_LOAD by ascending address
    const Elf64_Phdr* dynamic_ = nullptr;             // PT_DYNAMIC
    std::vector<std::uint32_t> sections_by_address_;  // .so: allocated ones
};

// "section [4] .rela.text"
std::string describe(const Section& section);

}  // namespace umc::symtab

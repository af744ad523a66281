// SPDX-License-Identifier: GPL-2.0-only
// What a module file says about itself, without the file's bytes: all that resolving and checking need.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace umc::symtab {

enum class ModuleKind {
    kKo,  // ET_REL: a distribution's module, placed by the relocating loader
    kSo,  // ET_DYN: made by the kernel build directory, placed by dlopen
};

inline constexpr std::string_view to_string(ModuleKind kind) { return kind == ModuleKind::kKo ? "ko" : "so"; }

// Symbols that compilers emit calls of for sanitizers and coverage, provided by a library of the process.
constexpr bool is_host_runtime_symbol(std::string_view name) {
    for (const std::string_view prefix :
         {"__asan_", "__lsan_", "__ubsan_", "__tsan_", "__sanitizer_", "__gcov_", "__llvm_profile_"}) {
        if (name.starts_with(prefix)) return true;
    }
    return false;
}

struct Import {
    std::string name;
    std::uint32_t symbol = 0;  // index in ModuleFile::symbols()
    bool weak = false;         // weak in the module's source: may stay unresolved, and is then 0
    // Only in a .so, where it is not weak: belongs to a sanitizer's or coverage runtime, which the dynamic
    // linker binds; the kernel's symbol table is not asked.
    bool host_runtime = false;
    std::optional<std::uint64_t> version = {};  // the CRC it was built against, when __versions has it
};

struct Export {
    std::string name;
    std::string name_space = {};  // empty: the global one
    bool gpl_only = false;
    std::optional<std::uint32_t> crc = {};
    // Where it is. .ko: `section` and the offset in it (SHN_ABS: an absolute value).
    // .so: `section` is that which holds it and `offset` the virtual address before the load bias.
    std::uint32_t section = 0;
    std::uint64_t offset = 0;
};

struct ModuleDescription {
    std::string name;  // as in /proc/modules
    ModuleKind kind = ModuleKind::kKo;

    // .modinfo; an absent tag is nullopt or false.
    std::optional<std::string> vermagic;
    std::optional<std::string> license;
    std::vector<std::string> depends;
    std::vector<std::string> import_ns;
    bool intree = false;
    bool staging = false;
    bool livepatch = false;
    bool test = false;
    bool retpoline = false;

    bool has_versions = false;  // there is a __versions section
    std::optional<std::uint64_t> module_layout_version;
    bool has_init = false;
    bool has_exit = false;

    std::vector<Import> imports;
    std::vector<Export> exports;
};

}  // namespace umc::symtab

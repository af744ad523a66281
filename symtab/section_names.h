// SPDX-License-Identifier: GPL-2.0-only
// The section names that mean something to a module loader, in one place for everyone who looks for one.
#pragma once

#include <string_view>

namespace umc::symtab::section_name {

// What describes the module itself.
inline constexpr std::string_view kThisModule = ".gnu.linkonce.this_module";  // struct module
inline constexpr std::string_view kModInfo = ".modinfo";                      // "tag=value\0"...
inline constexpr std::string_view kVersions = "__versions";                   // struct modversion_info[]
inline constexpr std::string_view kKsymtab = "__ksymtab";                     // struct kernel_symbol[]
inline constexpr std::string_view kKsymtabGpl = "__ksymtab_gpl";
inline constexpr std::string_view kKcrctab = "__kcrctab";  // u32[], one for each entry of __ksymtab
inline constexpr std::string_view kKcrctabGpl = "__kcrctab_gpl";
inline constexpr std::string_view kParam = "__param";  // struct kernel_param[]

// Only in a .so: NUL separated names of the imports that the module's source itself declared weak.
inline constexpr std::string_view kSoWeak = ".umc.weak";
// Static per-CPU data. A .so cannot keep the kernel's name: ld would merge the section into .data.
inline constexpr std::string_view kPercpu = ".data..percpu";
inline constexpr std::string_view kSoPercpu = "umc_percpu";

// Patched or registered when a .ko is loaded.
inline constexpr std::string_view kMcountLoc = "__mcount_loc";  // u64[]: calls of __fentry__
inline constexpr std::string_view kReturnSites =
    ".return_sites";  // s32[], self relative: jmp __x86_return_thunk
inline constexpr std::string_view kRetpolineSites = ".retpoline_sites";   // s32[], self relative
inline constexpr std::string_view kAltInstructions = ".altinstructions";  // struct alt_instr[]
inline constexpr std::string_view kParaInstructions = ".parainstructions";
inline constexpr std::string_view kSmpLocks = ".smp_locks";
inline constexpr std::string_view kIbtEndbrSeal = ".ibt_endbr_seal";
inline constexpr std::string_view kJumpTable = "__jump_table";              // struct jump_entry[]
inline constexpr std::string_view kStaticCallSites = ".static_call_sites";  // struct static_call_site[]
inline constexpr std::string_view kBugTable = "__bug_table";
inline constexpr std::string_view kExTable = "__ex_table";
inline constexpr std::string_view kOrcUnwind = ".orc_unwind";
inline constexpr std::string_view kOrcUnwindIp = ".orc_unwind_ip";
inline constexpr std::string_view kTracepointsPtrs = "__tracepoints_ptrs";
inline constexpr std::string_view kRoAfterInit = ".data..ro_after_init";

// Sections that are given back once init has run.
constexpr bool is_init(std::string_view name) { return name.starts_with(".init"); }
// Written by the loader and by init, read-only from then on, whatever their flags say.
constexpr bool is_ro_after_init(std::string_view name) { return name == kRoAfterInit || name == kJumpTable; }
// Read from the file and never placed in memory.
constexpr bool is_metadata(std::string_view name) { return name == kModInfo || name == kVersions; }

}  // namespace umc::symtab::section_name

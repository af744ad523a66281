// SPDX-License-Identifier: GPL-2.0-only
// Decides, as the kernel's load_module() would, whether a module may be loaded and what each of its imports
// is bound to.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "symtab/kernel_info.h"
#include "symtab/module_description.h"
#include "symtab/symbol_table.h"

namespace umc::symtab {

// A line for the kernel log, without the trailing newline; levels as KERN_*.
struct LogLine {
    static constexpr int kErr = 3;
    static constexpr int kWarning = 4;
    static constexpr int kNotice = 5;

    int level = kWarning;
    std::string text;
};

enum class ImportState {
    kResolved,
    kHostRuntime,  // Import::host_runtime: the dynamic linker's business
    kWeakMissing,  // weak and nobody provides it: stays 0
    kMissing,      // nobody provides it
    kGplOnly,      // provided for GPL-compatible modules only: unknown to this one
    kProprietary,  // a proprietary module provides it and this module uses GPL-only symbols: unknown to it
    kVersion,      // another CRC, or none was recorded
    kNamespace,    // in a namespace that the module does not import
};

struct ResolvedImport {
    const Import* import = nullptr;  // belongs to the ModuleDescription
    ImportState state = ImportState::kMissing;
    FoundSymbol found;  // empty unless somebody provides it, whatever the state
};

struct ResolveOptions {
    bool force_vermagic = false;    // MODULE_INIT_IGNORE_VERMAGIC
    bool force_modversion = false;  // MODULE_INIT_IGNORE_MODVERSIONS
    bool allow_missing = false;     // kMissing is reported and is no error
};

// bit numbers, include/linux/panic.h
enum Taint : unsigned {
    kTaintProprietary = 0,
    kTaintForced = 1,
    kTaintStaging = 10,
    kTaintOutOfTree = 12,
    kTaintUnsigned = 13,
    kTaintLivepatch = 15,
    kTaintTest = 18,
};

// The letters of /proc/modules for a module's taints: "POE", in the kernel's order. Empty: none.
std::string taint_letters(std::uint64_t taints);

struct Resolution {
    int err = 0;               // what insmod would get: 0, ENOEXEC, ENOENT or EINVAL
    std::string reason;        // one line saying why; empty when err is 0
    std::vector<LogLine> log;  // the kernel's own lines, in its order
    std::vector<ResolvedImport>
        imports;  // in the order of ModuleDescription::imports; empty when refused before them
    std::vector<std::shared_ptr<const Provider>> uses;  // modules whose symbols it uses, each once
    std::uint64_t taints = 0;                           // bits that the module adds
    bool proprietary() const { return taints >> kTaintProprietary & 1; }
};

// The kernel's license_is_gpl_compatible().
bool license_is_gpl_compatible(std::string_view license);

// Does not look at whether a module of that name is loaded (EEXIST): the loader's list knows. Exports that
// somebody else exports already are refused here with ENOEXEC, and again, decisively, by SymbolTable::add().
Resolution resolve(const ModuleDescription& module, const SymbolTable& table, const KernelInfo& kernel,
                   const ResolveOptions& options = {});

}  // namespace umc::symtab

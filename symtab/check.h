// SPDX-License-Identifier: GPL-2.0-only
// The engine of `umcrun check`: would these module files load, and if not, what is missing?
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "symtab/kernel_info.h"
#include "symtab/module_description.h"
#include "symtab/symbol_table.h"

namespace umc::symtab {

// One symbol that stands in a file's way.
struct SymbolProblem {
    std::string symbol;
    std::string detail;  // who exports it, the namespace's name, ...; may be empty
};

struct FileReport {
    std::string path;
    std::string name;  // the module's; empty when the file could not be read
    ModuleKind kind = ModuleKind::kKo;
    bool readable = true;
    bool loadable = false;
    int err = 0;         // errno that insmod would give; 0 when only a dependency stands in the way
    std::string reason;  // one line; empty when loadable
    std::string license;

    // Missing symbols by group: "vmlinux" or the module that exports them in the distribution's
    // Module.symvers, or "unknown: PREFIX_" for those it does not know.
    std::map<std::string, std::vector<std::string>> missing;
    std::vector<SymbolProblem> gpl_only;    // detail: who exports it
    std::vector<SymbolProblem> versions;    // detail: who exports it
    std::vector<SymbolProblem> namespaces;  // detail: the namespace
    std::vector<std::string> needs;         // given files' modules that it uses, sorted
    std::vector<std::string> blocked;       // those of `needs` that would not load themselves
    std::vector<std::string> log;           // what the kernel log would say

    std::size_t missing_count() const;
};

struct CheckReport {
    std::vector<FileReport> files;  // in the order given

    // 0: all would load; 1: some would not; 2: some could not be read.
    int exit_status() const;
};

// Exports of the given files count for the others, in any order. `base` are the exports of the kernel (and of
// what is loaded); `symvers`, may be null, is only asked who else exports a missing symbol. No file's bytes
// are kept: thousands of files cost a few ten megabytes.
CheckReport check(std::span<const std::string> files, const SymbolTable& base, const KernelInfo& kernel,
                  const Symvers* symvers = nullptr);

// Plain text: one line "PATH: would load" or "PATH: would not load: REASON" a file, details indented below
// it.
std::string to_text(const CheckReport& report);
nlohmann::json to_json(const CheckReport& report);

// What `umcrun check --summary` prints about a distribution's whole set of modules.
struct CheckSummary {
    struct Kind {
        std::size_t files = 0;
        std::size_t loadable = 0;
    };
    struct Wanted {
        std::string symbol;
        std::string provider;     // as the groups of FileReport::missing
        std::size_t modules = 0;  // how many lack it themselves
    };

    std::size_t files = 0;
    std::size_t loadable = 0;
    std::size_t malformed = 0;
    std::size_t unreadable = 0;
    std::map<std::string, Kind> kinds;  // by folder: lib, crypto, fs, net, drivers/net, ...
    std::vector<Wanted> wanted;         // most wanted first

    int exit_status() const;  // as CheckReport's
};

CheckSummary summarize(const CheckReport& report);
// `top`: how many of the wanted symbols are printed; 0: all.
std::string to_text(const CheckSummary& summary, std::size_t top);
nlohmann::json to_json(const CheckSummary& summary, std::size_t top);

}  // namespace umc::symtab

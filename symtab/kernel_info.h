// SPDX-License-Identifier: GPL-2.0-only
// What the kernel that modules are meant for says about itself, and its Module.symvers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "symtab/result.h"
#include "symtab/symbol_table.h"

namespace umc::symtab {

// Facts of the kernel's build. The runtime's kernel side knows them all; a default constructed one checks
// neither vermagic nor the size of struct module.
struct KernelInfo {
    std::string release;      // UTS_RELEASE
    std::string vermagic;     // VERMAGIC_STRING, with its trailing blank; empty: vermagic is not checked
    bool modversions = true;  // CONFIG_MODVERSIONS
    bool force_load = true;   // CONFIG_MODULE_FORCE_LOAD
    bool allow_missing_namespace = false;  // CONFIG_MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS
    std::uint64_t taints = 0;  // what taints it already (bits TAINT_*): such lines are logged only once

    // struct module. Size 0: its section may have any size, and init and exit are found by symbol name only.
    std::size_t module_size = 0;
    std::size_t module_name_offset = 0;
    std::size_t module_init_offset = 0;
    std::size_t module_exit_offset = 0;
};

// The kernel's release and vermagic as a build directory (/usr/src/linux-headers-RELEASE) tells them, without
// a running kernel: include/config/kernel.release and auto.conf. struct module's size stays 0.
Result<KernelInfo> kernel_info_from_headers(const std::string& build_dir);

// A Module.symvers: every symbol that the distribution's kernel and its modules export, with its version.
class Symvers {
 public:
    struct Entry {
        std::string name;
        std::string module;  // "vmlinux", or the module's path without .ko: "drivers/target/target_core_mod"
        std::string name_space;
        std::uint32_t crc = 0;
        bool gpl_only = false;
    };

    Symvers() = default;
    Symvers(Symvers&&) = default;
    Symvers& operator=(Symvers&&) = default;

    // EINVAL with the line number when a line is not "crc name module export-type [namespace]", tab
    // separated.
    static Result<Symvers> read(const std::string& path);
    static Result<Symvers> parse(std::string_view text);

    const Entry* find(std::string_view name) const;
    const std::vector<Entry>& entries() const { return entries_; }

    // The exports of one module ("vmlinux": the kernel itself) with value 0, to make a SymbolTable of.
    // The strings of the result belong to this object.
    std::vector<Symbol> exports_of(std::string_view module) const;

 private:
    std::vector<Entry> entries_;
    std::unordered_map<std::string_view, std::size_t> index_;  // keys point into entries_
};

}  // namespace umc::symtab

// SPDX-License-Identifier: GPL-2.0-only
// What the runtime offers to modules.
#include "host/kernel_symbols.h"

#include <string_view>
#include <unordered_map>
#include <vector>

#include "seam/module.h"

namespace umc {
namespace {

struct KernelTable {
    symtab::SymbolTable table;

    KernelTable() {
        std::unordered_map<std::string_view, std::uint32_t> crcs;
        for (const umc_export_crc* entry = umc_kern_crc_table; entry != umc_kern_crc_table_end; ++entry)
            crcs.emplace(entry->name, static_cast<std::uint32_t>(entry->crc));

        std::vector<symtab::Symbol> symbols(umc_kern_export_count());
        for (unsigned i = 0; i < symbols.size(); ++i) {
            umc_export from{};
            umc_kern_export(i, &from);
            symtab::Symbol& to = symbols[i];
            to.name = from.name;
            to.name_space = from.name_space ? from.name_space : "";
            to.value = from.address;
            to.gpl_only = from.gpl_only;
            if (const auto crc = crcs.find(to.name); crc != crcs.end()) to.crc = crc->second;
        }
        // The linker has refused duplicates.
        (void)table.add({}, symbols);
    }
};

}  // namespace

const symtab::SymbolTable& kernel_symbols() {
    static const KernelTable kernel;
    return kernel.table;
}

symtab::KernelInfo kernel_info() {
    umc_module_abi abi{};
    umc_kern_module_abi(&abi);
    symtab::KernelInfo info;
    info.vermagic = abi.vermagic;
    info.release = info.vermagic.substr(0, info.vermagic.find(' '));
    info.taints = umc_kern_taint();
    info.module_size = abi.module_size;
    info.module_name_offset = abi.name_offset;
    info.module_init_offset = abi.init_offset;
    info.module_exit_offset = abi.exit_offset;
    return info;
}

}  // namespace umc

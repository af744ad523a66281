// SPDX-License-Identifier: GPL-2.0-only
// The fixture modules and the kernel that they are for.
#pragma once

#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "symtab/kernel_info.h"
#include "symtab/symbol_table.h"

namespace umc::symtab {

// As fixtures/fixture.h lays out its struct module.
inline KernelInfo test_kernel() {
    KernelInfo kernel;
    kernel.release = "6.1.0-test";
    kernel.vermagic = "6.1.0-test SMP preempt mod_unload modversions ";
    kernel.module_size = 896;
    kernel.module_name_offset = 24;
    kernel.module_init_offset = 0x138;
    kernel.module_exit_offset = 0x350;
    return kernel;
}

// What the fixtures need of the kernel.
inline std::vector<Symbol> test_exports() {
    return {{.name = "_printk", .value = 0x1000, .crc = 0x44444444},
            {.name = "module_layout", .value = 0x1010, .crc = 0x12345678}};
}

// e.g. "exporter.ko", "importer.so"
inline std::string fixture(const std::string& name) { return std::string(UMC_FIXTURES) + "/" + name; }

inline std::vector<std::byte> read_bytes(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    const std::vector<char> chars{std::istreambuf_iterator<char>(in), {}};
    const auto* start = reinterpret_cast<const std::byte*>(chars.data());
    return {start, start + chars.size()};
}

}  // namespace umc::symtab

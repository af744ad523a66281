// SPDX-License-Identifier: GPL-2.0-only
// Names of code addresses, for the kernel side's %pS and the commands.
#include <algorithm>
#include <cstring>
#include <string_view>

#include "host/symbolize_images.h"
#include "seam/module.h"

namespace {

void copy_out(char* to, unsigned long size, std::string_view from) {
    const std::size_t length = std::min<std::size_t>(from.size(), size - 1);
    std::memcpy(to, from.data(), length);
    to[length] = '\0';
}

}  // namespace

int umc_host_symbol_lookup(unsigned long address, char* name, unsigned long name_size, unsigned long* offset,
                           unsigned long* size, char* module, unsigned long module_size) {
    const umc::CodeMapReader reader;
    const umc::PlacedCode* code = reader.find(address);
    const umc::SymbolName* symbol = code ? code->find_symbol(address) : nullptr;
    if (!symbol) return 0;
    copy_out(name, name_size, code->names.c_str() + symbol->name);
    copy_out(module, module_size, code->is_program ? std::string_view() : code->image.name);
    *offset = address - symbol->value;
    *size = symbol->size;
    return 1;
}

// SPDX-License-Identifier: GPL-2.0-only
// What the runtime offers to modules: its own exports and the ABI it presents. Needs no booted instance.
#pragma once

#include "symtab/kernel_info.h"
#include "symtab/symbol_table.h"

namespace umc {

// The exports of the runtime itself.
const symtab::SymbolTable& kernel_symbols();

// What a module file is checked against. The taints are those of this moment.
symtab::KernelInfo kernel_info();

}  // namespace umc

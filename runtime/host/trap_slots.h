// SPDX-License-Identifier: GPL-2.0-only
// Addresses for symbols that nobody provides: a use faults, and the fault's address tells the symbol's name.
#pragma once

#include <cstdint>
#include <string>

#include "symtab/result.h"

namespace umc {

// The inaccessible slot of `name`, below 2 GiB; one for each name, kept for the life of the process. ENOMEM.
Result<std::uint64_t> trap_slot(const std::string& name);

// The name whose slot holds `address`, or nullptr. Any context, lock-free.
const char* trap_slot_name(std::uint64_t address);

}  // namespace umc

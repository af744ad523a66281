// SPDX-License-Identifier: GPL-2.0-only
// The relocating loader: places a distribution's .ko below 2 GiB.
#pragma once

#include <memory>

#include "host/placed_module.h"

namespace umc {

// Copies the sections of a checked .ko to their final place, not yet relocated, writable. ENOMEM, ENOEXEC.
Result<std::unique_ptr<PlacedModule>> place_ko(symtab::ModuleFile file);

}  // namespace umc

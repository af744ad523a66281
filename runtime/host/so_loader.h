// SPDX-License-Identifier: GPL-2.0-only
// The loader of modules that are shared objects: dlopen maps, UMC binds.
#pragma once

#include <memory>

#include "host/placed_module.h"

namespace umc {

// Maps a checked .so; the dynamic linker has applied its own relocations, and nothing of the kernel's is bound yet.
// EBUSY when the file is mapped already, ENOEXEC for relocations that cannot be bound or when dlopen refuses it.
Result<std::unique_ptr<PlacedModule>> place_so(symtab::ModuleFile file);

}  // namespace umc

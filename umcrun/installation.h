// SPDX-License-Identifier: GPL-2.0-only
// Where the files that belong to the program are: beside it in a build tree, or below its installation
// prefix.
#pragma once

#include <string>

#include "symtab/result.h"

namespace umc::cli {

// The directory of the running program, e.g. "/usr/bin".
std::string program_dir();
// $UMC_KDIR, build/kdir when run from build/bin, else PREFIX/share/umc/kdir. ENOENT when there is none.
Result<std::string> kernel_build_dir();
// $UMC_MODULES, build/modules when run from a build tree, else PREFIX/lib/umc/modules/RELEASE.
std::string default_module_dir(const std::string& release);

}  // namespace umc::cli

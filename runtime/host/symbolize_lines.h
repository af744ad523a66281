// SPDX-License-Identifier: GPL-2.0-only
// Source lines from DWARF, through libdw. Allocates and may read files: host threads only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "host/symbolize_images.h"

namespace umc {

struct SourceLine {
    std::string file;  // base name; empty: unknown
    int line = 0;
};

// `address` lies in `code` (its run-time address; for a return address the byte before it). Thread-safe, cached.
SourceLine find_line(const std::shared_ptr<const PlacedCode>& code, std::uint64_t address);

}  // namespace umc

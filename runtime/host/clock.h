// SPDX-License-Identifier: GPL-2.0-only
// The host's clocks, for the C++ side; seam/time.h is what kern sees.
#pragma once

#include <cstdint>

#include "seam/time.h"

namespace umc {

// Nanoseconds since the instance's process started. Any context; no system call.
std::uint64_t uptime_ns();

}  // namespace umc

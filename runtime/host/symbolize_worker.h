// SPDX-License-Identifier: GPL-2.0-only
// The thread that finds source lines for umc_host_symbolize().
#pragma once

namespace umc {

// Starts it; without it reports carry no source lines. Called once, before vCPUs exist.
void start_line_thread();

}  // namespace umc

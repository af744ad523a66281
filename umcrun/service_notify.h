// SPDX-License-Identifier: GPL-2.0-only
// Telling a service manager how the program is doing (sd_notify(3)'s protocol).
#pragma once

#include <string_view>

namespace umc::cli {

// Sends e.g. "READY=1" to $NOTIFY_SOCKET; does nothing when that is not set. True when it was sent.
bool notify_service_manager(std::string_view state);

}  // namespace umc::cli

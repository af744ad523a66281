// SPDX-License-Identifier: GPL-2.0-only
// Starting an instance in the background.
#pragma once

#include <string>
#include <vector>

#include "umcrun/client.h"
#include "umcrun/instance_host.h"

namespace umc::cli {

enum class StartOutcome { started, was_running };

// Returns when the instance answers on its socket. However many processes call this at once, one instance
// starts. `daemon_words`: options for the `daemon` command besides the name.
Result<StartOutcome> start_instance(const std::string& instance,
                                    const std::vector<std::string>& daemon_words);

// A client of the instance, started first when none runs.
Result<Client> open_or_start(const std::string& instance);

}  // namespace umc::cli

// SPDX-License-Identifier: GPL-2.0-only
// umcrun start: boots an instance in the background.
#include "umcrun/commands.h"
#include "umcrun/daemon.h"
#include "umcrun/instance_options.h"
#include "umcrun/report.h"

namespace umc::cli {
namespace {

constexpr OptionSpec kOptions[] = {UMC_INSTANCE_OPTION_SPECS};

int run(const Invocation& call) {
    if (!call.args().empty()) return usage_error(call, "too many arguments");
    // Mistakes are found here, where they can be told as such.
    if (auto valid = host_options(call); !valid) return usage_error(call, valid.error().message);
    auto started = start_instance(call.instance, host_option_words(call));
    if (!started) {
        error(call, "could not start instance '{}': {}", call.instance, error_text(started.error()));
        return kExitFailure;
    }
    if (*started == StartOutcome::was_running)
        warning(call, "instance '{}' is running already", call.instance);
    return kExitOk;
}

}  // namespace

const Command kStartCommand = {
    "start",
    "",
    "Boot an instance in the background",
    "Returns when the instance is ready. An instance of that name that runs already is left\n"
    "as it is, which is a success.",
    kOptions,
    run,
};

}  // namespace umc::cli

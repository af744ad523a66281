// SPDX-License-Identifier: GPL-2.0-only
// The table of commands, in the order of the help text.
#include "umcrun/commands.h"

namespace umc::cli {
namespace {

constexpr const Command* kCommands[] = {
    &kInsmodCommand, &kRmmodCommand, &kLsmodCommand,  &kModprobeCommand, &kModinfoCommand,
    &kDepmodCommand, &kCheckCommand, &kDmesgCommand,  &kPsCommand,       &kRunCommand,
    &kStartCommand,  &kStopCommand,  &kStatusCommand, &kKdirCommand,     &kDaemonCommand,
};

}  // namespace

std::span<const Command* const> commands() { return kCommands; }

}  // namespace umc::cli

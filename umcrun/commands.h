// SPDX-License-Identifier: GPL-2.0-only
// Every command. Each is defined in its own cmd_NAME.cc and listed in commands.cc.
#pragma once

#include "umcrun/command.h"

namespace umc::cli {

extern const Command kCheckCommand;
extern const Command kDaemonCommand;
extern const Command kDepmodCommand;
extern const Command kDmesgCommand;
extern const Command kInsmodCommand;
extern const Command kKdirCommand;
extern const Command kLsmodCommand;
extern const Command kModinfoCommand;
extern const Command kModprobeCommand;
extern const Command kPsCommand;
extern const Command kRmmodCommand;
extern const Command kRunCommand;
extern const Command kStartCommand;
extern const Command kStatusCommand;
extern const Command kStopCommand;

}  // namespace umc::cli

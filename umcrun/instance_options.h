// SPDX-License-Identifier: GPL-2.0-only
// The options that say what kind of instance to boot, shared by start, run and daemon.
#pragma once

#include <string>
#include <vector>

#include "umcrun/command.h"
#include "umcrun/instance_host.h"

namespace umc::cli {

// As initializers of an OptionSpec array.
// clang-format off
#define UMC_INSTANCE_OPTION_SPECS                                                                        \
    {'c', "cpus", "N", "virtual CPUs (default: one for each CPU in\nthe affinity mask)"},                \
    {'m', "mem", "SIZE", "emulated physical memory: a number, then K,\nM, G or T (default: a quarter"     \
                         " of the host's)"},                                                             \
    {0, "panic-on-oops", "", "dump core instead of ending the faulting task"},                           \
    {0, "cmdline", "TEXT", "kernel command line (\"name.param=value ...\")"},                            \
    {0, "module-dir", "DIR", "where modprobe looks for modules"}
// clang-format on

Result<HostOptions> host_options(const Invocation& call);
// The same options as words for another command's line.
std::vector<std::string> host_option_words(const Invocation& call);

}  // namespace umc::cli

// SPDX-License-Identifier: GPL-2.0-only
// The vCPU threads of this process's instance.
#pragma once

#include <string>

#include "symtab/result.h"

namespace umc {

class Reactor;

// Boots the kernel on `cpus` new host threads (0: one for each CPU of the process's affinity mask) and returns when it
// is up: umc_kern_call_submit() works. Once per process. The memory must be set up before.
Result<> vcpus_start(int cpus, const std::string& command_line);

// Ends kern and its threads; modules are unloaded before. Tasks that still sleep are given up.
void vcpus_stop();

Reactor& vcpu_reactor(int cpu);

// The signal that interrupts a vCPU. Handlers of other signals that run kernel code must block it (sa_mask).
int vcpu_tick_signal();

// Whether the calling thread is a vCPU.
bool vcpu_current_thread();

}  // namespace umc

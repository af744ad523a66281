// SPDX-License-Identifier: GPL-2.0-only
// Live patching: the host's own ends of umc_host_text_poke() (seam/memory.h).
#pragma once

#include <cstdint>

struct umc_regs;

namespace umc {

// Called once at start-up, before other threads exist.
void prepare_text_poke();

// A breakpoint (ip behind it) was hit. If a patch under way put it there, or has just removed it, `regs` go on as if
// the new instruction had been executed, and the result is true. Signal context.
bool handle_text_poke_breakpoint(umc_regs& regs);

// Executes one of the instructions that patching writes (jumps, calls, returns, NOPs) on `regs`; false: not one of them.
bool emulate_instruction(const std::uint8_t* code, unsigned long length, unsigned long at, umc_regs& regs);

}  // namespace umc

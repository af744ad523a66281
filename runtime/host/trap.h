// SPDX-License-Identifier: GPL-2.0-only
// Host signals that stand for the machine's traps.
#pragma once

namespace umc {

// Takes over SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGTRAP: those of kernel-side and module code go to umc_kern_trap(),
// any other ends the process with a report and a core dump (or goes to a sanitizer's handler). Also makes kern's trap
// slots inaccessible, registers the program's code and starts the thread that finds source lines.
// Once, at start-up, before vCPU threads exist. Each vCPU thread sets up its own alternate stack, at least 64 KiB.
void install_trap_handlers();

// Writes a report of a fault in host code to the log's emergency channel. `context` is the handler's ucontext_t.
// Signal context.
void report_host_crash(int signal, const void* info, const void* context, const char* note);

}  // namespace umc

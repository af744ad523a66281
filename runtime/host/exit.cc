// SPDX-License-Identifier: GPL-2.0-only
// The two ways the process ends from inside the emulated kernel.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <ctime>

#include "host/log.h"
#include "seam/vcpu.h"

namespace {

// Records shown of a log that nobody mirrors.
constexpr std::size_t kLastRecords = 200;

void say(const char* what, const char* reason) {
    char line[256];
    auto end = fmt::format_to_n(line, sizeof line, "umc: {}: {}\n", what, reason);
    umc_host_log_emergency(line, std::min<std::size_t>(end.size, sizeof line));
}

std::atomic_flag ending = ATOMIC_FLAG_INIT;

// Another thread is ending the process already: waits for it.
void first_only() {
    if (!ending.test_and_set()) return;
    timespec second{1, 0};
    for (;;) nanosleep(&second, nullptr);
}

}  // namespace

extern "C" {

void umc_host_exit(const char* reason) {
    first_only();
    umc::log_flush_stderr(kLastRecords);
    say("the emulated machine ends", reason);
    _exit(0);
}

void umc_host_abort(const char* reason) {
    first_only();
    umc::log_flush_stderr(kLastRecords);
    say("fatal", reason);
    std::signal(SIGABRT, SIG_DFL);
    std::abort();
}

}  // extern "C"

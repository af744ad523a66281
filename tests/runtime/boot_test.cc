// SPDX-License-Identifier: GPL-2.0-only
// Boots the emulated kernel in this process and runs calls in its tasks, from several host threads at once.
// usage: boot_test [CPUS [CALLS]]
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "host/kern_call.h"
#include "host/log.h"
#include "host/memory.h"
#include "host/trap.h"
#include "host/vcpu.h"

namespace {

int failures = 0;

void expect(bool ok, const char* what) {
    if (ok) return;
    std::fprintf(stderr, "FAILED: %s\n", what);
    ++failures;
}

}  // namespace

int main(int argc, char** argv) {
    int cpus = argc > 1 ? std::atoi(argv[1]) : 1;
    int calls = argc > 2 ? std::atoi(argv[2]) : 1000;
    umc::LogMirror mirror;
    umc::install_trap_handlers();
    auto memory = umc::reserve_memory(256ull << 20);
    expect(memory.has_value(), "the memory is reserved");
    auto booted = umc::vcpus_start(cpus, "");
    expect(booted.has_value(), "the kernel boots");

    std::atomic<int> ran{0}, wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < calls; ++i) {
                bool here = false;
                auto done = umc::call_in_task("boot_test", [&] {
                    here = umc::vcpu_current_thread();
                    ++ran;
                });
                if (!done || !here) ++wrong;
            }
        });
    for (auto& thread : threads) thread.join();
    expect(ran == 4 * calls, "every call ran once");
    expect(wrong == 0, "every call ran on a vCPU and was reported");
    umc::vcpus_stop();
    return failures ? 1 : 0;
}

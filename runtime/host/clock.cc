// SPDX-License-Identifier: GPL-2.0-only
// The host's clocks.
#include "host/clock.h"

#include <x86intrin.h>

#include <ctime>

namespace {

constexpr clockid_t kIds[] = {
    CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME, CLOCK_TAI, CLOCK_THREAD_CPUTIME_ID,
    CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE,
};

long long read_clock(clockid_t id) {
    timespec now{};
    clock_gettime(id, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

// Constant-initialised, as records may be written before main(); set by the constructor below.
long long start_ns;
long long start_raw_ns;
unsigned long long start_tsc;

[[gnu::constructor]] void set_start() {
    start_ns = read_clock(CLOCK_MONOTONIC);
    start_raw_ns = read_clock(CLOCK_MONOTONIC_RAW);
    start_tsc = __rdtsc();
}

}  // namespace

namespace umc {

std::uint64_t uptime_ns() { return static_cast<std::uint64_t>(read_clock(CLOCK_MONOTONIC) - start_ns); }

}  // namespace umc

extern "C" {

long long umc_host_time_ns(enum umc_clock clock) { return read_clock(kIds[clock]); }

long long umc_host_time_start_ns(void) { return start_ns; }

unsigned long long umc_host_time_start_tsc(long long* raw_ns) {
    *raw_ns = start_raw_ns;
    return start_tsc;
}

long long umc_host_time_resolution_ns(enum umc_clock clock) {
    timespec resolution{};
    clock_getres(kIds[clock], &resolution);
    return resolution.tv_sec * 1'000'000'000LL + resolution.tv_nsec;
}

}  // extern "C"

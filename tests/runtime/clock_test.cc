// SPDX-License-Identifier: GPL-2.0-only
// The host's clocks as kern sees them.
#include "host/clock.h"

#include <x86intrin.h>

#include <ctime>
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

TEST_CASE("each clock is the host's clock of that name") {
    const struct {
        umc_clock clock;
        clockid_t id;
    } pairs[] = {
        {UMC_CLOCK_REALTIME, CLOCK_REALTIME},
        {UMC_CLOCK_MONOTONIC, CLOCK_MONOTONIC},
        {UMC_CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_RAW},
        {UMC_CLOCK_BOOTTIME, CLOCK_BOOTTIME},
        {UMC_CLOCK_TAI, CLOCK_TAI},
        {UMC_CLOCK_THREAD_CPUTIME, CLOCK_THREAD_CPUTIME_ID},
        {UMC_CLOCK_REALTIME_COARSE, CLOCK_REALTIME_COARSE},
        {UMC_CLOCK_MONOTONIC_COARSE, CLOCK_MONOTONIC_COARSE},
    };
    for (const auto& pair : pairs) {
        CAPTURE(pair.clock);
        auto read = [&] {
            timespec now{};
            clock_gettime(pair.id, &now);
            return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
        };
        long long before = read();
        long long between = umc_host_time_ns(pair.clock);
        long long after = read();
        CHECK(before <= between);
        CHECK(between <= after);
        CHECK(umc_host_time_resolution_ns(pair.clock) >= 1);
    }
}

TEST_CASE("the start of the process is the zero of uptime") {
    long long before = umc_host_time_ns(UMC_CLOCK_MONOTONIC) - umc_host_time_start_ns();
    auto uptime = static_cast<long long>(umc::uptime_ns());
    long long after = umc_host_time_ns(UMC_CLOCK_MONOTONIC) - umc_host_time_start_ns();
    CHECK(before > 0);
    CHECK(before <= uptime);
    CHECK(uptime <= after);
}

TEST_CASE("the time stamp counter since the start gives a steady rate") {
    long long raw = 0;
    unsigned long long tsc = umc_host_time_start_tsc(&raw);
    auto rate = [&](long long span_ns) {
        long long until = umc_host_time_ns(UMC_CLOCK_MONOTONIC_RAW) + span_ns, now;
        do now = umc_host_time_ns(UMC_CLOCK_MONOTONIC_RAW);
        while (now < until);
        return static_cast<double>(__rdtsc() - tsc) / static_cast<double>(now - raw);
    };
    double first = rate(20'000'000), second = rate(50'000'000);
    CHECK(first > 0.1);
    CHECK(first < 20);
    CHECK(second == doctest::Approx(first).epsilon(0.005));
}

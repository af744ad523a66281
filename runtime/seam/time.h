/* SPDX-License-Identifier: GPL-2.0-only */
/* The host's clocks. */
#ifndef UMC_SEAM_TIME_H
#define UMC_SEAM_TIME_H
#ifdef __cplusplus
extern "C" {
#endif

enum umc_clock {
    UMC_CLOCK_REALTIME,
    UMC_CLOCK_MONOTONIC,
    UMC_CLOCK_MONOTONIC_RAW,
    UMC_CLOCK_BOOTTIME,
    UMC_CLOCK_TAI,
    UMC_CLOCK_THREAD_CPUTIME, /* CPU time used by the calling host thread */
    UMC_CLOCK_REALTIME_COARSE,
    UMC_CLOCK_MONOTONIC_COARSE,
};

/* Nanoseconds of that clock. Any context; no system call where the vDSO serves it. */
long long umc_host_time_ns(enum umc_clock clock);

/* CLOCK_MONOTONIC when this process started: the zero of the kernel log's and the scheduler's clock. Any context. */
long long umc_host_time_start_ns(void);

/* The time stamp counter when this process started, and into `raw_ns` CLOCK_MONOTONIC_RAW then. Any context. */
unsigned long long umc_host_time_start_tsc(long long *raw_ns);

/* Resolution of that clock in nanoseconds. Any context. */
long long umc_host_time_resolution_ns(enum umc_clock clock);

#ifdef __cplusplus
}
#endif
#endif

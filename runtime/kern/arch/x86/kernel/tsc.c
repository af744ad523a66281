// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces arch/x86/kernel/tsc.c and time.c: the time stamp counter's rate is measured against the host's clock. Left out:
 * the TSC as a clock source (the host does that) and its synchronisation.
 */
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <asm/processor.h>
#include <asm/time.h>
#include <asm/tsc.h>

#include "seam/time.h"

unsigned int __read_mostly cpu_khz;
EXPORT_SYMBOL(cpu_khz);
unsigned int __read_mostly tsc_khz;
EXPORT_SYMBOL(tsc_khz);

/* Measuring over less is too coarse. */
#define MEASURE_NS (5 * NSEC_PER_MSEC)

unsigned long native_calibrate_tsc(void)
{
	s64 start, now;
	u64 first = umc_host_time_start_tsc(&start), last;

	do {
		now = umc_host_time_ns(UMC_CLOCK_MONOTONIC_RAW);
		last = rdtsc_ordered();
	} while (now - start < MEASURE_NS);
	return mul_u64_u64_div_u64(last - first, NSEC_PER_MSEC, now - start);
}

void __init tsc_early_init(void)
{
	tsc_khz = native_calibrate_tsc();
	cpu_khz = tsc_khz;
	calibrate_delay();
}

void __init time_init(void)
{
	tsc_early_init();
}

int check_tsc_unstable(void)
{
	return 0;
}
EXPORT_SYMBOL_GPL(check_tsc_unstable);

/* The host does not tell when it stopped the process. */
bool kvm_check_and_clear_guest_paused(void)
{
	return false;
}
EXPORT_SYMBOL_GPL(kvm_check_and_clear_guest_paused);

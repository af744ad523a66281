// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/sched/clock.c: the scheduler's clock is the host's monotonic clock since the process started, the
 * same on all CPUs and stable, so nothing has to be corrected.
 */
#include <linux/export.h>
#include <linux/sched/clock.h>

#include "seam/time.h"

u64 __sched_clock_offset;

unsigned long long notrace sched_clock(void)
{
	return umc_host_time_ns(UMC_CLOCK_MONOTONIC) - umc_host_time_start_ns();
}
EXPORT_SYMBOL_GPL(sched_clock);

u64 sched_clock_cpu(int cpu)
{
	return sched_clock();
}
EXPORT_SYMBOL_GPL(sched_clock_cpu);

u64 running_clock(void)
{
	return sched_clock();
}

int sched_clock_stable(void)
{
	return 1;
}

/* No driver of the host's clock reports here. */
void clear_sched_clock_stable(void)
{
}

void __init sched_clock_init(void)
{
}

void sched_clock_tick(void)
{
}

void sched_clock_tick_stable(void)
{
}

void sched_clock_idle_sleep_event(void)
{
}
EXPORT_SYMBOL_GPL(sched_clock_idle_sleep_event);

void sched_clock_idle_wakeup_event(void)
{
}
EXPORT_SYMBOL_GPL(sched_clock_idle_wakeup_event);

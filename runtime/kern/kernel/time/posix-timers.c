// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/time/posix-timers.c, posix-cpu-timers.c, itimer.c and fs/timerfd.c: there are no user processes that
 * could create such timers, so none ever runs.
 */
#include <linux/posix-timers.h>
#include <linux/sched/signal.h>
#include <linux/timerfd.h>

void run_posix_cpu_timers(void)
{
}

void timerfd_clock_was_set(void)
{
}

void timerfd_resume(void)
{
}

void posix_cputimers_init_work(void)
{
}

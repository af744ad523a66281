/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the tick (kernel/time/tick.c) and whoever runs a vCPU: its idle loop and its tick signal.
 *
 * The host timer of a vCPU is one-shot (umc_host_vcpu_set_deadline) and armed by the tick code alone:
 *   - a busy vCPU has it armed for its next hrtimer or the next jiffy, whichever is earlier;
 *   - an idle vCPU does not arm it, it sleeps until umc_tick_next_event(). A timer that is still armed then fires
 *     once more and is not armed again, so that an idle instance uses no CPU.
 *
 * The idle loop of every vCPU:
 *
 *	tick_nohz_idle_enter();
 *	while (!need_resched()) {
 *		local_irq_disable();
 *		if (!need_resched() && no interrupt is pending) {
 *			tick_nohz_idle_stop_tick();
 *			ct_idle_enter();
 *			umc_host_vcpu_idle(cpu, umc_tick_next_event());
 *			ct_idle_exit();
 *		}
 *		if (umc_tick_due()) { irq_enter(); umc_tick_handle(); irq_exit(); }
 *		local_irq_enable();
 *	}
 *	tick_nohz_idle_exit();
 *	schedule_idle();
 */
#ifndef UMC_TICK_H
#define UMC_TICK_H
#include <linux/types.h>

/*
 * When the calling vCPU must next run umc_tick_handle() if it stays idle: absolute CLOCK_MONOTONIC nanoseconds, -1 for
 * never. Valid after tick_nohz_idle_stop_tick(), interrupts off.
 */
s64 umc_tick_next_event(void);

/* Whether the next event of the calling vCPU (busy or idle) is due. Cheap; any context, preemption off. */
bool umc_tick_due(void);

/*
 * The tick interrupt: call it on the vCPU, between irq_enter() and irq_exit() and with interrupts off, when
 * umc_tick_due() says so or the tick signal came. Advances jiffies, runs expired hrtimers, the timer wheel's and RCU's
 * per-tick work and the scheduler's, and arms the host timer again unless the vCPU is idle.
 */
void umc_tick_handle(void);

/* The host timer of the calling vCPU fired (its signal arrived), whatever becomes of it. Any context. */
void umc_tick_fired(void);

/* kernel/watchdog.c's part of the tick. */
void umc_watchdog_tick(void);

/* Starts the tick of the calling vCPU; in its bring-up, interrupts off, before its first task runs. */
void umc_tick_start_cpu(void);

#endif

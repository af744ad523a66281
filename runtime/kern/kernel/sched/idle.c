// SPDX-License-Identifier: GPL-2.0-only
/* Replaces kernel/sched/idle.c: what a vCPU does when nothing is runnable. Left out: cpuidle, idle injection. */
#include <linux/context_tracking.h>
#include <linux/cpu.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/idle.h>
#include <linux/tick.h>
#include <umc/sched.h>
#include <umc/tick.h>
#include <kernel/sched/smp.h>
#include "rq.h"

static inline bool work_waits(struct umc_rq *rq)
{
	return need_resched() || READ_ONCE(rq->nr_queued) || READ_ONCE(umc_shutdown);
}

/* Runs what is due; the flag is off at entry and return. */
static void handle_pending(void)
{
	if (umc_tick_due())
		set_bit(UMC_IRQ_TICK, raw_cpu_ptr(&umc_irq_pending));
	if (raw_cpu_read(umc_irq_pending)) {
		umc_irq_restore(X86_EFLAGS_IF);
		raw_cpu_write(umc_irq_flags, 0);
	}
}

/* Preemption is disabled once, interrupts are on. */
void umc_idle_loop(void)
{
	struct umc_rq *rq = this_rq();
	int cpu = rq->cpu;

	while (!READ_ONCE(umc_shutdown)) {
		tick_nohz_idle_enter();
		local_irq_disable();
		while (!work_waits(rq)) {
			if (!raw_cpu_read(umc_irq_pending)) {
				tick_nohz_idle_stop_tick();
				ct_idle_enter();
				umc_host_vcpu_idle(cpu, umc_tick_next_event());
				ct_idle_exit();
			}
			handle_pending();
		}
		umc_irq_restore(X86_EFLAGS_IF);
		tick_nohz_idle_exit();
		if (READ_ONCE(umc_shutdown))
			break;
		flush_smp_call_function_queue();
		schedule_idle();
	}
}


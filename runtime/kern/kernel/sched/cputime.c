// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/sched/cputime.c and loadavg.c: CPU time of tasks and vCPUs. The clock is not read at a switch: at
 * each tick and when a vCPU goes idle or leaves idle, the time since the last such moment is charged to the task that runs then, as
 * tick accounting does. All of it is system time. Left out: guest and steal time, load averages (they stay 0).
 */
#include <linux/kernel_stat.h>
#include <linux/sched.h>
#include <linux/sched/cputime.h>
#include <linux/sched/loadavg.h>
#include "rq.h"

DEFINE_PER_CPU(struct kernel_stat, kstat);
EXPORT_PER_CPU_SYMBOL(kstat);
DEFINE_PER_CPU(struct kernel_cpustat, kernel_cpustat);
EXPORT_PER_CPU_SYMBOL(kernel_cpustat);

unsigned long avenrun[3];
EXPORT_SYMBOL(avenrun);

/* `rq` is locked, or this vCPU's with interrupts off. */
void charge_curr(struct umc_rq *rq, u64 now)
{
	struct task_struct *curr = rq->curr;
	u64 delta = now - rq->charged_ns;

	if ((s64)delta <= 0)
		return;
	rq->charged_ns = now;
	curr->se.sum_exec_runtime += delta;
	curr->stime += delta;
	__this_cpu_add(kernel_cpustat.cpustat[curr == rq->idle ? CPUTIME_IDLE : CPUTIME_SYSTEM], delta);
}

/* The per-tick entry points of the tick code; scheduler_tick() charges. */
void account_process_tick(struct task_struct *p, int user_tick)
{
}

void account_idle_ticks(unsigned long ticks)
{
}

u64 task_gtime(struct task_struct *t)
{
	return 0;
}

bool task_cputime(struct task_struct *t, u64 *utime, u64 *stime)
{
	*utime = READ_ONCE(t->utime);
	*stime = READ_ONCE(t->stime);
	return false;
}

void task_cputime_adjusted(struct task_struct *p, u64 *ut, u64 *st)
{
	task_cputime(p, ut, st);
}
EXPORT_SYMBOL_GPL(task_cputime_adjusted);

unsigned long long task_sched_runtime(struct task_struct *p)
{
	return READ_ONCE(p->se.sum_exec_runtime);
}

void thread_group_cputime(struct task_struct *tsk, struct task_cputime *times)
{
	struct signal_struct *sig = tsk->signal;
	struct task_struct *t;

	times->utime = sig->utime;
	times->stime = sig->stime;
	times->sum_exec_runtime = sig->sum_sched_runtime;
	rcu_read_lock();
	for_each_thread(tsk, t) {
		times->utime += READ_ONCE(t->utime);
		times->stime += READ_ONCE(t->stime);
		times->sum_exec_runtime += READ_ONCE(t->se.sum_exec_runtime);
	}
	rcu_read_unlock();
}

void thread_group_cputime_adjusted(struct task_struct *p, u64 *ut, u64 *st)
{
	struct task_cputime times;

	thread_group_cputime(p, &times);
	*ut = times.utime;
	*st = times.stime;
}

u64 kcpustat_field(struct kernel_cpustat *kcpustat, enum cpu_usage_stat usage, int cpu)
{
	return READ_ONCE(kcpustat->cpustat[usage]);
}
EXPORT_SYMBOL_GPL(kcpustat_field);

void kcpustat_cpu_fetch(struct kernel_cpustat *dst, int cpu)
{
	*dst = per_cpu(kernel_cpustat, cpu);
}
EXPORT_SYMBOL_GPL(kcpustat_cpu_fetch);

void get_avenrun(unsigned long *loads, unsigned long offset, int shift)
{
	loads[0] = loads[1] = loads[2] = 0;
}

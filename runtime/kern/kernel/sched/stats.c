// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/sched/stats.c and the answering part of core.c: what others ask about run queues. Left out: schedstats
 * in procfs. Answers are snapshots
 * unless the vCPU asked about is held still.
 */
#include <linux/sched.h>
#include <linux/sched/idle.h>
#include <linux/sched/nohz.h>
#include <linux/sched/smt.h>
#include <linux/sched/stat.h>
#include <linux/smp.h>
#include <kernel/sched/smp.h>
#include "rq.h"

struct task_struct *idle_task(int cpu)
{
	return cpu_rq(cpu)->idle;
}

int idle_cpu(int cpu)
{
	struct umc_rq *rq = cpu_rq(cpu);

	return READ_ONCE(rq->curr) == rq->idle && !READ_ONCE(rq->nr_queued);
}

int available_idle_cpu(int cpu)
{
	return idle_cpu(cpu);
}

int task_curr(const struct task_struct *p)
{
	return READ_ONCE(cpu_rq(task_cpu(p))->curr) == p;
}

/* The task that runs on `cpu`; a snapshot unless that CPU is held still. */
struct task_struct *cpu_curr_snapshot(int cpu)
{
	struct task_struct *t;

	smp_mb();
	t = READ_ONCE(cpu_rq(cpu)->curr);
	smp_mb();
	return t;
}

/* Whether an interrupt sent to `cpu` finds it in its idle loop; if not, it looks for interrupts before it gets there. */
bool umc_cpu_idles(int cpu)
{
	struct umc_rq *rq = cpu_rq(cpu);

	return READ_ONCE(rq->curr) == rq->idle;
}

struct task_struct *curr_task(int cpu)
{
	return READ_ONCE(cpu_rq(cpu)->curr);
}

/* Timers stay where they are armed. */
int get_nohz_timer_target(void)
{
	return raw_smp_processor_id();
}

/* kernel/smp.c: the queue of calls for `cpu` is no longer empty. */
void send_call_function_single_ipi(int cpu)
{
	arch_send_call_function_single_ipi(cpu);
}

/* Wake-ups are not sent as calls. */
void sched_ttwu_pending(void *arg)
{
	WARN_ON_ONCE(1);
}

/* Cores have no siblings. */
DEFINE_STATIC_KEY_FALSE(sched_smt_present);
EXPORT_SYMBOL_GPL(sched_smt_present);

bool single_task_running(void)
{
	return !READ_ONCE(raw_cpu_ptr(&umc_runqueue)->nr_queued);
}
EXPORT_SYMBOL(single_task_running);

static unsigned int rq_running(struct umc_rq *rq)
{
	return READ_ONCE(rq->nr_queued) + (READ_ONCE(rq->curr) != rq->idle);
}

unsigned int nr_running(void)
{
	unsigned int cpu, sum = 0;

	for_each_online_cpu(cpu)
		sum += rq_running(cpu_rq(cpu));
	return sum;
}

unsigned int nr_iowait_cpu(int cpu)
{
	return max(0, atomic_read(&cpu_rq(cpu)->nr_iowait));
}

unsigned int nr_iowait(void)
{
	unsigned int cpu, sum = 0;

	for_each_possible_cpu(cpu)
		sum += nr_iowait_cpu(cpu);
	return sum;
}

unsigned long long nr_context_switches(void)
{
	unsigned long long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(cpu_rq(cpu)->switches);
	return sum;
}

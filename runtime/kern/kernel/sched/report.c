// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces the reporting parts of kernel/sched/core.c and debug.c: sleeping where that is not allowed, what a task waits
 * for.
 */
#include <linux/kernel.h>
#include <linux/nmi.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/debug.h>
#include <linux/sched/task_stack.h>
#include <linux/stacktrace.h>
#include <umc/sched.h>
#include "rq.h"

/* schedule() called with preemption disabled by more than itself. */
noinline void schedule_bug(struct task_struct *prev)
{
	int count = preempt_count() - PREEMPT_DISABLE_OFFSET;

	if (!oops_in_progress) {
		pr_err("BUG: scheduling while atomic: %s/%d/0x%08x\n", prev->comm, prev->pid, preempt_count());
		dump_stack();
		add_taint(TAINT_WARN, LOCKDEP_STILL_OK);
	}
	/* Go on as if the count had been right: whoever disabled preemption will complain or not. */
	if (count)
		preempt_count_set(PREEMPT_DISABLE_OFFSET);
}

static bool may_sleep(void)
{
	return preempt_count() == 0 && !irqs_disabled();
}

static noinline void sleep_bug(void)
{
	static unsigned long last;

	if (system_state == SYSTEM_BOOTING || system_state > SYSTEM_RUNNING || oops_in_progress ||
	    is_idle_task(current))
		return;
	if (last && time_before(jiffies, last + HZ))
		return;
	last = jiffies ?: 1;
	pr_err("BUG: sleeping function called from invalid context\n");
	pr_err("in_atomic(): %d, irqs_disabled(): %d, non_block: %d, pid: %d, name: %s\n", in_atomic(),
	       irqs_disabled(), 0, current->pid, current->comm);
	pr_err("preempt_count: %x, expected: %x\n", preempt_count(), 0);
	dump_stack();
	add_taint(TAINT_WARN, LOCKDEP_STILL_OK);
}

int umc_might_resched(void)
{
	if (unlikely(!may_sleep())) {
		sleep_bug();
		return 0;
	}
	return __cond_resched();
}

/* ---- what a task does ---- */

/* The address in a sleeping task's stack that is outside the scheduler and the sleeping locks; 0 if it runs. */
unsigned long get_wchan(struct task_struct *p)
{
	unsigned long entries[16];
	unsigned int i, n;

	if (!p || p == current || task_is_running(p) || p->on_rq)
		return 0;
	n = stack_trace_save_tsk(p, entries, ARRAY_SIZE(entries), 0);
	for (i = 0; i < n; i++)
		if (!in_sched_functions(entries[i]))
			return entries[i];
	return 0;
}

void sched_show_task(struct task_struct *p)
{
	int ppid;

	if (!try_get_task_stack(p))
		return;
	rcu_read_lock();
	ppid = task_pid_nr(rcu_dereference(p->real_parent));
	rcu_read_unlock();
	pr_info("task:%-15.15s state:%c stack:%5lu pid:%5d ppid:%6d flags:0x%08lx\n", p->comm, task_state_to_char(p),
		0ul, task_pid_nr(p), ppid, (unsigned long)task_thread_info(p)->flags);
	show_stack(p, NULL, KERN_INFO);
	put_task_stack(p);
}
EXPORT_SYMBOL_GPL(sched_show_task);

void show_state_filter(unsigned int state_filter)
{
	struct task_struct *g, *p;

	rcu_read_lock();
	for_each_process_thread(g, p) {
		if (!state_filter || (READ_ONCE(p->__state) & state_filter))
			sched_show_task(p);
	}
	rcu_read_unlock();
}

void dump_cpu_task(int cpu)
{
	pr_info("Task dump for CPU %d:\n", cpu);
	sched_show_task(curr_task(cpu));
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces the affinity, migration and balancing parts of kernel/sched/core.c and fair.c: which vCPU a task may run
 * on, moving it there, and spreading runnable tasks. A task is woken where it last ran, so that the tasks of one
 * request stay on one vCPU; a vCPU that is idle takes tasks which waited elsewhere.
 * Left out: NUMA, domains and cpusets, load by weight.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/cpuset.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/hotplug.h>
#include <linux/sched/isolation.h>
#include <linux/syscalls.h>
#include <umc/sched.h>
#include "rq.h"

/* A vCPU for `p`, preferably `cpu`. Prefers an idle one for a task whose own is busy. */
int select_cpu(struct task_struct *p, int cpu)
{
	int i, best = -1;
	unsigned int best_load = ~0u;

	if (p->migration_disabled)
		return task_cpu(p);
	if (task_allowed(p, cpu) && idle_cpu(cpu))
		return cpu;
	for_each_cpu_and(i, p->cpus_ptr, cpu_online_mask) {
		struct umc_rq *rq = cpu_rq(i);
		unsigned int load = 2 * (READ_ONCE(rq->nr_queued) + (READ_ONCE(rq->curr) != rq->idle)) + (i != cpu);

		if (load < best_load && task_allowed(p, i)) {
			best_load = load;
			best = i;
		}
	}
	if (best >= 0)
		return best;
	/* No CPU of its mask takes it: as in the kernel, any one does. */
	return cpumask_any(cpu_active_mask);
}

void place_task(struct task_struct *p, int cpu)
{
	for (;;) {
		struct umc_rq *rq = cpu_rq(cpu);

		/* Interrupts are off and nobody else can queue it. */
		umc_set_task_cpu(p, cpu);
		rq_lock(rq);
		if (likely(task_allowed(p, cpu) || !cpumask_intersects(p->cpus_ptr, cpu_active_mask))) {
			if (READ_ONCE(p->__state) == TASK_WAKING)
				WRITE_ONCE(p->__state, TASK_RUNNING);
			rq_enqueue(rq, p);
			wakeup_preempt(rq, p);
			rq_unlock(rq);
			return;
		}
		rq_unlock(rq);
		cpu = select_cpu(p, cpu);
	}
}

/* ---- balancing ---- */

static struct task_struct *find_movable(struct umc_rq *from, int cpu)
{
	struct task_struct *p;

	list_for_each_entry(p, &from->rt, se.group_node)
		if (!p->migration_disabled && task_allowed(p, cpu))
			return p;
	list_for_each_entry(p, &from->fair, se.group_node)
		if (!p->migration_disabled && task_allowed(p, cpu))
			return p;
	return NULL;
}

/* Moves one waiting task to `rq` (locked). */
static bool pull_from(struct umc_rq *rq, struct umc_rq *from)
{
	struct task_struct *p;

	if (!rq_trylock(from))
		return false;
	p = find_movable(from, rq->cpu);
	if (p) {
		rq_remove(from, p);
		umc_set_task_cpu(p, rq->cpu);
		rq_enqueue(rq, p);
		p->se.nr_migrations++;
	}
	rq_unlock(from);
	return p;
}

/* `rq` (locked, this CPU) is about to idle: takes a task that has waited elsewhere. */
bool steal_task(struct umc_rq *rq)
{
	int cpu;

	if (num_online_cpus() == 1 || unlikely(umc_shutdown) || !cpu_active(rq->cpu))
		return false;
	for_each_online_cpu(cpu) {
		struct umc_rq *from = cpu_rq(cpu);

		if (from == rq || !READ_ONCE(from->nr_queued))
			continue;
		/* A lone task that was just queued is better served where it is. */
		if (READ_ONCE(from->nr_queued) < 2 && !READ_ONCE(from->overloaded))
			continue;
		if (pull_from(rq, from))
			return true;
	}
	return false;
}

/* At the tick of a busy vCPU: wakes an idle one if tasks wait here, or takes from one with at least two more. */
void balance_tick(struct umc_rq *rq)
{
	unsigned int mine = rq->nr_queued;
	int cpu;

	if (num_online_cpus() == 1 || rq->curr == rq->idle)
		return;
	for_each_online_cpu(cpu) {
		struct umc_rq *other = cpu_rq(cpu);

		if (other == rq)
			continue;
		if (mine && idle_cpu(cpu)) {
			struct task_struct *p;

			rq_lock(rq);
			p = find_movable(rq, cpu);
			rq_unlock(rq);
			if (p)
				wake_up_if_idle(cpu);
			return;
		}
		if (READ_ONCE(other->nr_queued) >= mine + 2) {
			rq_lock(rq);
			pull_from(rq, other);
			rq_unlock(rq);
			return;
		}
	}
}

/* ---- affinity ---- */

void set_cpus_allowed_common(struct task_struct *p, const struct cpumask *new_mask, u32 flags)
{
	cpumask_copy(&p->cpus_mask, new_mask);
	p->nr_cpus_allowed = cpumask_weight(new_mask);
}

/*
 * Sets the mask of `p` and moves it off a vCPU that the mask leaves out. Returns whether it still has to leave one by
 * itself (it runs there).
 */
static bool change_mask(struct task_struct *p, const struct cpumask *mask)
{
	unsigned long flags = umc_irq_save();
	struct umc_rq *rq = task_rq_lock(p);
	bool leaves = false;

	set_cpus_allowed_common(p, mask, 0);
	if (!task_allowed(p, rq->cpu) && p->on_rq == TASK_ON_RQ_QUEUED) {
		if (task_queued(rq, p)) {
			rq_remove(rq, p);
			p->on_rq = TASK_ON_RQ_MIGRATING;
			rq_unlock(rq);
			place_task(p, select_cpu(p, rq->cpu));
			umc_irq_restore(flags);
			return false;
		}
		resched_curr(rq);
		leaves = true;
	}
	rq_unlock(rq);
	umc_irq_restore(flags);
	return leaves;
}

void do_set_cpus_allowed(struct task_struct *p, const struct cpumask *new_mask)
{
	change_mask(p, new_mask);
}

static int set_cpus_allowed(struct task_struct *p, const struct cpumask *mask, bool check)
{
	const struct cpumask *valid = (p->flags & PF_KTHREAD) ? cpu_online_mask : cpu_active_mask;

	if (check && (p->flags & PF_NO_SETAFFINITY))
		return -EINVAL;
	if (cpumask_equal(&p->cpus_mask, mask))
		return 0;
	if (!cpumask_intersects(valid, mask))
		return -EINVAL;
	if (!change_mask(p, mask))
		return 0;
	if (p == current) {
		if (!preempt_count() && !irqs_disabled() && !p->migration_disabled)
			schedule();
		return 0;
	}
	/* It runs on a CPU it may no longer use: return when it does not. */
	while (!READ_ONCE(p->migration_disabled) && READ_ONCE(p->on_rq) && !cpumask_test_cpu(task_cpu(p), mask))
		schedule_timeout_uninterruptible(1);
	return 0;
}

int set_cpus_allowed_ptr(struct task_struct *p, const struct cpumask *new_mask)
{
	return set_cpus_allowed(p, new_mask, false);
}
EXPORT_SYMBOL_GPL(set_cpus_allowed_ptr);

long sched_setaffinity(pid_t pid, const struct cpumask *in_mask)
{
	struct task_struct *p;
	long ret;

	rcu_read_lock();
	p = pid ? find_task_by_vpid(pid) : current;
	if (!p) {
		rcu_read_unlock();
		return -ESRCH;
	}
	get_task_struct(p);
	rcu_read_unlock();
	ret = set_cpus_allowed(p, in_mask, true);
	put_task_struct(p);
	return ret;
}

long sched_getaffinity(pid_t pid, struct cpumask *mask)
{
	struct task_struct *p;
	long ret = -ESRCH;

	rcu_read_lock();
	p = pid ? find_task_by_vpid(pid) : current;
	if (p) {
		cpumask_and(mask, &p->cpus_mask, cpu_active_mask);
		ret = 0;
	}
	rcu_read_unlock();
	return ret;
}

int dup_user_cpus_ptr(struct task_struct *dst, struct task_struct *src, int node)
{
	/* Only user tasks restricted by the hardware have one. */
	dst->user_cpus_ptr = NULL;
	return 0;
}

void release_user_cpus_ptr(struct task_struct *p)
{
}

void migrate_disable(void)
{
	struct task_struct *p = current;

	if (p->migration_disabled++)
		return;
	barrier();
}
EXPORT_SYMBOL_GPL(migrate_disable);

void migrate_enable(void)
{
	struct task_struct *p = current;

	if (p->migration_disabled > 1) {
		p->migration_disabled--;
		return;
	}
	if (WARN_ON_ONCE(!p->migration_disabled))
		return;
	barrier();
	p->migration_disabled = 0;
	/* The mask may have changed meanwhile. */
	if (unlikely(!cpumask_test_cpu(raw_smp_processor_id(), p->cpus_ptr)) && !preempt_count() && !irqs_disabled())
		schedule();
}
EXPORT_SYMBOL_GPL(migrate_enable);

/* For exec: the cheapest moment to move. */
void sched_exec(void)
{
}

/*
 * Waits until `p` is off its vCPU in state `match_state` (0: any) and returns its switch count, 0 if it left that state.
 */
unsigned long wait_task_inactive(struct task_struct *p, unsigned int match_state)
{
	for (;;) {
		unsigned long flags, ncsw = 0;
		bool running, queued;
		struct umc_rq *rq;

		while (READ_ONCE(p->on_cpu)) {
			if (match_state && READ_ONCE(p->__state) != match_state)
				return 0;
			/* A task on this very vCPU is not on_cpu; the other one needs its time. */
			umc_host_vcpu_yield();
			cond_resched();
		}
		flags = umc_irq_save();
		rq = task_rq_lock(p);
		running = p == rq->curr;
		queued = p->on_rq;
		if (!match_state || READ_ONCE(p->__state) == match_state)
			ncsw = p->nvcsw | LONG_MIN;
		rq_unlock(rq);
		umc_irq_restore(flags);
		if (!ncsw)
			return 0;
		if (running) {
			cpu_relax();
			continue;
		}
		if (queued) {
			set_current_state(TASK_UNINTERRUPTIBLE);
			schedule_timeout(1);
			continue;
		}
		return ncsw;
	}
}

/* ---- hotplug ---- */

int sched_cpu_starting(unsigned int cpu)
{
	return 0;
}

int sched_cpu_activate(unsigned int cpu)
{
	struct umc_rq *rq = cpu_rq(cpu);

	rq->online = true;
	set_cpu_active(cpu, true);
	return 0;
}

int sched_cpu_deactivate(unsigned int cpu)
{
	set_cpu_active(cpu, false);
	cpu_rq(cpu)->online = false;
	return 0;
}

/* cpu_down() is refused earlier; a vCPU that is up stays up. */
int sched_cpu_wait_empty(unsigned int cpu)
{
	return 0;
}

int sched_cpu_dying(unsigned int cpu)
{
	return 0;
}

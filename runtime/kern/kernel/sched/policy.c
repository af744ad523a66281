// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces the policy part of kernel/sched/core.c: nice, scheduling policies and priorities as tasks see them.
 * A real-time task runs before every other and by priority; nice is kept and shown and has no other effect.
 */
#include <linux/capability.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/deadline.h>
#include <linux/sched/rt.h>
#include <linux/sched/signal.h>
#include <uapi/linux/sched/types.h>
#include "rq.h"

static int normal_prio(struct task_struct *p)
{
	if (p->policy == SCHED_FIFO || p->policy == SCHED_RR)
		return MAX_RT_PRIO - 1 - p->rt_priority;
	return p->static_prio;
}

/* A queued task changes its place with its priority. The run queue is locked. */
static void requeue(struct umc_rq *rq, struct task_struct *p, int prio)
{
	bool queued = task_queued(rq, p);

	if (queued)
		rq_remove(rq, p);
	p->prio = prio;
	if (queued) {
		rq_enqueue(rq, p);
		wakeup_preempt(rq, p);
	} else if (p == rq->curr && p != rq->idle && rq->nr_queued) {
		resched_curr(rq);
	}
}

/* The priority inherited from a waiter of a rt_mutex counts when it is higher. */
static int effective_prio(struct task_struct *p)
{
	struct task_struct *donor = p->pi_top_task;

	return donor ? min(p->normal_prio, donor->prio) : p->normal_prio;
}

void sched_fork_policy(struct task_struct *p)
{
	p->prio = current->normal_prio;
	if (unlikely(p->sched_reset_on_fork)) {
		p->policy = SCHED_NORMAL;
		p->static_prio = NICE_TO_PRIO(0);
		p->rt_priority = 0;
		p->sched_reset_on_fork = 0;
	}
	/* An idle task forks ordinary ones. */
	if (p->static_prio >= MAX_PRIO || p->flags & PF_IDLE)
		p->static_prio = DEFAULT_PRIO;
	p->prio = p->normal_prio = normal_prio(p);
}

void set_user_nice(struct task_struct *p, long nice)
{
	unsigned long flags;
	struct umc_rq *rq;

	if (nice < MIN_NICE || nice > MAX_NICE)
		return;
	flags = umc_irq_save();
	rq = task_rq_lock(p);
	p->static_prio = NICE_TO_PRIO(nice);
	if (!rt_prio(p->normal_prio)) {
		p->normal_prio = p->static_prio;
		requeue(rq, p, effective_prio(p));
	}
	rq_unlock(rq);
	umc_irq_restore(flags);
}
EXPORT_SYMBOL(set_user_nice);

int can_nice(const struct task_struct *p, const int nice)
{
	int nice_rlim = nice_to_rlimit(nice);

	return nice_rlim <= task_rlimit(p, RLIMIT_NICE) || capable(CAP_SYS_NICE);
}
EXPORT_SYMBOL_GPL(can_nice);

int task_prio(const struct task_struct *p)
{
	return p->prio - MAX_RT_PRIO;
}

static int set_policy(struct task_struct *p, const struct sched_attr *attr)
{
	int policy = attr->sched_policy;
	unsigned long flags;
	struct umc_rq *rq;

	if (policy < 0)
		policy = p->policy;
	if (policy == SCHED_DEADLINE)
		return -EOPNOTSUPP;
	if (policy != SCHED_NORMAL && policy != SCHED_FIFO && policy != SCHED_RR && policy != SCHED_BATCH &&
	    policy != SCHED_IDLE)
		return -EINVAL;
	if (attr->sched_priority > MAX_RT_PRIO - 1)
		return -EINVAL;
	if ((policy == SCHED_FIFO || policy == SCHED_RR) != (attr->sched_priority != 0))
		return -EINVAL;

	flags = umc_irq_save();
	rq = task_rq_lock(p);
	p->sched_reset_on_fork = !!(attr->sched_flags & SCHED_FLAG_RESET_ON_FORK);
	p->policy = policy;
	p->rt_priority = attr->sched_priority;
	if (policy == SCHED_NORMAL || policy == SCHED_BATCH || policy == SCHED_IDLE)
		p->static_prio = NICE_TO_PRIO(attr->sched_nice);
	p->normal_prio = normal_prio(p);
	requeue(rq, p, effective_prio(p));
	rq_unlock(rq);
	umc_irq_restore(flags);
	return 0;
}

/* Kernel code is privileged: the checked and the unchecked form are the same here. */
static int set_scheduler(struct task_struct *p, int policy, const struct sched_param *param)
{
	struct sched_attr attr = {
		.sched_policy = policy,
		.sched_priority = param->sched_priority,
		.sched_nice = PRIO_TO_NICE(p->static_prio),
	};

	if (policy >= 0 && (policy & SCHED_RESET_ON_FORK)) {
		attr.sched_flags |= SCHED_FLAG_RESET_ON_FORK;
		attr.sched_policy = policy & ~SCHED_RESET_ON_FORK;
	}
	return set_policy(p, &attr);
}

int sched_setscheduler(struct task_struct *p, int policy, const struct sched_param *param)
{
	return set_scheduler(p, policy, param);
}

int sched_setscheduler_nocheck(struct task_struct *p, int policy, const struct sched_param *param)
{
	return set_scheduler(p, policy, param);
}

int sched_setattr(struct task_struct *p, const struct sched_attr *attr)
{
	return set_policy(p, attr);
}

int sched_setattr_nocheck(struct task_struct *p, const struct sched_attr *attr)
{
	return set_policy(p, attr);
}
EXPORT_SYMBOL_GPL(sched_setattr_nocheck);

void sched_set_fifo(struct task_struct *p)
{
	struct sched_param sp = { .sched_priority = MAX_RT_PRIO / 2 };

	WARN_ON_ONCE(sched_setscheduler_nocheck(p, SCHED_FIFO, &sp) != 0);
}
EXPORT_SYMBOL_GPL(sched_set_fifo);

void sched_set_fifo_low(struct task_struct *p)
{
	struct sched_param sp = { .sched_priority = 1 };

	WARN_ON_ONCE(sched_setscheduler_nocheck(p, SCHED_FIFO, &sp) != 0);
}
EXPORT_SYMBOL_GPL(sched_set_fifo_low);

void sched_set_normal(struct task_struct *p, int nice)
{
	struct sched_attr attr = { .sched_policy = SCHED_NORMAL, .sched_nice = nice };

	WARN_ON_ONCE(sched_setattr_nocheck(p, &attr) != 0);
}
EXPORT_SYMBOL_GPL(sched_set_normal);

/* The stopper threads run before everything else. */
void sched_set_stop_task(int cpu, struct task_struct *stop)
{
	struct sched_param sp = { .sched_priority = MAX_RT_PRIO - 1 };

	WARN_ON_ONCE(sched_setscheduler_nocheck(stop, SCHED_FIFO, &sp) != 0);
}

/* `pi_task` lends `p` its priority (null: no one does any more). p->pi_lock is held. */
void rt_mutex_setprio(struct task_struct *p, struct task_struct *pi_task)
{
	unsigned long flags = umc_irq_save();
	struct umc_rq *rq = task_rq_lock(p);

	p->pi_top_task = pi_task;
	if (p != rq->idle)
		requeue(rq, p, effective_prio(p));
	rq_unlock(rq);
	umc_irq_restore(flags);
}

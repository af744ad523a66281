/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The run queue of a vCPU, private to kernel/sched/.
 *
 * Rules:
 *   - A task belongs to the run queue of task_cpu(); its lock protects the task's place in the queue, task_cpu(),
 *     on_rq, and wake-ups: whoever changes __state of a task that is not current holds it.
 *   - The lock is taken with interrupts off. It is held across a task switch and released by the next task, so that
 *     a task whose registers are not saved yet cannot be picked by another CPU.
 *   - on_rq is 0 (sleeps), TASK_ON_RQ_QUEUED (runs or waits in the queue), or TASK_ON_RQ_MIGRATING (between two
 *     queues, held by the one that moves it). The running task is not in the list.
 *   - Two locks are only ever held together by trylock.
 */
#ifndef UMC_SCHED_RQ_H
#define UMC_SCHED_RQ_H
#include <linux/sched.h>
#include <linux/sched/rt.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <umc/irq.h>
#include <umc/sched.h>
#include "seam/vcpu.h"

#define TASK_ON_RQ_QUEUED 1
#define TASK_ON_RQ_MIGRATING 2

struct umc_rq {
	unsigned int lock;
	unsigned int nr_queued;		/* tasks in the two lists; read without the lock as a hint */
	struct task_struct *curr;
	struct task_struct *idle;
	struct list_head rt;		/* real-time tasks, highest priority first, FIFO within one */
	struct list_head fair;		/* all others, round robin */
	struct task_struct *push;	/* switched out although runnable: it may no longer run here */
	int cpu;
	atomic_t nr_iowait;		/* tasks that sleep since they ran here, waiting for I/O */
	bool overloaded;		/* a task waited here for a whole tick */
	bool online;			/* takes tasks */
	unsigned int polls;		/* switches since the reactor was looked at */
	u64 switches;
	u64 charged_ns;			/* up to when CPU time has been charged to tasks */
} ____cacheline_aligned;

DECLARE_PER_CPU_SHARED_ALIGNED(struct umc_rq, umc_runqueue);

static __always_inline struct umc_rq *this_rq(void)
{
	return raw_cpu_ptr(&umc_runqueue);
}

static __always_inline struct umc_rq *cpu_rq(int cpu)
{
	return per_cpu_ptr(&umc_runqueue, cpu);
}

void rq_lock_slow(struct umc_rq *rq);

static __always_inline bool rq_trylock(struct umc_rq *rq)
{
	return !READ_ONCE(rq->lock) && xchg(&rq->lock, 1) == 0;
}

/* A full memory barrier, like every locked instruction. */
static __always_inline void rq_lock(struct umc_rq *rq)
{
	if (unlikely(xchg(&rq->lock, 1)))
		rq_lock_slow(rq);
}

static __always_inline void rq_unlock(struct umc_rq *rq)
{
	smp_store_release(&rq->lock, 0);
}

/* Locks the run queue that `p` belongs to; interrupts off. */
static __always_inline struct umc_rq *task_rq_lock(struct task_struct *p)
{
	for (;;) {
		struct umc_rq *rq = cpu_rq(task_cpu(p));

		rq_lock(rq);
		if (likely(rq->cpu == task_cpu(p)))
			return rq;
		rq_unlock(rq);
	}
}

static __always_inline void rq_enqueue(struct umc_rq *rq, struct task_struct *p)
{
	if (unlikely(rt_prio(p->prio))) {
		struct list_head *at;

		list_for_each(at, &rq->rt)
			if (list_entry(at, struct task_struct, se.group_node)->prio > p->prio)
				break;
		list_add_tail(&p->se.group_node, at);
	} else {
		list_add_tail(&p->se.group_node, &rq->fair);
	}
	p->on_rq = TASK_ON_RQ_QUEUED;
	WRITE_ONCE(rq->nr_queued, rq->nr_queued + 1);
}

static __always_inline void rq_remove(struct umc_rq *rq, struct task_struct *p)
{
	list_del(&p->se.group_node);
	WRITE_ONCE(rq->nr_queued, rq->nr_queued - 1);
}

static inline void umc_set_task_cpu(struct task_struct *p, int cpu)
{
	/* Pairs with task_rq_lock(): the queue's owner is read again under its lock. */
	WRITE_ONCE(task_thread_info(p)->cpu, cpu);
	p->wake_cpu = cpu;
}

static inline bool task_allowed(struct task_struct *p, int cpu)
{
	if (p->migration_disabled)
		return cpu == task_cpu(p);
	if (!cpumask_test_cpu(cpu, p->cpus_ptr))
		return false;
	return likely(cpu_active(cpu)) || ((p->flags & PF_KTHREAD) && cpu_online(cpu));
}

static inline bool task_queued(struct umc_rq *rq, struct task_struct *p)
{
	return p->on_rq == TASK_ON_RQ_QUEUED && p != rq->curr;
}

/* core.c */
void resched_curr(struct umc_rq *rq);
void wakeup_preempt(struct umc_rq *rq, struct task_struct *p);
/* affinity.c */
int select_cpu(struct task_struct *p, int cpu);
/* Puts a task that is in no queue (on_rq MIGRATING or 0, state WAKING or new) into an allowed one. Interrupts off. */
void place_task(struct task_struct *p, int cpu);
bool steal_task(struct umc_rq *rq);
void balance_tick(struct umc_rq *rq);
/* policy.c */
void sched_fork_policy(struct task_struct *p);
/* report.c */
void schedule_bug(struct task_struct *prev);
/* cputime.c */
void charge_curr(struct umc_rq *rq, u64 now);
#endif

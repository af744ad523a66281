// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/sched/core.c and the scheduling classes: run queues, schedule(), wake-ups, preemption.
 * Left out: fairness by weight (the fair class is a round robin by tick), deadlines, groups and bandwidth, utilisation
 * clamping, core scheduling. Affinity is in affinity.c, priorities in policy.c, reports in report.c.
 */
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/debug.h>
#include <linux/sched/idle.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/sched/wake_q.h>
#include <linux/blkdev.h>
#include <linux/kthread.h>
#include <linux/rcupdate_wait.h>
#include <linux/syscalls.h>
#include <asm/switch_to.h>
#include <umc/sched.h>
#include <umc/tick.h>
#include <kernel/sched/smp.h>
#include "../workqueue_internal.h"
#include "rq.h"

#define CREATE_TRACE_POINTS
#include <trace/events/sched.h>
#undef CREATE_TRACE_POINTS

EXPORT_TRACEPOINT_SYMBOL_GPL(pelt_cfs_tp);
EXPORT_TRACEPOINT_SYMBOL_GPL(pelt_rt_tp);
EXPORT_TRACEPOINT_SYMBOL_GPL(pelt_dl_tp);
EXPORT_TRACEPOINT_SYMBOL_GPL(pelt_irq_tp);
EXPORT_TRACEPOINT_SYMBOL_GPL(pelt_se_tp);
EXPORT_TRACEPOINT_SYMBOL_GPL(pelt_thermal_tp);
EXPORT_TRACEPOINT_SYMBOL_GPL(sched_cpu_capacity_tp);
EXPORT_TRACEPOINT_SYMBOL_GPL(sched_overutilized_tp);
EXPORT_TRACEPOINT_SYMBOL_GPL(sched_util_est_cfs_tp);
EXPORT_TRACEPOINT_SYMBOL_GPL(sched_util_est_se_tp);
EXPORT_TRACEPOINT_SYMBOL_GPL(sched_update_nr_running_tp);

DEFINE_PER_CPU_SHARED_ALIGNED(struct umc_rq, umc_runqueue);
int umc_shutdown;

/* Look for reactor events after this many switches without an idle moment or a tick. */
#define POLL_SWITCHES 256

void rq_lock_slow(struct umc_rq *rq)
{
	unsigned int spins = 0;

	do {
		while (READ_ONCE(rq->lock)) {
			cpu_relax();
			/* The holder's thread may be off its host CPU. */
			if (unlikely(++spins % 2048 == 0))
				umc_host_vcpu_yield();
		}
	} while (xchg(&rq->lock, 1));
}

/* ---- need_resched ---- */

void resched_curr(struct umc_rq *rq)
{
	struct task_struct *curr = rq->curr;

	if (test_tsk_need_resched(curr))
		return;
	set_tsk_need_resched(curr);
	if (rq->cpu == raw_smp_processor_id())
		set_preempt_need_resched();
	else if (curr == rq->idle)
		umc_host_vcpu_kick(rq->cpu);
	else
		umc_irq_send(rq->cpu, UMC_IRQ_RESCHEDULE);
}

void resched_cpu(int cpu)
{
	struct umc_rq *rq = cpu_rq(cpu);
	unsigned long flags = umc_irq_save();

	rq_lock(rq);
	if (cpu_online(cpu) || cpu == smp_processor_id())
		resched_curr(rq);
	rq_unlock(rq);
	umc_irq_restore(flags);
}

/* `p` was just queued on `rq` (locked): does it run before the current task? */
void wakeup_preempt(struct umc_rq *rq, struct task_struct *p)
{
	struct task_struct *curr = rq->curr;

	if (curr == rq->idle) {
		resched_curr(rq);
	} else if (unlikely(p->prio < curr->prio && rt_prio(p->prio))) {
		resched_curr(rq);
	}
}

/* ---- wake-ups ---- */

/*
 * Wakes `p` if its state is one of `state`. Any context.
 *
 * Executes a full memory barrier before it looks at the state, so that a condition set before is seen by a task that
 * sets its state and then tests the condition. A task that is still running (or preempted) only gets its state set:
 * schedule() looks at it under the same lock. Its own stores to __state are not locked, hence the cmpxchg.
 */
int try_to_wake_up(struct task_struct *p, unsigned int state, int wake_flags)
{
	unsigned long flags = umc_irq_save();
	struct umc_rq *rq;
	unsigned int old;
	int cpu, woken = 0;

	if (p == current) {
		/* It runs: nothing to queue. */
		if (READ_ONCE(p->__state) & state) {
			WRITE_ONCE(p->__state, TASK_RUNNING);
			woken = 1;
		}
		umc_irq_restore(flags);
		return woken;
	}

	rq = task_rq_lock(p);
	for (;;) {
		old = READ_ONCE(p->__state);
		if (!(old & state)) {
			rq_unlock(rq);
			goto out;
		}
		if (!p->on_rq)
			break;
		if (cmpxchg(&p->__state, old, TASK_RUNNING) == old) {
			rq_unlock(rq);
			woken = 1;
			goto out;
		}
	}
	woken = 1;
	if (unlikely(p->in_iowait))
		atomic_dec(&rq->nr_iowait);
	if (unlikely(!task_allowed(p, rq->cpu))) {
		WRITE_ONCE(p->__state, TASK_WAKING);
		cpu = select_cpu(p, rq->cpu);
		umc_set_task_cpu(p, cpu);
		rq_unlock(rq);
		place_task(p, cpu);
		goto out;
	}
	WRITE_ONCE(p->__state, TASK_RUNNING);
	rq_enqueue(rq, p);
	wakeup_preempt(rq, p);
	rq_unlock(rq);
out:
	if (woken)
		trace_sched_wakeup(p);
	umc_irq_restore(flags);
	return woken;
}

int wake_up_process(struct task_struct *p)
{
	return try_to_wake_up(p, TASK_NORMAL, 0);
}
EXPORT_SYMBOL(wake_up_process);

int wake_up_state(struct task_struct *p, unsigned int state)
{
	return try_to_wake_up(p, state, 0);
}

int default_wake_function(wait_queue_entry_t *curr, unsigned mode, int wake_flags, void *key)
{
	return try_to_wake_up(curr->private, mode, wake_flags);
}
EXPORT_SYMBOL(default_wake_function);

/* Calls func(p, arg) while the task cannot be woken, moved or started to run. */
int task_call_func(struct task_struct *p, task_call_f func, void *arg)
{
	unsigned long flags = umc_irq_save();
	struct umc_rq *rq = task_rq_lock(p);
	int ret = func(p, arg);

	rq_unlock(rq);
	umc_irq_restore(flags);
	return ret;
}

static bool __wake_q_add(struct wake_q_head *head, struct task_struct *task)
{
	struct wake_q_node *node = &task->wake_q;

	/* The cmpxchg orders the caller's condition before a node that is queued already. */
	smp_mb__before_atomic();
	if (unlikely(cmpxchg_relaxed(&node->next, NULL, WAKE_Q_TAIL)))
		return false;
	*head->lastp = node;
	head->lastp = &node->next;
	return true;
}

void wake_q_add(struct wake_q_head *head, struct task_struct *task)
{
	if (__wake_q_add(head, task))
		get_task_struct(task);
}

void wake_q_add_safe(struct wake_q_head *head, struct task_struct *task)
{
	if (!__wake_q_add(head, task))
		put_task_struct(task);
}

void wake_up_q(struct wake_q_head *head)
{
	struct wake_q_node *node = head->first;

	while (node != WAKE_Q_TAIL) {
		struct task_struct *task = container_of(node, struct task_struct, wake_q);

		node = node->next;
		WRITE_ONCE(task->wake_q.next, NULL);
		wake_up_process(task);
		put_task_struct(task);
	}
}

void wake_up_idle_cpu(int cpu)
{
	if (cpu != smp_processor_id())
		umc_host_vcpu_kick(cpu);
}

void wake_up_nohz_cpu(int cpu)
{
	wake_up_idle_cpu(cpu);
}

void wake_up_if_idle(int cpu)
{
	struct umc_rq *rq = cpu_rq(cpu);
	unsigned long flags = umc_irq_save();

	rq_lock(rq);
	if (rq->curr == rq->idle)
		resched_curr(rq);
	rq_unlock(rq);
	umc_irq_restore(flags);
}

void kick_process(struct task_struct *p)
{
	int cpu;

	preempt_disable();
	cpu = task_cpu(p);
	if (cpu != smp_processor_id() && task_curr(p))
		smp_send_reschedule(cpu);
	preempt_enable();
}
EXPORT_SYMBOL_GPL(kick_process);

/* ---- the switch ---- */

/* Runs on the new task's stack, with the lock its predecessor took; turns interrupts on. */
static __always_inline struct umc_rq *finish_task_switch(struct task_struct *prev)
{
	struct umc_rq *rq = this_rq();
	struct task_struct *push = rq->push;
	unsigned int prev_state = READ_ONCE(prev->__state);

	if (unlikely(umc_host_fibers))
		umc_host_fiber_after(umc_task_fiber(current));
	smp_store_release(&prev->on_cpu, 0);
	rq->push = NULL;
	rq_unlock(rq);
	if (unlikely(push))
		place_task(push, select_cpu(push, rq->cpu));
	umc_irq_restore(X86_EFLAGS_IF);
	if (unlikely(prev_state == TASK_DEAD)) {
		put_task_stack(prev);
		put_task_struct_rcu_user(prev);
	}
	return rq;
}

/* The first C code of a new task. */
asmlinkage __visible void schedule_tail(struct task_struct *prev)
{
	finish_task_switch(prev);
	preempt_enable();
}

static __always_inline struct task_struct *pick_next(struct umc_rq *rq)
{
	struct task_struct *next;

	if (unlikely(umc_shutdown))
		return rq->idle;
	if (unlikely(!list_empty(&rq->rt)))
		next = list_first_entry(&rq->rt, struct task_struct, se.group_node);
	else if (likely(!list_empty(&rq->fair)))
		next = list_first_entry(&rq->fair, struct task_struct, se.group_node);
	else
		return rq->idle;
	rq_remove(rq, next);
	return next;
}

/*
 * Called with preemption disabled once. `preempt`: the task stays runnable whatever its state. Interrupts are on at
 * return, as in the kernel.
 */
static void __sched notrace __schedule(bool preempt)
{
	struct umc_rq *rq;
	struct task_struct *prev = current, *next;
	unsigned int state;

	if (unlikely(preempt_count() != PREEMPT_DISABLE_OFFSET))
		schedule_bug(prev);

	raw_cpu_write(umc_irq_flags, 0);
	rcu_note_context_switch(preempt);
	rq = this_rq();
	rq_lock(rq);
	if (test_tsk_need_resched(prev)) {
		clear_tsk_need_resched(prev);
		clear_preempt_need_resched();
	}

	state = READ_ONCE(prev->__state);
	if (!preempt && state) {
		if (unlikely(signal_pending_state(state, prev))) {
			WRITE_ONCE(prev->__state, TASK_RUNNING);
			goto runnable;
		}
		prev->sched_contributes_to_load = (state & TASK_UNINTERRUPTIBLE) && !(state & TASK_NOLOAD) &&
						  !(state & TASK_FROZEN);
		if (unlikely(prev->in_iowait))
			atomic_inc(&rq->nr_iowait);
		WRITE_ONCE(prev->on_rq, 0);
		prev->nvcsw++;
	} else {
runnable:
		if (prev != rq->idle) {
			if (unlikely(!task_allowed(prev, rq->cpu))) {
				WRITE_ONCE(prev->on_rq, TASK_ON_RQ_MIGRATING);
				rq->push = prev;
			} else {
				rq_enqueue(rq, prev);
			}
		}
		prev->nivcsw++;
	}

	next = pick_next(rq);
	if (unlikely(next == rq->idle) && steal_task(rq))
		next = pick_next(rq);
	if (next == prev) {
		rq_unlock(rq);
		umc_irq_restore(X86_EFLAGS_IF);
		return;
	}

	if (unlikely(next == rq->idle || prev == rq->idle))
		charge_curr(rq, sched_clock());
	trace_sched_switch(preempt, prev, next, state);
	rq->switches++;
	rq->curr = next;
	next->on_cpu = 1;
	raw_cpu_write(current_task, next);
	raw_cpu_write(cpu_current_top_of_stack, task_top_of_stack(next));
	if (unlikely(prev == rq->idle))
		/* umc_irq_send() sees a task running, or the flag is seen when interrupts go on. */
		smp_mb();
	if (unlikely(umc_host_fibers))
		umc_host_fiber_before(umc_task_fiber(prev), umc_task_fiber(next), state == TASK_DEAD);
	prev = umc_switch(prev, next);
	barrier();
	rq = finish_task_switch(prev);
	if (unlikely(++rq->polls >= POLL_SWITCHES)) {
		rq->polls = 0;
		umc_irq_send_self(UMC_IRQ_POLL);
	}
}

static __always_inline void sched_submit_work(struct task_struct *tsk)
{
	unsigned int task_flags = tsk->flags;

	if (task_is_running(tsk))
		return;
	if (unlikely(task_flags & (PF_WQ_WORKER | PF_IO_WORKER))) {
		if (task_flags & PF_WQ_WORKER)
			wq_worker_sleeping(tsk);
	}
	/* A task that sleeps with block requests held back would keep them from everyone. */
	if (unlikely(tsk->plug))
		blk_flush_plug(tsk->plug, true);
}

asmlinkage __visible void __sched schedule(void)
{
	struct task_struct *tsk = current;

	sched_submit_work(tsk);
	do {
		preempt_disable();
		__schedule(false);
		sched_preempt_enable_no_resched();
	} while (unlikely(need_resched()));
	if (unlikely(tsk->flags & PF_WQ_WORKER))
		wq_worker_running(tsk);
}
EXPORT_SYMBOL(schedule);

void __sched schedule_preempt_disabled(void)
{
	sched_preempt_enable_no_resched();
	schedule();
	preempt_disable();
}

/* The idle task switches to whatever is runnable; its state is always TASK_RUNNING. */
void __sched schedule_idle(void)
{
	WARN_ON_ONCE(current->__state);
	do {
		__schedule(false);
	} while (need_resched());
}

void __noreturn do_task_dead(void)
{
	set_special_state(TASK_DEAD);
	current->flags |= PF_NOFREEZE;
	__schedule(false);
	BUG();
}

/* ---- preemption ---- */

static void __sched notrace preempt_schedule_common(void)
{
	do {
		preempt_disable_notrace();
		__schedule(true);
		preempt_enable_no_resched_notrace();
	} while (need_resched());
}

asmlinkage __visible void __sched notrace preempt_schedule(void)
{
	if (likely(!preempt_count() && raw_cpu_read(umc_irq_flags)))
		preempt_schedule_common();
}
EXPORT_SYMBOL(preempt_schedule);

asmlinkage __visible void __sched notrace preempt_schedule_notrace(void)
{
	if (likely(!preempt_count() && raw_cpu_read(umc_irq_flags)))
		preempt_schedule_common();
}
EXPORT_SYMBOL_GPL(preempt_schedule_notrace);

/* From the end of an interrupt, with interrupts on and preemption allowed. */
asmlinkage __visible void __sched preempt_schedule_irq(void)
{
	preempt_schedule_common();
}

DEFINE_STATIC_CALL(preempt_schedule, preempt_schedule_dynamic_enabled);
EXPORT_STATIC_CALL_TRAMP(preempt_schedule);
DEFINE_STATIC_CALL(preempt_schedule_notrace, preempt_schedule_notrace_dynamic_enabled);
EXPORT_STATIC_CALL_TRAMP(preempt_schedule_notrace);

int __sched __cond_resched(void)
{
	if (should_resched(0)) {
		preempt_schedule_common();
		return 1;
	}
	return 0;
}
EXPORT_SYMBOL(__cond_resched);

DEFINE_STATIC_CALL(cond_resched, __cond_resched);
EXPORT_STATIC_CALL_TRAMP(cond_resched);
/* might_sleep() comes here too: the check of DEBUG_ATOMIC_SLEEP costs a few instructions and is always on. */
DEFINE_STATIC_CALL(might_resched, umc_might_resched);
EXPORT_STATIC_CALL_TRAMP(might_resched);

int __cond_resched_lock(spinlock_t *lock)
{
	int resched = should_resched(PREEMPT_LOCK_OFFSET);

	if (spin_needbreak(lock) || resched) {
		spin_unlock(lock);
		if (!_cond_resched())
			cpu_relax();
		spin_lock(lock);
		return 1;
	}
	return 0;
}
EXPORT_SYMBOL(__cond_resched_lock);

int __cond_resched_rwlock_read(rwlock_t *lock)
{
	int resched = should_resched(PREEMPT_LOCK_OFFSET);

	if (rwlock_needbreak(lock) || resched) {
		read_unlock(lock);
		if (!_cond_resched())
			cpu_relax();
		read_lock(lock);
		return 1;
	}
	return 0;
}
EXPORT_SYMBOL(__cond_resched_rwlock_read);

int __cond_resched_rwlock_write(rwlock_t *lock)
{
	int resched = should_resched(PREEMPT_LOCK_OFFSET);

	if (rwlock_needbreak(lock) || resched) {
		write_unlock(lock);
		if (!_cond_resched())
			cpu_relax();
		write_lock(lock);
		return 1;
	}
	return 0;
}
EXPORT_SYMBOL(__cond_resched_rwlock_write);

void __sched yield(void)
{
	set_current_state(TASK_RUNNING);
	preempt_disable();
	__schedule(true);
	sched_preempt_enable_no_resched();
}
EXPORT_SYMBOL(yield);

/* Lets `p` run soon by giving up the CPU it waits for; -ESRCH: it does not wait for this one. */
int __sched yield_to(struct task_struct *p, bool preempt)
{
	if (!task_is_running(p) || p->on_cpu)
		return -ESRCH;
	yield();
	return 1;
}
EXPORT_SYMBOL_GPL(yield_to);

int io_schedule_prepare(void)
{
	int old_iowait = current->in_iowait;

	current->in_iowait = 1;
	blk_flush_plug(current->plug, true);
	return old_iowait;
}

void io_schedule_finish(int token)
{
	current->in_iowait = token;
}

long __sched io_schedule_timeout(long timeout)
{
	int token = io_schedule_prepare();
	long ret = schedule_timeout(timeout);

	io_schedule_finish(token);
	return ret;
}
EXPORT_SYMBOL(io_schedule_timeout);

void __sched io_schedule(void)
{
	int token = io_schedule_prepare();

	schedule();
	io_schedule_finish(token);
}
EXPORT_SYMBOL(io_schedule);

/* ---- tick ---- */

void scheduler_tick(void)
{
	struct umc_rq *rq = this_rq();
	struct task_struct *curr = rq->curr;
	u64 now = sched_clock();

	rq_lock(rq);
	charge_curr(rq, now);
	if (rq->nr_queued && curr != rq->idle) {
		if (!rt_prio(curr->prio)) {
			resched_curr(rq);
		} else if (curr->policy == SCHED_RR && !--curr->rt.time_slice) {
			curr->rt.time_slice = RR_TIMESLICE;
			resched_curr(rq);
		}
		rq->overloaded = true;
	} else {
		rq->overloaded = false;
	}
	rq_unlock(rq);
	balance_tick(rq);
	umc_irq_send_self(UMC_IRQ_POLL);
}

/* ---- new tasks ---- */

int sched_fork(unsigned long clone_flags, struct task_struct *p)
{
	p->on_cpu = 0;
	p->on_rq = 0;
	p->se.on_rq = 0;
	p->se.exec_start = 0;
	p->se.sum_exec_runtime = 0;
	p->se.prev_sum_exec_runtime = 0;
	p->se.nr_migrations = 0;
	p->se.vruntime = 0;
	INIT_LIST_HEAD(&p->se.group_node);
	INIT_LIST_HEAD(&p->rt.run_list);
	p->rt.timeout = 0;
	p->rt.time_slice = RR_TIMESLICE;
	RB_CLEAR_NODE(&p->dl.rb_node);
	plist_node_init(&p->pushable_tasks, MAX_PRIO);
	RB_CLEAR_NODE(&p->pushable_dl_tasks);
#ifdef CONFIG_PREEMPT_NOTIFIERS
	INIT_HLIST_HEAD(&p->preempt_notifiers);
#endif
	p->wake_entry.u_flags = CSD_TYPE_TTWU;
	p->wake_q.next = NULL;
	p->migration_disabled = 0;
	p->migration_pending = NULL;
	p->cpus_ptr = &p->cpus_mask;
	/* Not runnable, and no signal or stray wake-up can make it so, before wake_up_new_task(). */
	p->__state = TASK_NEW;
	sched_fork_policy(p);
	init_task_preempt_count(p);
	return 0;
}

void wake_up_new_task(struct task_struct *p)
{
	unsigned long flags = umc_irq_save();

	WRITE_ONCE(p->__state, TASK_RUNNING);
	trace_sched_wakeup_new(p);
	place_task(p, select_cpu(p, raw_smp_processor_id()));
	umc_irq_restore(flags);
}

/* ---- boot ---- */

void __init sched_init(void)
{
	int cpu;

	wait_bit_init();
	for_each_possible_cpu(cpu) {
		struct umc_rq *rq = cpu_rq(cpu);

		INIT_LIST_HEAD(&rq->rt);
		INIT_LIST_HEAD(&rq->fair);
		rq->cpu = cpu;
	}
	init_idle(current, smp_processor_id());
}

/* Makes `idle` the idle task of `cpu`; that CPU is not running tasks yet, or it is the boot CPU in sched_init(). */
void __init init_idle(struct task_struct *idle, int cpu)
{
	struct umc_rq *rq = cpu_rq(cpu);

	idle->__state = TASK_RUNNING;
	idle->flags |= PF_IDLE | PF_KTHREAD | PF_NO_SETAFFINITY;
	idle->prio = idle->normal_prio = MAX_PRIO;
	cpumask_copy(&idle->cpus_mask, cpumask_of(cpu));
	idle->nr_cpus_allowed = 1;
	umc_set_task_cpu(idle, cpu);
	idle->on_rq = TASK_ON_RQ_QUEUED;
	idle->on_cpu = 1;
	rq->idle = idle;
	rq->curr = idle;
	init_idle_preempt_count(idle, cpu);
	snprintf(idle->comm, sizeof(idle->comm), "swapper/%d", cpu);
}

void __init sched_init_smp(void)
{
	current->flags &= ~PF_NO_SETAFFINITY;
}

int in_sched_functions(unsigned long addr)
{
	extern char __sched_text_start[], __sched_text_end[];

	return in_lock_functions(addr) ||
	       (addr >= (unsigned long)__sched_text_start && addr < (unsigned long)__sched_text_end);
}

/* ---- preempt notifiers ---- */

#ifdef CONFIG_PREEMPT_NOTIFIERS
/* Only KVM uses them, to reload hardware state that no process has. Refused at registration, which returns nothing. */
void preempt_notifier_inc(void)
{
	WARN_ONCE(1, "preempt notifiers are not supported\n");
}
EXPORT_SYMBOL_GPL(preempt_notifier_inc);

void preempt_notifier_dec(void)
{
}
EXPORT_SYMBOL_GPL(preempt_notifier_dec);
#endif

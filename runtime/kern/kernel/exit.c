// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/exit.c: the end of a task. Left out: what only user processes have (core dumps, wait(2), sessions and
 * terminals, ptrace, accounting). A parent never waits: a task that ends is reaped at once.
 */
#include <linux/cpuset.h>
#include <linux/cred.h>
#include <linux/fdtable.h>
#include <linux/fs_struct.h>
#include <linux/init_task.h>
#include <linux/iocontext.h>
#include <linux/kthread.h>
#include <linux/mempolicy.h>
#include <linux/nsproxy.h>
#include <linux/panic.h>
#include <linux/pid.h>
#include <linux/pipe_fs_i.h>
#include <linux/posix-timers.h>
#include <linux/ptrace.h>
#include <linux/rcupdate_wait.h>
#include <linux/rcuwait.h>
#include <linux/sched/cputime.h>
#include <linux/sched/debug.h>
#include <linux/sched/signal.h>
#include <linux/sched/stat.h>
#include <linux/sched/task.h>
#include <linux/security.h>
#include <linux/task_work.h>
#include <linux/writeback.h>
#include <trace/events/sched.h>
#include <umc/call.h>
#include <umc/sched.h>

static void delayed_put_task_struct(struct rcu_head *rhp)
{
	struct task_struct *tsk = container_of(rhp, struct task_struct, rcu);

	trace_sched_process_free(tsk);
	put_task_struct(tsk);
}

void put_task_struct_rcu_user(struct task_struct *task)
{
	if (refcount_dec_and_test(&task->rcu_users))
		call_rcu(&task->rcu, delayed_put_task_struct);
}

/* tasklist_lock is held for writing. */
static void unhash(struct task_struct *tsk)
{
	struct signal_struct *sig = tsk->signal;
	struct sighand_struct *sighand = rcu_dereference_protected(tsk->sighand, true);

	spin_lock(&sighand->siglock);
	if (tsk == sig->curr_target)
		sig->curr_target = next_thread(tsk);
	write_seqlock(&sig->stats_lock);
	sig->utime += tsk->utime;
	sig->stime += tsk->stime;
	sig->nvcsw += tsk->nvcsw;
	sig->nivcsw += tsk->nivcsw;
	sig->sum_sched_runtime += tsk->se.sum_exec_runtime;
	sig->nr_threads--;
	nr_threads--;
	detach_pid(tsk, PIDTYPE_PID);
	detach_pid(tsk, PIDTYPE_TGID);
	detach_pid(tsk, PIDTYPE_PGID);
	detach_pid(tsk, PIDTYPE_SID);
	list_del_rcu(&tsk->tasks);
	list_del_init(&tsk->sibling);
	__this_cpu_dec(process_counts);
	list_del_rcu(&tsk->thread_group);
	list_del_rcu(&tsk->thread_node);
	write_sequnlock(&sig->stats_lock);
	flush_sigqueue(&tsk->pending);
	/* Pairs with lock_task_sighand(). */
	smp_store_release(&tsk->sighand, NULL);
	spin_unlock(&sighand->siglock);
	__cleanup_sighand(sighand);
	clear_tsk_thread_flag(tsk, TIF_SIGPENDING);
	flush_sigqueue(&sig->shared_pending);
}

void release_task(struct task_struct *p)
{
	rcu_read_lock();
	dec_rlimit_ucounts(task_ucounts(p), UCOUNT_RLIMIT_NPROC, 1);
	rcu_read_unlock();
	write_lock_irq(&tasklist_lock);
	unhash(p);
	write_unlock_irq(&tasklist_lock);
	put_task_struct_rcu_user(p);
}

/* Children go to kthreadd; nobody waits for this task, so that it is dead at once. */
static void exit_notify(struct task_struct *tsk)
{
	struct task_struct *p, *n;

	write_lock_irq(&tasklist_lock);
	list_for_each_entry_safe(p, n, &tsk->children, sibling) {
		p->real_parent = p->parent = kthreadd_task;
		list_move_tail(&p->sibling, &kthreadd_task->children);
	}
	tsk->exit_state = EXIT_DEAD;
	write_unlock_irq(&tasklist_lock);
	release_task(tsk);
}

void __noreturn do_exit(long code)
{
	struct task_struct *tsk = current;

	WARN_ON(irqs_disabled());
	WARN_ON(tsk->plug);
	/* As upstream from here on; tells make_task_dead() that a fault below is a second one. */
	tsk->flags |= PF_POSTCOREDUMP;
	exit_signals(tsk);	/* sets PF_EXITING */
	atomic_dec(&tsk->signal->live);
	if (unlikely(is_global_init(tsk)))
		panic("Attempted to kill init! exitcode=0x%08lx\n", code);
	hrtimer_cancel(&tsk->signal->real_timer);
	tsk->exit_code = code;
	exit_mm_release(tsk, NULL);
	trace_sched_process_exit(tsk);
	exit_files(tsk);
	exit_fs(tsk);
	exit_task_namespaces(tsk);
	exit_task_work(tsk);

	exit_tasks_rcu_start();
	exit_notify(tsk);
	debug_check_no_locks_held();
	if (tsk->io_context)
		exit_io_context(tsk);
	if (tsk->splice_pipe)
		free_pipe_info(tsk->splice_pipe);
	if (tsk->task_frag.page)
		put_page(tsk->task_frag.page);
	preempt_disable();
	exit_rcu();
	exit_tasks_rcu_finish();
	do_task_dead();
}

void __noreturn make_task_dead(int signr)
{
	struct task_struct *tsk = current;

	if (unlikely(in_interrupt()))
		panic("Aiee, killing interrupt handler!");
	if (unlikely(!tsk->pid))
		panic("Attempted to kill the idle task!");
	if (unlikely(irqs_disabled())) {
		pr_info("note: %s[%d] exited with irqs disabled\n", tsk->comm, task_pid_nr(tsk));
		local_irq_enable();
	}
	if (unlikely(in_atomic())) {
		pr_info("note: %s[%d] exited with preempt_count %d\n", tsk->comm, task_pid_nr(tsk), preempt_count());
		preempt_count_set(PREEMPT_ENABLED);
	}
	/* Read sections it was in are over; the RCU of the instance goes on. */
	while (rcu_preempt_depth() > 0)
		rcu_read_unlock();
	__set_current_state(TASK_RUNNING);
	if (unlikely(tsk->flags & (PF_EXITING | PF_POSTCOREDUMP))) {
		pr_alert("Fixing recursive fault but reboot is needed!\n");
		tsk->exit_state = EXIT_DEAD;
		refcount_inc(&tsk->rcu_users);
		preempt_disable();
		do_task_dead();
	}
	/* What it held back for itself goes on its way or would be lost. */
	tsk->plug = NULL;
	umc_call_task_dies();
	do_exit(signr);
}

/* A fatal signal taken. Each task is a thread group of its own. */
void __noreturn do_group_exit(int exit_code)
{
	do_exit(exit_code);
}

/* Nobody waits for children, and no process group has a terminal. */
void __wake_up_parent(struct task_struct *p, struct task_struct *parent)
{
}

bool is_current_pgrp_orphaned(void)
{
	return true;
}

int rcuwait_wake_up(struct rcuwait *w)
{
	struct task_struct *task;
	int ret = 0;

	rcu_read_lock();
	/* Orders the caller's condition before the look at the task; pairs with set_current_state() of the waiter. */
	smp_mb();
	task = rcu_dereference(w->task);
	if (task)
		ret = wake_up_process(task);
	rcu_read_unlock();
	return ret;
}
EXPORT_SYMBOL_GPL(rcuwait_wake_up);

bool thread_group_exited(struct pid *pid)
{
	struct task_struct *task;
	bool exited;

	rcu_read_lock();
	task = pid_task(pid, PIDTYPE_PID);
	exited = !task || (READ_ONCE(task->exit_state) && thread_group_empty(task));
	rcu_read_unlock();
	return exited;
}
EXPORT_SYMBOL(thread_group_exited);

__visible void abort(void)
{
	BUG();
}
EXPORT_SYMBOL(abort);

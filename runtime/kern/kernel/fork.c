// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/fork.c: kernel threads only. Left out: user address spaces, ptrace, pidfds, seccomp, rseq, cgroups,
 * audit, accounting of processes, io_uring workers. What asks for one of these fails with a line in the log.
 */
#include <linux/hrtimer.h>
#include <linux/binfmts.h>
#include <linux/cred.h>
#include <linux/delayacct.h>
#include <linux/fdtable.h>
#include <linux/fs_struct.h>
#include <linux/futex.h>
#include <linux/hardirq.h>
#include <linux/kthread.h>
#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/nsproxy.h>
#include <linux/posix-timers.h>
#include <linux/proc_ns.h>
#include <linux/rtmutex.h>
#include <linux/sched.h>
#include <linux/sched/cputime.h>
#include <linux/sched/mm.h>
#include <linux/sched/stat.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/sched/user.h>
#include <linux/security.h>
#include <linux/signalfd.h>
#include <linux/slab.h>
#include <linux/tick.h>
#include <linux/user_namespace.h>
#include <umc/sched.h>

#define CREATE_TRACE_POINTS
#include <trace/events/task.h>
#undef CREATE_TRACE_POINTS

#define MIN_THREADS 20
#define MAX_THREADS FUTEX_TID_MASK

unsigned long total_forks;	/* protected by tasklist_lock for writing, like the next one */
int nr_threads;
int max_threads;
DEFINE_PER_CPU(unsigned long, process_counts) = 0;
__cacheline_aligned DEFINE_RWLOCK(tasklist_lock);

static struct kmem_cache *task_struct_cachep;
static struct kmem_cache *signal_cachep;
struct kmem_cache *sighand_cachep;
struct kmem_cache *files_cachep;
struct kmem_cache *fs_cachep;

int nr_processes(void)
{
	int cpu, total = 0;

	for_each_possible_cpu(cpu)
		total += per_cpu(process_counts, cpu);
	return total;
}

/* ---- task_struct ---- */

static void release_stack(struct task_struct *tsk)
{
	if (!tsk->stack)
		return;
	umc_task_stack_free(tsk);
	tsk->stack = NULL;
}

#ifdef CONFIG_THREAD_INFO_IN_TASK
void put_task_stack(struct task_struct *tsk)
{
	if (refcount_dec_and_test(&tsk->stack_refcount))
		release_stack(tsk);
}
EXPORT_SYMBOL_GPL(put_task_stack);
#endif

void free_task(struct task_struct *tsk)
{
	WARN_ON_ONCE(refcount_read(&tsk->stack_refcount) != 0);
	if (tsk->flags & PF_KTHREAD)
		free_kthread_struct(tsk);
	kmem_cache_free(task_struct_cachep, tsk);
}
EXPORT_SYMBOL(free_task);

static void free_signal_struct(struct signal_struct *sig)
{
	kmem_cache_free(signal_cachep, sig);
}

static void put_signal_struct(struct signal_struct *sig)
{
	if (refcount_dec_and_test(&sig->sigcnt))
		free_signal_struct(sig);
}

void __put_task_struct(struct task_struct *tsk)
{
	WARN_ON(!tsk->exit_state);
	WARN_ON(refcount_read(&tsk->usage));
	WARN_ON(tsk == current);

	security_task_free(tsk);
	exit_creds(tsk);
	put_signal_struct(tsk->signal);
	free_task(tsk);
}
EXPORT_SYMBOL_GPL(__put_task_struct);

void __put_task_struct_rcu_cb(struct rcu_head *rhp)
{
	__put_task_struct(container_of(rhp, struct task_struct, rcu));
}
EXPORT_SYMBOL_GPL(__put_task_struct_rcu_cb);

static struct task_struct *dup_task_struct(struct task_struct *orig)
{
	struct task_struct *tsk = kmem_cache_alloc(task_struct_cachep, GFP_KERNEL);

	if (!tsk)
		return NULL;
	memcpy(tsk, orig, sizeof(*tsk));
	if (umc_task_stack_alloc(tsk)) {
		kmem_cache_free(task_struct_cachep, tsk);
		return NULL;
	}
	refcount_set(&tsk->stack_refcount, 1);
	clear_tsk_need_resched(tsk);
	/* One reference for the task itself, to go when it is dead and unhashed; one for the scheduler. */
	refcount_set(&tsk->rcu_users, 2);
	refcount_set(&tsk->usage, 1);
	tsk->splice_pipe = NULL;
	tsk->task_frag.page = NULL;
	tsk->wake_q.next = NULL;
	tsk->worker_private = NULL;
	tsk->reported_split_lock = 0;
	return tsk;
}

/* ---- what a task shares with or copies from its creator ---- */

static int copy_fs(u64 clone_flags, struct task_struct *tsk)
{
	struct fs_struct *fs = current->fs;

	if (clone_flags & CLONE_FS) {
		spin_lock(&fs->lock);
		fs->users++;
		spin_unlock(&fs->lock);
		return 0;
	}
	tsk->fs = copy_fs_struct(fs);
	return tsk->fs ? 0 : -ENOMEM;
}

static int copy_files(u64 clone_flags, struct task_struct *tsk)
{
	struct files_struct *files = current->files;

	if (!files)
		return 0;
	if (clone_flags & CLONE_FILES) {
		atomic_inc(&files->count);
		return 0;
	}
	files = dup_fd(files, NULL);
	if (IS_ERR(files))
		return PTR_ERR(files);
	tsk->files = files;
	return 0;
}

static int copy_sighand(u64 clone_flags, struct task_struct *tsk)
{
	struct sighand_struct *sig;

	if (clone_flags & CLONE_SIGHAND) {
		refcount_inc(&current->sighand->count);
		return 0;
	}
	sig = kmem_cache_alloc(sighand_cachep, GFP_KERNEL);
	RCU_INIT_POINTER(tsk->sighand, sig);
	if (!sig)
		return -ENOMEM;
	refcount_set(&sig->count, 1);
	spin_lock_irq(&current->sighand->siglock);
	memcpy(sig->action, current->sighand->action, sizeof(sig->action));
	spin_unlock_irq(&current->sighand->siglock);
	return 0;
}

void __cleanup_sighand(struct sighand_struct *sighand)
{
	/* The cache is SLAB_TYPESAFE_BY_RCU: no grace period needed. */
	if (refcount_dec_and_test(&sighand->count))
		kmem_cache_free(sighand_cachep, sighand);
}

static int copy_signal(struct task_struct *tsk)
{
	struct signal_struct *sig = kmem_cache_zalloc(signal_cachep, GFP_KERNEL);

	tsk->signal = sig;
	if (!sig)
		return -ENOMEM;
	sig->nr_threads = 1;
	sig->quick_threads = 1;
	atomic_set(&sig->live, 1);
	refcount_set(&sig->sigcnt, 1);
	INIT_LIST_HEAD(&sig->thread_head);
	INIT_LIST_HEAD(&tsk->thread_node);
	list_add(&tsk->thread_node, &sig->thread_head);
	init_waitqueue_head(&sig->wait_chldexit);
	sig->curr_target = tsk;
	init_sigpending(&sig->shared_pending);
	INIT_HLIST_HEAD(&sig->multiprocess);
	seqlock_init(&sig->stats_lock);
	prev_cputime_init(&sig->prev_cputime);
	INIT_LIST_HEAD(&sig->posix_timers);
	hrtimer_init(&sig->real_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	task_lock(current->group_leader);
	memcpy(sig->rlim, current->signal->rlim, sizeof(sig->rlim));
	task_unlock(current->group_leader);
	sig->oom_score_adj = current->signal->oom_score_adj;
	sig->oom_score_adj_min = current->signal->oom_score_adj_min;
	mutex_init(&sig->cred_guard_mutex);
	init_rwsem(&sig->exec_update_lock);
	return 0;
}

static void init_fields(struct task_struct *p)
{
	INIT_LIST_HEAD(&p->children);
	INIT_LIST_HEAD(&p->sibling);
	INIT_LIST_HEAD(&p->thread_group);
	INIT_LIST_HEAD(&p->ptraced);
	INIT_LIST_HEAD(&p->ptrace_entry);
	p->ptrace = 0;
	p->vfork_done = NULL;
	p->set_child_tid = p->clear_child_tid = NULL;
	spin_lock_init(&p->alloc_lock);
	init_sigpending(&p->pending);
	p->utime = p->stime = p->gtime = 0;
	prev_cputime_init(&p->prev_cputime);
	p->default_timer_slack_ns = current->timer_slack_ns;
	p->nvcsw = p->nivcsw = 0;
	p->min_flt = p->maj_flt = 0;
	p->last_switch_count = 0;
	p->last_switch_time = 0;
	p->io_context = NULL;
	p->plug = NULL;
	p->bio_list = NULL;
	p->pagefault_disabled = 0;
	p->nr_dirtied = 0;
	p->nr_dirtied_pause = 128 >> (PAGE_SHIFT - 10);
	p->dirty_paused_when = 0;
	p->pdeath_signal = 0;
	p->task_works = NULL;
	p->sas_ss_sp = p->sas_ss_size = 0;
	p->mm = NULL;
	p->active_mm = &init_mm;
	p->exit_state = 0;
	p->exit_code = 0;
	p->in_iowait = 0;
	p->journal_info = NULL;
	p->backing_dev_info = NULL;
	p->reclaim_state = NULL;
	p->user_cpus_ptr = NULL;
	p->mempolicy = NULL;

	raw_spin_lock_init(&p->pi_lock);
	p->pi_waiters = RB_ROOT_CACHED;
	p->pi_top_task = NULL;
	p->pi_blocked_on = NULL;

	seqcount_spinlock_init(&p->mems_allowed_seq, &p->alloc_lock);

	p->rcu_read_lock_nesting = 0;
	p->rcu_read_unlock_special.s = 0;
	p->rcu_blocked_node = NULL;
	INIT_LIST_HEAD(&p->rcu_node_entry);
	p->rcu_tasks_holdout = false;
	INIT_LIST_HEAD(&p->rcu_tasks_holdout_list);
	p->rcu_tasks_idle_cpu = -1;
	p->trc_reader_nesting = 0;
	p->trc_reader_special.s = 0;
	INIT_LIST_HEAD(&p->trc_holdout_list);
	INIT_LIST_HEAD(&p->trc_blkd_node);
}

static struct task_struct *copy_process(struct pid *pid, struct kernel_clone_args *args)
{
	const u64 clone_flags = args->flags;
	struct task_struct *p;
	int ret = -ENOMEM;

	if (!args->kthread || (clone_flags & (CLONE_THREAD | CLONE_PIDFD | CLONE_NEWNS | CLONE_NEWUSER | CLONE_NEWPID |
					      CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP))) {
		pr_err("%s[%d]: only kernel threads can be created (flags %#llx)\n", current->comm, current->pid,
		       clone_flags);
		return ERR_PTR(-EOPNOTSUPP);
	}
	if (data_race(nr_threads >= max_threads))
		return ERR_PTR(-EAGAIN);

	p = dup_task_struct(current);
	if (!p)
		return ERR_PTR(-ENOMEM);
	p->flags &= ~(PF_SUPERPRIV | PF_WQ_WORKER | PF_IDLE | PF_NO_SETAFFINITY | PF_NOFREEZE | PF_EXITING |
		      PF_MEMALLOC | PF_MEMALLOC_NOFS | PF_MEMALLOC_NOIO);
	p->flags |= PF_KTHREAD | PF_FORKNOEXEC;
	init_fields(p);
	ret = copy_creds(p, clone_flags);
	if (ret < 0)
		goto free_stack;
	posix_cputimers_init(&p->posix_cputimers);
	ret = -ENOMEM;
	if (!set_kthread_struct(p))
		goto free_creds;
	ret = sched_fork(clone_flags, p);
	if (ret)
		goto free_creds;
	ret = security_task_alloc(p, clone_flags);
	if (ret)
		goto free_creds;
	ret = copy_files(clone_flags, p);
	if (ret)
		goto free_security;
	ret = copy_fs(clone_flags, p);
	if (ret)
		goto free_files;
	ret = copy_sighand(clone_flags, p);
	if (ret)
		goto free_fs;
	ret = copy_signal(p);
	if (ret)
		goto free_sighand;
	get_nsproxy(p->nsproxy);

	umc_task_prepare(p, args->fn, args->fn_arg);

	if (!pid) {
		pid = alloc_pid(p->nsproxy->pid_ns_for_children, args->set_tid, args->set_tid_size);
		if (IS_ERR(pid)) {
			ret = PTR_ERR(pid);
			goto free_namespaces;
		}
	}
	p->pid = pid_nr(pid);
	p->group_leader = p;
	p->tgid = p->pid;
	p->start_time = ktime_get_ns();
	p->start_boottime = ktime_get_boottime_ns();

	write_lock_irq(&tasklist_lock);
	p->real_parent = current;
	p->parent = current;
	p->parent_exec_id = current->self_exec_id;
	p->exit_signal = args->exit_signal;
	spin_lock(&current->sighand->siglock);
	rcu_assign_pointer(p->thread_pid, pid);
	if (likely(p->pid)) {
		p->signal->pids[PIDTYPE_TGID] = pid;
		p->signal->pids[PIDTYPE_PGID] = task_pgrp(current);
		p->signal->pids[PIDTYPE_SID] = task_session(current);
		if (is_child_reaper(pid)) {
			ns_of_pid(pid)->child_reaper = p;
			p->signal->flags |= SIGNAL_UNKILLABLE;
		}
		list_add_tail(&p->sibling, &p->real_parent->children);
		list_add_tail_rcu(&p->tasks, &init_task.tasks);
		attach_pid(p, PIDTYPE_TGID);
		attach_pid(p, PIDTYPE_PGID);
		attach_pid(p, PIDTYPE_SID);
		__this_cpu_inc(process_counts);
		attach_pid(p, PIDTYPE_PID);
		nr_threads++;
	}
	total_forks++;
	spin_unlock(&current->sighand->siglock);
	write_unlock_irq(&tasklist_lock);
	trace_task_newtask(p, clone_flags);
	return p;

free_namespaces:
	put_nsproxy(p->nsproxy);
	free_signal_struct(p->signal);
free_sighand:
	__cleanup_sighand(p->sighand);
free_fs:
	exit_fs(p);
free_files:
	exit_files(p);
free_security:
	security_task_free(p);
free_creds:
	dec_rlimit_ucounts(task_ucounts(p), UCOUNT_RLIMIT_NPROC, 1);
	exit_creds(p);
free_stack:
	WRITE_ONCE(p->__state, TASK_DEAD);
	put_task_stack(p);
	free_task(p);
	return ERR_PTR(ret);
}

static int idle_dummy(void *arg)
{
	return 0;
}

/* The idle task of a secondary vCPU: runs on that host thread's own stack. */
struct task_struct *__init fork_idle(int cpu)
{
	struct kernel_clone_args args = {
		.flags = CLONE_VM | CLONE_FS | CLONE_FILES,
		.fn = idle_dummy,
		.kthread = 1,
		.idle = 1,
	};
	struct task_struct *p = copy_process(&init_struct_pid, &args);
	enum pid_type type;

	if (IS_ERR(p))
		return p;
	for (type = PIDTYPE_PID; type < PIDTYPE_MAX; type++)
		INIT_HLIST_NODE(&p->pid_links[type]);
	for (type = PIDTYPE_TGID; type < PIDTYPE_MAX; type++)
		p->signal->pids[type] = &init_struct_pid;
	release_stack(p);
	init_idle(p, cpu);
	return p;
}

pid_t kernel_clone(struct kernel_clone_args *args)
{
	struct task_struct *p;
	struct pid *pid;
	pid_t nr;

	p = copy_process(NULL, args);
	if (IS_ERR(p))
		return PTR_ERR(p);
	/* The task may be gone as soon as it runs. */
	pid = get_task_pid(p, PIDTYPE_PID);
	nr = pid_vnr(pid);
	wake_up_new_task(p);
	put_pid(pid);
	return nr;
}

pid_t kernel_thread(int (*fn)(void *), void *arg, unsigned long flags)
{
	struct kernel_clone_args args = {
		.flags = (lower_32_bits(flags) | CLONE_VM | CLONE_UNTRACED) & ~CSIGNAL,
		.exit_signal = lower_32_bits(flags) & CSIGNAL,
		.fn = fn,
		.fn_arg = arg,
		.kthread = 1,
	};

	return kernel_clone(&args);
}

/* There is no user mode to go to. */
pid_t user_mode_thread(int (*fn)(void *), void *arg, unsigned long flags)
{
	pr_err("%s[%d]: no user programs can be started from %pS\n", current->comm, current->pid, fn);
	return -EOPNOTSUPP;
}

/* ---- names of tasks (of fs/exec.c) ---- */

char *__get_task_comm(char *buf, size_t buf_size, struct task_struct *tsk)
{
	task_lock(tsk);
	strscpy_pad(buf, tsk->comm, buf_size);
	task_unlock(tsk);
	return buf;
}
EXPORT_SYMBOL_GPL(__get_task_comm);

void __set_task_comm(struct task_struct *tsk, const char *buf, bool exec)
{
	task_lock(tsk);
	trace_task_rename(tsk, buf);
	strscpy_pad(tsk->comm, buf, sizeof(tsk->comm));
	task_unlock(tsk);
}

/* ---- address spaces: tasks have none of their own ---- */

struct mm_struct *get_task_mm(struct task_struct *task)
{
	struct mm_struct *mm;

	task_lock(task);
	mm = (task->flags & PF_KTHREAD) ? NULL : task->mm;
	if (mm)
		mmget(mm);
	task_unlock(task);
	return mm;
}
EXPORT_SYMBOL_GPL(get_task_mm);

/* Only init_mm exists, and it stays. */
void mmput(struct mm_struct *mm)
{
	WARN_ON_ONCE(atomic_dec_and_test(&mm->mm_users));
}
EXPORT_SYMBOL_GPL(mmput);

void mmput_async(struct mm_struct *mm)
{
	mmput(mm);
}
EXPORT_SYMBOL_GPL(mmput_async);

void __mmdrop(struct mm_struct *mm)
{
	WARN_ON_ONCE(1);
}
EXPORT_SYMBOL_GPL(__mmdrop);

void exit_mm_release(struct task_struct *tsk, struct mm_struct *mm)
{
	/* kthread_stop() and a vfork parent wait for it. */
	if (tsk->vfork_done) {
		struct completion *vfork;

		task_lock(tsk);
		vfork = tsk->vfork_done;
		if (likely(vfork)) {
			tsk->vfork_done = NULL;
			complete(vfork);
		}
		task_unlock(tsk);
	}
}

/* ---- boot ---- */

static void sighand_ctor(void *data)
{
	struct sighand_struct *sighand = data;

	spin_lock_init(&sighand->siglock);
	init_waitqueue_head(&sighand->signalfd_wqh);
}

void __init proc_caches_init(void)
{
	sighand_cachep = kmem_cache_create("sighand_cache", sizeof(struct sighand_struct), 0,
		SLAB_HWCACHE_ALIGN | SLAB_PANIC | SLAB_TYPESAFE_BY_RCU | SLAB_ACCOUNT, sighand_ctor);
	signal_cachep = kmem_cache_create("signal_cache", sizeof(struct signal_struct), 0,
		SLAB_HWCACHE_ALIGN | SLAB_PANIC | SLAB_ACCOUNT, NULL);
	files_cachep = kmem_cache_create("files_cache", sizeof(struct files_struct), 0,
		SLAB_HWCACHE_ALIGN | SLAB_PANIC | SLAB_ACCOUNT, NULL);
	fs_cachep = kmem_cache_create("fs_cache", sizeof(struct fs_struct), 0,
		SLAB_HWCACHE_ALIGN | SLAB_PANIC | SLAB_ACCOUNT, NULL);
}

void __init fork_init(void)
{
	int i;

	task_struct_cachep = kmem_cache_create("task_struct", sizeof(struct task_struct), __alignof__(struct task_struct),
		SLAB_PANIC | SLAB_ACCOUNT, NULL);
	max_threads = clamp_t(u64, (u64)totalram_pages() * PAGE_SIZE / (THREAD_SIZE * 8ul), MIN_THREADS, MAX_THREADS);
	init_task.signal->rlim[RLIMIT_NPROC].rlim_cur = max_threads / 2;
	init_task.signal->rlim[RLIMIT_NPROC].rlim_max = max_threads / 2;
	init_task.signal->rlim[RLIMIT_SIGPENDING] = init_task.signal->rlim[RLIMIT_NPROC];
	for (i = 0; i < UCOUNT_COUNTS; i++)
		init_user_ns.ucount_max[i] = max_threads / 2;
	set_userns_rlimit_max(&init_user_ns, UCOUNT_RLIMIT_NPROC, RLIM_INFINITY);
	set_userns_rlimit_max(&init_user_ns, UCOUNT_RLIMIT_MSGQUEUE, RLIM_INFINITY);
	set_userns_rlimit_max(&init_user_ns, UCOUNT_RLIMIT_SIGPENDING, RLIM_INFINITY);
	set_userns_rlimit_max(&init_user_ns, UCOUNT_RLIMIT_MEMLOCK, RLIM_INFINITY);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls from host threads to tasks (seam/call.h), and tasks that wait for the host's thread pool.
 *
 * A host thread puts the call on a lock-free list of vCPU 0 and raises an interrupt there; the interrupt hands it to a
 * waiting call task, or has one made. Call tasks wait to be used again; a few are kept.
 */
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/llist.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <umc/call.h>
#include <umc/irq.h>
#include "seam/call.h"
#include "seam/vcpu.h"

#define IDLE_TASKS_MAX 4

/* ---- tasks waiting for the pool ---- */

struct pool_waiter {
	struct llist_node node;
	struct completion done;
};

static LLIST_HEAD(pool_done);

int umc_pool_run(void (*fn)(void *arg), void *arg)
{
	struct pool_waiter waiter = { .done = COMPLETION_INITIALIZER_ONSTACK(waiter.done) };
	int ret;

	might_sleep();
	preempt_disable();
	ret = umc_host_pool_submit(fn, arg, &waiter);
	preempt_enable();
	if (!ret)
		wait_for_completion(&waiter.done);
	return ret;
}

/* Host thread: the completion is for a vCPU to signal. */
void umc_kern_pool_done(void *waiter)
{
	if (llist_add(&((struct pool_waiter *)waiter)->node, &pool_done))
		umc_kern_event(0);
}

static void complete_waiters(void)
{
	struct pool_waiter *waiter, *next;

	/* A waiter's memory is gone once it is complete. */
	llist_for_each_entry_safe(waiter, next, llist_del_all(&pool_done), node)
		complete(&waiter->done);
}

/* ---- calls ---- */

struct call {
	struct llist_node node;
	struct list_head list;
	char name[TASK_COMM_LEN];
	void (*fn)(void *arg);
	void *arg;
	void (*done)(void *arg, int outcome);
	struct task_struct *task;	/* that runs it */
};

/* Calls are queued by threads that may not allocate kernel memory: a fixed number, taken with cmpxchg. */
#define CALL_SLOTS 256
static struct call slots[CALL_SLOTS];
static unsigned long slots_used[BITS_TO_LONGS(CALL_SLOTS)];

static LLIST_HEAD(submitted);
static bool accepting;

/* Protects the rest. Taken in interrupts. */
static DEFINE_SPINLOCK(lock);
static LIST_HEAD(pending);	/* calls no task has taken yet */
static LIST_HEAD(running);
static unsigned int idle_tasks;
static unsigned int wanted_tasks;	/* asked of the work below, not there yet */
static DECLARE_WAIT_QUEUE_HEAD(idle_wait);

static void call_put(struct call *call)
{
	clear_bit_unlock(call - slots, slots_used);
}

static void finish(struct call *call, int outcome)
{
	void (*done)(void *arg, int outcome) = call->done;
	void *arg = call->arg;

	spin_lock_irq(&lock);
	list_del(&call->list);
	spin_unlock_irq(&lock);
	call_put(call);
	done(arg, outcome);
}

static struct call *take(void)
{
	struct call *call;

	call = list_first_entry_or_null(&pending, struct call, list);
	if (call) {
		list_move(&call->list, &running);
		call->task = current;
	}
	return call;
}

static int call_task(void *unused)
{
	spin_lock_irq(&lock);
	wanted_tasks--;
	for (;;) {
		struct call *call = take();

		if (!call) {
			if (idle_tasks >= IDLE_TASKS_MAX)
				break;
			idle_tasks++;
			spin_unlock_irq(&lock);
			set_task_comm(current, "call");
			wait_event_idle_exclusive(idle_wait, !list_empty_careful(&pending));
			spin_lock_irq(&lock);
			idle_tasks--;
			continue;
		}
		spin_unlock_irq(&lock);
		set_task_comm(current, call->name);
		call->fn(call->arg);
		finish(call, 0);
		spin_lock_irq(&lock);
	}
	spin_unlock_irq(&lock);
	return 0;
}

static void create_tasks(struct work_struct *work)
{
	struct task_struct *task;
	struct call *call;

	for (;;) {
		unsigned int waiting = 0;

		spin_lock_irq(&lock);
		list_for_each_entry(call, &pending, list)
			waiting++;
		if (waiting <= idle_tasks + wanted_tasks) {
			spin_unlock_irq(&lock);
			return;
		}
		wanted_tasks++;
		spin_unlock_irq(&lock);
		task = kthread_run(call_task, NULL, "call");
		if (IS_ERR(task)) {
			/* The call stays queued: the next one, or a task that becomes free, takes it. */
			spin_lock_irq(&lock);
			wanted_tasks--;
			spin_unlock_irq(&lock);
			pr_err("no task for a host call: error %ld\n", PTR_ERR(task));
			return;
		}
	}
}

static DECLARE_WORK(create_work, create_tasks);

/* Interrupt context. */
void umc_call_interrupt(void)
{
	struct llist_node *list;
	struct call *call, *next;
	unsigned int waiting = 0, idle;

	complete_waiters();
	list = llist_reverse_order(llist_del_all(&submitted));
	if (!list)
		return;
	spin_lock(&lock);
	llist_for_each_entry_safe(call, next, list, node)
		list_add_tail(&call->list, &pending);
	list_for_each_entry(call, &pending, list)
		waiting++;
	idle = idle_tasks;
	spin_unlock(&lock);
	wake_up_nr(&idle_wait, waiting);
	if (waiting > idle)
		queue_work(system_unbound_wq, &create_work);
}

/* Host thread: no %gs, so nothing here may use per-CPU data. */
int umc_kern_call_submit(const char *name, void (*fn)(void *arg), void *arg, void (*done)(void *arg, int outcome))
{
	struct call *call;
	unsigned int i, n;

	if (!smp_load_acquire(&accepting))
		return -ESHUTDOWN;
	for (i = 0; i < CALL_SLOTS; i++)
		if (!test_bit(i, slots_used) && !test_and_set_bit(i, slots_used))
			break;
	if (i == CALL_SLOTS)
		return -ENOMEM;
	call = &slots[i];
	for (n = 0; n < TASK_COMM_LEN - 1 && name[n]; n++)
		call->name[n] = name[n];
	call->name[n] = 0;
	call->fn = fn;
	call->arg = arg;
	call->done = done;
	call->task = NULL;
	if (llist_add(&call->node, &submitted))
		umc_kern_event(0);
	return 0;
}

void umc_call_task_dies(void)
{
	struct call *call, *mine = NULL;

	spin_lock_irq(&lock);
	list_for_each_entry(call, &running, list)
		if (call->task == current)
			mine = call;
	spin_unlock_irq(&lock);
	if (mine)
		finish(mine, UMC_CALL_OOPSED);
}

void umc_call_init(void)
{
	smp_store_release(&accepting, true);
}

void umc_call_end(void)
{
	WRITE_ONCE(accepting, false);
}

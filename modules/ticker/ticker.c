// SPDX-License-Identifier: GPL-2.0-only
/* A timer that wakes a kthread, which counts; both end when the module is unloaded. */
#include <linux/err.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/timer.h>
#include <linux/wait.h>

static unsigned int period_ms = 10;
module_param(period_ms, uint, 0444);
MODULE_PARM_DESC(period_ms, "time between ticks in milliseconds");
static unsigned long ticks;
module_param(ticks, ulong, 0444);
MODULE_PARM_DESC(ticks, "ticks seen by the timer so far");

static DECLARE_WAIT_QUEUE_HEAD(wait);
static unsigned long handled;
static struct task_struct *thread;

static void tick(struct timer_list *timer)
{
	ticks++;
	wake_up(&wait);
	mod_timer(timer, jiffies + msecs_to_jiffies(period_ms));
}

static DEFINE_TIMER(timer, tick);

static int ticker_thread(void *unused)
{
	while (!kthread_should_stop()) {
		wait_event_interruptible(wait, READ_ONCE(ticks) != handled || kthread_should_stop());
		if (handled == READ_ONCE(ticks))
			continue;
		handled = READ_ONCE(ticks);
		if (handled == 3)
			pr_info("ticker: third tick on cpu %d in %s\n", raw_smp_processor_id(), current->comm);
	}
	return 0;
}

static int __init ticker_init(void)
{
	thread = kthread_run(ticker_thread, NULL, "ticker");
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	mod_timer(&timer, jiffies + msecs_to_jiffies(period_ms));
	pr_info("ticker: every %u ms\n", period_ms);
	return 0;
}

static void __exit ticker_exit(void)
{
	/* The handler re-arms itself: only a shutdown in this order ends it. */
	timer_shutdown_sync(&timer);
	kthread_stop(thread);
	pr_info("ticker: %lu ticks, %lu handled\n", ticks, handled);
}

module_init(ticker_init);
module_exit(ticker_exit);
MODULE_DESCRIPTION("A timer and a kthread");
MODULE_LICENSE("GPL");

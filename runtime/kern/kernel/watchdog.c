// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/watchdog.c: reports a task that keeps a vCPU for longer than twice watchdog_thresh seconds without
 * giving it up. Checked by the tick, which only a busy vCPU has, rather than by timers and threads of its own.
 * Left out: hard lockups (code with interrupts off cannot be told from a vCPU the host does not run), the controls in
 * /proc/sys.
 */
#include <linux/kernel.h>
#include <linux/nmi.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/debug.h>
#include <linux/utsname.h>

#include "umc/tick.h"

int __read_mostly watchdog_user_enabled = 1;
int __read_mostly soft_watchdog_user_enabled = 1;
int __read_mostly watchdog_thresh = 10;
unsigned int __read_mostly softlockup_panic = IS_ENABLED(CONFIG_BOOTPARAM_SOFTLOCKUP_PANIC);

struct watch {
	struct task_struct *task; /* compared, not followed */
	unsigned long switches;
	u64 since;		  /* sched_clock() when it was first seen, 0: start again */
	bool reported;
};
static DEFINE_PER_CPU(struct watch, watch);

static int __init softlockup_panic_setup(char *str)
{
	softlockup_panic = simple_strtoul(str, NULL, 0);
	return 1;
}
__setup("softlockup_panic=", softlockup_panic_setup);

static int __init nosoftlockup_setup(char *str)
{
	soft_watchdog_user_enabled = 0;
	return 1;
}
__setup("nosoftlockup", nosoftlockup_setup);

static int __init nowatchdog_setup(char *str)
{
	watchdog_user_enabled = 0;
	return nosoftlockup_setup(str);
}
__setup("nowatchdog", nowatchdog_setup);

static int __init watchdog_thresh_setup(char *str)
{
	get_option(&str, &watchdog_thresh);
	return 1;
}
__setup("watchdog_thresh=", watchdog_thresh_setup);

void umc_watchdog_tick(void)
{
	struct watch *w = this_cpu_ptr(&watch);
	unsigned long switches = current->nvcsw + current->nivcsw;
	u64 now = sched_clock();

	if (w->task != current || w->switches != switches || !w->since || is_idle_task(current)) {
		w->task = current;
		w->switches = switches;
		w->since = now;
		w->reported = false;
		return;
	}
	if (w->reported || !soft_watchdog_user_enabled || !watchdog_thresh ||
	    now - w->since < 2ull * watchdog_thresh * NSEC_PER_SEC)
		return;
	w->reported = true;
	pr_emerg("BUG: soft lockup - CPU#%d stuck for %llus! [%s:%d]\n", smp_processor_id(),
		 (now - w->since) / NSEC_PER_SEC, current->comm, task_pid_nr(current));
	print_modules();
	dump_stack();
	add_taint(TAINT_SOFTLOCKUP, LOCKDEP_STILL_OK);
	if (softlockup_panic)
		panic("softlockup: hung tasks");
}

notrace void touch_softlockup_watchdog_sched(void)
{
	raw_cpu_write(watch.since, 0);
}

notrace void touch_softlockup_watchdog(void)
{
	touch_softlockup_watchdog_sched();
}
EXPORT_SYMBOL(touch_softlockup_watchdog);

void touch_all_softlockup_watchdogs(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		WRITE_ONCE(per_cpu(watch.since, cpu), 0);
}

void touch_softlockup_watchdog_sync(void)
{
	touch_softlockup_watchdog_sched();
}

/* Nothing watches for hard lockups. */
notrace void arch_touch_nmi_watchdog(void)
{
}
EXPORT_SYMBOL(arch_touch_nmi_watchdog);

void __init lockup_detector_init(void)
{
}

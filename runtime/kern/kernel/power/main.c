// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/power/main.c: the machine is never suspended. Who registers for that is kept, and never called.
 * Left out: /sys/power.
 */
#include <linux/init.h>
#include <linux/mutex.h>
#include <linux/pm.h>
#include <linux/pm_runtime.h>
#include <linux/sched/mm.h>
#include <linux/suspend.h>
#include <linux/workqueue.h>

struct workqueue_struct *pm_wq;
EXPORT_SYMBOL_GPL(pm_wq);

static BLOCKING_NOTIFIER_HEAD(pm_chain_head);

unsigned int lock_system_sleep(void)
{
	unsigned int flags = current->flags;

	current->flags |= PF_NOFREEZE;
	mutex_lock(&system_transition_mutex);
	return flags;
}
EXPORT_SYMBOL_GPL(lock_system_sleep);

void unlock_system_sleep(unsigned int flags)
{
	if (!(flags & PF_NOFREEZE))
		current->flags &= ~PF_NOFREEZE;
	mutex_unlock(&system_transition_mutex);
}
EXPORT_SYMBOL_GPL(unlock_system_sleep);

int register_pm_notifier(struct notifier_block *nb)
{
	return blocking_notifier_chain_register(&pm_chain_head, nb);
}
EXPORT_SYMBOL_GPL(register_pm_notifier);

int unregister_pm_notifier(struct notifier_block *nb)
{
	return blocking_notifier_chain_unregister(&pm_chain_head, nb);
}
EXPORT_SYMBOL_GPL(unregister_pm_notifier);

static int __init pm_init(void)
{
	pm_wq = alloc_workqueue("pm", WQ_FREEZABLE, 0);
	return pm_wq ? 0 : -ENOMEM;
}
core_initcall(pm_init);

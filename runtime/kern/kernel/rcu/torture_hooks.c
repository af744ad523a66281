// SPDX-License-Identifier: GPL-2.0-only
/* What kernel/rcu/update.c offers the kernel's RCU tests only in configurations that have these: here they are modules. */
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/sched.h>

long rcutorture_sched_setaffinity(pid_t pid, const struct cpumask *in_mask);

long rcutorture_sched_setaffinity(pid_t pid, const struct cpumask *in_mask)
{
	int ret = sched_setaffinity(pid, in_mask);

	WARN_ONCE(ret, "%s: sched_setaffinity() returned %d\n", __func__, ret);
	return ret;
}
EXPORT_SYMBOL_GPL(rcutorture_sched_setaffinity);

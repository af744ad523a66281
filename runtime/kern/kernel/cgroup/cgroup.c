// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/cgroup/cgroup.c: there are no control groups. What remains is what a task's life touches: the lock
 * against moving a thread group, which nobody takes for writing.
 */
#include <linux/cgroup.h>
#include <linux/cgroup-defs.h>
#include <linux/percpu-rwsem.h>

DEFINE_PERCPU_RWSEM(cgroup_threadgroup_rwsem);
EXPORT_SYMBOL_GPL(cgroup_threadgroup_rwsem);

void cgroup_enter_frozen(void)
{
}

void cgroup_leave_frozen(bool always_leave)
{
}

bool cgroup_freezing(struct task_struct *task)
{
	return false;
}

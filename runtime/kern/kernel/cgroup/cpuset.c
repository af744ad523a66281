// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/cgroup/cpuset.c: there are no cpusets, so every task may use every CPU and the one memory node. What
 * the allocators ask is in mm/absent.c.
 */
#include <linux/cpuset.h>

void cpuset_wait_for_hotplug(void)
{
}

void cpuset_cpus_allowed(struct task_struct *tsk, struct cpumask *mask)
{
	cpumask_copy(mask, cpu_possible_mask);
}

nodemask_t cpuset_mems_allowed(struct task_struct *tsk)
{
	return node_possible_map;
}

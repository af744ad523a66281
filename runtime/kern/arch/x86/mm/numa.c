// SPDX-License-Identifier: GPL-2.0-only
/* Replaces arch/x86/mm/numa.c: one node that holds all CPUs and all memory. */
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/topology.h>

#include <umc/mm.h>

int numa_off = 1;

static struct cpumask node0_cpus;
cpumask_var_t node_to_cpumask_map[MAX_NUMNODES];
EXPORT_SYMBOL(node_to_cpumask_map);

/* Once the possible mask is set. */
void __init umc_numa_init(void)
{
	cpumask_copy(&node0_cpus, cpu_possible_mask);
	node_to_cpumask_map[0] = &node0_cpus;
}

int __node_distance(int from, int to)
{
	return from == to ? LOCAL_DISTANCE : REMOTE_DISTANCE;
}
EXPORT_SYMBOL(__node_distance);

int phys_to_target_node(phys_addr_t start)
{
	return 0;
}
EXPORT_SYMBOL_GPL(phys_to_target_node);

int memory_add_physaddr_to_nid(u64 start)
{
	return 0;
}
EXPORT_SYMBOL_GPL(memory_add_physaddr_to_nid);

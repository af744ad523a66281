// SPDX-License-Identifier: GPL-2.0-only
/* Replaces arch/x86/mm/numa.c: one node that holds all CPUs and all memory. */
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/topology.h>

#include <umc/mm.h>

int numa_off = 1;

cpumask_var_t node_to_cpumask_map[MAX_NUMNODES];
EXPORT_SYMBOL(node_to_cpumask_map);

/* Once the possible mask is set and pages can be allocated. */
void __init umc_numa_init(void)
{
	alloc_cpumask_var(&node_to_cpumask_map[0], GFP_NOWAIT);
	cpumask_copy(node_to_cpumask_map[0], cpu_possible_mask);
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

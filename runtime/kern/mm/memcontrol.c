// SPDX-License-Identifier: GPL-2.0-only
/* Replaces mm/memcontrol.c: memory control groups are off, as with cgroup_disable=memory; their static keys say so. */
#include <linux/cgroup.h>
#include <linux/jump_label.h>
#include <linux/memcontrol.h>

#include <umc/mm.h>

struct cgroup_subsys memory_cgrp_subsys __read_mostly;
EXPORT_SYMBOL(memory_cgrp_subsys);

DEFINE_STATIC_KEY_TRUE(memory_cgrp_subsys_enabled_key);
EXPORT_SYMBOL_GPL(memory_cgrp_subsys_enabled_key);
DEFINE_STATIC_KEY_TRUE(memory_cgrp_subsys_on_dfl_key);
EXPORT_SYMBOL_GPL(memory_cgrp_subsys_on_dfl_key);

/* As cgroup_disable=memory does. The keys' type, and so the code at their branches, is that of keys that start on. */
void __init umc_memcg_disable(void)
{
	static_branch_disable(&memory_cgrp_subsys_enabled_key);
	static_branch_disable(&memory_cgrp_subsys_on_dfl_key);
}

DEFINE_STATIC_KEY_FALSE(memcg_kmem_enabled_key);
EXPORT_SYMBOL(memcg_kmem_enabled_key);
DEFINE_STATIC_KEY_FALSE(memcg_sockets_enabled_key);
EXPORT_SYMBOL(memcg_sockets_enabled_key);

struct mem_cgroup *root_mem_cgroup __read_mostly;

DEFINE_PER_CPU(struct mem_cgroup *, int_active_memcg);
EXPORT_PER_CPU_SYMBOL_GPL(int_active_memcg);

/* The node's counters are the only ones. */
void __mod_memcg_lruvec_state(struct lruvec *lruvec, enum node_stat_item idx, int val)
{
	__mod_node_page_state(lruvec_pgdat(lruvec), idx, val);
}

void __mod_lruvec_state(struct lruvec *lruvec, enum node_stat_item idx, int val)
{
	__mod_node_page_state(lruvec_pgdat(lruvec), idx, val);
}

void __mod_lruvec_page_state(struct page *page, enum node_stat_item idx, int val)
{
	__mod_node_page_state(page_pgdat(page), idx, val);
}
EXPORT_SYMBOL(__mod_lruvec_page_state);

void __mod_lruvec_kmem_state(void *p, enum node_stat_item idx, int val)
{
	__mod_node_page_state(page_pgdat(virt_to_page(p)), idx, val);
}

struct mem_cgroup *mem_cgroup_from_task(struct task_struct *task)
{
	return NULL;
}
EXPORT_SYMBOL(mem_cgroup_from_task);

struct mem_cgroup *get_mem_cgroup_from_mm(struct mm_struct *mm)
{
	return NULL;
}
EXPORT_SYMBOL(get_mem_cgroup_from_mm);

bool mem_cgroup_kmem_disabled(void)
{
	return true;
}

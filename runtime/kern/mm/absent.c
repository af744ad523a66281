// SPDX-License-Identifier: GPL-2.0-only
/*
 * The data and answers of memory subsystems that this machine does not have: huge pages, device memory, memory
 * hotplug, swap, cpusets, the multi-generational LRU. Inline code asks them before it does anything; each answer is
 * the kernel's own for a machine without.
 */
#include <linux/cpuset.h>
#include <linux/huge_mm.h>
#include <linux/hugetlb.h>
#include <linux/jump_label.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/swap.h>

/* ---- huge pages ---- */

DEFINE_STATIC_KEY_MAYBE(CONFIG_HUGETLB_PAGE_OPTIMIZE_VMEMMAP_DEFAULT_ON, hugetlb_optimize_vmemmap_key);
EXPORT_SYMBOL(hugetlb_optimize_vmemmap_key);

struct page *huge_zero_page __read_mostly;
unsigned long huge_zero_pfn __read_mostly = ~0UL;
unsigned long transparent_hugepage_flags __read_mostly;

int PageHuge(struct page *page)
{
	return 0;
}
EXPORT_SYMBOL_GPL(PageHuge);

int PageHeadHuge(struct page *page)
{
	return 0;
}
EXPORT_SYMBOL_GPL(PageHeadHuge);

unsigned long hugetlb_total_pages(void)
{
	return 0;
}

/* ---- device memory ---- */

DEFINE_STATIC_KEY_FALSE(devmap_managed_key);
EXPORT_SYMBOL(devmap_managed_key);

/* Was the page one of a device's, and so dealt with? */
bool __put_devmap_managed_page_refs(struct page *page, int refs)
{
	return false;
}
EXPORT_SYMBOL(__put_devmap_managed_page_refs);

/* ---- memory hotplug: the notifiers would never be called ---- */

int register_memory_notifier(struct notifier_block *nb)
{
	return 0;
}
EXPORT_SYMBOL(register_memory_notifier);

void unregister_memory_notifier(struct notifier_block *nb)
{
}
EXPORT_SYMBOL(unregister_memory_notifier);

/* Brings the node of a CPU online: it is. */
int try_online_node(int nid)
{
	return 0;
}

/* ---- swap ---- */

atomic_long_t nr_swap_pages;
EXPORT_SYMBOL_GPL(nr_swap_pages);
long total_swap_pages;

void si_swapinfo(struct sysinfo *val)
{
	val->freeswap = 0;
	val->totalswap = 0;
}

/* ---- cpusets: every node is allowed ---- */

DEFINE_STATIC_KEY_FALSE(cpusets_pre_enable_key);
DEFINE_STATIC_KEY_FALSE(cpusets_enabled_key);

/* ---- LRU lists without generations ---- */

DEFINE_STATIC_KEY_ARRAY_FALSE(lru_gen_caps, NR_LRU_GEN_CAPS);

void lru_gen_init_lruvec(struct lruvec *lruvec)
{
}

/* ---- accounting of commitments to processes: there are none ---- */

s32 vm_committed_as_batch = 32;

/* ---- statistics of remote nodes ---- */

DEFINE_STATIC_KEY_TRUE(vm_numa_stat_key);

/* A file's mapping: mm/folio-compat.c's, which comes with the page cache. */
struct address_space *page_mapping(struct page *page)
{
	return folio_mapping(page_folio(page));
}
EXPORT_SYMBOL(page_mapping);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces mm/page_alloc.c: the buddy allocator of the one node's one zone, with per-CPU lists of small blocks.
 *
 * Memory that was never used is not on the free lists: it lies above the zone's frontier and is taken from there one
 * largest block at a time, so that neither the memory nor its page structures take host memory before they are needed.
 * Largest blocks that stay free are given back to the host after a while (PageReported: reads as zero).
 *
 * Left out: other zones and nodes, migrate types and compaction (freed neighbours merge, nothing moves), memory
 * hotplug, page isolation, cpusets. Reclaim is mm/vmscan.c's.
 */
#include <linux/cpu.h>
#include <linux/init.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/oom.h>
#include <linux/ratelimit.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <linux/workqueue.h>
#include <asm/sections.h>

#include "internal.h"

#include <umc/irq.h>
#include <umc/mm.h>
#include "page_alloc.h"

#define BLOCK_ORDER (MAX_ORDER - 1)
#define BLOCK_PAGES (1UL << BLOCK_ORDER)

static unsigned long frontier, end_pfn; /* under zone->lock */

/* ---- per-CPU lists: blocks of order 0 to PAGE_ALLOC_COSTLY_ORDER ---- */

#define PCP_ORDERS (PAGE_ALLOC_COSTLY_ORDER + 1)

struct page_cache {
	spinlock_t lock; /* with interrupts off; taken by another CPU only to drain */
	unsigned int pages[PCP_ORDERS];
	struct list_head list[PCP_ORDERS];
};
static DEFINE_PER_CPU(struct page_cache, page_cache);

/* Blocks moved at once between a CPU's list and the free lists. */
static inline unsigned int pcp_batch(unsigned int order)
{
	return max(32U >> order, 1U);
}

static inline unsigned int pcp_high(unsigned int order)
{
	return 6 * pcp_batch(order);
}

/* ---- free lists, under zone->lock ---- */

static unsigned long dirty_blocks; /* free largest blocks that still take host memory */

static inline void add_free(struct zone *zone, struct page *page, unsigned int order)
{
	struct free_area *area = &zone->free_area[order];

	if (order == BLOCK_ORDER)
		dirty_blocks++;
	set_page_private(page, order);
	__SetPageBuddy(page);
	list_add(&page->buddy_list, &area->free_list[MIGRATE_UNMOVABLE]);
	area->nr_free++;
}

static inline void del_free(struct zone *zone, struct page *page, unsigned int order)
{
	list_del(&page->buddy_list);
	__ClearPageBuddy(page);
	set_page_private(page, 0);
	zone->free_area[order].nr_free--;
	if (order == BLOCK_ORDER) {
		if (PageReported(page))
			__ClearPageReported(page);
		else
			dirty_blocks--;
	}
}

static void free_block(struct zone *zone, struct page *page, unsigned int order)
{
	unsigned long pfn = page_to_pfn(page);

	zone_page_state_add(1L << order, zone, NR_FREE_PAGES);
	while (order < BLOCK_ORDER) {
		/* The buddy lies in the same largest block, so its page structure is initialised. */
		struct page *buddy = pfn_to_page(pfn ^ (1UL << order));

		if (!PageBuddy(buddy) || buddy_order(buddy) != order)
			break;
		del_free(zone, buddy, order);
		pfn &= ~(1UL << order);
		order++;
	}
	add_free(zone, pfn_to_page(pfn), order);
}

/* Takes the next never-used largest block and initialises its page structures. */
static struct page *advance_frontier(struct zone *zone)
{
	unsigned long pfn = frontier;

	if (pfn >= end_pfn)
		return NULL;
	for (; frontier < pfn + BLOCK_PAGES; frontier++)
		umc_init_page(pfn_to_page(frontier), frontier, 0);
	return pfn_to_page(pfn);
}

static struct page *take_block(struct zone *zone, unsigned int order)
{
	unsigned int current_order;
	struct page *page = NULL;

	for (current_order = order; current_order <= BLOCK_ORDER; current_order++) {
		page = list_first_entry_or_null(&zone->free_area[current_order].free_list[MIGRATE_UNMOVABLE],
						struct page, buddy_list);
		if (page) {
			del_free(zone, page, current_order);
			break;
		}
	}
	if (!page) {
		page = advance_frontier(zone);
		current_order = BLOCK_ORDER;
		if (!page)
			return NULL;
	}
	while (current_order > order) {
		current_order--;
		add_free(zone, page + (1UL << current_order), current_order);
	}
	zone_page_state_add(-(1L << order), zone, NR_FREE_PAGES);
	return page;
}

static unsigned long free_pages_left(struct zone *zone)
{
	return zone_page_state(zone, NR_FREE_PAGES);
}

/* ---- giving free memory back to the host ---- */

#define KEEP_BLOCKS 16 /* 64 MiB */
#define GIVE_BACK_DELAY (2 * HZ)

/* Blocks are off the free lists, but counted as free, while the host works on them. */
static void give_back(struct work_struct *work)
{
	struct zone *zone = umc_zone();
	struct list_head *list = &zone->free_area[BLOCK_ORDER].free_list[MIGRATE_UNMOVABLE];
	struct page *page;

	for (;;) {
		bool found = false, given;

		spin_lock_irq(&zone->lock);
		/* Those freed last are at the front: the next allocation takes them. */
		if (dirty_blocks > KEEP_BLOCKS / 2)
			list_for_each_entry_reverse(page, list, buddy_list)
				if (!PageReported(page)) {
					del_free(zone, page, BLOCK_ORDER);
					found = true;
					break;
				}
		spin_unlock_irq(&zone->lock);
		if (!found)
			break;

		given = !umc_host_memory_discard((unsigned long)page_address(page), PAGE_SIZE << BLOCK_ORDER);

		spin_lock_irq(&zone->lock);
		add_free(zone, page, BLOCK_ORDER);
		if (given) {
			__SetPageReported(page);
			dirty_blocks--;
			list_move_tail(&page->buddy_list, list);
		}
		spin_unlock_irq(&zone->lock);
		if (!given)
			break;
		cond_resched();
	}
}
static DECLARE_DELAYED_WORK(give_back_work, give_back);

static inline void give_back_later(void)
{
	if (unlikely(READ_ONCE(dirty_blocks) > KEEP_BLOCKS) && system_state == SYSTEM_RUNNING &&
	    !delayed_work_pending(&give_back_work))
		schedule_delayed_work(&give_back_work, GIVE_BACK_DELAY);
}

/* ---- allocation fast path ---- */

static struct page *take_cached(struct zone *zone, unsigned int order)
{
	struct page_cache *cache;
	struct page *page;
	unsigned long flags;
	unsigned int i;

	flags = umc_irq_save();
	cache = this_cpu_ptr(&page_cache);
	spin_lock(&cache->lock);
	if (list_empty(&cache->list[order])) {
		spin_lock(&zone->lock);
		for (i = 0; i < pcp_batch(order); i++) {
			page = take_block(zone, order);
			if (!page)
				break;
			list_add_tail(&page->pcp_list, &cache->list[order]);
			cache->pages[order]++;
		}
		spin_unlock(&zone->lock);
	}
	page = list_first_entry_or_null(&cache->list[order], struct page, pcp_list);
	if (page) {
		list_del(&page->pcp_list);
		cache->pages[order]--;
	}
	spin_unlock(&cache->lock);
	umc_irq_restore(flags);
	return page;
}

static void drain_cache(struct page_cache *cache, unsigned int order, unsigned int keep)
{
	spin_lock(&umc_zone()->lock);
	while (cache->pages[order] > keep) {
		struct page *page = list_last_entry(&cache->list[order], struct page, pcp_list);

		list_del(&page->pcp_list);
		cache->pages[order]--;
		free_block(umc_zone(), page, order);
	}
	spin_unlock(&umc_zone()->lock);
}

static void put_cached(struct page *page, unsigned int order)
{
	struct page_cache *cache;
	unsigned long flags;

	flags = umc_irq_save();
	cache = this_cpu_ptr(&page_cache);
	spin_lock(&cache->lock);
	list_add(&page->pcp_list, &cache->list[order]);
	if (++cache->pages[order] > pcp_high(order))
		drain_cache(cache, order, pcp_high(order) - pcp_batch(order));
	spin_unlock(&cache->lock);
	umc_irq_restore(flags);
	give_back_later();
}

static void drain_cpu(int cpu)
{
	struct page_cache *cache = per_cpu_ptr(&page_cache, cpu);
	unsigned long flags;
	unsigned int order;

	spin_lock_irqsave(&cache->lock, flags);
	for (order = 0; order < PCP_ORDERS; order++)
		drain_cache(cache, order, 0);
	spin_unlock_irqrestore(&cache->lock, flags);
}

void drain_local_pages(struct zone *zone)
{
	drain_cpu(raw_smp_processor_id());
}

void drain_all_pages(struct zone *zone)
{
	int cpu;

	for_each_possible_cpu(cpu)
		drain_cpu(cpu);
}

struct page *umc_take_pages(unsigned int order, unsigned long reserve)
{
	struct zone *zone = umc_zone();
	struct page *page;
	unsigned long flags;

	if (free_pages_left(zone) < reserve + (1UL << order))
		return NULL;
	if (order < PCP_ORDERS)
		return take_cached(zone, order);
	spin_lock_irqsave(&zone->lock, flags);
	page = take_block(zone, order);
	spin_unlock_irqrestore(&zone->lock, flags);
	return page;
}

/* ---- freeing ---- */

static const char *page_bad_reason(struct page *page)
{
	if (atomic_read(&page->_mapcount) != -1)
		return "nonzero mapcount";
	if (page->mapping)
		return "non-NULL mapping";
	if (page_ref_count(page))
		return "nonzero _refcount";
	if (page->flags & PAGE_FLAGS_CHECK_AT_FREE)
		return "PAGE_FLAGS_CHECK_AT_FREE flag(s) set";
#ifdef CONFIG_MEMCG
	if (page->memcg_data)
		return "page still charged to cgroup";
#endif
	return NULL;
}

static void bad_page(struct page *page, const char *reason)
{
	static DEFINE_RATELIMIT_STATE(limit, 60 * HZ, 60);

	if (__ratelimit(&limit)) {
		pr_alert("BUG: Bad page state in process %s  pfn:%05lx\n", current->comm, page_to_pfn(page));
		dump_page(page, reason);
		dump_stack();
	}
	add_taint(TAINT_BAD_PAGE, LOCKDEP_NOW_UNRELIABLE);
}

/* Prepares a block to go back to the free lists. False: it is in a bad state, was reported, and stays lost. */
static bool free_pages_prepare(struct page *page, unsigned int order)
{
	const char *reason;
	unsigned long i;

	if (PageMappingFlags(page))
		page->mapping = NULL;
	if (PageCompound(page)) {
		ClearPageHasHWPoisoned(page);
		for (i = 1; i < (1UL << order); i++) {
			clear_compound_head(page + i);
			page[i].mapping = NULL;
			page[i].flags &= ~PAGE_FLAGS_CHECK_AT_PREP;
		}
		__ClearPageHead(page);
	}
	reason = page_bad_reason(page);
	if (unlikely(reason)) {
		bad_page(page, reason);
		return false;
	}
	for (i = 0; i < (1UL << order); i++)
		page[i].flags &= ~PAGE_FLAGS_CHECK_AT_PREP;
	if (want_init_on_free())
		memset(page_address(page), 0, PAGE_SIZE << order);
	return true;
}

void free_unref_page(struct page *page, unsigned int order)
{
	unsigned long flags;

	if (!free_pages_prepare(page, order))
		return;
	if (order < PCP_ORDERS) {
		put_cached(page, order);
		return;
	}
	spin_lock_irqsave(&umc_zone()->lock, flags);
	free_block(umc_zone(), page, order);
	spin_unlock_irqrestore(&umc_zone()->lock, flags);
	give_back_later();
}

void free_unref_page_list(struct list_head *list)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, list, lru) {
		list_del(&page->lru);
		free_unref_page(page, 0);
	}
}

void __free_pages_core(struct page *page, unsigned int order)
{
	set_page_count(page, 0);
	free_unref_page(page, order);
}

bool is_free_buddy_page(struct page *page)
{
	unsigned long pfn = page_to_pfn(page), flags;
	bool found = false;
	unsigned int order;

	spin_lock_irqsave(&umc_zone()->lock, flags);
	for (order = 0; order < MAX_ORDER && !found; order++) {
		struct page *head = pfn_to_page(pfn & ~((1UL << order) - 1));

		found = PageBuddy(head) && buddy_order(head) >= order;
	}
	spin_unlock_irqrestore(&umc_zone()->lock, flags);
	return found;
}
EXPORT_SYMBOL(is_free_buddy_page);

/* ---- start-up ---- */

void __meminit umc_init_page(struct page *page, unsigned long pfn, unsigned long flags)
{
	page->flags = flags;
	page->mapping = NULL;
	page->private = 0;
	set_page_links(page, ZONE_NORMAL, 0, pfn);
	page_mapcount_reset(page);
	page_cpupid_reset_last(page);
	set_page_count(page, 0);
	INIT_LIST_HEAD(&page->lru);
}

/* The pages of the kernel's own data: reserved, always in use. */
static void __init init_program_pages(const void *from, const void *to)
{
	unsigned long pfn = PFN_DOWN(__pa(from)), end = PFN_UP(__pa(to));

	for (; pfn < end; pfn++) {
		umc_init_page(pfn_to_page(pfn), pfn, 1UL << PG_reserved);
		set_page_count(pfn_to_page(pfn), 1);
	}
}

void __init page_alloc_init(void)
{
	unsigned long start_pfn = PFN_DOWN(umc_layout.direct_map_base);
	unsigned long pages = umc_layout.direct_map_size >> PAGE_SHIFT;
	struct zone *zone = umc_init_node(start_pfn, pages);
	unsigned int order;
	int cpu, type;

	spin_lock_init(&zone->lock);
	for (order = 0; order < MAX_ORDER; order++)
		for (type = 0; type < MIGRATE_TYPES; type++)
			INIT_LIST_HEAD(&zone->free_area[order].free_list[type]);
	for_each_possible_cpu(cpu) {
		struct page_cache *cache = per_cpu_ptr(&page_cache, cpu);

		spin_lock_init(&cache->lock);
		for (order = 0; order < PCP_ORDERS; order++)
			INIT_LIST_HEAD(&cache->list[order]);
	}
	frontier = start_pfn;
	end_pfn = start_pfn + pages;
	zone_page_state_add(pages, zone, NR_FREE_PAGES);
	init_program_pages(__start_rodata, __end_rodata);
	init_program_pages(_sdata, _edata);
	init_program_pages(__bss_start, __bss_stop);
}

/* What si_meminfo() and the watermarks count as free: free lists, memory above the frontier, per-CPU lists. */
unsigned long umc_free_pages(void)
{
	unsigned long sum = free_pages_left(umc_zone());
	unsigned int order;
	int cpu;

	for_each_possible_cpu(cpu)
		for (order = 0; order < PCP_ORDERS; order++)
			sum += (unsigned long)READ_ONCE(per_cpu(page_cache, cpu).pages[order]) << order;
	return sum;
}

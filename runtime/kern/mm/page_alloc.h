/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the parts of the page allocator: the free lists (page_alloc.c), the policy above them (alloc_policy.c), and
 * the description of node and zone (mm_init.c). */
#ifndef UMC_KERN_MM_PAGE_ALLOC_H
#define UMC_KERN_MM_PAGE_ALLOC_H

#include <linux/mm.h>

/* The only populated zone. */
static inline struct zone *umc_zone(void)
{
	return &NODE_DATA(0)->node_zones[ZONE_NORMAL];
}

/*
 * Takes a block off the free lists unless fewer than `reserve` pages would stay there; its page structures are in
 * the state of a free page. NULL when there is none. Any context.
 */
struct page *umc_take_pages(unsigned int order, unsigned long reserve);

/* Free pages, those on per-CPU lists included. Any context; not exact while others allocate. */
unsigned long umc_free_pages(void);

void umc_init_page(struct page *page, unsigned long pfn, unsigned long flags);

/* Describes the memory [start_pfn, start_pfn + pages) as node 0's ZONE_NORMAL; its free lists are left alone. */
struct zone *umc_init_node(unsigned long start_pfn, unsigned long pages);

/* Is this allocation to fail on purpose (fail_alloc.c)? Any context. */
bool should_fail_alloc_page(gfp_t gfp, unsigned int order);

/* Frees memory under pressure. Returns the number of objects or pages freed; 0: nothing is left to free. May sleep. */
unsigned long umc_reclaim(gfp_t gfp, unsigned int order);

#endif

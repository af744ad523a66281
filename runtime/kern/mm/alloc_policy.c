// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces the upper half of mm/page_alloc.c and mm/mempolicy.c's alloc_pages(): what the gfp flags mean, what happens
 * when memory runs short, and the allocation functions that modules call. Left out: memory policies (there is one
 * node), compaction, and the killing of processes (there are none to kill: an exhausted allocation fails with a report).
 */
#include <linux/delay.h>
#include <linux/highmem.h>
#include <linux/init.h>
#include <linux/memcontrol.h>
#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/oom.h>
#include <linux/page-isolation.h>
#include <linux/ratelimit.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "internal.h"
#include "page_alloc.h"

/* No flag is masked: everything that a flag may wait for runs before the first allocation. */
gfp_t gfp_allowed_mask __read_mostly = __GFP_BITS_MASK;

DEFINE_STATIC_KEY_MAYBE(CONFIG_INIT_ON_ALLOC_DEFAULT_ON, init_on_alloc);
EXPORT_SYMBOL(init_on_alloc);
DEFINE_STATIC_KEY_MAYBE(CONFIG_INIT_ON_FREE_DEFAULT_ON, init_on_free);
EXPORT_SYMBOL(init_on_free);

static bool wanted_on_alloc = IS_ENABLED(CONFIG_INIT_ON_ALLOC_DEFAULT_ON);
static int __init early_init_on_alloc(char *buf)
{
	return kstrtobool(buf, &wanted_on_alloc);
}
early_param("init_on_alloc", early_init_on_alloc);

static bool wanted_on_free = IS_ENABLED(CONFIG_INIT_ON_FREE_DEFAULT_ON);
static int __init early_init_on_free(char *buf)
{
	return kstrtobool(buf, &wanted_on_free);
}
early_param("init_on_free", early_init_on_free);

/* Once the command line is parsed and static keys work. */
void __init init_mem_debugging_and_hardening(void)
{
	if (!wanted_on_alloc)
		static_branch_disable(&init_on_alloc);
	if (wanted_on_free)
		static_branch_enable(&init_on_free);
}

/* ---- compound pages ---- */

void free_compound_page(struct page *page)
{
	mem_cgroup_uncharge(page_folio(page));
	free_unref_page(page, compound_order(page));
}

compound_page_dtor * const compound_page_dtors[NR_COMPOUND_DTORS] = {
	[NULL_COMPOUND_DTOR] = NULL,
	[COMPOUND_PAGE_DTOR] = free_compound_page,
};

void prep_compound_page(struct page *page, unsigned int order)
{
	unsigned long i;

	__SetPageHead(page);
	for (i = 1; i < (1UL << order); i++) {
		page[i].mapping = TAIL_MAPPING;
		set_compound_head(page + i, page);
		set_page_private(page + i, 0);
	}
	set_compound_page_dtor(page, COMPOUND_PAGE_DTOR);
	set_compound_order(page, order);
	atomic_set(compound_mapcount_ptr(page), -1);
	atomic_set(compound_pincount_ptr(page), 0);
}

void destroy_large_folio(struct folio *folio)
{
	compound_page_dtors[folio_page(folio, 1)->compound_dtor](&folio->page);
}

void split_page(struct page *page, unsigned int order)
{
	unsigned long i;

	VM_BUG_ON_PAGE(PageCompound(page), page);
	VM_BUG_ON_PAGE(!page_count(page), page);
	for (i = 1; i < (1UL << order); i++)
		set_page_refcounted(page + i);
}
EXPORT_SYMBOL_GPL(split_page);

static void prep_new_page(struct page *page, unsigned int order, gfp_t gfp)
{
	set_page_private(page, 0);
	set_page_refcounted(page);
	if (want_init_on_alloc(gfp))
		memset(page_address(page), 0, PAGE_SIZE << order);
	if (order && (gfp & __GFP_COMP))
		prep_compound_page(page, order);
}

/* ---- reports ---- */

static void show_mem_of(gfp_t gfp, nodemask_t *nodemask)
{
	static DEFINE_RATELIMIT_STATE(limit, HZ, 1);
	unsigned int filter = SHOW_MEM_FILTER_NODES;

	if (!(gfp & __GFP_NOMEMALLOC) && (tsk_is_oom_victim(current) || (current->flags & (PF_MEMALLOC | PF_EXITING))))
		filter &= ~SHOW_MEM_FILTER_NODES;
	if (__ratelimit(&limit))
		show_mem(filter, nodemask);
}

void warn_alloc(gfp_t gfp, nodemask_t *nodemask, const char *fmt, ...)
{
	static DEFINE_RATELIMIT_STATE(limit, 10 * HZ, 1);
	struct va_format vaf;
	va_list args;

	if ((gfp & __GFP_NOWARN) || !__ratelimit(&limit))
		return;
	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	pr_warn("%s: %pV, mode:%#x(%pGg), nodemask=%*pbl\n", current->comm, &vaf, gfp, &gfp,
		nodemask_pr_args(nodemask));
	va_end(args);
	dump_stack();
	show_mem_of(gfp, nodemask);
}

/* ---- running short ---- */

static BLOCKING_NOTIFIER_HEAD(oom_notifiers);

int register_oom_notifier(struct notifier_block *nb)
{
	return blocking_notifier_chain_register(&oom_notifiers, nb);
}
EXPORT_SYMBOL_GPL(register_oom_notifier);

int unregister_oom_notifier(struct notifier_block *nb)
{
	return blocking_notifier_chain_unregister(&oom_notifiers, nb);
}
EXPORT_SYMBOL_GPL(unregister_oom_notifier);

/* Pages that an allocation with these flags must leave to more urgent ones. */
static unsigned long reserve_for(gfp_t gfp)
{
	unsigned long reserve = min_wmark_pages(umc_zone());

	if (gfp & __GFP_NOMEMALLOC)
		return reserve;
	if ((gfp & __GFP_MEMALLOC) || (in_task() && (current->flags & PF_MEMALLOC)))
		return 0;
	if (gfp & __GFP_HIGH)
		reserve -= reserve / 2;
	if (!(gfp & __GFP_DIRECT_RECLAIM))
		reserve -= reserve / 4;
	return reserve;
}

#define MAX_RECLAIM_RETRIES 16

static struct page *alloc_slowpath(gfp_t gfp, unsigned int order)
{
	bool can_reclaim = gfp & __GFP_DIRECT_RECLAIM;
	unsigned long freed_by_notifiers;
	unsigned int flags, tries;
	struct page *page;

	page = umc_take_pages(order, reserve_for(gfp));
	if (page)
		return page;
	/* Blocks that wait on per-CPU lists may merge to what is wanted. */
	drain_all_pages(NULL);
	page = umc_take_pages(order, reserve_for(gfp));
	if (page || !can_reclaim || (current->flags & PF_MEMALLOC))
		goto out;

	for (tries = 0;; tries++) {
		unsigned long progress;

		cond_resched();
		flags = memalloc_noreclaim_save();
		progress = umc_reclaim(gfp, order);
		memalloc_noreclaim_restore(flags);
		drain_all_pages(NULL);
		page = umc_take_pages(order, reserve_for(gfp));
		if (page)
			return page;
		if (gfp & __GFP_NORETRY)
			goto out;
		if (progress && tries < MAX_RECLAIM_RETRIES &&
		    (order <= PAGE_ALLOC_COSTLY_ORDER || (gfp & __GFP_RETRY_MAYFAIL)))
			continue;
		if (order <= PAGE_ALLOC_COSTLY_ORDER && (gfp & __GFP_FS) && !(gfp & __GFP_RETRY_MAYFAIL)) {
			freed_by_notifiers = 0;
			blocking_notifier_call_chain(&oom_notifiers, 0, &freed_by_notifiers);
			if (freed_by_notifiers && tries < 2 * MAX_RECLAIM_RETRIES)
				continue;
		}
		if (!(gfp & __GFP_NOFAIL))
			break;
		/* The caller cannot fail: wait for others to free something. */
		WARN_ON_ONCE_GFP(order > PAGE_ALLOC_COSTLY_ORDER, gfp);
		schedule_timeout_uninterruptible(1);
	}
out:
	if (!page)
		warn_alloc(gfp, NULL, "page allocation failure: order:%u", order);
	return page;
}

/* ---- the allocation functions ---- */

struct page *__alloc_pages(gfp_t gfp, unsigned int order, int preferred_nid, nodemask_t *nodemask)
{
	struct page *page;

	if (WARN_ON_ONCE_GFP(order >= MAX_ORDER, gfp))
		return NULL;
	gfp = current_gfp_context(gfp & gfp_allowed_mask);
	might_alloc(gfp);
	if (should_fail_alloc_page(gfp, order))
		return NULL;
	page = umc_take_pages(order, low_wmark_pages(umc_zone()));
	if (unlikely(!page)) {
		page = alloc_slowpath(gfp, order);
		if (!page)
			return NULL;
	}
	prep_new_page(page, order, gfp);
	return page;
}
EXPORT_SYMBOL(__alloc_pages);

struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	return __alloc_pages(gfp, order, 0, NULL);
}
EXPORT_SYMBOL(alloc_pages);

struct folio *__folio_alloc(gfp_t gfp, unsigned int order, int preferred_nid, nodemask_t *nodemask)
{
	return (struct folio *)__alloc_pages(gfp | __GFP_COMP, order, preferred_nid, nodemask);
}
EXPORT_SYMBOL(__folio_alloc);

struct folio *folio_alloc(gfp_t gfp, unsigned int order)
{
	return __folio_alloc(gfp, order, 0, NULL);
}
EXPORT_SYMBOL(folio_alloc);

unsigned long __alloc_pages_bulk(gfp_t gfp, int preferred_nid, nodemask_t *nodemask, int nr_pages,
				 struct list_head *page_list, struct page **page_array)
{
	gfp_t bulk_gfp = (gfp & ~(__GFP_DIRECT_RECLAIM | __GFP_NOFAIL)) | __GFP_NOWARN;
	int populated = 0, allocated = 0;

	for (; populated < nr_pages; populated++) {
		struct page *page;

		if (page_array && page_array[populated])
			continue;
		/* Reclaims for the first page only: the caller asks again for what is missing. */
		page = __alloc_pages(allocated ? bulk_gfp : gfp, 0, preferred_nid, nodemask);
		if (!page)
			break;
		allocated++;
		if (page_list)
			list_add(&page->lru, page_list);
		else
			page_array[populated] = page;
	}
	return populated;
}
EXPORT_SYMBOL_GPL(__alloc_pages_bulk);

unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
{
	struct page *page = alloc_pages(gfp & ~__GFP_HIGHMEM, order);

	return page ? (unsigned long)page_address(page) : 0;
}
EXPORT_SYMBOL(__get_free_pages);

unsigned long get_zeroed_page(gfp_t gfp)
{
	return __get_free_page(gfp | __GFP_ZERO);
}
EXPORT_SYMBOL(get_zeroed_page);

void __free_pages(struct page *page, unsigned int order)
{
	/* Once the reference is gone the page may be another's: look first. */
	int head = PageHead(page);

	if (put_page_testzero(page))
		free_unref_page(page, order);
	else if (!head)
		/* A speculative reference keeps the first page; the others are the caller's alone. */
		while (order-- > 0)
			free_unref_page(page + (1UL << order), order);
}
EXPORT_SYMBOL(__free_pages);

void free_pages(unsigned long addr, unsigned int order)
{
	if (addr)
		__free_pages(virt_to_page((void *)addr), order);
}
EXPORT_SYMBOL(free_pages);

static void *make_exact(struct page *page, unsigned int order, size_t size)
{
	unsigned long i, used = DIV_ROUND_UP(size, PAGE_SIZE);

	if (!page)
		return NULL;
	split_page(page, order);
	for (i = used; i < (1UL << order); i++)
		__free_page(page + i);
	return page_address(page);
}

void *alloc_pages_exact(size_t size, gfp_t gfp)
{
	unsigned int order = get_order(size);

	if (WARN_ON_ONCE(gfp & (__GFP_COMP | __GFP_HIGHMEM)))
		gfp &= ~(__GFP_COMP | __GFP_HIGHMEM);
	return make_exact(alloc_pages(gfp, order), order, size);
}
EXPORT_SYMBOL(alloc_pages_exact);

void *__meminit alloc_pages_exact_nid(int nid, size_t size, gfp_t gfp)
{
	return alloc_pages_exact(size, gfp);
}

void free_pages_exact(void *virt, size_t size)
{
	unsigned long addr = (unsigned long)virt;
	unsigned long end = addr + PAGE_ALIGN(size);

	for (; addr < end; addr += PAGE_SIZE)
		free_page(addr);
}
EXPORT_SYMBOL(free_pages_exact);

/* ---- page fragments: small buffers that share a block and hold one reference each ---- */

static bool frag_refill(struct page_frag_cache *nc, gfp_t gfp)
{
	struct page *page = alloc_pages((gfp & ~__GFP_DIRECT_RECLAIM) | __GFP_COMP | __GFP_NOWARN | __GFP_NORETRY |
					__GFP_NOMEMALLOC, PAGE_FRAG_CACHE_MAX_ORDER);

	nc->size = PAGE_FRAG_CACHE_MAX_SIZE;
	if (!page) {
		page = alloc_pages(gfp, 0);
		nc->size = PAGE_SIZE;
	}
	nc->va = page ? page_address(page) : NULL;
	return page;
}

void *page_frag_alloc_align(struct page_frag_cache *nc, unsigned int fragsz, gfp_t gfp, unsigned int align_mask)
{
	int offset;

	if (!nc->va) {
refill:
		if (!frag_refill(nc, gfp))
			return NULL;
		/* Take references in advance, so that handing out a fragment needs no atomic operation. */
		page_ref_add(virt_to_page(nc->va), PAGE_FRAG_CACHE_MAX_SIZE);
		nc->pfmemalloc = page_is_pfmemalloc(virt_to_page(nc->va));
		nc->pagecnt_bias = PAGE_FRAG_CACHE_MAX_SIZE + 1;
		nc->offset = nc->size;
	}
	offset = nc->offset - fragsz;
	if (offset < 0) {
		struct page *page = virt_to_page(nc->va);

		if (!page_ref_sub_and_test(page, nc->pagecnt_bias))
			goto refill;
		if (nc->pfmemalloc) {
			free_unref_page(page, compound_order(page));
			goto refill;
		}
		/* All fragments were given back: the block starts afresh. */
		set_page_count(page, PAGE_FRAG_CACHE_MAX_SIZE + 1);
		nc->pagecnt_bias = PAGE_FRAG_CACHE_MAX_SIZE + 1;
		offset = nc->size - fragsz;
		if (offset < 0)
			return NULL;
	}
	nc->pagecnt_bias--;
	nc->offset = offset & align_mask;
	return nc->va + nc->offset;
}
EXPORT_SYMBOL(page_frag_alloc_align);

void __page_frag_cache_drain(struct page *page, unsigned int count)
{
	if (page_ref_sub_and_test(page, count))
		free_unref_page(page, compound_order(page));
}
EXPORT_SYMBOL(__page_frag_cache_drain);

void page_frag_free(void *addr)
{
	struct page *page = virt_to_head_page(addr);

	if (put_page_testzero(page))
		free_unref_page(page, compound_order(page));
}
EXPORT_SYMBOL(page_frag_free);

bool gfp_pfmemalloc_allowed(gfp_t gfp)
{
	return reserve_for(gfp) == 0;
}

/* The node that a task's memory policy wants slabs from. */
unsigned int mempolicy_slab_node(void)
{
	return 0;
}

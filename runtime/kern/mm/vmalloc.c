// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces mm/vmalloc.c: contiguous views of scattered pages. The pages are the page allocator's; the host maps them a
 * second time at the view's address. Each view is followed by an inaccessible guard page.
 *
 * Left out: lazy unmapping (a view is gone when vunmap() returns), I/O mappings, mapping views to user space.
 */
#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mm.h>
#include <linux/rbtree.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "internal.h"

#include <umc/mm.h>

struct view {
	struct vm_struct vm; /* size includes the guard page, except with VM_NO_GUARD */
	struct rb_node node; /* by address, in views */
	struct vmap_area area;
	unsigned long end;   /* of the address range, guard included */
	struct page **pages; /* what is mapped; vm.pages is the same array when the view owns it */
	unsigned long count;
};

/* Protects views and cursor. Any context. */
static DEFINE_SPINLOCK(views_lock);
static struct rb_root views = RB_ROOT;
static unsigned long cursor; /* where the search for a free range starts: ranges are reused as late as possible */
static atomic_long_t nr_vmalloc_pages;

static inline unsigned long view_start(const struct view *view)
{
	return (unsigned long)view->vm.addr;
}

/* The view that contains `addr`, else the first one above it; views_lock held. */
static struct view *view_at_or_above(unsigned long addr)
{
	struct rb_node *node = views.rb_node;
	struct view *found = NULL;

	while (node) {
		struct view *view = rb_entry(node, struct view, node);

		if (addr < view->end) {
			found = view;
			if (addr >= view_start(view))
				break;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

/* The lowest free range in [from, to); views_lock held. 0: none. */
static unsigned long free_range(unsigned long from, unsigned long to, unsigned long size, unsigned long align)
{
	struct view *next = view_at_or_above(from);
	unsigned long start = ALIGN(from, align);

	while (start + size <= to && start + size > start) {
		struct rb_node *node;

		if (!next || start + size <= view_start(next))
			return start;
		start = ALIGN(next->end, align);
		node = rb_next(&next->node);
		next = node ? rb_entry(node, struct view, node) : NULL;
	}
	return 0;
}

static void insert_view(struct view *view)
{
	struct rb_node **link = &views.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = view_start(view) < view_start(rb_entry(parent, struct view, node)) ? &parent->rb_left
											   : &parent->rb_right;
	}
	rb_link_node(&view->node, parent, link);
	rb_insert_color(&view->node, &views);
}

static struct view *reserve_view(unsigned long size, unsigned long align, unsigned long flags, unsigned long from,
				 unsigned long to, gfp_t gfp, const void *caller)
{
	unsigned long range, start, irqflags;
	struct view *view;

	size = PAGE_ALIGN(size);
	if (!size)
		return NULL;
	range = size + (flags & VM_NO_GUARD ? 0 : PAGE_SIZE);
	from = max(from, umc_layout.vmalloc_base);
	to = min(to, umc_layout.vmalloc_base + umc_layout.vmalloc_size);
	align = max(align, PAGE_SIZE);
	view = kzalloc(sizeof(*view), gfp & GFP_RECLAIM_MASK);
	if (!view)
		return NULL;

	spin_lock_irqsave(&views_lock, irqflags);
	start = 0;
	if (cursor > from)
		start = free_range(cursor, to, range, align);
	if (!start)
		start = free_range(from, to, range, align);
	if (start) {
		view->vm.addr = (void *)start;
		view->vm.size = range;
		view->vm.flags = flags;
		view->vm.caller = caller;
		view->end = start + range;
		view->area.va_start = start;
		view->area.va_end = view->end;
		view->area.vm = &view->vm;
		insert_view(view);
		cursor = view->end;
	}
	spin_unlock_irqrestore(&views_lock, irqflags);
	if (!start) {
		pr_warn_ratelimited("vmap allocation for size %lu failed: use vmalloc=<size> to increase size\n", range);
		kfree(view);
		return NULL;
	}
	return view;
}

/* Takes the view that starts at `addr` out of the tree. Its range can be handed out again at once. */
static struct view *take_view(const void *addr)
{
	unsigned long flags;
	struct view *view;

	spin_lock_irqsave(&views_lock, flags);
	view = view_at_or_above((unsigned long)addr);
	if (view && view->vm.addr == addr) {
		/* Unmapped before the range is free: nobody may map there in between. */
		if (view->count)
			umc_host_memory_unmap(view_start(view), view->count << PAGE_SHIFT);
		rb_erase(&view->node, &views);
	} else {
		view = NULL;
	}
	spin_unlock_irqrestore(&views_lock, flags);
	return view;
}

/* Maps `pages` at the view's address; the array must live as long as the view. */
static int map_view(struct view *view, struct page **pages, unsigned long count, pgprot_t prot)
{
	unsigned long *addresses, i;
	int err;

	addresses = kvmalloc_array(count, sizeof(*addresses), GFP_KERNEL);
	if (!addresses)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		addresses[i] = (unsigned long)page_address(pages[i]);
	err = umc_host_memory_alias(view_start(view), addresses, count);
	kvfree(addresses);
	if (err)
		return err;
	view->pages = pages;
	view->count = count;
	if (!(pgprot_val(prot) & _PAGE_RW))
		err = umc_host_memory_protect(view_start(view), count << PAGE_SHIFT, UMC_PROT_READ);
	return err;
}

static void release_view(struct view *view, bool free_pages)
{
	unsigned long i;

	if (free_pages) {
		for (i = 0; i < view->count; i++) {
			__free_page(view->pages[i]);
			if (!(i & 255))
				cond_resched();
		}
		if (!(view->vm.flags & VM_MAP_PUT_PAGES))
			atomic_long_sub(view->count, &nr_vmalloc_pages);
	}
	kvfree(view->pages);
	kfree(view);
}

/* ---- vmalloc ---- */

/* Pages in runs as long as memory allows: a run needs one host mapping. */
static unsigned long alloc_page_runs(struct page **pages, unsigned long count, gfp_t gfp)
{
	unsigned int order = MAX_ORDER - 1;
	unsigned long got = 0, i;

	while (got < count) {
		struct page *page;

		order = min_t(unsigned int, order, ilog2(count - got));
		page = alloc_pages(order ? (gfp | __GFP_NOWARN | __GFP_NORETRY) & ~__GFP_NOFAIL : gfp, order);
		if (!page) {
			if (!order || fatal_signal_pending(current))
				break;
			order--;
			continue;
		}
		if (order)
			split_page(page, order);
		for (i = 0; i < (1UL << order); i++)
			pages[got++] = page + i;
		cond_resched();
	}
	return got;
}

void *__vmalloc_node_range(unsigned long size, unsigned long align, unsigned long start, unsigned long end, gfp_t gfp,
			   pgprot_t prot, unsigned long vm_flags, int node, const void *caller)
{
	unsigned long count = PAGE_ALIGN(size) >> PAGE_SHIFT, got;
	struct page **pages;
	struct view *view;

	if (WARN_ON_ONCE(!size))
		return NULL;
	if (count > totalram_pages()) {
		warn_alloc(gfp, NULL, "vmalloc error: size %lu, exceeds total pages", size);
		return NULL;
	}
	view = reserve_view(size, align, VM_ALLOC | VM_UNINITIALIZED | vm_flags, start, end, gfp, caller);
	if (!view) {
		warn_alloc(gfp, NULL, "vmalloc error: size %lu, vm_struct allocation failed", size);
		return NULL;
	}
	pages = kvmalloc_array(count, sizeof(*pages), (gfp & GFP_RECLAIM_MASK) | __GFP_ZERO);
	if (!pages) {
		warn_alloc(gfp, NULL, "vmalloc error: size %lu, failed to allocated page array size %lu", size,
			   count * sizeof(*pages));
		goto no_pages;
	}
	got = alloc_page_runs(pages, count, gfp & ~__GFP_COMP);
	if (got < count) {
		warn_alloc(gfp, NULL, "vmalloc error: size %lu, page order 0, failed to allocate pages", size);
		goto no_mapping;
	}
	if (map_view(view, pages, count, prot)) {
		warn_alloc(gfp, NULL, "vmalloc error: size %lu, failed to map pages", size);
		goto no_mapping;
	}
	view->vm.pages = pages;
	view->vm.nr_pages = count;
	view->vm.flags &= ~VM_UNINITIALIZED;
	atomic_long_add(count, &nr_vmalloc_pages);
	return view->vm.addr;

no_mapping:
	while (got)
		__free_page(pages[--got]);
	kvfree(pages);
no_pages:
	take_view(view->vm.addr);
	kfree(view);
	return NULL;
}

void *__vmalloc_node(unsigned long size, unsigned long align, gfp_t gfp, int node, const void *caller)
{
	return __vmalloc_node_range(size, align, VMALLOC_START, VMALLOC_END, gfp, PAGE_KERNEL, 0, node, caller);
}

void *__vmalloc(unsigned long size, gfp_t gfp)
{
	return __vmalloc_node(size, 1, gfp, NUMA_NO_NODE, __builtin_return_address(0));
}
EXPORT_SYMBOL(__vmalloc);

void *vmalloc(unsigned long size)
{
	return __vmalloc_node(size, 1, GFP_KERNEL, NUMA_NO_NODE, __builtin_return_address(0));
}
EXPORT_SYMBOL(vmalloc);

void *vmalloc_huge(unsigned long size, gfp_t gfp)
{
	return __vmalloc_node(size, 1, gfp, NUMA_NO_NODE, __builtin_return_address(0));
}
EXPORT_SYMBOL_GPL(vmalloc_huge);

void *vzalloc(unsigned long size)
{
	return __vmalloc_node(size, 1, GFP_KERNEL | __GFP_ZERO, NUMA_NO_NODE, __builtin_return_address(0));
}
EXPORT_SYMBOL(vzalloc);

static void *vmalloc_for_user(unsigned long size, const void *caller)
{
	return __vmalloc_node_range(size, SHMLBA, VMALLOC_START, VMALLOC_END, GFP_KERNEL | __GFP_ZERO, PAGE_KERNEL,
				    VM_USERMAP, NUMA_NO_NODE, caller);
}

void *vmalloc_user(unsigned long size)
{
	return vmalloc_for_user(size, __builtin_return_address(0));
}
EXPORT_SYMBOL(vmalloc_user);

void *vmalloc_node(unsigned long size, int node)
{
	return __vmalloc_node(size, 1, GFP_KERNEL, node, __builtin_return_address(0));
}
EXPORT_SYMBOL(vmalloc_node);

void *vzalloc_node(unsigned long size, int node)
{
	return __vmalloc_node(size, 1, GFP_KERNEL | __GFP_ZERO, node, __builtin_return_address(0));
}
EXPORT_SYMBOL(vzalloc_node);

/* For devices that address 32 bits: no device of this machine sees physical addresses. */
void *vmalloc_32(unsigned long size)
{
	return __vmalloc_node(size, 1, GFP_KERNEL, NUMA_NO_NODE, __builtin_return_address(0));
}
EXPORT_SYMBOL(vmalloc_32);

void *vmalloc_32_user(unsigned long size)
{
	return vmalloc_for_user(size, __builtin_return_address(0));
}
EXPORT_SYMBOL(vmalloc_32_user);

static void free_view(const void *addr)
{
	struct view *view;

	if (!addr)
		return;
	if (WARN(!PAGE_ALIGNED(addr), "Trying to vfree() bad address (%p)\n", addr))
		return;
	view = take_view(addr);
	if (WARN(!view, KERN_ERR "Trying to vfree() nonexistent vm area (%p)\n", addr))
		return;
	release_view(view, view->vm.pages);
}

static LLIST_HEAD(deferred);

static void free_deferred(struct work_struct *work)
{
	struct llist_node *node, *next;

	/* The first words of the memory itself are the list node. */
	llist_for_each_safe(node, next, llist_del_all(&deferred))
		free_view(node);
}
static DECLARE_WORK(deferred_work, free_deferred);

void vfree_atomic(const void *addr)
{
	if (addr && llist_add((struct llist_node *)addr, &deferred))
		schedule_work(&deferred_work);
}

/* May sleep when called from process context; deferred from an interrupt. */
void vfree(const void *addr)
{
	if (unlikely(in_interrupt())) {
		vfree_atomic(addr);
		return;
	}
	might_sleep();
	free_view(addr);
}
EXPORT_SYMBOL(vfree);

/* ---- vmap ---- */

void *vmap(struct page **pages, unsigned int count, unsigned long flags, pgprot_t prot)
{
	struct page **own;
	struct view *view;

	might_sleep();
	if (WARN_ON_ONCE(flags & VM_FLUSH_RESET_PERMS))
		return NULL;
	if (WARN_ON_ONCE(flags & VM_NO_GUARD))
		flags &= ~VM_NO_GUARD;
	if (!count || count > totalram_pages())
		return NULL;
	own = flags & VM_MAP_PUT_PAGES ? pages : kvmalloc_array(count, sizeof(*pages), GFP_KERNEL);
	if (!own)
		return NULL;
	if (own != pages)
		memcpy(own, pages, count * sizeof(*pages));
	view = reserve_view((unsigned long)count << PAGE_SHIFT, 1, flags, VMALLOC_START, VMALLOC_END, GFP_KERNEL,
			    __builtin_return_address(0));
	if (!view)
		goto no_view;
	if (map_view(view, own, count, prot))
		goto no_mapping;
	if (flags & VM_MAP_PUT_PAGES) {
		view->vm.pages = pages;
		view->vm.nr_pages = count;
	}
	return view->vm.addr;

no_mapping:
	take_view(view->vm.addr);
	kfree(view);
no_view:
	if (own != pages)
		kvfree(own);
	return NULL;
}
EXPORT_SYMBOL(vmap);

void vunmap(const void *addr)
{
	struct view *view;

	WARN_ON_ONCE(in_interrupt());
	might_sleep();
	if (!addr)
		return;
	view = take_view(addr);
	if (WARN(!view, KERN_ERR "Trying to vunmap() nonexistent vm area (%p)\n", addr))
		return;
	release_view(view, false);
}
EXPORT_SYMBOL(vunmap);

void *vm_map_ram(struct page **pages, unsigned int count, int node)
{
	return vmap(pages, count, VM_MAP, PAGE_KERNEL);
}
EXPORT_SYMBOL(vm_map_ram);

void vm_unmap_ram(const void *mem, unsigned int count)
{
	vunmap(mem);
}
EXPORT_SYMBOL(vm_unmap_ram);

/* Every unmapping is complete when its caller gets control back. */
void vm_unmap_aliases(void)
{
	might_sleep();
}
EXPORT_SYMBOL_GPL(vm_unmap_aliases);

/* ---- questions ---- */

bool is_vmalloc_addr(const void *x)
{
	return umc_in_range((unsigned long)x, umc_layout.vmalloc_base, umc_layout.vmalloc_size);
}
EXPORT_SYMBOL(is_vmalloc_addr);

int is_vmalloc_or_module_addr(const void *x)
{
	return is_vmalloc_addr(x) || umc_in_range((unsigned long)x, umc_layout.low_base, umc_layout.low_size);
}

/* The area that contains `addr`; guard page included. */
struct vmap_area *find_vmap_area(unsigned long addr)
{
	unsigned long flags;
	struct view *view;

	spin_lock_irqsave(&views_lock, flags);
	view = view_at_or_above(addr);
	if (view && addr < view_start(view))
		view = NULL;
	spin_unlock_irqrestore(&views_lock, flags);
	return view ? &view->area : NULL;
}

struct vm_struct *find_vm_area(const void *addr)
{
	unsigned long flags;
	struct view *view;

	spin_lock_irqsave(&views_lock, flags);
	view = view_at_or_above((unsigned long)addr);
	if (view && view->vm.addr != addr)
		view = NULL;
	spin_unlock_irqrestore(&views_lock, flags);
	return view ? &view->vm : NULL;
}

struct page *vmalloc_to_page(const void *addr)
{
	unsigned long flags, index;
	struct page *page = NULL;
	struct view *view;

	if (!is_vmalloc_addr(addr)) {
		WARN_ON_ONCE(!is_vmalloc_or_module_addr(addr));
		return NULL;
	}
	spin_lock_irqsave(&views_lock, flags);
	view = view_at_or_above((unsigned long)addr);
	if (view && (unsigned long)addr >= view_start(view)) {
		index = ((unsigned long)addr - view_start(view)) >> PAGE_SHIFT;
		if (index < view->count)
			page = view->pages[index];
	}
	spin_unlock_irqrestore(&views_lock, flags);
	return page;
}
EXPORT_SYMBOL(vmalloc_to_page);

unsigned long vmalloc_to_pfn(const void *addr)
{
	return page_to_pfn(vmalloc_to_page(addr));
}
EXPORT_SYMBOL(vmalloc_to_pfn);

unsigned long vmalloc_nr_pages(void)
{
	return atomic_long_read(&nr_vmalloc_pages);
}

/* For mem_dump_obj(). */
bool vmalloc_dump_obj(void *object)
{
	struct vm_struct *vm = find_vm_area((void *)PAGE_ALIGN_DOWN((unsigned long)object));

	if (!vm)
		return false;
	pr_cont(" %u-page vmalloc region starting at %#lx allocated at %pS\n", vm->nr_pages, (unsigned long)vm->addr,
		vm->caller);
	return true;
}

void __init vmalloc_init(void)
{
	cursor = umc_layout.vmalloc_base;
}

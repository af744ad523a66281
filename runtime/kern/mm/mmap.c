// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces mm/mmap.c: user memory of kernel tasks, which is anonymous memory in the user window, one window for all of
 * them. Left out: mappings of files and areas of processes (their address space is the host's).
 */
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include <umc/mm.h>

unsigned long mmap_min_addr = CONFIG_DEFAULT_MMAP_MIN_ADDR;

/* A mapped range [start, end), page aligned; ranges do not overlap. */
struct user_range {
	struct rb_node node;
	unsigned long start, end;
};

/* Protects ranges and what is mapped in the window. */
static DEFINE_MUTEX(window_mutex);
static struct rb_root ranges = RB_ROOT;

static struct user_range *first_range(void)
{
	return rb_entry_safe(rb_first(&ranges), struct user_range, node);
}

static struct user_range *next_range(struct user_range *range)
{
	return rb_entry_safe(rb_next(&range->node), struct user_range, node);
}

static void insert_range(struct user_range *range)
{
	struct rb_node **link = &ranges.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = range->start < rb_entry(parent, struct user_range, node)->start ? &parent->rb_left
										  : &parent->rb_right;
	}
	rb_link_node(&range->node, parent, link);
	rb_insert_color(&range->node, &ranges);
}

static bool in_window(unsigned long start, unsigned long len)
{
	return umc_in_range(start, umc_layout.user_base, umc_layout.user_size) &&
	       len <= umc_layout.user_base + umc_layout.user_size - start;
}

/* A free range of `len` bytes, at `hint` if it is free there. 0: none. */
static unsigned long find_free(unsigned long hint, unsigned long len)
{
	unsigned long at = umc_layout.user_base;
	struct user_range *range;
	bool hint_free = in_window(hint, len);

	for (range = first_range(); range; range = next_range(range)) {
		if (range->start < hint + len && hint < range->end)
			hint_free = false;
	}
	if (hint_free)
		return hint;
	for (range = first_range(); range; range = next_range(range)) {
		if (range->start - at >= len)
			return at;
		at = range->end;
	}
	return in_window(at, len) ? at : 0;
}

static int unmap_range(unsigned long start, unsigned long len)
{
	unsigned long end = start + len;
	struct user_range *range, *next, *rest = NULL;
	int err;

	/* Punching a hole leaves two ranges: have the second one ready, so that nothing fails half way. */
	rest = kmalloc(sizeof(*rest), GFP_KERNEL);
	if (!rest)
		return -ENOMEM;
	err = umc_host_memory_unmap(start, len);
	if (err) {
		kfree(rest);
		return err;
	}
	for (range = first_range(); range; range = next) {
		next = next_range(range);
		if (range->end <= start || end <= range->start)
			continue;
		if (range->start < start && end < range->end) {
			rest->start = end;
			rest->end = range->end;
			range->end = start;
			insert_range(rest);
			return 0;
		}
		if (range->start < start) {
			range->end = start;
		} else if (end < range->end) {
			range->start = end;
		} else {
			rb_erase(&range->node, &ranges);
			kfree(range);
		}
	}
	kfree(rest);
	return 0;
}

static int host_prot(unsigned long prot)
{
	return (prot & PROT_READ ? UMC_PROT_READ : 0) | (prot & PROT_WRITE ? UMC_PROT_READ | UMC_PROT_WRITE : 0) |
	       (prot & PROT_EXEC ? UMC_PROT_READ | UMC_PROT_EXEC : 0);
}

unsigned long vm_mmap_pgoff(struct file *file, unsigned long addr, unsigned long len, unsigned long prot,
			    unsigned long flag, unsigned long pgoff)
{
	struct user_range *range;
	unsigned long at;
	int err;

	if (file)
		return -ENODEV;
	if (!len || offset_in_page(addr))
		return -EINVAL;
	len = PAGE_ALIGN(len);
	if (!len || len > umc_layout.user_size)
		return -ENOMEM;
	range = kmalloc(sizeof(*range), GFP_KERNEL);
	if (!range)
		return -ENOMEM;

	mutex_lock(&window_mutex);
	at = find_free(addr, len);
	err = -ENOMEM;
	if (flag & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		if (!in_window(addr, len))
			goto fail;
		if (at != addr) {
			err = -EEXIST;
			if (flag & MAP_FIXED_NOREPLACE)
				goto fail;
			err = unmap_range(addr, len);
			if (err)
				goto fail;
			at = addr;
		}
	}
	if (!at)
		goto fail;
	err = umc_host_memory_map(at, len, host_prot(prot));
	if (err)
		goto fail;
	range->start = at;
	range->end = at + len;
	insert_range(range);
	mutex_unlock(&window_mutex);
	return at;

fail:
	mutex_unlock(&window_mutex);
	kfree(range);
	return err;
}

unsigned long vm_mmap(struct file *file, unsigned long addr, unsigned long len, unsigned long prot,
		      unsigned long flag, unsigned long offset)
{
	if (unlikely(offset + PAGE_ALIGN(len) < offset) || unlikely(offset_in_page(offset)))
		return -EINVAL;
	return vm_mmap_pgoff(file, addr, len, prot, flag, offset >> PAGE_SHIFT);
}
EXPORT_SYMBOL(vm_mmap);

int vm_munmap(unsigned long start, size_t len)
{
	int err;

	len = PAGE_ALIGN(len);
	if (offset_in_page(start) || !len)
		return -EINVAL;
	/* Nothing is mapped outside the window: unmapping that is no error. */
	if (!in_window(start, len))
		return access_ok((void __user *)start, len) ? 0 : -EINVAL;
	mutex_lock(&window_mutex);
	err = unmap_range(start, len);
	mutex_unlock(&window_mutex);
	return err;
}
EXPORT_SYMBOL(vm_munmap);

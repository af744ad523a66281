// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces lib/usercopy.c, lib/str{ncpy,nlen}_from_user.c and arch/x86/lib/{copy_user_64.S,usercopy*,copy_mc*}:
 * user copies through umc/uaccess.h. Fault injection (fail_usercopy) is left out.
 */
#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/hashtable.h>
#include <linux/instrumented.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/rculist.h>
#include <linux/libnvdimm.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/asm.h>

#include <umc/mm.h>
#include <umc/uaccess.h>
#include "seam/uaccess.h"

/* ---- which process an mm stands for ---- */

struct binding {
	struct hlist_node node;
	struct mm_struct *mm;
	pid_t pid;
	struct rcu_head rcu;
};
static DEFINE_HASHTABLE(bindings, 6);
static DEFINE_SPINLOCK(bindings_lock);

int umc_user_bind_mm(struct mm_struct *mm, pid_t pid)
{
	struct binding *binding, *fresh = NULL;
	unsigned long flags;

	if (pid) {
		fresh = kmalloc(sizeof(*fresh), GFP_KERNEL);
		if (!fresh)
			return -ENOMEM;
		fresh->mm = mm;
		fresh->pid = pid;
	}
	spin_lock_irqsave(&bindings_lock, flags);
	hash_for_each_possible(bindings, binding, node, (unsigned long)mm) {
		if (binding->mm == mm) {
			hash_del_rcu(&binding->node);
			kfree_rcu(binding, rcu);
			break;
		}
	}
	if (fresh)
		hash_add_rcu(bindings, &fresh->node, (unsigned long)mm);
	spin_unlock_irqrestore(&bindings_lock, flags);
	return 0;
}

/* The process whose memory the current task's user addresses mean; 0: the user window. */
static pid_t served_process(void)
{
	struct mm_struct *mm = current->mm;
	struct binding *binding;
	pid_t pid = 0;

	if (!mm)
		return 0;
	rcu_read_lock();
	hash_for_each_possible_rcu(bindings, binding, node, (unsigned long)mm) {
		if (binding->mm == mm) {
			pid = binding->pid;
			break;
		}
	}
	rcu_read_unlock();
	return pid;
}

/* How much of [address, address + n) lies in the user window, from its start. */
static unsigned long in_user_window(unsigned long address, unsigned long n)
{
	unsigned long offset = address - umc_layout.user_base;

	return offset < umc_layout.user_size ? min(n, umc_layout.user_size - offset) : 0;
}

/* ---- copies that may fault ---- */

unsigned long umc_copy_faulting(void *to, const void *from, unsigned long n)
{
	asm volatile("1:	rep movsb\n"
		     "2:\n" _ASM_EXTABLE(1b, 2b)
		     : "+D"(to), "+S"(from), "+c"(n) : : "memory");
	return n;
}

unsigned long umc_clear_faulting(void *to, unsigned long n)
{
	asm volatile("1:	rep stosb\n"
		     "2:\n" _ASM_EXTABLE(1b, 2b)
		     : "+D"(to), "+c"(n) : "a"(0) : "memory");
	return n;
}

unsigned long umc_user_read(void *to, unsigned long from, unsigned long n)
{
	pid_t pid = served_process();
	unsigned long part;

	if (pid)
		return n - umc_host_user_read(pid, from, to, n);
	part = in_user_window(from, n);
	return n - part + umc_copy_faulting(to, (void *)from, part);
}

unsigned long umc_user_write(unsigned long to, const void *from, unsigned long n)
{
	pid_t pid = served_process();
	unsigned long part;

	if (pid)
		return n - umc_host_user_write(pid, to, from, n);
	part = in_user_window(to, n);
	return n - part + umc_copy_faulting((void *)to, from, part);
}

unsigned long umc_user_clear(unsigned long to, unsigned long n)
{
	pid_t pid = served_process();
	unsigned long part;

	while (pid && n) {
		unsigned long step = min(n, PAGE_SIZE);
		unsigned long done = umc_host_user_write(pid, to, empty_zero_page, step);

		to += done;
		n -= done;
		if (done < step)
			break;
	}
	if (pid)
		return n;
	part = in_user_window(to, n);
	return n - part + umc_clear_faulting((void *)to, part);
}

/* ---- the kernel's functions ---- */

unsigned long _copy_from_user(void *to, const void __user *from, unsigned long n)
{
	unsigned long left = n;

	might_fault();
	if (access_ok(from, n)) {
		instrument_copy_from_user_before(to, from, n);
		left = umc_user_read(to, (unsigned long)from, n);
		instrument_copy_from_user_after(to, from, n, left);
	}
	if (left)
		memset(to + (n - left), 0, left);
	return left;
}
EXPORT_SYMBOL(_copy_from_user);

unsigned long _copy_to_user(void __user *to, const void *from, unsigned long n)
{
	might_fault();
	if (!access_ok(to, n))
		return n;
	instrument_copy_to_user(to, from, n);
	return umc_user_write((unsigned long)to, from, n);
}
EXPORT_SYMBOL(_copy_to_user);

/*
 * What raw_copy_from_user() and raw_copy_to_user() call. The direction shows in the addresses: one of them is the
 * kernel's own. When both are, or neither, nothing is copied. Images of .so modules lie where a process's memory may
 * lie as well, so they decide only when nothing else does.
 */
unsigned long copy_user_generic_unrolled(void *to, const void *from, unsigned int len)
{
	bool from_kernel = umc_is_kernel_address((unsigned long)from) || object_is_on_stack(from);
	bool to_kernel = umc_is_kernel_address((unsigned long)to) || object_is_on_stack(to);

	if (!from_kernel && !to_kernel) {
		from_kernel = is_module_address((unsigned long)from);
		to_kernel = is_module_address((unsigned long)to);
	}
	if (from_kernel == to_kernel)
		return len;
	return to_kernel ? umc_user_read(to, (unsigned long)from, len) : umc_user_write((unsigned long)to, from, len);
}
EXPORT_SYMBOL(copy_user_generic_unrolled);

/* The same for processors with other string instructions; call sites choose by patching. */
__alias(copy_user_generic_unrolled)
unsigned long copy_user_generic_string(void *to, const void *from, unsigned int len);
EXPORT_SYMBOL(copy_user_generic_string);
__alias(copy_user_generic_unrolled)
unsigned long copy_user_enhanced_fast_string(void *to, const void *from, unsigned int len);
EXPORT_SYMBOL(copy_user_enhanced_fast_string);

/* The caller wants the data out of the cache soon, which is a hint. */
long __copy_user_nocache(void *dst, const void __user *src, unsigned int size, int zerorest)
{
	return umc_user_read(dst, (unsigned long)src, size);
}
EXPORT_SYMBOL(__copy_user_nocache);

long __copy_user_flushcache(void *dst, const void __user *src, unsigned int size)
{
	unsigned long left = umc_user_read(dst, (unsigned long)src, size);

	arch_wb_cache_pmem(dst, size - left);
	return left;
}

unsigned long copy_mc_to_kernel(void *dst, const void *src, unsigned int len)
{
	return umc_copy_faulting(dst, src, len);
}
EXPORT_SYMBOL_GPL(copy_mc_to_kernel);

unsigned long copy_mc_to_user(void __user *dst, const void *src, unsigned int len)
{
	return umc_user_write((unsigned long)dst, src, len);
}

int check_zeroed_user(const void __user *from, size_t size)
{
	unsigned char buffer[128];

	if (size == 0)
		return 1;
	if (!access_ok(from, size))
		return -EFAULT;
	while (size) {
		size_t part = min(size, sizeof(buffer));

		if (umc_user_read(buffer, (unsigned long)from, part))
			return -EFAULT;
		if (memchr_inv(buffer, 0, part))
			return 0;
		from += part;
		size -= part;
	}
	return 1;
}
EXPORT_SYMBOL(check_zeroed_user);

/* ---- strings ---- */

/* Reads up to `max` bytes at `src` without leaving its page. Returns how many were read; 0: fault. */
static unsigned long read_in_page(void *to, unsigned long src, unsigned long max)
{
	unsigned long n = min(max, PAGE_SIZE - offset_in_page(src));

	return n - umc_user_read(to, src, n);
}

long strncpy_from_user(char *dst, const char __user *src, long count)
{
	unsigned long from = (unsigned long)src;
	long done = 0;

	might_fault();
	if (count <= 0)
		return 0;
	if (!access_ok(src, 1))
		return -EFAULT;
	while (done < count) {
		unsigned long got = read_in_page(dst + done, from + done, count - done), length;

		if (!got)
			return -EFAULT;
		length = strnlen(dst + done, got);
		done += length;
		if (length < got)
			break;
	}
	return done;
}
EXPORT_SYMBOL(strncpy_from_user);

long strnlen_user(const char __user *str, long count)
{
	unsigned long from = (unsigned long)str;
	char buffer[128];
	long done = 0;

	might_fault();
	if (count <= 0 || !access_ok(str, 1))
		return 0;
	while (done < count) {
		unsigned long got = read_in_page(buffer, from + done, min_t(long, sizeof(buffer), count - done));
		unsigned long length;

		if (!got)
			return 0;
		length = strnlen(buffer, got);
		done += length;
		if (length < got)
			return done + 1;
	}
	return count + 1;
}
EXPORT_SYMBOL(strnlen_user);

/* ---- get_user() and put_user(): called from user_access_entry.S, which has their register conventions ---- */

/* Returns 0 or -EFAULT; *value is zero extended, and zero after a fault. */
long umc_get_user(unsigned long address, unsigned long size, unsigned long *value)
{
	*value = 0;
	if (unlikely(umc_user_read(value, address, size))) {
		*value = 0;
		return -EFAULT;
	}
	return 0;
}

long umc_put_user(unsigned long address, unsigned long size, unsigned long value)
{
	return umc_user_write(address, &value, size) ? -EFAULT : 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces mm/gup.c: asking whether user memory can be accessed. Left out: everything that hands out the pages behind
 * user addresses, which belong to the host.
 */
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/uaccess.h>

#include <umc/uaccess.h>

/* Walks [start, start + size) page by page. Returns the number of bytes from the first inaccessible page on. */
static size_t probe(unsigned long start, size_t size, bool write)
{
	unsigned long end = start + size, at = start;
	char byte;

	if (!size)
		return 0;
	if (end < start || !access_ok((void __user *)start, size))
		return size;
	for (; at < end; at = PAGE_ALIGN_DOWN(at) + PAGE_SIZE)
		if (umc_user_read(&byte, at, 1) || (write && umc_user_write(at, &byte, 1)))
			break;
	return at < end ? end - at : 0;
}

size_t fault_in_readable(const char __user *uaddr, size_t size)
{
	return probe((unsigned long)uaddr, size, false);
}
EXPORT_SYMBOL(fault_in_readable);

/* The byte written back is the one just read: another thread of the process may have changed it in between. */
size_t fault_in_writeable(char __user *uaddr, size_t size)
{
	return probe((unsigned long)uaddr, size, true);
}
EXPORT_SYMBOL(fault_in_writeable);

/* Must not write: whether the memory is writable shows when it is written. */
size_t fault_in_safe_writeable(const char __user *uaddr, size_t size)
{
	return probe((unsigned long)uaddr, size, false);
}
EXPORT_SYMBOL(fault_in_safe_writeable);

size_t fault_in_subpage_writeable(char __user *uaddr, size_t size)
{
	return fault_in_writeable(uaddr, size);
}
EXPORT_SYMBOL(fault_in_subpage_writeable);

// SPDX-License-Identifier: GPL-2.0-only
/* Replaces arch/x86/mm/maccess.c: what copy_from_kernel_nofault() may read. The copy itself survives a fault. */
#include <linux/uaccess.h>

#include <umc/mm.h>

bool copy_from_kernel_nofault_allowed(const void *src, size_t size)
{
	unsigned long start = (unsigned long)src;

	/* The first page is a null pointer's; user memory is not the kernel's. */
	return start >= PAGE_SIZE && start + size >= start &&
	       !umc_in_range(start, umc_layout.user_base, umc_layout.user_size);
}

/* copy_from_user_nofault() in an NMI: there are none. */
bool nmi_uaccess_okay(void)
{
	return true;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* In front of the kernel's <asm/uaccess_64.h>: inline user copies go through umc/uaccess.h too. */
#ifndef UMC_KERN_ASM_UACCESS_64_H
#define UMC_KERN_ASM_UACCESS_64_H

#define raw_copy_from_user upstream_raw_copy_from_user
#define raw_copy_to_user upstream_raw_copy_to_user
#define __clear_user upstream___clear_user
#define clear_user upstream_clear_user
#include_next <asm/uaccess_64.h>
#undef raw_copy_from_user
#undef raw_copy_to_user
#undef __clear_user
#undef clear_user

#include <umc/uaccess.h>

static __always_inline __must_check unsigned long
raw_copy_from_user(void *to, const void __user *from, unsigned long n)
{
	return umc_user_read(to, (__force unsigned long)from, n);
}

static __always_inline __must_check unsigned long
raw_copy_to_user(void __user *to, const void *from, unsigned long n)
{
	return umc_user_write((__force unsigned long)to, from, n);
}

static __always_inline __must_check unsigned long __clear_user(void __user *to, unsigned long n)
{
	might_fault();
	return umc_user_clear((__force unsigned long)to, n);
}

static __always_inline __must_check unsigned long clear_user(void __user *to, unsigned long n)
{
	return __access_ok(to, n) ? __clear_user(to, n) : n;
}

#endif

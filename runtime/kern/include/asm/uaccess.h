/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * In front of the kernel's <asm/uaccess.h>: the accesses between user_access_begin() and user_access_end() are calls
 * like all others, since the memory may be another process's.
 */
#ifndef UMC_KERN_ASM_UACCESS_H
#define UMC_KERN_ASM_UACCESS_H
#include_next <asm/uaccess.h>

#undef unsafe_get_user
#define unsafe_get_user(x, ptr, label) do { if (__get_user(x, ptr)) goto label; } while (0)

#undef unsafe_put_user
#define unsafe_put_user(x, ptr, label) do { if (__put_user(x, ptr)) goto label; } while (0)

#undef unsafe_copy_to_user
#define unsafe_copy_to_user(dst, src, len, label)						\
	do { if (raw_copy_to_user(dst, src, len)) goto label; } while (0)

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User memory, the one place that decides what a user address means.
 *
 * A task that serves a process (its mm was bound to that process) reaches that process's memory and nothing else. Any
 * other task has user memory only where vm_mmap() placed it, in the user window. An address anywhere else, the emulated
 * kernel's own memory above all, is not mapped.
 */
#ifndef UMC_KERN_UACCESS_H
#define UMC_KERN_UACCESS_H

#include <linux/types.h>

struct mm_struct;

/*
 * Bytes that could not be copied, counted at the end; 0: all. Any context (they do not sleep); no access_ok() needed.
 */
unsigned long umc_user_read(void *to, unsigned long from, unsigned long n);
unsigned long umc_user_write(unsigned long to, const void *from, unsigned long n);
unsigned long umc_user_clear(unsigned long to, unsigned long n);

/* Copies between addresses of this process, stopping at a fault: the number of bytes left. Takes no kernel address
 * for granted. */
unsigned long umc_copy_faulting(void *to, const void *from, unsigned long n);
unsigned long umc_clear_faulting(void *to, unsigned long n);

/*
 * From now on tasks whose current->mm is `mm` reach the memory of process `pid` (0: unbind, before the mm is freed).
 * 0 or -ENOMEM. Process context.
 */
int umc_user_bind_mm(struct mm_struct *mm, pid_t pid);

#endif

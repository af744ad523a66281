/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Start-up of memory and of the processor's description, in the order start_kernel() calls it:
 *
 *   setup_arch(&cmdline)      address space, processor features; uses no per-CPU data
 *   setup_nr_cpu_ids()        the possible mask must be set by then
 *   setup_per_cpu_areas()     per-CPU regions; sets the calling thread's %gs to that of CPU 0
 *   page_alloc_init()         pages can be allocated from here on
 *   mem_init(); kmem_cache_init(); vmalloc_init()
 *   kmem_cache_init_late()    once workqueues exist
 *
 * These are the kernel's own names; this header holds only what has no kernel header.
 */
#ifndef UMC_KERN_MM_H
#define UMC_KERN_MM_H

#include "seam/memory.h"

extern struct umc_memory_layout umc_layout;

static inline bool umc_in_range(unsigned long address, unsigned long base, unsigned long size)
{
	return address - base < size;
}

/* Parts of mem_init(). */
void umc_numa_init(void);
void umc_memcg_disable(void);

/* Is `address` memory of the emulated kernel: never to be reached as a user address? */
bool umc_is_kernel_address(unsigned long address);

#endif

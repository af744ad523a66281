/* SPDX-License-Identifier: GPL-2.0-only */
/* Where dynamic per-CPU memory lies inside each CPU's region. */
#ifndef UMC_KERN_PERCPU_H
#define UMC_KERN_PERCPU_H

/*
 * Reachable with a 32-bit displacement from module text, apart from the link addresses of static per-CPU symbols and
 * from the addresses that module images get, so that a per-CPU pointer used as a plain one faults.
 */
#define UMC_PERCPU_DYNAMIC_BASE 0x20000000UL
#define UMC_PERCPU_DYNAMIC_SIZE 0x08000000UL
#define UMC_PERCPU_MAP_STEP 0x00100000UL /* accessible from the start, and added at a time */

#endif

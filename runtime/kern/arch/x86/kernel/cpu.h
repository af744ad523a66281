/* SPDX-License-Identifier: GPL-2.0-only */
/* Processor set-up, between setup.c, cpu.c and fpu.c. */
#ifndef UMC_KERN_X86_CPU_H
#define UMC_KERN_X86_CPU_H
#include <linux/types.h>

extern u64 umc_xcr0; /* vector register state that the host saves and restores: XFEATURE_MASK_* */
void umc_cpu_init(void);
void umc_memory_init(void);

#endif

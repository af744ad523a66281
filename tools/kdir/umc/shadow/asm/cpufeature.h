/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shadows asm/cpufeature.h: _static_cpu_has() has the address of boot_cpu_data as an "i" operand, impossible in
 * position-independent code for a foreign symbol. The bit is tested each time instead.
 */
#ifndef UMC_SHADOW_ASM_CPUFEATURE_H
#define UMC_SHADOW_ASM_CPUFEATURE_H

#define _static_cpu_has umc_unused_static_cpu_has
#include_next <asm/cpufeature.h>
#undef _static_cpu_has
#define _static_cpu_has(bit) boot_cpu_has(bit)

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shadows asm/percpu.h: a per-CPU symbol is always reached through the GOT, whose slot the loader fills with the
 * symbol's %gs offset. ARCH_NEEDS_WEAK_PER_CPU is the kernel's own mode for machines that cannot address the per-CPU
 * area of a module directly: it makes definitions weak, so the compiler must not assume where they are.
 */
#ifndef UMC_SHADOW_ASM_PERCPU_H
#define UMC_SHADOW_ASM_PERCPU_H

#if defined(MODULE) && !defined(__ASSEMBLY__)
#define ARCH_NEEDS_WEAK_PER_CPU
#endif

#include_next <asm/percpu.h>

#ifndef __ASSEMBLY__
/* The "p" operand is a register here, and only %a prints any address as a memory operand. */
#undef percpu_stable_op
#define percpu_stable_op(size, op, _var)				\
({									\
	__pcpu_type_##size pfo_val__;					\
	asm(__pcpu_op2_##size(op, __percpu_arg(a[var]), "%[val]")	\
	    : [val] __pcpu_reg_##size("=", pfo_val__)			\
	    : [var] "p" (&(_var)));					\
	(typeof(_var))(unsigned long)pfo_val__;				\
})
#endif

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces arch/x86/kernel/fpu/{core,xstate}.c: kernel code's use of vector registers. The process owns them anyway,
 * so a section only keeps its task from being moved off in the middle, where a switch would not save them. Left out:
 * saving the state of user programs and guests.
 */
#include <linux/export.h>
#include <linux/hardirq.h>
#include <linux/preempt.h>
#include <asm/fpu/api.h>
#include <asm/fpu/xcr.h>
#include <asm/fpu/xstate.h>

#include "cpu.h"

#define MXCSR_DEFAULT 0x1f80

static DEFINE_PER_CPU(bool, in_kernel_fpu);

bool irq_fpu_usable(void)
{
	if (WARN_ON_ONCE(in_nmi()) || this_cpu_read(in_kernel_fpu))
		return false;
	return !in_hardirq() || !softirq_count();
}
EXPORT_SYMBOL(irq_fpu_usable);

void kernel_fpu_begin_mask(unsigned int mask)
{
	u32 mxcsr = MXCSR_DEFAULT;

	preempt_disable();
	WARN_ON_ONCE(!irq_fpu_usable());
	this_cpu_write(in_kernel_fpu, true);
	if (mask & KFPU_MXCSR)
		asm volatile("ldmxcsr %0" :: "m"(mxcsr));
	if (mask & KFPU_387)
		asm volatile("fninit");
}
EXPORT_SYMBOL_GPL(kernel_fpu_begin_mask);

void kernel_fpu_end(void)
{
	WARN_ON_ONCE(!this_cpu_read(in_kernel_fpu));
	this_cpu_write(in_kernel_fpu, false);
	preempt_enable();
}
EXPORT_SYMBOL_GPL(kernel_fpu_end);

static const char * const xfeature_names[] = {
	"x87 floating point registers", "SSE registers", "AVX registers", "MPX bounds registers", "MPX CSR",
	"AVX-512 opmask", "AVX-512 Hi256", "AVX-512 ZMM_Hi256", "Processor Trace (unused)",
	"Protection Keys User registers", "PASID state", "unknown xstate feature",
};

int cpu_has_xfeatures(u64 needed, const char **feature_name)
{
	u64 missing = needed & ~umc_xcr0;

	if (feature_name)
		*feature_name = xfeature_names[min_t(int, fls64(missing ?: needed) - 1,
						     ARRAY_SIZE(xfeature_names) - 1)];
	return !missing;
}
EXPORT_SYMBOL_GPL(cpu_has_xfeatures);

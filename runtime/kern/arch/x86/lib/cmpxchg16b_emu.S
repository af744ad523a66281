/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replaces arch/x86/lib/cmpxchg16b_emu.S, which needs the interrupt flag: call sites keep their call of it (they would
 * be patched to the instruction), and every processor with 64 bits that matters has the instruction.
 */
#include <linux/linkage.h>
#include <asm/export.h>

/*
 * In: rsi the per-CPU address, rdx:rax the expected and rcx:rbx the new value. Out: al 1 when it was exchanged, else 0.
 * Atomic with regard to this CPU only.
 */
SYM_FUNC_START(this_cpu_cmpxchg16b_emu)
	cmpxchg16b %gs:(%rsi)
	sete %al
	ret
SYM_FUNC_END(this_cpu_cmpxchg16b_emu)
EXPORT_SYMBOL(this_cpu_cmpxchg16b_emu)

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replaces arch/x86/lib/retpoline.S and the tracer's entry: what the distribution's modules call for an indirect
 * branch, a return and at each function's start. A user process relies on the host kernel's mitigations.
 */
#include <linux/linkage.h>
#include <asm/export.h>

.macro THUNK reg
SYM_FUNC_START(__x86_indirect_thunk_\reg)
	jmp *%\reg
SYM_FUNC_END(__x86_indirect_thunk_\reg)
EXPORT_SYMBOL(__x86_indirect_thunk_\reg)
.endm

.irp reg, rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
THUNK \reg
.endr

SYM_FUNC_START(__x86_return_thunk)
	ret
	int3
SYM_FUNC_END(__x86_return_thunk)
EXPORT_SYMBOL(__x86_return_thunk)

/* Function tracing is off. */
SYM_FUNC_START(__fentry__)
	ret
	int3
SYM_FUNC_END(__fentry__)
EXPORT_SYMBOL(__fentry__)

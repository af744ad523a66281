/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replaces arch/x86/lib/retpoline.S: the thunks that distribution modules call for indirect jumps and returns. All the
 * code of an instance is of one security domain, so they do just that. Left out: every mitigation.
 */
#include <linux/linkage.h>
#include <asm/export.h>

	.text

.macro INDIRECT_THUNK reg
	.balign 32
	.type __x86_indirect_thunk_\reg, @function
	.globl __x86_indirect_thunk_\reg
__x86_indirect_thunk_\reg:
	.cfi_startproc
	jmp *%\reg
	int3
	.cfi_endproc
	.size __x86_indirect_thunk_\reg, . - __x86_indirect_thunk_\reg
	EXPORT_SYMBOL(__x86_indirect_thunk_\reg)
.endm

.irp reg, rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
	INDIRECT_THUNK \reg
.endr

	.balign 32
	.type __x86_return_thunk, @function
	.globl __x86_return_thunk
__x86_return_thunk:
	.cfi_startproc
	ret
	int3
	.cfi_endproc
	.size __x86_return_thunk, . - __x86_return_thunk
	EXPORT_SYMBOL(__x86_return_thunk)

	.section .note.GNU-stack, "", @progbits

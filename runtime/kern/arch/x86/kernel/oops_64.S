/* SPDX-License-Identifier: GPL-2.0-only */
/* Where faulting code goes on: the ends of exception entry that a user-mode process needs. */
#include <linux/linkage.h>

	.text

/*
 * The fault handler has put a pt_regs on the stack and pointed the interrupted context here. Described as a signal
 * frame, so that debuggers and backtraces go on into the faulting function.
 */
	.globl umc_oops_entry
	.type umc_oops_entry, @function
	.balign 16
	.cfi_startproc simple
	.cfi_signal_frame
	.cfi_def_cfa rsp, 0
	.cfi_offset r15, 0
	.cfi_offset r14, 8
	.cfi_offset r13, 16
	.cfi_offset r12, 24
	.cfi_offset rbp, 32
	.cfi_offset rbx, 40
	.cfi_offset r11, 48
	.cfi_offset r10, 56
	.cfi_offset r9, 64
	.cfi_offset r8, 72
	.cfi_offset rax, 80
	.cfi_offset rcx, 88
	.cfi_offset rdx, 96
	.cfi_offset rsi, 104
	.cfi_offset rdi, 112
	.cfi_offset rip, 128
	.cfi_offset rsp, 152
	nop	/* unwinders look one byte before a frame's address */
umc_oops_entry:
	movq %rsp, %rdi
	xorl %ebp, %ebp
	call *%rax
	ud2
	.cfi_endproc
	.size umc_oops_entry, . - umc_oops_entry

/* umc_oops_on_stack(top, fn, arg): never returns. */
	.globl umc_oops_on_stack
	.type umc_oops_on_stack, @function
	.balign 16
umc_oops_on_stack:
	.cfi_startproc
	.cfi_undefined rip
	movq %rdi, %rsp
	xorl %ebp, %ebp
	movq %rdx, %rdi
	call *%rsi
	ud2
	.cfi_endproc
	.size umc_oops_on_stack, . - umc_oops_on_stack

	.section .note.GNU-stack, "", @progbits

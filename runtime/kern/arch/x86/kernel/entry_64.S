/* SPDX-License-Identifier: GPL-2.0-only */
/* Replaces the task switch of arch/x86/entry/entry_64.S, with CFI so that debuggers unwind parked tasks. */
#include <linux/linkage.h>
#include <asm/asm-offsets.h>
#include <asm/export.h>

.section .sched.text, "ax"

/* struct task_struct *umc_switch(struct task_struct *prev (rdi), struct task_struct *next (rsi)) */
SYM_FUNC_START(umc_switch)
	.cfi_startproc
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbp, 0
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbx, 0
	pushq	%r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r12, 0
	pushq	%r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r13, 0
	pushq	%r14
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r14, 0
	pushq	%r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r15, 0
	movq	%rsp, TASK_threadsp(%rdi)
	movq	TASK_threadsp(%rsi), %rsp
/* Where every parked task stands: an unwinder starts here with the saved stack pointer. */
SYM_INNER_LABEL(umc_switch_parked, SYM_L_GLOBAL)
	popq	%r15
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r15
	popq	%r14
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r14
	popq	%r13
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r13
	popq	%r12
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r12
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbx
	popq	%rbp
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbp
	movq	%rdi, %rax
	ret
	.cfi_endproc
SYM_FUNC_END(umc_switch)

/* umc_task_prepare() left the function in rbx and its argument in r12; rax: the task that ran before. */
SYM_CODE_START(umc_task_entry)
	.cfi_startproc
	.cfi_undefined %rip
	xorl	%ebp, %ebp
	movq	%rax, %rdi
	call	schedule_tail
	movq	%r12, %rdi
	call	*%rbx
	movslq	%eax, %rdi
	call	do_exit
	ud2
	.cfi_endproc
SYM_CODE_END(umc_task_entry)

/*
 * Replaces arch/x86/entry/thunk_64.S: preempt_enable() calls these from inline assembly that clobbers nothing.
 */
.macro PREEMPT_THUNK name, func
SYM_FUNC_START(\name)
	.cfi_startproc
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbp, 0
	movq	%rsp, %rbp
	.cfi_def_cfa_register %rbp
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	pushq	%rax
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	call	\func
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rax
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
	popq	%rbp
	.cfi_def_cfa %rsp, 8
	ret
	.cfi_endproc
SYM_FUNC_END(\name)
EXPORT_SYMBOL(\name)
.endm

	PREEMPT_THUNK preempt_schedule_thunk, preempt_schedule
	PREEMPT_THUNK preempt_schedule_notrace_thunk, preempt_schedule_notrace

	.section .note.GNU-stack, "", @progbits

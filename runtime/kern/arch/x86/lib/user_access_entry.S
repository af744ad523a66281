/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replaces arch/x86/lib/{getuser,putuser}.S and clear_page_64.S's clear_user functions: the entries with register
 * conventions of their own. They keep every register they are not allowed to change, whatever the C code does.
 */
#include <linux/linkage.h>
#include <asm/export.h>

.macro SAVE_REGISTERS
	push %rbp
	mov %rsp, %rbp
	push %rsi
	push %rdi
	push %r8
	push %r9
	push %r10
	push %r11
.endm

.macro RESTORE_REGISTERS
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rdi
	pop %rsi
	pop %rbp
.endm

/* In: rax address. Out: eax 0 or -EFAULT, rdx the value. */
.macro GET_USER name size
SYM_FUNC_START(\name)
	SAVE_REGISTERS
	push %rcx
	push $0
	mov %rax, %rdi
	mov $\size, %esi
	mov %rsp, %rdx
	call umc_get_user
	pop %rdx
	pop %rcx
	RESTORE_REGISTERS
	ret
SYM_FUNC_END(\name)
EXPORT_SYMBOL(\name)
.endm

/* In: rcx address, rax value. Out: ecx 0 or -EFAULT. May change rbx. */
.macro PUT_USER name size
SYM_FUNC_START(\name)
	SAVE_REGISTERS
	push %rdx
	push %rax
	mov %rcx, %rdi
	mov $\size, %esi
	mov %rax, %rdx
	call umc_put_user
	mov %eax, %ecx
	pop %rax
	pop %rdx
	RESTORE_REGISTERS
	ret
SYM_FUNC_END(\name)
EXPORT_SYMBOL(\name)
.endm

.irp size, 1, 2, 4, 8
GET_USER __get_user_\size, \size
GET_USER __get_user_nocheck_\size, \size
PUT_USER __put_user_\size, \size
PUT_USER __put_user_nocheck_\size, \size
.endr

/* In: rdi address, rcx bytes, eax 0. Out: rcx bytes not cleared, rdi the address behind the last one cleared. */
.macro CLEAR_USER name
SYM_FUNC_START(\name)
	SAVE_REGISTERS
	push %rax
	push %rcx
	mov %rcx, %rsi
	call umc_user_clear
	pop %rcx
	sub %rax, %rcx
	add %rcx, -16(%rbp)	/* the saved rdi */
	mov %rax, %rcx
	pop %rax
	RESTORE_REGISTERS
	ret
SYM_FUNC_END(\name)
EXPORT_SYMBOL(\name)
.endm

CLEAR_USER clear_user_original
CLEAR_USER clear_user_rep_good
CLEAR_USER clear_user_erms

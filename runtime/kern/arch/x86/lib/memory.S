/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replaces arch/x86/lib/{memcpy_64,memset_64}.S: without the choice by processor features, which is made by patching.
 * Long blocks use the string instructions, which every processor since 2013 does well. No vector registers: the
 * caller may be in the middle of using them.
 */
#include <linux/linkage.h>
#include <asm/export.h>

#define STRING_MIN 512	/* shorter blocks do not pay for the string instructions' start */

/* void *memcpy(void *to, const void *from, size_t n) */
SYM_FUNC_START(__memcpy)
	mov %rdi, %rax
	cmp $16, %rdx
	jb .Lcopy_small
	cmp $32, %rdx
	ja .Lcopy_more
	/* 16 to 32: two pairs that may overlap */
	mov (%rsi), %r8
	mov 8(%rsi), %r9
	mov -16(%rsi,%rdx), %r10
	mov -8(%rsi,%rdx), %r11
	mov %r8, (%rdi)
	mov %r9, 8(%rdi)
	mov %r10, -16(%rdi,%rdx)
	mov %r11, -8(%rdi,%rdx)
	ret
.Lcopy_more:
	cmp $STRING_MIN, %rdx
	jae .Lcopy_string
.Lcopy_loop:
	mov (%rsi), %r8
	mov 8(%rsi), %r9
	mov 16(%rsi), %r10
	mov 24(%rsi), %r11
	mov %r8, (%rdi)
	mov %r9, 8(%rdi)
	mov %r10, 16(%rdi)
	mov %r11, 24(%rdi)
	add $32, %rsi
	add $32, %rdi
	sub $32, %rdx
	cmp $32, %rdx
	ja .Lcopy_loop
	/* 1 to 32 are left, and at least 32 lie before them */
	mov -32(%rsi,%rdx), %r8
	mov -24(%rsi,%rdx), %r9
	mov -16(%rsi,%rdx), %r10
	mov -8(%rsi,%rdx), %r11
	mov %r8, -32(%rdi,%rdx)
	mov %r9, -24(%rdi,%rdx)
	mov %r10, -16(%rdi,%rdx)
	mov %r11, -8(%rdi,%rdx)
	ret
.Lcopy_string:
	mov %rdx, %rcx
	rep movsb
	ret
.Lcopy_small:
	cmp $8, %edx
	jb 1f
	mov (%rsi), %r8
	mov -8(%rsi,%rdx), %r9
	mov %r8, (%rdi)
	mov %r9, -8(%rdi,%rdx)
	ret
1:	cmp $4, %edx
	jb 2f
	mov (%rsi), %r8d
	mov -4(%rsi,%rdx), %r9d
	mov %r8d, (%rdi)
	mov %r9d, -4(%rdi,%rdx)
	ret
2:	test %edx, %edx
	jz 3f
	movzbl (%rsi), %r8d
	movzbl -1(%rsi,%rdx), %r9d
	mov %edx, %ecx
	shr $1, %ecx
	movzbl (%rsi,%rcx), %r10d
	mov %r8b, (%rdi)
	mov %r10b, (%rdi,%rcx)
	mov %r9b, -1(%rdi,%rdx)
3:	ret
SYM_FUNC_END(__memcpy)
EXPORT_SYMBOL(__memcpy)
SYM_FUNC_ALIAS(memcpy, __memcpy)
EXPORT_SYMBOL(memcpy)

/* void *memset(void *to, int byte, size_t n) */
SYM_FUNC_START(__memset)
	mov %rdi, %r9
	movzbl %sil, %eax
	cmp $128, %rdx
	jae .Lset_string
	mov $0x0101010101010101, %rcx
	imul %rcx, %rax
	cmp $8, %edx
	jb .Lset_small
	/* the last word first: it may overlap the loop's */
	mov %rax, -8(%rdi,%rdx)
1:	mov %rax, (%rdi)
	add $8, %rdi
	sub $8, %edx
	cmp $8, %edx
	ja 1b
	mov %r9, %rax
	ret
.Lset_small:
	test %edx, %edx
	jz 3f
2:	mov %al, -1(%rdi,%rdx)
	dec %edx
	jnz 2b
3:	mov %r9, %rax
	ret
.Lset_string:
	mov %rdx, %rcx
	rep stosb
	mov %r9, %rax
	ret
SYM_FUNC_END(__memset)
EXPORT_SYMBOL(__memset)
SYM_FUNC_ALIAS(memset, __memset)
EXPORT_SYMBOL(memset)

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shadows asm/static_call.h: the trampoline of a static call that a module defines jumps through its key, because the
 * target may be out of reach of the direct jump that the kernel would patch in. An update has only to store key->func.
 * A NULL key returns, as the patched trampoline does.
 */
#ifndef UMC_SHADOW_ASM_STATIC_CALL_H
#define UMC_SHADOW_ASM_STATIC_CALL_H

#include_next <asm/static_call.h>

#ifdef MODULE
#define UMC_STATIC_CALL_TRAMP(name)							\
	__ARCH_DEFINE_STATIC_CALL_TRAMP(name,						\
		"movq " STATIC_CALL_KEY_STR(name) "(%rip), %r11; testq %r11, %r11; "	\
		"jz 1f; jmp *%r11; 1: ret; int3")

#undef ARCH_DEFINE_STATIC_CALL_TRAMP
#define ARCH_DEFINE_STATIC_CALL_TRAMP(name, func) UMC_STATIC_CALL_TRAMP(name)
#undef ARCH_DEFINE_STATIC_CALL_NULL_TRAMP
#define ARCH_DEFINE_STATIC_CALL_NULL_TRAMP(name) UMC_STATIC_CALL_TRAMP(name)
#undef ARCH_DEFINE_STATIC_CALL_RET0_TRAMP
#define ARCH_DEFINE_STATIC_CALL_RET0_TRAMP(name) UMC_STATIC_CALL_TRAMP(name)
#endif

#endif

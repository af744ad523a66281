/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shadows asm/alternative.h: the address of a foreign function cannot be an "i" operand in position-independent code.
 * The base variant is called by name, through the PLT, and nothing is patched.
 */
#ifndef UMC_SHADOW_ASM_ALTERNATIVE_H
#define UMC_SHADOW_ASM_ALTERNATIVE_H

#include_next <asm/alternative.h>

#ifndef __ASSEMBLY__
#undef alternative_call
#define alternative_call(oldfunc, newfunc, feature, output, input...)	\
	asm_inline volatile ("call " #oldfunc				\
		: output : "i" (0), ## input)

#undef alternative_call_2
#define alternative_call_2(oldfunc, newfunc1, feature1, newfunc2, feature2, output, input...)	\
	asm_inline volatile ("call " #oldfunc				\
		: output, ASM_CALL_CONSTRAINT : "i" (0), ## input)
#endif

#endif

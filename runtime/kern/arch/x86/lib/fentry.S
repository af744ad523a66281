/* SPDX-License-Identifier: GPL-2.0-only */
/* Replaces arch/x86/kernel/ftrace_64.S: what the distribution's modules call at each function's start. Tracing is off. */
#include <linux/linkage.h>
#include <asm/export.h>

SYM_FUNC_START(__fentry__)
	ret
	int3
SYM_FUNC_END(__fentry__)
EXPORT_SYMBOL(__fentry__)

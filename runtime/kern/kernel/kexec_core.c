// SPDX-License-Identifier: GPL-2.0-only
/* Replaces kernel/kexec_core.c: no other kernel can be loaded, so a crash goes on to what panic() does next. */
#include <linux/kexec.h>

void __crash_kexec(struct pt_regs *regs)
{
}

void crash_kexec(struct pt_regs *regs)
{
}

int kexec_should_crash(struct task_struct *p)
{
	return 0;
}

int kexec_crash_loaded(void)
{
	return 0;
}
EXPORT_SYMBOL_GPL(kexec_crash_loaded);

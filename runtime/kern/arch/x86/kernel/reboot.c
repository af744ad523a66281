// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces arch/x86/kernel/reboot.c: the machine is the process. Power off, halt and restart end it; after a panic
 * with a core dump. Left out: restarting by itself, which is for whoever started the process.
 */
#include <linux/reboot.h>
#include <linux/kernel.h>
#include <linux/panic.h>

#include "seam/vcpu.h"

void (*pm_power_off)(void);
EXPORT_SYMBOL(pm_power_off);

static void __noreturn end(const char *what)
{
	local_irq_disable();
	umc_host_exit(what);
}

void machine_power_off(void)
{
	end("power off");
}

void machine_halt(void)
{
	end("halt");
}

void machine_restart(char *command)
{
	end("restart");
}

void machine_emergency_restart(void)
{
	umc_host_abort(atomic_read(&panic_cpu) != PANIC_CPU_INVALID ? "kernel panic" : "emergency restart");
}

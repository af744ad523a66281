// SPDX-License-Identifier: GPL-2.0-only
/* Replaces arch/x86/kernel/setup.c: the first step of start-up. Firmware tables, memory maps and devices are left out. */
#include <linux/init.h>
#include <linux/screen_info.h>
#include <linux/string.h>
#include <asm/setup.h>

#include "cpu.h"

static char command_line[COMMAND_LINE_SIZE] __initdata;

struct screen_info screen_info;
EXPORT_SYMBOL(screen_info);

void __init setup_arch(char **cmdline_p)
{
	umc_memory_init();
	umc_cpu_init();
	strscpy(command_line, boot_command_line, COMMAND_LINE_SIZE);
	*cmdline_p = command_line;
}

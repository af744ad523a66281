/* SPDX-License-Identifier: GPL-2.0-only */
/* Given with -include to kernel/panic.c: a panic ends the process, with a core dump, at once. */
#undef CONFIG_PANIC_TIMEOUT
#define CONFIG_PANIC_TIMEOUT -1

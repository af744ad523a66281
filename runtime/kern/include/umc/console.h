/* SPDX-License-Identifier: GPL-2.0-only */
/* Between printk and the consoles that modules register. */
#ifndef UMC_CONSOLE_H
#define UMC_CONSOLE_H
#include <linux/types.h>

/*
 * New records are in the log: has them shown on the registered consoles, if any. With `deferred` the caller may hold
 * any lock: the work is left to an irq_work. Preemption off; any context otherwise.
 */
void umc_console_notify(bool deferred);

/*
 * The next record from *seq on as lines for a console or dumper ("[time] text\n", "<level>" first with `syslog`);
 * advances *seq. Returns the length, cut to size - 1 (size 0: the length it would have), or -1 when there is no record.
 * Any context.
 */
int umc_log_line(u64 *seq, bool syslog, char *buffer, size_t size);

#endif

// SPDX-License-Identifier: GPL-2.0-only
/* Replaces the kmsg_dump part of kernel/printk/printk.c: dumpers are called on oops, panic and shutdown. */
#include <linux/kmsg_dump.h>
#include <linux/moduleparam.h>
#include <linux/rculist.h>
#include <linux/spinlock.h>

#include "seam/log.h"
#include "umc/console.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "printk."

static DEFINE_SPINLOCK(dump_list_lock);
static LIST_HEAD(dump_list);
static bool always_kmsg_dump;
module_param_named(always_kmsg_dump, always_kmsg_dump, bool, 0644);

int kmsg_dump_register(struct kmsg_dumper *dumper)
{
	unsigned long flags;
	int err = -EBUSY;

	if (!dumper->dump)
		return -EINVAL;
	spin_lock_irqsave(&dump_list_lock, flags);
	if (!dumper->registered) {
		dumper->registered = true;
		list_add_tail_rcu(&dumper->list, &dump_list);
		err = 0;
	}
	spin_unlock_irqrestore(&dump_list_lock, flags);
	return err;
}
EXPORT_SYMBOL_GPL(kmsg_dump_register);

int kmsg_dump_unregister(struct kmsg_dumper *dumper)
{
	unsigned long flags;
	int err = -EINVAL;

	spin_lock_irqsave(&dump_list_lock, flags);
	if (dumper->registered) {
		dumper->registered = false;
		list_del_rcu(&dumper->list);
		err = 0;
	}
	spin_unlock_irqrestore(&dump_list_lock, flags);
	synchronize_rcu();
	return err;
}
EXPORT_SYMBOL_GPL(kmsg_dump_unregister);

const char *kmsg_dump_reason_str(enum kmsg_dump_reason reason)
{
	static const char *const names[] = {
		[KMSG_DUMP_UNDEF] = "Unknown",
		[KMSG_DUMP_PANIC] = "Panic",
		[KMSG_DUMP_OOPS] = "Oops",
		[KMSG_DUMP_EMERG] = "Emergency",
		[KMSG_DUMP_SHUTDOWN] = "Shutdown",
	};

	return reason < KMSG_DUMP_MAX ? names[reason] : "Unknown";
}
EXPORT_SYMBOL_GPL(kmsg_dump_reason_str);

/* A dumper that names no reason gets panics and oopses, or everything with printk.always_kmsg_dump. */
void kmsg_dump(enum kmsg_dump_reason reason)
{
	struct kmsg_dumper *dumper;

	rcu_read_lock();
	list_for_each_entry_rcu(dumper, &dump_list, list) {
		enum kmsg_dump_reason max = dumper->max_reason;

		if (max == KMSG_DUMP_UNDEF)
			max = always_kmsg_dump ? KMSG_DUMP_MAX : KMSG_DUMP_OOPS;
		if (reason <= max)
			dumper->dump(dumper, reason);
	}
	rcu_read_unlock();
}

bool kmsg_dump_get_line(struct kmsg_dump_iter *iter, bool syslog, char *line, size_t size, size_t *len)
{
	int length = umc_log_line(&iter->cur_seq, syslog, line, line ? size : 0);

	if (len)
		*len = max(length, 0);
	return length >= 0;
}
EXPORT_SYMBOL_GPL(kmsg_dump_get_line);

/* Fills the buffer with the newest records that fit; the next call gets those before them. */
bool kmsg_dump_get_buffer(struct kmsg_dump_iter *iter, bool syslog, char *buf, size_t size, size_t *len_out)
{
	u64 first = iter->cur_seq, seq, at;
	size_t total = 0, filled = 0;
	int length;

	if (!buf || !size || iter->cur_seq >= iter->next_seq) {
		if (len_out)
			*len_out = 0;
		return false;
	}
	for (seq = iter->cur_seq; seq < iter->next_seq;) {
		length = umc_log_line(&seq, syslog, NULL, 0);
		if (length < 0)
			break;
		total += length;
	}
	while (total >= size && first < iter->next_seq) {
		length = umc_log_line(&first, syslog, NULL, 0);
		if (length < 0)
			break;
		total -= length;
	}
	for (at = first; at < iter->next_seq;) {
		length = umc_log_line(&at, syslog, buf + filled, size - filled);
		if (length < 0)
			break;
		filled += length;
	}
	iter->next_seq = first;
	if (len_out)
		*len_out = filled;
	return true;
}
EXPORT_SYMBOL_GPL(kmsg_dump_get_buffer);

void kmsg_dump_rewind(struct kmsg_dump_iter *iter)
{
	iter->cur_seq = 0;
	iter->next_seq = umc_host_log_next_seq();
}
EXPORT_SYMBOL_GPL(kmsg_dump_rewind);

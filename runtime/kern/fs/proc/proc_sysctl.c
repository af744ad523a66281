// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces fs/proc/proc_sysctl.c as long as there is no procfs: tables are registered and kept, so that their owners
 * can unregister them, and nothing shows them. Left out: /proc/sys, boot parameters "sysctl.*".
 */
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/sysctl.h>

struct ctl_table_header *__register_sysctl_table(struct ctl_table_set *set, const char *path, struct ctl_table *table)
{
	struct ctl_table_header *header = kzalloc(sizeof(*header), GFP_KERNEL_ACCOUNT);

	if (!header)
		return NULL;
	header->ctl_table = table;
	header->ctl_table_arg = table;
	header->set = set;
	header->used = 1;
	header->count = 1;
	return header;
}

struct ctl_table_header *register_sysctl(const char *path, struct ctl_table *table)
{
	return __register_sysctl_table(NULL, path, table);
}
EXPORT_SYMBOL(register_sysctl);

void __init __register_sysctl_init(const char *path, struct ctl_table *table, const char *table_name)
{
	if (!register_sysctl(path, table))
		pr_err("failed when register_sysctl %s to %s\n", table_name, path);
}

struct ctl_table_header *register_sysctl_table(struct ctl_table *table)
{
	return __register_sysctl_table(NULL, "", table);
}
EXPORT_SYMBOL(register_sysctl_table);

struct ctl_table_header *register_sysctl_paths(const struct ctl_path *path, struct ctl_table *table)
{
	return __register_sysctl_table(NULL, "", table);
}
EXPORT_SYMBOL(register_sysctl_paths);

void unregister_sysctl_table(struct ctl_table_header *header)
{
	kfree(header);
}
EXPORT_SYMBOL(unregister_sysctl_table);

void setup_sysctl_set(struct ctl_table_set *set, struct ctl_table_root *root,
		      int (*is_seen)(struct ctl_table_set *set))
{
	memset(set, 0, sizeof(*set));
	set->is_seen = is_seen;
}

void retire_sysctl_set(struct ctl_table_set *set)
{
}

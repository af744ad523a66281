// SPDX-License-Identifier: GPL-2.0-only
/* Of kernel/module/main.c: the "uevent" attribute of /sys/module/NAME, which parameters bring with them. */
#include <linux/kobject.h>
#include <linux/module.h>

static ssize_t store_uevent(struct module_attribute *mattr, struct module_kobject *mk, const char *buffer, size_t count)
{
	int rc = kobject_synth_uevent(&mk->kobj, buffer, count);

	return rc ? rc : count;
}

struct module_attribute module_uevent = __ATTR(uevent, 0200, NULL, store_uevent);

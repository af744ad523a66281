// SPDX-License-Identifier: GPL-2.0-only
/* Replaces kernel/ksysfs.c: the variables behind /sys/kernel. Left out: the directory. */
#include <linux/export.h>
#include <linux/kobject.h>
#include <linux/rcupdate.h>

int rcu_expedited;
int rcu_normal;

/* Null: there is no /sys/kernel. */
struct kobject *kernel_kobj;
EXPORT_SYMBOL_GPL(kernel_kobj);

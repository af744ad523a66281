// SPDX-License-Identifier: GPL-2.0-only
/* A module whose init fails with a given errno after it has allocated; everything must be undone. */
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/slab.h>

static int error = ENODEV;
module_param(error, int, 0444);
MODULE_PARM_DESC(error, "errno that init fails with; 0: it succeeds");

int initfail_exported = 1;
EXPORT_SYMBOL_GPL(initfail_exported);

static int __init initfail_init(void)
{
	void *memory = kmalloc(4096, GFP_KERNEL);

	if (!memory)
		return -ENOMEM;
	kfree(memory);
	pr_info("initfail: returning %d\n", -error);
	return -error;
}

static void __exit initfail_exit(void)
{
}

module_init(initfail_init);
module_exit(initfail_exit);
MODULE_DESCRIPTION("Fails in init");
MODULE_LICENSE("GPL");

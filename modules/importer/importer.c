// SPDX-License-Identifier: GPL-2.0-only
/* Uses what exporter exports; refuses to load when a result is wrong. */
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/module.h>

#include "../exporter/exporter.h"

static int __init importer_init(void)
{
	int sum = exporter_add(20, 22);
	int product = exporter_multiply(6, 7);
	int negative = exporter_negate(-42);

	pr_info("importer: add %d, multiply %d, negate %d, calls %d\n", sum, product, negative, exporter_calls);
	return sum == 42 && product == 42 && negative == 42 ? 0 : -EIO;
}

static void __exit importer_exit(void)
{
	pr_info("importer: unloaded\n");
}

module_init(importer_init);
module_exit(importer_exit);
MODULE_DESCRIPTION("Imports symbols from exporter");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTER);

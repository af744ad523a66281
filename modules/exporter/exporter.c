// SPDX-License-Identifier: GPL-2.0-only
/* Exports symbols: plain, GPL-only and in a namespace. */
#include <linux/init.h>
#include <linux/module.h>

#include "exporter.h"

int exporter_calls;
EXPORT_SYMBOL(exporter_calls);

int exporter_add(int a, int b)
{
	exporter_calls++;
	return a + b;
}
EXPORT_SYMBOL(exporter_add);

int exporter_multiply(int a, int b)
{
	exporter_calls++;
	return a * b;
}
EXPORT_SYMBOL_GPL(exporter_multiply);

int exporter_negate(int a)
{
	exporter_calls++;
	return -a;
}
EXPORT_SYMBOL_NS_GPL(exporter_negate, EXPORTER);

static int __init exporter_init(void)
{
	pr_info("exporter: loaded\n");
	return 0;
}

static void __exit exporter_exit(void)
{
	pr_info("exporter: unloaded after %d calls\n", exporter_calls);
}

module_init(exporter_init);
module_exit(exporter_exit);
MODULE_DESCRIPTION("Exports symbols to importer");
MODULE_LICENSE("GPL");

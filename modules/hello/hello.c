// SPDX-License-Identifier: GPL-2.0-only
/* Every kind of module parameter, printed when the module is loaded. */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

static bool shout;
static bool quiet;
static char letter_case[8] = "mixed";
static signed char tiny_signed = -8;
static unsigned char tiny = 8;
static short small_signed = -16;
static unsigned short small = 16;
static int count = 1;
static unsigned int ucount = 32;
static long large_signed = -64;
static unsigned long large = 64;
static unsigned long long huge = 6400000000ULL;
static char *whom = "world";
static int list[4] = { 1, 2, 3 };
static int list_count = 3;
static char *words[3];
static int words_count;
static int limited = 5;
static int write_only;

module_param(shout, bool, 0644);
MODULE_PARM_DESC(shout, "greet in capitals");
module_param_named(silent, quiet, invbool, 0444);
MODULE_PARM_DESC(silent, "inverted: silent=N means quiet");
module_param_string(letter_case, letter_case, sizeof(letter_case), 0644);
MODULE_PARM_DESC(letter_case, "upper, lower or mixed (at most 7 characters)");
module_param(tiny, byte, 0444);
module_param(small_signed, short, 0444);
module_param(small, ushort, 0444);
module_param(count, int, 0644);
MODULE_PARM_DESC(count, "how often to greet");
module_param(ucount, uint, 0444);
module_param(large_signed, long, 0444);
module_param(large, ulong, 0444);
module_param(huge, ullong, 0444);
module_param(whom, charp, 0444);
MODULE_PARM_DESC(whom, "whom to greet");
module_param_array(list, int, &list_count, 0644);
MODULE_PARM_DESC(list, "up to four numbers");
module_param_array(words, charp, &words_count, 0444);
MODULE_PARM_DESC(words, "up to three words");
module_param(write_only, int, 0200);

static int limited_set(const char *value, const struct kernel_param *kp)
{
	return param_set_uint_minmax(value, kp, 1, 10);
}

static const struct kernel_param_ops limited_ops = {
	.set = limited_set,
	.get = param_get_uint,
};
module_param_cb(limited, &limited_ops, &limited, 0644);
MODULE_PARM_DESC(limited, "1 to 10; anything else is refused");

static int __init hello_init(void)
{
	int i;

	for (i = 0; i < count; i++)
		pr_info("hello: %s, %s%s\n", shout ? "HELLO" : "hello", whom, shout ? "!" : "");
	pr_info("hello: quiet=%d letter_case=%s tiny=%u tiny_signed=%d small_signed=%d small=%u ucount=%u\n",
		quiet, letter_case, tiny, tiny_signed, small_signed, small, ucount);
	pr_info("hello: large_signed=%ld large=%lu huge=%llu limited=%d write_only=%d\n",
		large_signed, large, huge, limited, write_only);
	for (i = 0; i < list_count; i++)
		pr_info("hello: list[%d]=%d\n", i, list[i]);
	for (i = 0; i < words_count; i++)
		pr_info("hello: words[%d]=%s\n", i, words[i]);
	return 0;
}

static void __exit hello_exit(void)
{
	pr_info("hello: goodbye, %s\n", whom);
}

module_init(hello_init);
module_exit(hello_exit);
MODULE_AUTHOR("The UMC developers");
MODULE_DESCRIPTION("Greets, with every kind of parameter");
MODULE_LICENSE("GPL");
MODULE_VERSION("1.0");

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/printk/printk.c and printk_safe.c: the ring is the host's (seam/log.h), so a record is in the log
 * when _printk() returns, from every context. Left out: syslog(2), /dev/kmsg and its dictionary (dev_printk_info), the
 * boot-time log buffer options. Consoles are in console.c, dumpers in kmsg_dump.c.
 */
#include <linux/console.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/delay.h>

#include "seam/log.h"
#include "umc/console.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "printk."

/* A printk() inside printk() is recorded, down to this depth: a fault in formatting must not recurse for ever. */
#define MAX_RECURSION 3

int console_printk[4] = {
	CONSOLE_LOGLEVEL_DEFAULT,
	MESSAGE_LOGLEVEL_DEFAULT,
	CONSOLE_LOGLEVEL_MIN,
	CONSOLE_LOGLEVEL_DEFAULT,
};
EXPORT_SYMBOL_GPL(console_printk);

int oops_in_progress;
EXPORT_SYMBOL(oops_in_progress);

int __read_mostly suppress_printk;
int printk_delay_msec __read_mostly;
int dmesg_restrict __read_mostly = IS_ENABLED(CONFIG_SECURITY_DMESG_RESTRICT);

static DEFINE_PER_CPU(int, printk_depth);

static int __init quiet_kernel(char *str)
{
	console_loglevel = CONSOLE_LOGLEVEL_QUIET;
	return 0;
}
early_param("quiet", quiet_kernel);

static int __init debug_kernel(char *str)
{
	console_loglevel = CONSOLE_LOGLEVEL_DEBUG;
	return 0;
}
early_param("debug", debug_kernel);

static int __init loglevel(char *str)
{
	int level;

	if (!get_option(&str, &level))
		return -EINVAL;
	console_loglevel = level;
	return 0;
}
early_param("loglevel", loglevel);

/* The level and flags at the start of a message: "\0014", "\001c". Returns where the text begins. */
static const char *parse_prefix(const char *text, int *level, bool *continued)
{
	int kern_level;

	for (; (kern_level = printk_get_level(text)); text = printk_skip_level(text)) {
		if (kern_level == 'c')
			*continued = true;
		else if (*level == LOGLEVEL_DEFAULT)
			*level = kern_level - '0';
	}
	return text;
}

static u32 caller_id(void)
{
	return in_task() ? task_pid_nr(current) : 0x80000000 + smp_processor_id();
}

static __printf(3, 0) int record(int facility, int level, const char *fmt, va_list args)
{
	char text[UMC_LOG_TEXT_MAX + 8];
	const char *start = text;
	bool continued = false;
	int length;

	length = vscnprintf(text, sizeof(text), fmt, args);
	if (facility == 0)
		start = parse_prefix(text, &level, &continued);
	length -= start - text;
	if (level == LOGLEVEL_DEFAULT)
		level = default_message_loglevel;
	umc_host_log_write(facility, level & 7, continued, caller_id(), start, length);
	return length;
}

/* Any context. dev_info is not kept; the text of dev_printk() names driver and device already. */
asmlinkage int vprintk_emit(int facility, int level, const struct dev_printk_info *dev_info, const char *fmt,
			    va_list args)
{
	bool deferred = level == LOGLEVEL_SCHED;
	int length = 0;

	if (unlikely(suppress_printk))
		return 0;
	if (deferred)
		level = LOGLEVEL_DEFAULT;

	preempt_disable_notrace();
	if (__this_cpu_inc_return(printk_depth) <= MAX_RECURSION) {
		length = record(facility, level, fmt, args);
		umc_console_notify(deferred);
	}
	__this_cpu_dec(printk_depth);
	/* Scheduling is not possible under the scheduler's locks, which have interrupts off. */
	if (deferred)
		preempt_enable_no_resched_notrace();
	else
		preempt_enable_notrace();

	if (unlikely(printk_delay_msec))
		mdelay(printk_delay_msec);
	return length;
}
EXPORT_SYMBOL(vprintk_emit);

asmlinkage int vprintk(const char *fmt, va_list args)
{
	return vprintk_emit(0, LOGLEVEL_DEFAULT, NULL, fmt, args);
}
EXPORT_SYMBOL(vprintk);

int vprintk_default(const char *fmt, va_list args)
{
	return vprintk_emit(0, LOGLEVEL_DEFAULT, NULL, fmt, args);
}
EXPORT_SYMBOL_GPL(vprintk_default);

int vprintk_deferred(const char *fmt, va_list args)
{
	return vprintk_emit(0, LOGLEVEL_SCHED, NULL, fmt, args);
}

asmlinkage int _printk(const char *fmt, ...)
{
	va_list args;
	int length;

	va_start(args, fmt);
	length = vprintk(fmt, args);
	va_end(args);
	return length;
}
EXPORT_SYMBOL(_printk);

int _printk_deferred(const char *fmt, ...)
{
	va_list args;
	int length;

	va_start(args, fmt);
	length = vprintk_deferred(fmt, args);
	va_end(args);
	return length;
}

#ifdef CONFIG_EARLY_PRINTK
struct console *early_console;

/* Only for what must be seen although the log cannot be written. */
asmlinkage void early_printk(const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	umc_host_log_emergency(text, vscnprintf(text, sizeof(text), fmt, args));
	va_end(args);
}
#endif

/* Writing to the ring never calls into what the caller may hold, so there is nothing to put off. */
void __printk_safe_enter(void)
{
}

void __printk_safe_exit(void)
{
}

/* Readers of the log are host threads, which the ring itself wakes. */
void wake_up_klogd(void)
{
}

void printk_trigger_flush(void)
{
	umc_console_notify(true);
}

/* The log exists before the kernel boots. */
void __init setup_log_buf(int early)
{
}

DEFINE_RATELIMIT_STATE(printk_ratelimit_state, 5 * HZ, 10);

int __printk_ratelimit(const char *func)
{
	return ___ratelimit(&printk_ratelimit_state, func);
}
EXPORT_SYMBOL(__printk_ratelimit);

bool printk_timed_ratelimit(unsigned long *caller_jiffies, unsigned int interval_msecs)
{
	unsigned long now = jiffies;

	if (*caller_jiffies && now - *caller_jiffies <= msecs_to_jiffies(interval_msecs))
		return false;
	*caller_jiffies = now;
	return true;
}
EXPORT_SYMBOL(printk_timed_ratelimit);

/*
 * The lock that keeps one CPU's stack dump in one piece; taken with interrupts off, nests on its CPU, and yields to an
 * owner that is not running.
 */
static atomic_t sync_owner = ATOMIC_INIT(-1);
static int sync_nested; /* owned by the owner */

void __printk_cpu_sync_wait(void)
{
	do {
		cpu_relax();
	} while (atomic_read(&sync_owner) != -1);
}
EXPORT_SYMBOL(__printk_cpu_sync_wait);

int __printk_cpu_sync_try_get(void)
{
	int cpu = smp_processor_id();
	int owner = atomic_cmpxchg_acquire(&sync_owner, -1, cpu);

	if (owner == cpu)
		sync_nested++;
	return owner == -1 || owner == cpu;
}
EXPORT_SYMBOL(__printk_cpu_sync_try_get);

void __printk_cpu_sync_put(void)
{
	if (sync_nested)
		sync_nested--;
	else
		atomic_set_release(&sync_owner, -1);
}
EXPORT_SYMBOL(__printk_cpu_sync_put);

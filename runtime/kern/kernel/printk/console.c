// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces the console part of kernel/printk/printk.c: consoles that modules register are fed from the host's log.
 * Left out: the command line's preferred consoles (console=), Braille, boot consoles, the extended format.
 * The process's own stderr is no console; the host mirrors the log there itself.
 */
#include <linux/console.h>
#include <linux/irq_work.h>
#include <linux/kernel.h>
#include <linux/semaphore.h>
#include <linux/syscore_ops.h>

#include "seam/log.h"
#include "umc/console.h"

/* Protects the list of consoles and their state, and serialises their use. */
static DEFINE_SEMAPHORE(console_sem);
static bool console_locked;
struct console *console_drivers;
EXPORT_SYMBOL_GPL(console_drivers);

atomic_t ignore_console_lock_warning __read_mostly = ATOMIC_INIT(0);
EXPORT_SYMBOL(ignore_console_lock_warning);
int console_set_on_cmdline __read_mostly;
EXPORT_SYMBOL(console_set_on_cmdline);
bool console_suspend_enabled = true;
EXPORT_SYMBOL(console_suspend_enabled);

int umc_log_line(u64 *seq, bool syslog, char *buffer, size_t size)
{
	struct umc_log_record record;
	const char *line, *next;
	size_t total = 0;

	if (!umc_host_log_read(*seq, &record))
		return -1;
	*seq = record.seq + 1;
	/* Every line of a record gets the prefix. */
	for (line = record.text;; line = next + 1) {
		unsigned long left = record.text + record.length - line;
		char prefix[8] = "";

		next = memchr(line, '\n', left);
		if (syslog)
			snprintf(prefix, sizeof(prefix), "<%u>", record.facility * 8 + record.level);
		total += snprintf(total < size ? buffer + total : NULL, total < size ? size - total : 0,
				  "%s[%5llu.%06llu] %.*s\n", prefix, record.time_ns / NSEC_PER_SEC,
				  record.time_ns % NSEC_PER_SEC / 1000, (int)(next ? next - line : left), line);
		if (!next)
			break;
	}
	return size && total >= size ? size - 1 : total;
}

/* Shows what the consoles have not shown yet. Called with console_sem held. */
static void flush(void)
{
	static char text[UMC_LOG_TEXT_MAX + 512];
	struct umc_log_record record;
	struct console *con;

	for_each_console(con) {
		while ((con->flags & CON_ENABLED) && con->write && umc_host_log_read(con->seq, &record)) {
			int length;

			con->seq = record.seq;
			length = umc_log_line(&con->seq, false, text, sizeof(text));
			if (length > 0 && record.level < console_loglevel)
				con->write(con, text, length);
		}
	}
}

static bool pending(void)
{
	u64 next = umc_host_log_next_seq();
	struct console *con;

	for_each_console(con)
		if ((con->flags & CON_ENABLED) && con->write && con->seq < next)
			return true;
	return false;
}

static void console_irq_work(struct irq_work *work)
{
	if (console_trylock())
		console_unlock();
}
static DEFINE_IRQ_WORK(console_work, console_irq_work);

void umc_console_notify(bool deferred)
{
	if (likely(!READ_ONCE(console_drivers)))
		return;
	if (deferred)
		irq_work_queue(&console_work);
	else if (console_trylock())
		console_unlock();
}

void console_lock(void)
{
	might_sleep();
	down(&console_sem);
	console_locked = true;
}
EXPORT_SYMBOL(console_lock);

int console_trylock(void)
{
	if (down_trylock(&console_sem))
		return 0;
	console_locked = true;
	return 1;
}
EXPORT_SYMBOL(console_trylock);

int is_console_locked(void)
{
	return console_locked;
}
EXPORT_SYMBOL(is_console_locked);

/* Records that came while the lock was held are shown by whoever gets it next. */
void console_unlock(void)
{
	do {
		flush();
		console_locked = false;
		up(&console_sem);
	} while (pending() && console_trylock());
}
EXPORT_SYMBOL(console_unlock);

void console_conditional_schedule(void)
{
	if (!in_atomic() && !irqs_disabled())
		cond_resched();
}
EXPORT_SYMBOL(console_conditional_schedule);

void console_unblank(void)
{
	struct console *con;

	if (!console_trylock())
		return;
	for_each_console(con)
		if ((con->flags & CON_ENABLED) && con->unblank)
			con->unblank();
	console_unlock();
}

/* The machine is stopped: nobody else uses the consoles any more. */
void console_flush_on_panic(enum con_flush_mode mode)
{
	struct console *con;

	if (mode == CONSOLE_REPLAY_ALL)
		for_each_console(con)
			con->seq = 0;
	console_trylock();
	flush();
	up(&console_sem);
}

struct tty_driver *console_device(int *index)
{
	struct tty_driver *driver = NULL;
	struct console *con;

	console_lock();
	for_each_console(con) {
		driver = con->device ? con->device(con, index) : NULL;
		if (driver)
			break;
	}
	console_unlock();
	return driver;
}

void console_stop(struct console *console)
{
	console_lock();
	console->flags &= ~CON_ENABLED;
	console_unlock();
}
EXPORT_SYMBOL(console_stop);

void console_start(struct console *console)
{
	console_lock();
	console->flags |= CON_ENABLED;
	console_unlock();
}
EXPORT_SYMBOL(console_start);

void console_verbose(void)
{
	if (console_loglevel)
		console_loglevel = CONSOLE_LOGLEVEL_MOTORMOUTH;
}
EXPORT_SYMBOL_GPL(console_verbose);

void register_console(struct console *newcon)
{
	struct console *con;

	for_each_console(con)
		if (WARN(con == newcon, "console '%s%d' already registered\n", con->name, con->index))
			return;

	/* As without console= on the command line: enabled if it was before, or if it is the first with a device. */
	if (!(newcon->flags & CON_ENABLED)) {
		if (console_drivers && console_drivers->device)
			return;
		if (newcon->index < 0)
			newcon->index = 0;
		if (newcon->setup && newcon->setup(newcon, NULL))
			return;
		newcon->flags |= CON_ENABLED;
		if (newcon->device)
			newcon->flags |= CON_CONSDEV;
	}

	console_lock();
	if ((newcon->flags & CON_CONSDEV) || !console_drivers) {
		if (console_drivers)
			console_drivers->flags &= ~CON_CONSDEV;
		newcon->next = console_drivers;
		console_drivers = newcon;
		newcon->flags |= CON_CONSDEV;
	} else {
		newcon->next = console_drivers->next;
		console_drivers->next = newcon;
	}
	newcon->dropped = 0;
	newcon->seq = newcon->flags & CON_PRINTBUFFER ? 0 : umc_host_log_next_seq();
	console_unlock();
	pr_info("console [%s%d] enabled\n", newcon->name, newcon->index);
}
EXPORT_SYMBOL(register_console);

int unregister_console(struct console *console)
{
	struct console **at;
	int res = -ENODEV;

	pr_info("console [%s%d] disabled\n", console->name, console->index);
	console_lock();
	for (at = &console_drivers; *at; at = &(*at)->next) {
		if (*at == console) {
			*at = console->next;
			res = 0;
			break;
		}
	}
	if (!res && console_drivers && (console->flags & CON_CONSDEV))
		console_drivers->flags |= CON_CONSDEV;
	console->flags &= ~CON_ENABLED;
	console_unlock();
	if (!res && console->exit)
		res = console->exit(console);
	return res;
}
EXPORT_SYMBOL(unregister_console);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/time/{tick-common,tick-sched,tick-oneshot,clockevents,jiffies}.c. A vCPU has one timer of the host,
 * one-shot; umc/tick.h tells when it is armed. Every vCPU advances jiffies from the monotonic clock, hrtimers are in
 * high-resolution mode from the start. Left out: clock event drivers, broadcast, full dynticks (nohz_full=).
 */
#include <linux/clockchips.h>
#include <linux/context_tracking.h>
#include <linux/export.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/sched/clock.h>
#include <linux/sched/stat.h>
#include <linux/tick.h>
#include <linux/timer.h>

#include "seam/time.h"
#include "seam/vcpu.h"
#include "tick-internal.h"
#include "umc/tick.h"

EXPORT_SYMBOL(jiffies);

struct umc_tick {
	ktime_t hrtimer; /* next hrtimer of this CPU, KTIME_MAX: none */
	ktime_t wheel;	 /* while idle: next event of the timer wheel, RCU and the like */
	ktime_t armed;	 /* what the host timer is armed for, 0: it is not */
	unsigned long handled; /* jiffies at the last tick */
	bool started;
	bool idle;
	/* Idle accounting, CLOCK_MONOTONIC; read by other CPUs, within idle_seq. */
	seqcount_t idle_seq;
	ktime_t idle_entry;
	ktime_t idle_total;
	ktime_t iowait_total;
};

static DEFINE_PER_CPU(struct umc_tick, umc_tick) = {
	.hrtimer = KTIME_MAX,
	.wheel = KTIME_MAX,
	.idle_seq = SEQCNT_ZERO(umc_tick.idle_seq),
};

/* What hrtimer_interrupt() takes for the interrupting device. */
static DEFINE_PER_CPU(struct clock_event_device, umc_clock_event);

/* CLOCK_MONOTONIC when jiffies was INITIAL_JIFFIES. */
static ktime_t jiffies_start;

unsigned long tick_nohz_active __read_mostly;

void umc_timekeeping_check_set(void);

static ktime_t jiffy_to_time(u64 jiffy)
{
	return jiffies_start + (jiffy - INITIAL_JIFFIES) * TICK_NSEC;
}

/* Brings jiffies up to `now`. Any CPU, any context, no lock. */
static void update_jiffies(ktime_t now)
{
	u64 old = READ_ONCE(jiffies_64), target = INITIAL_JIFFIES + div_u64(now - jiffies_start, TICK_NSEC);

	while ((s64)(target - old) > 0) {
		u64 seen = cmpxchg64(&jiffies_64, old, target);

		if (seen == old)
			break;
		old = seen;
	}
}

/* A busy vCPU has its host timer armed for its next event. Interrupts off. */
static void arm(struct umc_tick *tick)
{
	ktime_t next = min(tick->hrtimer, jiffy_to_time(READ_ONCE(jiffies_64) + 1));

	if (tick->armed && tick->armed <= next)
		return;
	tick->armed = next;
	umc_host_vcpu_set_deadline(smp_processor_id(), next);
}

/* hrtimer.c sets the time of this CPU's next hrtimer. Interrupts off. */
int tick_program_event(ktime_t expires, int force)
{
	struct umc_tick *tick = this_cpu_ptr(&umc_tick);

	tick->hrtimer = expires;
	if (expires == KTIME_MAX)
		return 0;
	if (!force && expires <= ktime_get())
		return -ETIME;
	if (tick->started && !tick->idle)
		arm(tick);
	return 0;
}

void umc_tick_fired(void)
{
	__this_cpu_write(umc_tick.armed, 0);
}

bool umc_tick_due(void)
{
	struct umc_tick *tick = this_cpu_ptr(&umc_tick);
	ktime_t now = ktime_get();

	return tick->hrtimer <= now || (tick->idle ? tick->wheel <= now : jiffy_to_time(tick->handled + 1) <= now);
}

void umc_tick_handle(void)
{
	struct umc_tick *tick = this_cpu_ptr(&umc_tick);
	ktime_t now = ktime_get();

	update_jiffies(now);
	if (tick->armed && tick->armed <= now)
		tick->armed = 0;
	if (tick->hrtimer <= now)
		hrtimer_interrupt(this_cpu_ptr(&umc_clock_event));
	if (tick->handled != jiffies || (tick->idle && tick->wheel <= now)) {
		tick->handled = jiffies;
		tick->wheel = KTIME_MAX; /* found anew before the next sleep */
		umc_timekeeping_check_set();
		update_process_times(0);
		umc_watchdog_tick();
	}
	if (!tick->idle)
		arm(tick);
}

s64 umc_tick_next_event(void)
{
	struct umc_tick *tick = this_cpu_ptr(&umc_tick);
	ktime_t next = min(tick->hrtimer, tick->wheel);

	return next == KTIME_MAX ? -1 : next;
}

void umc_tick_start_cpu(void)
{
	struct umc_tick *tick = this_cpu_ptr(&umc_tick);

	tick->started = true;
	tick->idle = false;
	tick->handled = jiffies;
	/* Puts the hrtimers of this CPU in high-resolution mode, see tick_check_oneshot_change(). */
	hrtimer_run_queues();
	arm(tick);
}

void __init tick_init(void)
{
	jiffies_start = ktime_get();
}

/* Needs the workqueues. */
static int __init tick_nohz_start(void)
{
	tick_nohz_active = 1;
	timers_update_nohz();
	return 0;
}
early_initcall(tick_nohz_start);

/* ---- hrtimer.c's questions: one-shot mode is there from the start, and the tick is no hrtimer ---- */

int tick_check_oneshot_change(int allow_nohz)
{
	return 1;
}

int tick_init_highres(void)
{
	return 0;
}

int tick_oneshot_mode_active(void)
{
	return 1;
}

void tick_setup_sched_timer(void)
{
}

void tick_cancel_sched_timer(int cpu)
{
	struct umc_tick *tick = per_cpu_ptr(&umc_tick, cpu);

	tick->started = false;
	tick->hrtimer = KTIME_MAX;
	tick->wheel = KTIME_MAX;
}

/* ---- idle ---- */

static void idle_start(struct umc_tick *tick)
{
	write_seqcount_begin(&tick->idle_seq);
	tick->idle_entry = ktime_get();
	write_seqcount_end(&tick->idle_seq);
}

static void idle_end(struct umc_tick *tick)
{
	ktime_t spent = ktime_get() - tick->idle_entry;

	write_seqcount_begin(&tick->idle_seq);
	if (nr_iowait_cpu(smp_processor_id()) > 0)
		tick->iowait_total += spent;
	else
		tick->idle_total += spent;
	tick->idle_entry = 0;
	write_seqcount_end(&tick->idle_seq);
}

void tick_nohz_idle_enter(void)
{
	struct umc_tick *tick = this_cpu_ptr(&umc_tick);

	local_irq_disable();
	tick->idle = true;
	tick->wheel = KTIME_MAX;
	idle_start(tick);
	local_irq_enable();
}

/* Finds out until when this CPU may sleep; timers that others add to it from now on wake it up. */
void tick_nohz_idle_stop_tick(void)
{
	struct umc_tick *tick = this_cpu_ptr(&umc_tick);
	unsigned long jiffy;
	ktime_t now = ktime_get();

	update_jiffies(now);
	jiffy = jiffies;
	if (rcu_needs_cpu() || irq_work_needs_cpu() || (local_softirq_pending() & BIT(TIMER_SOFTIRQ)))
		tick->wheel = jiffy_to_time(jiffy + 1);
	else
		tick->wheel = get_next_timer_interrupt(jiffy, jiffy_to_time(jiffy));
	/* Sleeping past the end of time is sleeping for ever. */
	if (tick->wheel < 0)
		tick->wheel = KTIME_MAX;
}

void tick_nohz_idle_retain_tick(void)
{
	__this_cpu_write(umc_tick.wheel, jiffy_to_time(jiffies + 1));
}

void tick_nohz_idle_restart_tick(void)
{
	timer_clear_idle();
}

void tick_nohz_idle_exit(void)
{
	struct umc_tick *tick = this_cpu_ptr(&umc_tick);

	local_irq_disable();
	tick->idle = false;
	tick->wheel = KTIME_MAX;
	timer_clear_idle();
	idle_end(tick);
	update_jiffies(ktime_get());
	arm(tick);
	local_irq_enable();
}

/* An interrupt hit this CPU while idle. */
void tick_irq_enter(void)
{
	update_jiffies(ktime_get());
}

/* The idle loop asks for the next event before every sleep. */
void tick_nohz_irq_exit(void)
{
}

bool tick_nohz_idle_got_tick(void)
{
	return false;
}

bool tick_nohz_tick_stopped(void)
{
	return __this_cpu_read(umc_tick.idle);
}

bool tick_nohz_tick_stopped_cpu(int cpu)
{
	return per_cpu(umc_tick.idle, cpu);
}

ktime_t tick_nohz_get_next_hrtimer(void)
{
	return __this_cpu_read(umc_tick.hrtimer);
}

ktime_t tick_nohz_get_sleep_length(ktime_t *delta_next)
{
	s64 next = umc_tick_next_event();

	*delta_next = next < 0 ? KTIME_MAX : next - ktime_get();
	return *delta_next;
}

static u64 idle_time_us(int cpu, bool iowait, u64 *last_update_time)
{
	struct umc_tick *tick = per_cpu_ptr(&umc_tick, cpu);
	ktime_t now = ktime_get(), total;
	unsigned int seq;

	if (last_update_time)
		*last_update_time = ktime_to_us(now);
	do {
		seq = read_seqcount_begin(&tick->idle_seq);
		total = iowait ? tick->iowait_total : tick->idle_total;
		if (tick->idle_entry && iowait == (nr_iowait_cpu(cpu) > 0))
			total += now - tick->idle_entry;
	} while (read_seqcount_retry(&tick->idle_seq, seq));
	return ktime_to_us(total);
}

u64 get_cpu_idle_time_us(int cpu, u64 *last_update_time)
{
	return idle_time_us(cpu, false, last_update_time);
}
EXPORT_SYMBOL_GPL(get_cpu_idle_time_us);

u64 get_cpu_iowait_time_us(int cpu, u64 *last_update_time)
{
	return idle_time_us(cpu, true, last_update_time);
}
EXPORT_SYMBOL_GPL(get_cpu_iowait_time_us);

/* ---- full dynticks: no CPU is in that mode, so a busy CPU's tick never stops and needs no reason to go on ---- */

cpumask_var_t tick_nohz_full_mask;
EXPORT_SYMBOL_GPL(tick_nohz_full_mask);
bool tick_nohz_full_running;
EXPORT_SYMBOL_GPL(tick_nohz_full_running);

void tick_nohz_dep_set(enum tick_dep_bits bit)
{
}

void tick_nohz_dep_clear(enum tick_dep_bits bit)
{
}

void tick_nohz_dep_set_cpu(int cpu, enum tick_dep_bits bit)
{
}
EXPORT_SYMBOL_GPL(tick_nohz_dep_set_cpu);

void tick_nohz_dep_clear_cpu(int cpu, enum tick_dep_bits bit)
{
}
EXPORT_SYMBOL_GPL(tick_nohz_dep_clear_cpu);

void tick_nohz_dep_set_task(struct task_struct *tsk, enum tick_dep_bits bit)
{
}
EXPORT_SYMBOL_GPL(tick_nohz_dep_set_task);

void tick_nohz_dep_clear_task(struct task_struct *tsk, enum tick_dep_bits bit)
{
}
EXPORT_SYMBOL_GPL(tick_nohz_dep_clear_task);

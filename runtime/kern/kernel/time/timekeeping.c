// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/time/timekeeping.c: the time is the host's, so every clock agrees with what other programs of this
 * machine read. Left out: setting and steering the time (the host's owner does), clocksources, PPS, suspend.
 *
 * CLOCK_MONOTONIC counts from the host's boot, as for every process; jiffies and the log count from the instance's.
 */
#include <linux/clocksource.h>
#include <linux/hrtimer.h>
#include <linux/timekeeping.h>
#include <linux/time64.h>
#include <linux/random.h>
#include <asm/tsc.h>

#include "seam/time.h"
#include "tick-internal.h"

int timekeeping_suspended;
int persistent_clock_is_local;

/*
 * What CLOCK_REALTIME, CLOCK_BOOTTIME and CLOCK_TAI are ahead of CLOCK_MONOTONIC, for hrtimers: constant until somebody
 * sets the host's clock, which timekeeping_check_set() notices. Protected by offsets_seq.
 */
static DEFINE_RAW_SPINLOCK(offsets_lock);
static seqcount_raw_spinlock_t offsets_seq = SEQCNT_RAW_SPINLOCK_ZERO(offsets_seq, &offsets_lock);
static ktime_t offsets[TK_OFFS_MAX];
static unsigned int clock_was_set_seq;

/* Offsets that differ by less come from the time between two clock reads. */
#define OFFSET_NOISE_NS (100 * NSEC_PER_USEC)

static const enum umc_clock offset_clocks[TK_OFFS_MAX] = {
	[TK_OFFS_REAL] = UMC_CLOCK_REALTIME,
	[TK_OFFS_BOOT] = UMC_CLOCK_BOOTTIME,
	[TK_OFFS_TAI] = UMC_CLOCK_TAI,
};

/* The offset of a clock now: the least disturbed of a few readings. */
static ktime_t measure_offset(enum tk_offsets offs)
{
	s64 best = S64_MAX, offset = 0;
	int i;

	for (i = 0; i < 4; i++) {
		s64 before = umc_host_time_ns(UMC_CLOCK_MONOTONIC);
		s64 there = umc_host_time_ns(offset_clocks[offs]);
		s64 after = umc_host_time_ns(UMC_CLOCK_MONOTONIC);

		if (after - before < best) {
			best = after - before;
			offset = there - (before + best / 2);
		}
	}
	return offset;
}

static void set_offsets(void)
{
	unsigned long flags;
	int i;

	raw_spin_lock_irqsave(&offsets_lock, flags);
	write_seqcount_begin(&offsets_seq);
	for (i = 0; i < TK_OFFS_MAX; i++)
		offsets[i] = measure_offset(i);
	clock_was_set_seq++;
	write_seqcount_end(&offsets_seq);
	raw_spin_unlock_irqrestore(&offsets_lock, flags);
}

/* Called from the tick: tells hrtimers when the host's clock was set or the host was suspended. Interrupts off. */
void umc_timekeeping_check_set(void)
{
	static s64 last_check;
	s64 mono = umc_host_time_ns(UMC_CLOCK_MONOTONIC);
	s64 last = READ_ONCE(last_check);
	int i;

	if (mono - last < NSEC_PER_SEC / 10 || cmpxchg(&last_check, last, mono) != last)
		return;
	for (i = 0; i < TK_OFFS_MAX; i++) {
		if (abs(umc_host_time_ns(offset_clocks[i]) - mono - READ_ONCE(offsets[i])) < OFFSET_NOISE_NS)
			continue;
		if (abs(measure_offset(i) - READ_ONCE(offsets[i])) < OFFSET_NOISE_NS)
			continue;
		set_offsets();
		clock_was_set_delayed();
		return;
	}
}

void __init timekeeping_init(void)
{
	set_offsets();
}

ktime_t ktime_get_update_offsets_now(unsigned int *cwsseq, ktime_t *offs_real, ktime_t *offs_boot, ktime_t *offs_tai)
{
	unsigned int seq;

	do {
		seq = read_seqcount_begin(&offsets_seq);
		if (*cwsseq != clock_was_set_seq) {
			*cwsseq = clock_was_set_seq;
			*offs_real = offsets[TK_OFFS_REAL];
			*offs_boot = offsets[TK_OFFS_BOOT];
			*offs_tai = offsets[TK_OFFS_TAI];
		}
	} while (read_seqcount_retry(&offsets_seq, seq));
	return umc_host_time_ns(UMC_CLOCK_MONOTONIC);
}

ktime_t ktime_get(void)
{
	return umc_host_time_ns(UMC_CLOCK_MONOTONIC);
}
EXPORT_SYMBOL_GPL(ktime_get);

ktime_t ktime_get_raw(void)
{
	return umc_host_time_ns(UMC_CLOCK_MONOTONIC_RAW);
}
EXPORT_SYMBOL_GPL(ktime_get_raw);

ktime_t ktime_get_with_offset(enum tk_offsets offs)
{
	return umc_host_time_ns(offset_clocks[offs]);
}
EXPORT_SYMBOL_GPL(ktime_get_with_offset);

ktime_t ktime_mono_to_any(ktime_t tmono, enum tk_offsets offs)
{
	unsigned int seq;
	ktime_t offset;

	do {
		seq = read_seqcount_begin(&offsets_seq);
		offset = offsets[offs];
	} while (read_seqcount_retry(&offsets_seq, seq));
	return ktime_add(tmono, offset);
}
EXPORT_SYMBOL_GPL(ktime_mono_to_any);

/* The coarse clocks are cheaper and lag by up to a tick of the host. */
ktime_t ktime_get_coarse_with_offset(enum tk_offsets offs)
{
	if (offs == TK_OFFS_REAL)
		return umc_host_time_ns(UMC_CLOCK_REALTIME_COARSE);
	return ktime_mono_to_any(umc_host_time_ns(UMC_CLOCK_MONOTONIC_COARSE), offs);
}
EXPORT_SYMBOL_GPL(ktime_get_coarse_with_offset);

u32 ktime_get_resolution_ns(void)
{
	return umc_host_time_resolution_ns(UMC_CLOCK_MONOTONIC);
}
EXPORT_SYMBOL_GPL(ktime_get_resolution_ns);

/* The host's clocks can be read from every context, so the NMI-safe variants are the same. */
u64 ktime_get_mono_fast_ns(void)
{
	return umc_host_time_ns(UMC_CLOCK_MONOTONIC);
}
EXPORT_SYMBOL_GPL(ktime_get_mono_fast_ns);

u64 ktime_get_raw_fast_ns(void)
{
	return umc_host_time_ns(UMC_CLOCK_MONOTONIC_RAW);
}
EXPORT_SYMBOL_GPL(ktime_get_raw_fast_ns);

u64 ktime_get_boot_fast_ns(void)
{
	return umc_host_time_ns(UMC_CLOCK_BOOTTIME);
}
EXPORT_SYMBOL_GPL(ktime_get_boot_fast_ns);

u64 ktime_get_tai_fast_ns(void)
{
	return umc_host_time_ns(UMC_CLOCK_TAI);
}
EXPORT_SYMBOL_GPL(ktime_get_tai_fast_ns);

u64 ktime_get_real_fast_ns(void)
{
	return umc_host_time_ns(UMC_CLOCK_REALTIME);
}
EXPORT_SYMBOL_GPL(ktime_get_real_fast_ns);

void ktime_get_fast_timestamps(struct ktime_timestamps *snapshot)
{
	snapshot->mono = ktime_get_mono_fast_ns();
	snapshot->boot = ktime_get_boot_fast_ns();
	snapshot->real = ktime_get_real_fast_ns();
}

void ktime_get_ts64(struct timespec64 *ts)
{
	*ts = ns_to_timespec64(ktime_get());
}
EXPORT_SYMBOL_GPL(ktime_get_ts64);

void ktime_get_real_ts64(struct timespec64 *ts)
{
	*ts = ns_to_timespec64(umc_host_time_ns(UMC_CLOCK_REALTIME));
}
EXPORT_SYMBOL(ktime_get_real_ts64);

void ktime_get_raw_ts64(struct timespec64 *ts)
{
	*ts = ns_to_timespec64(ktime_get_raw());
}
EXPORT_SYMBOL(ktime_get_raw_ts64);

void ktime_get_coarse_ts64(struct timespec64 *ts)
{
	*ts = ns_to_timespec64(umc_host_time_ns(UMC_CLOCK_MONOTONIC_COARSE));
}
EXPORT_SYMBOL(ktime_get_coarse_ts64);

void ktime_get_coarse_real_ts64(struct timespec64 *ts)
{
	*ts = ns_to_timespec64(umc_host_time_ns(UMC_CLOCK_REALTIME_COARSE));
}
EXPORT_SYMBOL(ktime_get_coarse_real_ts64);

time64_t ktime_get_seconds(void)
{
	return div_u64(umc_host_time_ns(UMC_CLOCK_MONOTONIC_COARSE), NSEC_PER_SEC);
}
EXPORT_SYMBOL_GPL(ktime_get_seconds);

time64_t ktime_get_real_seconds(void)
{
	return div_u64(umc_host_time_ns(UMC_CLOCK_REALTIME_COARSE), NSEC_PER_SEC);
}
EXPORT_SYMBOL_GPL(ktime_get_real_seconds);

time64_t __ktime_get_real_seconds(void)
{
	return ktime_get_real_seconds();
}

void getboottime64(struct timespec64 *ts)
{
	unsigned int seq;
	ktime_t boot;

	do {
		seq = read_seqcount_begin(&offsets_seq);
		boot = ktime_sub(offsets[TK_OFFS_REAL], offsets[TK_OFFS_BOOT]);
	} while (read_seqcount_retry(&offsets_seq, seq));
	*ts = ktime_to_timespec64(boot);
}
EXPORT_SYMBOL_GPL(getboottime64);

void ktime_get_snapshot(struct system_time_snapshot *snapshot)
{
	unsigned int seq;

	do {
		seq = read_seqcount_begin(&offsets_seq);
		snapshot->cs_id = CSID_GENERIC;
		snapshot->cs_was_changed_seq = 0;
		snapshot->clock_was_set_seq = clock_was_set_seq;
		snapshot->cycles = rdtsc_ordered();
		snapshot->real = umc_host_time_ns(UMC_CLOCK_REALTIME);
		snapshot->raw = umc_host_time_ns(UMC_CLOCK_MONOTONIC_RAW);
	} while (read_seqcount_retry(&offsets_seq, seq));
}
EXPORT_SYMBOL_GPL(ktime_get_snapshot);

/* A device's counter is never the counter behind the host's clocks as far as this kernel can tell. */
int get_device_system_crosststamp(int (*get_time_fn)(ktime_t *device_time, struct system_counterval_t *sys_counterval,
						     void *ctx),
				  void *ctx, struct system_time_snapshot *history, struct system_device_crosststamp *xtstamp)
{
	return -ENODEV;
}
EXPORT_SYMBOL_GPL(get_device_system_crosststamp);

/* The host's clocks belong to the host. */
int do_settimeofday64(const struct timespec64 *ts)
{
	return -EPERM;
}
EXPORT_SYMBOL(do_settimeofday64);

void timekeeping_warp_clock(void)
{
}

void read_persistent_clock64(struct timespec64 *ts)
{
	ktime_get_real_ts64(ts);
}

int update_persistent_clock64(struct timespec64 now)
{
	return -ENODEV;
}

int timekeeping_valid_for_hres(void)
{
	return 1;
}

unsigned long random_get_entropy_fallback(void)
{
	return rdtsc();
}
EXPORT_SYMBOL_GPL(random_get_entropy_fallback);

// SPDX-License-Identifier: GPL-2.0-only
/* Replaces arch/x86/lib/delay.c: busy waiting by the time stamp counter. Left out: MWAITX and TPAUSE. */
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/math64.h>
#include <linux/timex.h>
#include <asm/delay.h>
#include <asm/processor.h>
#include <asm/timer.h>
#include <asm/tsc.h>

/* A loop is a TSC cycle: calibrate_delay() sets loops_per_jiffy so. */
void __delay(unsigned long loops)
{
	u64 start = rdtsc_ordered();

	while (rdtsc_ordered() - start < loops)
		rep_nop();
}
EXPORT_SYMBOL(__delay);

/* The time in units of 2^-32 seconds. */
void __const_udelay(unsigned long xloops)
{
	__delay(mul_u64_u64_shr(xloops, (u64)loops_per_jiffy * HZ, 32) + 1);
}
EXPORT_SYMBOL(__const_udelay);

void __udelay(unsigned long usecs)
{
	__const_udelay(usecs * 0x10c7); /* 2^32 / 10^6, rounded up */
}
EXPORT_SYMBOL(__udelay);

void __ndelay(unsigned long nsecs)
{
	__const_udelay(nsecs * 5); /* 2^32 / 10^9, rounded up */
}
EXPORT_SYMBOL(__ndelay);

unsigned long calibrate_delay_is_known(void)
{
	return loops_per_jiffy;
}

void calibrate_delay(void)
{
	loops_per_jiffy = (u64)tsc_khz * 1000 / HZ;
	this_cpu_write(cpu_info.loops_per_jiffy, loops_per_jiffy);
}

int read_current_timer(unsigned long *timer_val)
{
	*timer_val = rdtsc();
	return 0;
}
EXPORT_SYMBOL_GPL(read_current_timer);

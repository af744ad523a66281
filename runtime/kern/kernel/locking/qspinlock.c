// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/locking/qspinlock.c: the same code, hence the kernel's fair queue of waiters, who yield to the host when they wait long.
 * Left out: its paravirtual variant, in which waiters halt, as every unlock would cost an atomic operation more.
 */
#include <umc/spin.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>

#include "seam/vcpu.h"

#undef CONFIG_PARAVIRT_SPINLOCKS
#define queued_spin_lock_slowpath native_queued_spin_lock_slowpath
#include <kernel/locking/qspinlock.c>

/* Turns between two yields, a power of two: a few tens of microseconds. */
#define TURNS 1024

static DEFINE_PER_CPU(unsigned int, turns);

void umc_spin_relax(void)
{
	rep_nop();
	if (unlikely(raw_cpu_inc_return(turns) % TURNS == 0))
		umc_host_vcpu_yield();
}

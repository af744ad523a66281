// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces mm/failslab.c, mm/fail_page_alloc.c and lib/fault-inject.c, which this configuration leaves out because they
 * change struct task_struct: allocations that fail on purpose, by the kernel's own boot parameters
 *
 *	failslab=<interval>,<probability>,<space>,<times>
 *	fail_page_alloc=<interval>,<probability>,<space>,<times>
 *
 * and at run time by the parameters of the same names below /sys/module/kernel/parameters. Every interval-th
 * allocation fails with the probability (percent), once `space` bytes were allocated, at most `times` times (-1: no
 * limit). The debugfs controls, and so filtering by task or caller, are left out.
 */
#include <linux/atomic.h>
#include <linux/fault-inject.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/prandom.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>

#include "slab.h"

struct fault {
	const char *name;
	unsigned long interval, probability;
	atomic_t space, times, count;
};
static struct fault failslab = { .name = "failslab", .interval = 1 };
static struct fault fail_page_alloc = { .name = "fail_page_alloc", .interval = 1 };

static int set_fault(const char *val, const struct kernel_param *kp)
{
	struct fault *fault = kp->arg;
	unsigned long probability, interval;
	int times, space;

	if (sscanf(val, "%lu,%lu,%d,%d", &interval, &probability, &space, &times) < 4 || !interval)
		return -EINVAL;
	WRITE_ONCE(fault->probability, 0);
	fault->interval = interval;
	atomic_set(&fault->times, times);
	atomic_set(&fault->space, space);
	WRITE_ONCE(fault->probability, probability);
	return 0;
}

static int get_fault(char *buffer, const struct kernel_param *kp)
{
	struct fault *fault = kp->arg;

	return sprintf(buffer, "%lu,%lu,%d,%d\n", fault->interval, fault->probability, atomic_read(&fault->space),
		       atomic_read(&fault->times));
}

static const struct kernel_param_ops fault_ops = { .set = set_fault, .get = get_fault };
__module_param_call("", failslab, &fault_ops, &failslab, 0600, -1, 0);
__module_param_call("", fail_page_alloc, &fault_ops, &fail_page_alloc, 0600, -1, 0);

static bool should_fail_now(struct fault *fault, size_t size, gfp_t gfp)
{
	static DEFINE_RATELIMIT_STATE(limit, 5 * HZ, 10);

	if (likely(!READ_ONCE(fault->probability)) || (gfp & __GFP_NOFAIL) || !atomic_read(&fault->times))
		return false;
	if (atomic_read(&fault->space) > 0) {
		atomic_sub(size, &fault->space);
		return false;
	}
	if (atomic_inc_return(&fault->count) % fault->interval)
		return false;
	if (fault->probability <= prandom_u32_max(100))
		return false;
	if (atomic_read(&fault->times) != -1)
		atomic_add_unless(&fault->times, -1, 0);
	if (!(gfp & __GFP_NOWARN) && __ratelimit(&limit)) {
		pr_notice("FAULT_INJECTION: forcing a failure.\nname %s, interval %lu, probability %lu, space %d, times %d\n",
			  fault->name, fault->interval, fault->probability, atomic_read(&fault->space),
			  atomic_read(&fault->times));
		dump_stack();
	}
	return true;
}

/* Nonzero: the allocation is to fail. The allocator's own first cache is exempt. */
int should_failslab(struct kmem_cache *s, gfp_t gfp)
{
	if (unlikely(s == kmem_cache))
		return 0;
	return should_fail_now(&failslab, s->object_size, gfp) ? -ENOMEM : 0;
}

bool should_fail_alloc_page(gfp_t gfp, unsigned int order)
{
	return should_fail_now(&fail_page_alloc, PAGE_SIZE << order, gfp);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces mm/percpu.c: one first-fit area at the same offsets of every CPU's region, instead of chunks that are
 * populated and depopulated. Left out: memcg accounting, statistics, first-chunk set-up (arch/x86/kernel/setup_percpu.c).
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <asm/sections.h>

#include <umc/mm.h>
#include <umc/percpu.h>
#include "seam/module.h"

#define UNIT_SHIFT 3
#define UNIT_SIZE (1UL << UNIT_SHIFT)
#define UNITS (UMC_PERCPU_DYNAMIC_SIZE >> UNIT_SHIFT)

/* Protects everything below. Any context. */
static DEFINE_SPINLOCK(pcpu_lock);
static DECLARE_BITMAP(used, UNITS);
static DECLARE_BITMAP(ends, UNITS); /* the last unit of each allocation */
static unsigned long first_free;    /* no free unit lies below */
static unsigned long high_water;    /* units from here on were never handed out: still zero */
static unsigned long mapped = UMC_PERCPU_MAP_STEP >> UNIT_SHIFT; /* units below are accessible on every CPU */
static unsigned long used_units;

static void __percpu *unit_to_ptr(unsigned long unit)
{
	return (void __percpu *)(UMC_PERCPU_DYNAMIC_BASE + (unit << UNIT_SHIFT));
}

static void fail_warning(size_t size, size_t align, gfp_t gfp, const char *why)
{
	static int warn_limit = 10;

	if ((gfp & __GFP_NOWARN) || warn_limit <= 0)
		return;
	pr_warn("percpu: allocation failed, size=%zu align=%zu atomic=%d, %s\n", size, align,
		(gfp & GFP_KERNEL) != GFP_KERNEL, why);
	dump_stack();
	if (!--warn_limit)
		pr_info("percpu: limit reached, disable warning\n");
}

/* Makes units below `end` accessible; pcpu_lock held. */
static bool map_up_to(unsigned long end)
{
	while (mapped < end) {
		unsigned int cpu;

		for_each_possible_cpu(cpu)
			if (umc_host_memory_map((unsigned long)per_cpu_ptr(unit_to_ptr(mapped), cpu),
						UMC_PERCPU_MAP_STEP, UMC_PROT_READ | UMC_PROT_WRITE))
				return false;
		mapped += UMC_PERCPU_MAP_STEP >> UNIT_SHIFT;
	}
	return true;
}

static void __percpu *pcpu_alloc(size_t size, size_t align, gfp_t gfp)
{
	unsigned long count, mask, unit, dirty, flags;
	unsigned int cpu;

	if (unlikely(!size || size > UMC_PERCPU_DYNAMIC_SIZE / 2 || align > PAGE_SIZE || !is_power_of_2(align))) {
		WARN(!(gfp & __GFP_NOWARN), "illegal size (%zu) or align (%zu) for percpu allocation\n", size, align);
		return NULL;
	}
	count = DIV_ROUND_UP(size, UNIT_SIZE);
	mask = max(align >> UNIT_SHIFT, 1UL) - 1;

	spin_lock_irqsave(&pcpu_lock, flags);
	unit = bitmap_find_next_zero_area(used, UNITS, first_free, count, mask);
	if (unit >= UNITS || !map_up_to(unit + count)) {
		spin_unlock_irqrestore(&pcpu_lock, flags);
		fail_warning(size, align, gfp, "no space left");
		return NULL;
	}
	bitmap_set(used, unit, count);
	__set_bit(unit + count - 1, ends);
	used_units += count;
	if (unit == first_free)
		first_free = find_next_zero_bit(used, UNITS, unit + count);
	dirty = unit < high_water ? min(unit + count, high_water) - unit : 0;
	high_water = max(high_water, unit + count);
	spin_unlock_irqrestore(&pcpu_lock, flags);

	if (dirty)
		for_each_possible_cpu(cpu)
			memset(per_cpu_ptr(unit_to_ptr(unit), cpu), 0, dirty << UNIT_SHIFT);
	return unit_to_ptr(unit);
}

void __percpu *__alloc_percpu_gfp(size_t size, size_t align, gfp_t gfp)
{
	return pcpu_alloc(size, align, gfp);
}
EXPORT_SYMBOL_GPL(__alloc_percpu_gfp);

void __percpu *__alloc_percpu(size_t size, size_t align)
{
	return pcpu_alloc(size, align, GFP_KERNEL);
}
EXPORT_SYMBOL_GPL(__alloc_percpu);

void __percpu *__alloc_reserved_percpu(size_t size, size_t align)
{
	return pcpu_alloc(size, align, GFP_KERNEL);
}

void free_percpu(void __percpu *ptr)
{
	unsigned long offset = (unsigned long)ptr - UMC_PERCPU_DYNAMIC_BASE;
	unsigned long unit = offset >> UNIT_SHIFT;
	unsigned long end, flags;

	if (!ptr)
		return;
	spin_lock_irqsave(&pcpu_lock, flags);
	if (WARN(offset >= UMC_PERCPU_DYNAMIC_SIZE || (offset & (UNIT_SIZE - 1)) || !test_bit(unit, used) ||
		 (unit && test_bit(unit - 1, used) && !test_bit(unit - 1, ends)),
		 "free_percpu: %px is not an allocation\n", (__force void *)ptr))
		goto out;
	end = find_next_bit(ends, UNITS, unit);
	__clear_bit(end, ends);
	bitmap_clear(used, unit, end + 1 - unit);
	used_units -= end + 1 - unit;
	first_free = min(first_free, unit);
out:
	spin_unlock_irqrestore(&pcpu_lock, flags);
}
EXPORT_SYMBOL_GPL(free_percpu);

/* Finds the CPU in whose region `addr` lies and its offset there. */
static bool to_offset(unsigned long addr, unsigned long *offset)
{
	unsigned long in = addr - umc_layout.percpu_base;

	if (in >= nr_cpu_ids * umc_layout.percpu_stride)
		return false;
	*offset = in % umc_layout.percpu_stride;
	return true;
}

bool __is_kernel_percpu_address(unsigned long addr, unsigned long *can_addr)
{
	unsigned long start = (unsigned long)__per_cpu_start, offset;

	if (!to_offset(addr, &offset) || offset < start || offset >= (unsigned long)__per_cpu_end)
		return false;
	if (can_addr)
		*can_addr = per_cpu_offset(get_boot_cpu_id()) + offset;
	return true;
}

bool is_kernel_percpu_address(unsigned long addr)
{
	return __is_kernel_percpu_address(addr, NULL);
}

phys_addr_t per_cpu_ptr_to_phys(void *addr)
{
	return __pa(addr);
}

unsigned long pcpu_nr_pages(void)
{
	return DIV_ROUND_UP(used_units << UNIT_SHIFT, PAGE_SIZE) * num_possible_cpus();
}

void umc_kern_module_percpu_copy(unsigned long offset, const void *initial, unsigned long size)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		memcpy(per_cpu_ptr((void __percpu *)offset, cpu), initial, size);
}

int umc_kern_module_percpu_alloc(unsigned long size, unsigned long align, const void *initial, unsigned long *offset)
{
	void __percpu *ptr = pcpu_alloc(size, align, GFP_KERNEL);

	if (!ptr)
		return -ENOMEM;
	*offset = (__force unsigned long)ptr;
	umc_kern_module_percpu_copy(*offset, initial, size);
	return 0;
}

void umc_kern_module_percpu_free(unsigned long offset)
{
	free_percpu((void __percpu *)offset);
}

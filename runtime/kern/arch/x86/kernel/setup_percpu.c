// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces arch/x86/kernel/setup_percpu.c: the per-CPU regions. A CPU's region is percpu_stride bytes of address
 * space; %gs points to its start and a per-CPU symbol lies at its own link address inside it. APIC numbers are left out.
 */
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/topology.h>
#include <asm/sections.h>
#include <asm/stackprotector.h>

#include <umc/mm.h>
#include <umc/percpu.h>
#include "seam/vcpu.h"

DEFINE_PER_CPU_READ_MOSTLY(int, cpu_number);
EXPORT_PER_CPU_SYMBOL(cpu_number);

DEFINE_PER_CPU_READ_MOSTLY(unsigned long, this_cpu_off);
EXPORT_PER_CPU_SYMBOL(this_cpu_off);

unsigned long __per_cpu_offset[NR_CPUS] __ro_after_init;
EXPORT_SYMBOL(__per_cpu_offset);

/* The compiler's stack protector reads its canary here. */
#define CANARY_OFFSET 40

/* Makes [from, from + size) of a CPU's region accessible. */
static void __init map_part(unsigned long region, unsigned long from, unsigned long size)
{
	unsigned long start = region + (from & PAGE_MASK);
	int err = umc_host_memory_map(start, PAGE_ALIGN(region + from + size) - start,
				      UMC_PROT_READ | UMC_PROT_WRITE);

	if (err)
		umc_host_abort("cannot map per-CPU memory");
}

void __init setup_per_cpu_areas(void)
{
	unsigned long start = (unsigned long)__per_cpu_start;
	unsigned long size = __per_cpu_end - __per_cpu_start;
	/* One canary for all CPUs: a task's frames must survive its migration. */
	unsigned long canary = (rdtsc() * 0x9e3779b97f4a7c15UL) & CANARY_MASK;
	unsigned int cpu;

	if (nr_cpu_ids > umc_layout.percpu_max)
		umc_host_abort("more CPUs than per-CPU regions");
	for_each_possible_cpu(cpu) {
		unsigned long region = umc_layout.percpu_base + cpu * umc_layout.percpu_stride;

		map_part(region, 0, PAGE_SIZE);
		map_part(region, start, size);
		map_part(region, UMC_PERCPU_DYNAMIC_BASE, UMC_PERCPU_MAP_STEP);
		memcpy((void *)(region + start), __per_cpu_start, size);
		*(unsigned long *)(region + CANARY_OFFSET) = canary;
		__per_cpu_offset[cpu] = region;
		per_cpu(this_cpu_off, cpu) = region;
		per_cpu(cpu_number, cpu) = cpu;
		set_cpu_numa_node(cpu, 0);
	}
	umc_host_vcpu_set_gs(__per_cpu_offset[0]);
}

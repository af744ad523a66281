// SPDX-License-Identifier: GPL-2.0-only
/* Static per-CPU data: initial values on every CPU, access by this_cpu operations and by pointer. */
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/smp.h>

struct counters {
	long hits;
	long misses;
	char name[16];
};

static DEFINE_PER_CPU(int, plain) = 7;
static DEFINE_PER_CPU_ALIGNED(struct counters, counters) = { .hits = 100, .misses = 3, .name = "counters" };
DEFINE_PER_CPU(long, percpu_shared) = -1;
EXPORT_PER_CPU_SYMBOL_GPL(percpu_shared);
static int __percpu *plain_pointer = &plain;

static int __init percpu_init(void)
{
	int cpu, here;
	long sum = 0;

	for_each_possible_cpu(cpu) {
		if (per_cpu(plain, cpu) != 7 || per_cpu(counters, cpu).hits != 100 ||
		    per_cpu(percpu_shared, cpu) != -1) {
			pr_err("percpu: cpu %d has wrong initial values\n", cpu);
			return -EIO;
		}
		per_cpu(counters, cpu).hits += cpu;
	}
	here = get_cpu();
	this_cpu_add(plain, 5);
	this_cpu_inc(counters.hits);
	__this_cpu_write(percpu_shared, here);
	if (*this_cpu_ptr(plain_pointer) != 12 || this_cpu_read(counters.hits) != 101 + here) {
		put_cpu();
		pr_err("percpu: this_cpu operations and pointers disagree\n");
		return -EIO;
	}
	put_cpu();
	for_each_possible_cpu(cpu)
		sum += per_cpu(counters, cpu).hits + per_cpu(plain, cpu);
	pr_info("percpu: %u cpus, sum %ld\n", num_possible_cpus(), sum);
	return 0;
}

static void __exit percpu_exit(void)
{
	pr_info("percpu: shared value on the first cpu %ld\n", per_cpu(percpu_shared, 0));
}

module_init(percpu_init);
module_exit(percpu_exit);
MODULE_DESCRIPTION("Static per-CPU data");
MODULE_LICENSE("GPL");

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces arch/x86/kernel/smpboot.c: a vCPU is a host thread; each is a core of its own in one package. A vCPU stays up
 * until the instance is shut down.
 */
#include <linux/cpu.h>
#include <linux/init.h>
#include <linux/sched.h>
#include <linux/sched/hotplug.h>
#include <linux/sched/task_stack.h>
#include <linux/smp.h>
#include <linux/topology.h>
#include <asm/cpu.h>
#include <asm/smp.h>
#include <umc/sched.h>
#include <umc/smpboot.h>
#include <umc/tick.h>
#include "seam/vcpu.h"

/* Of the boot task until it adopts its thread: init_task names it. */
unsigned long init_stack[THREAD_SIZE / sizeof(unsigned long)];

bool topology_is_primary_thread(unsigned int cpu)
{
	return true;
}

bool topology_smt_supported(void)
{
	return false;
}

void __init umc_smp_early(void)
{
	int cpu, count = min(umc_host_vcpu_count(), NR_CPUS);

	for (cpu = 0; cpu < count; cpu++) {
		set_cpu_possible(cpu, true);
		set_cpu_present(cpu, true);
	}
}

void umc_smp_adopt_thread(void)
{
	unsigned long top = ((unsigned long)__builtin_frame_address(0) & PAGE_MASK) + PAGE_SIZE;

	current->stack = (void *)(top - THREAD_SIZE);
	raw_cpu_write(cpu_current_top_of_stack, top);
	if (umc_host_fibers)
		current->thread.fsbase = (unsigned long)umc_host_fiber_current();
}

void __init umc_smp_prepare_boot_cpu(void)
{
	umc_smp_adopt_thread();
}

/* The topology masks are set up with the processor's description. */
void __init umc_smp_prepare_cpus(unsigned int max_cpus)
{
}

void __init umc_smp_cpus_done(unsigned int max_cpus)
{
}

/* Called with the hotplug lock; the new CPU has reported itself online, or is on its way, at return. */
int umc_cpu_up(unsigned int cpu, struct task_struct *idle)
{
	int ret;

	per_cpu(current_task, cpu) = idle;
	ret = umc_host_vcpu_start(cpu, per_cpu_offset(cpu));
	if (ret)
		return ret;
	while (!cpu_online(cpu)) {
		umc_host_vcpu_yield();
		cond_resched();
	}
	return 0;
}

/* A new host thread, its %gs base set; interrupts are off. */
void umc_kern_vcpu_main(int cpu)
{
	umc_smp_adopt_thread();
	rcu_cpu_starting(cpu);
	notify_cpu_starting(cpu);
	umc_tick_start_cpu();
	set_cpu_online(cpu, true);
	local_irq_enable();
	cpuhp_online_idle(CPUHP_AP_ONLINE_IDLE);
	umc_idle_loop();
	local_irq_disable();
}

// SPDX-License-Identifier: GPL-2.0-only
/* Replaces arch/x86/kernel/smp.c: what one vCPU sends to another. */
#include <linux/irq_work.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <asm/smp.h>
#include <umc/irq.h>
#include <umc/smpboot.h>
#include "seam/vcpu.h"

static void send_reschedule(int cpu)
{
	umc_irq_send(cpu, UMC_IRQ_RESCHEDULE);
}

static void send_call_func_single(int cpu)
{
	umc_irq_send(cpu, UMC_IRQ_CALL_FUNCTION);
}

static void send_call_func(const struct cpumask *mask)
{
	int cpu;

	for_each_cpu(cpu, mask)
		umc_irq_send(cpu, UMC_IRQ_CALL_FUNCTION);
}

/* Before a panic ends the process: nothing of the other vCPUs outlives it. */
static void stop_others(int wait)
{
}

static int cpu_disable(void)
{
	return -EOPNOTSUPP;
}

struct smp_ops smp_ops = {
	.smp_prepare_boot_cpu = umc_smp_prepare_boot_cpu,
	.smp_prepare_cpus = umc_smp_prepare_cpus,
	.smp_cpus_done = umc_smp_cpus_done,
	.stop_other_cpus = stop_others,
	.smp_send_reschedule = send_reschedule,
	.cpu_up = umc_cpu_up,
	.cpu_disable = cpu_disable,
	.send_call_func_ipi = send_call_func,
	.send_call_func_single_ipi = send_call_func_single,
};
EXPORT_SYMBOL_GPL(smp_ops);

void arch_irq_work_raise(void)
{
	umc_irq_send_self(UMC_IRQ_WORK);
}

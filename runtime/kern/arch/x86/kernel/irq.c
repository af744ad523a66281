// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces arch/x86/kernel/irq.c: interrupts of a vCPU. They are the tick signal, what other vCPUs and host threads
 * send, and the reactor's events; see umc/irq.h.
 */
#include <linux/hardirq.h>
#include <linux/irq_work.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/smp.h>
#include <asm/hardirq.h>
#include <asm/sections.h>
#include <umc/call.h>
#include <umc/irq.h>
#include <umc/sched.h>
#include <umc/tick.h>
#include "seam/vcpu.h"

/* Off at boot, as on a real CPU. */
DEFINE_PER_CPU(unsigned long, umc_irq_flags);
DEFINE_PER_CPU(unsigned long, umc_irq_pending);

DEFINE_PER_CPU_SHARED_ALIGNED(irq_cpustat_t, irq_stat);
EXPORT_PER_CPU_SYMBOL(irq_stat);

static void handle(unsigned long pending)
{
	if (pending & BIT(UMC_IRQ_RESCHEDULE)) {
		scheduler_ipi();
		if (unlikely(READ_ONCE(umc_shutdown))) {
			set_tsk_need_resched(current);
			set_preempt_need_resched();
		}
	}
	if (pending & BIT(UMC_IRQ_CALL_FUNCTION))
		generic_smp_call_function_interrupt();
	if (pending & BIT(UMC_IRQ_WORK))
		irq_work_run();
	if ((pending & BIT(UMC_IRQ_TICK)) || umc_tick_due())
		umc_tick_handle();
	if (pending & BIT(UMC_IRQ_HOST_CALL))
		umc_call_interrupt();
	if (pending & BIT(UMC_IRQ_POLL))
		umc_host_vcpu_poll(smp_processor_id());
}

/* Handlers and softirqs, until nothing is pending. The flag is on at entry and return. */
static void run_pending(void)
{
	do {
		unsigned long pending;

		raw_cpu_write(umc_irq_flags, 0);
		pending = this_cpu_xchg(umc_irq_pending, 0);
		if (pending) {
			irq_enter();
			handle(pending);
			irq_exit();
		}
		raw_cpu_write(umc_irq_flags, X86_EFLAGS_IF);
		barrier();
	} while (unlikely(raw_cpu_read(umc_irq_pending)));
}

void umc_irq_deliver(void)
{
	run_pending();
	if (unlikely(should_resched(0)))
		preempt_schedule_irq();
}

static bool is_kernel_code(unsigned long ip)
{
	return (ip >= (unsigned long)_stext && ip < (unsigned long)_etext) ||
	       (ip >= (unsigned long)_sinittext && ip < (unsigned long)_einittext) || is_module_text_address(ip);
}

/* On the interrupted task's stack, the tick signal blocked. */
int umc_kern_vcpu_tick(unsigned long ip, unsigned long sp, int timer)
{
	if (timer) {
		umc_tick_fired();
		this_cpu_or(umc_irq_pending, BIT(UMC_IRQ_TICK));
	}
	if (!raw_cpu_read(umc_irq_pending) || !raw_cpu_read(umc_irq_flags))
		return 0;
	/* Host code may hold locks that a handler or another task would wait for. */
	if (!is_kernel_code(ip))
		return 1;
	run_pending();
	if (should_resched(0)) {
		umc_host_vcpu_tick_unblock();
		preempt_schedule_irq();
	}
	return 0;
}

void umc_irq_send(int cpu, enum umc_irq irq)
{
	set_bit(irq, per_cpu_ptr(&umc_irq_pending, cpu));
	/* set_bit() is a full barrier: the vCPU sees the bit, or is seen running. */
	if (umc_cpu_idles(cpu))
		umc_host_vcpu_kick(cpu);
	else
		umc_host_vcpu_interrupt(cpu);
}

/* The same on the calling vCPU: delivered at once if interrupts are on, else when they are. */
void umc_irq_send_self(enum umc_irq irq)
{
	this_cpu_or(umc_irq_pending, BIT(irq));
	if (raw_cpu_read(umc_irq_flags))
		umc_irq_deliver();
}

void umc_kern_event(int cpu)
{
	umc_irq_send(cpu, UMC_IRQ_HOST_CALL);
}

void umc_kern_irq(void (*fn)(void *arg), void *arg)
{
	unsigned long flags = umc_irq_save();

	irq_enter();
	fn(arg);
	irq_exit();
	umc_irq_restore(flags);
}

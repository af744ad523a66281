/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The virtual interrupt flag of a vCPU and the interrupts pending behind it.
 *
 * Nothing interrupts kernel code asynchronously but the tick signal, and that looks at umc_irq_flags first. An
 * interrupt that arrives while the flag is off stays in umc_irq_pending; whoever turns the flag on delivers it:
 *
 *	this_cpu_write(umc_irq_flags, X86_EFLAGS_IF);
 *	if (unlikely(this_cpu_read(umc_irq_pending)))
 *		umc_irq_deliver();
 */
#ifndef UMC_IRQ_H
#define UMC_IRQ_H
#include <linux/percpu.h>
#include <asm/processor-flags.h>

/* X86_EFLAGS_IF: on; 0: off. */
DECLARE_PER_CPU(unsigned long, umc_irq_flags);

/* Bits of enum umc_irq. Set by any CPU or host thread with an atomic operation, taken by the vCPU itself. */
DECLARE_PER_CPU(unsigned long, umc_irq_pending);

enum umc_irq {
	UMC_IRQ_TICK,		/* the host timer fired */
	UMC_IRQ_RESCHEDULE,	/* need_resched was set by another CPU */
	UMC_IRQ_CALL_FUNCTION,	/* smp_call_function() */
	UMC_IRQ_WORK,		/* irq_work */
	UMC_IRQ_POLL,		/* look for reactor events */
	UMC_IRQ_HOST_CALL,	/* a host thread queued a call */
};

/*
 * Runs the pending interrupts' handlers, softirqs after them, and preempts the caller if that is due. The flag is on
 * at entry and return. Uses the C calling convention: assembly callers save the caller-saved registers.
 */
void umc_irq_deliver(void);

/* Sends interrupt `irq` to another vCPU, which takes it soon, whatever it runs. Any context, any host thread. */
void umc_irq_send(int cpu, enum umc_irq irq);

/* Raises `irq` on the calling vCPU: delivered before it returns if interrupts are on. */
void umc_irq_send_self(enum umc_irq irq);

/* local_irq_save/restore without the detour through pv_ops, for the hottest paths. */
static __always_inline unsigned long umc_irq_save(void)
{
	unsigned long flags = raw_cpu_read(umc_irq_flags);

	raw_cpu_write(umc_irq_flags, 0);
	barrier();
	return flags;
}

static __always_inline void umc_irq_restore(unsigned long flags)
{
	barrier();
	raw_cpu_write(umc_irq_flags, flags);
	if (unlikely(raw_cpu_read(umc_irq_pending)) && flags)
		umc_irq_deliver();
}

#endif

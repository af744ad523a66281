// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces arch/x86/kernel/process.c and process_64.c: the machine context of a task is its stack and what
 * umc_switch() saves on it. FPU registers are the caller's to save at every call, hence at every switch; a preempted
 * task's are in its signal frame. Left out: user registers, I/O bitmaps, TLS, speculation controls.
 */
#include <linux/init_task.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <asm/processor.h>
#include <umc/sched.h>
#include "seam/vcpu.h"

/* The hot per-CPU variables of the scheduler share a cache line. */
DEFINE_PER_CPU(struct task_struct *, current_task) ____cacheline_aligned = &init_task;
EXPORT_PER_CPU_SYMBOL(current_task);
DEFINE_PER_CPU(int, __preempt_count) = INIT_PREEMPT_COUNT;
EXPORT_PER_CPU_SYMBOL(__preempt_count);
DEFINE_PER_CPU(unsigned long, cpu_current_top_of_stack);
EXPORT_PER_CPU_SYMBOL(cpu_current_top_of_stack);

/* A recently freed stack for each vCPU, so that short-lived tasks do not go to the host. */
#define STACK_CACHE 8
static DEFINE_PER_CPU(unsigned long [STACK_CACHE], stack_cache);

static unsigned long stack_get(void)
{
	int i;

	for (i = 0; i < STACK_CACHE; i++) {
		unsigned long top = this_cpu_xchg(stack_cache[i], 0);

		if (top)
			return top;
	}
	return umc_host_stack_alloc();
}

static void stack_put(unsigned long top)
{
	int i;

	for (i = 0; i < STACK_CACHE; i++)
		if (this_cpu_cmpxchg(stack_cache[i], 0, top) == 0)
			return;
	umc_host_stack_free(top);
}

/*
 * p->stack is THREAD_SIZE below the top: what the kernel knows of a stack (object_is_on_stack(), task_pt_regs()) is the
 * upper part of the real one.
 */
int umc_task_stack_alloc(struct task_struct *p)
{
	unsigned long top = stack_get();

	if (!top)
		return -ENOMEM;
	p->stack = (void *)(top - THREAD_SIZE);
	p->thread.fsbase = 0;
	if (unlikely(umc_host_fibers)) {
		p->thread.fsbase = (unsigned long)umc_host_fiber_create(top, p->comm);
		if (!p->thread.fsbase) {
			stack_put(top);
			return -ENOMEM;
		}
	}
	return 0;
}

void umc_task_stack_free(struct task_struct *p)
{
	if (umc_task_fiber(p))
		umc_host_fiber_destroy(umc_task_fiber(p));
	stack_put((unsigned long)p->stack + THREAD_SIZE);
}

/* The frame that umc_switch() pops: r15 r14 r13 r12 rbx rbp, then the address it returns to. */
void umc_task_prepare(struct task_struct *p, int (*fn)(void *), void *arg)
{
	unsigned long *sp = (unsigned long *)task_pt_regs(p);

	memset(task_pt_regs(p), 0, sizeof(struct pt_regs));
	sp = (unsigned long *)((unsigned long)sp & ~15ul);
	*--sp = 0;
	*--sp = (unsigned long)umc_task_entry;
	*--sp = 0;
	*--sp = (unsigned long)fn;
	*--sp = (unsigned long)arg;
	*--sp = 0;
	*--sp = 0;
	*--sp = 0;
	p->thread.sp = (unsigned long)sp;
}

/* The kernel's stack size is a fiction here; nothing may treat the low end of the fiction as the end. */
unsigned long arch_align_stack(unsigned long sp)
{
	return sp & ~0xful;
}

/* The idle "instruction" of code that wants to wait in place. */
void arch_cpu_idle(void)
{
	umc_host_vcpu_yield();
	local_irq_enable();
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* Backtraces of tasks, as addresses. */
#ifndef UMC_BACKTRACE_H
#define UMC_BACKTRACE_H

#include <linux/sched/task_stack.h>
#include "seam/vcpu.h"

struct pt_regs;
struct umc_frame;

/*
 * The lowest address of a task's stack. The host's stacks are larger than THREAD_SIZE, which is their upper part. For
 * an idle task, which runs on a host thread's stack, the result is of no use.
 */
static inline unsigned long umc_stack_low(const struct task_struct *task)
{
	return (unsigned long)task_stack_page(task) + THREAD_SIZE - umc_host_stack_size;
}

/*
 * The frames of a task (seam/trap.h), innermost first: from `regs` when given (of the current task), from the caller
 * of this function for the current task, from where it left the CPU for a parked one. 0 for one that runs elsewhere.
 * The task's stack must stay (hold a reference). Any context.
 */
int umc_backtrace(struct task_struct *task, const struct pt_regs *regs, struct umc_frame *frames, int max);

#endif

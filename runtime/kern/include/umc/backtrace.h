/* SPDX-License-Identifier: GPL-2.0-only */
/* Backtraces of tasks, as addresses. */
#ifndef UMC_BACKTRACE_H
#define UMC_BACKTRACE_H

struct pt_regs;
struct task_struct;
struct umc_frame;

/*
 * The frames of a task (seam/trap.h), innermost first: from `regs` when given (of the current task), from the caller
 * of this function for the current task, from where it left the CPU for a parked one. 0 for one that runs elsewhere.
 * The task's stack must stay (hold a reference). Any context.
 */
int umc_backtrace(struct task_struct *task, const struct pt_regs *regs, struct umc_frame *frames, int max);

#endif

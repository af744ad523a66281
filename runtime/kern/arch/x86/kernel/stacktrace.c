// SPDX-License-Identifier: GPL-2.0-only
/* Replaces arch/x86/kernel/stacktrace.c: stack walks by the host's unwinder. There is no user stack to walk. */
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/stacktrace.h>
#include "seam/trap.h"
#include "umc/backtrace.h"

#define MAX_FRAMES	64

void noinline arch_stack_walk(stack_trace_consume_fn consume_entry, void *cookie, struct task_struct *task,
			      struct pt_regs *regs)
{
	struct umc_frame frames[MAX_FRAMES];
	bool own = !regs && (!task || task == current);
	int count = umc_backtrace(task ?: current, regs, frames, MAX_FRAMES);
	int i;

	/* The caller of umc_backtrace() is this function; callers expect to see themselves first. */
	for (i = own ? 1 : 0; i < count; i++)
		if (!consume_entry(cookie, frames[i].ip))
			return;
}

/* Live patching is all that wants certainty. */
int arch_stack_walk_reliable(stack_trace_consume_fn consume_entry, void *cookie, struct task_struct *task)
{
	return -EOPNOTSUPP;
}

void arch_stack_walk_user(stack_trace_consume_fn consume_entry, void *cookie, const struct pt_regs *regs)
{
}

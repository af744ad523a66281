/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the scheduler, the task's machine context and vCPU bring-up. */
#ifndef UMC_SCHED_H
#define UMC_SCHED_H
#include <linux/sched.h>

/*
 * Saves the callee-saved registers of `prev` on its stack and goes on where `next` was saved. Returns, on the stack
 * of the task that called it, the task that ran before.
 */
struct task_struct *umc_switch(struct task_struct *prev, struct task_struct *next);

/* First instruction of a new task: schedule_tail(), then the function and argument that umc_task_prepare() stored. */
void umc_task_entry(void);

/* A stack for `p` (and its fiber under a sanitizer) on which it starts with fn(arg). 0 or -ENOMEM. Process context. */
int umc_task_stack_alloc(struct task_struct *p);
void umc_task_prepare(struct task_struct *p, int (*fn)(void *), void *arg);
/* Gives the stack back; the task does not run any more. Any context. */
void umc_task_stack_free(struct task_struct *p);

/* The sanitizer's object for the task's stack; null when none watches. Kept in thread.fsbase, which has no other use. */
static inline void *umc_task_fiber(const struct task_struct *p)
{
	return (void *)p->thread.fsbase;
}

bool umc_cpu_idles(int cpu);

/* The instance goes down: every vCPU switches to its idle task, whose loop returns to the host. */
extern int umc_shutdown;

/* The idle task's loop; returns when the instance is shut down (unlike cpu_startup_entry()). */
void umc_idle_loop(void);

void schedule_idle(void);

/* Target of might_sleep(): reports a sleep in atomic context, then __cond_resched(). */
int umc_might_resched(void);

#endif

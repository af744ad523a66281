/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls from host threads, kernel/umc_call.c: what the interrupt code and the end of a task must do for them. */
#ifndef UMC_CALL_H
#define UMC_CALL_H

/* Interrupt UMC_IRQ_HOST_CALL: calls were queued. */
void umc_call_interrupt(void);

/* The current task ends by an oops: if it runs a call, that is done with outcome UMC_CALL_OOPSED. */
void umc_call_task_dies(void);

/*
 * Runs fn(arg) on a host thread of the pool while the calling task sleeps: for host calls that may block. fn sees no
 * kernel state and must not call kern. Task context only. 0, or -ENOMEM (fn did not run).
 */
int umc_pool_run(void (*fn)(void *arg), void *arg);

/* Once kthreadd and the workqueues run. */
void umc_call_init(void);
/* Calls are refused from now on. Any host thread. */
void umc_call_end(void);

#endif

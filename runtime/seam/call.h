/* SPDX-License-Identifier: GPL-2.0-only */
/* Crossing threads: host threads hand closures to tasks, tasks hand blocking host work to the pool. */
#ifndef UMC_SEAM_CALL_H
#define UMC_SEAM_CALL_H
#ifdef __cplusplus
extern "C" {
#endif

/*
 * Queues fn(arg) to run in a new kernel task named `name` (process context, may sleep). Any host thread that is not a
 * vCPU. `done(arg, outcome)` is then called once from kernel context, with interrupts on, and must only wake a host
 * thread: outcome 0: fn returned; UMC_CALL_OOPSED: the task was ended by an oops inside fn.
 * 0, or -ENOMEM, or -ESHUTDOWN when the instance is going down (then `done` is not called).
 */
#define UMC_CALL_OOPSED 1
int umc_kern_call_submit(const char *name, void (*fn)(void *arg), void *arg, void (*done)(void *arg, int outcome));

/*
 * Runs fn(arg) on a pool host thread while the calling task sleeps; returns when it has run. Task context only.
 * fn must not call kern.
 */
void umc_host_pool_run(void (*fn)(void *arg), void *arg);

/* Called by a pool thread when fn has run: wakes the task that waits on `waiter`. kern side. */
void umc_kern_pool_done(void *waiter);

#ifdef __cplusplus
}
#endif
#endif

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
 * Has a pool host thread run fn(arg), then umc_kern_pool_done(waiter). fn must not call kern. Any context that may take
 * host locks; preemption is disabled by the caller. 0 or -ENOMEM. Kernel code uses umc_pool_run() of umc/call.h.
 */
int umc_host_pool_submit(void (*fn)(void *arg), void *arg, void *waiter);

/* Wakes the task that waits on `waiter`. Pool thread. */
void umc_kern_pool_done(void *waiter);

#ifdef __cplusplus
}
#endif
#endif

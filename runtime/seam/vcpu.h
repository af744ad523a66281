/* SPDX-License-Identifier: GPL-2.0-only */
/* vCPUs: host threads that run kernel tasks. */
#ifndef UMC_SEAM_VCPU_H
#define UMC_SEAM_VCPU_H
#ifdef __cplusplus
extern "C" {
#endif

/* Number of vCPUs this instance was asked to have (at least 1); constant once booted. */
int umc_host_vcpu_count(void);

/*
 * Starts the host thread of vCPU `cpu` (not the boot vCPU, which exists). The thread sets its %gs base to `gs_base`
 * and calls umc_kern_vcpu_main(cpu) on its own stack, which is the idle task's. 0 or a negative errno.
 */
int umc_host_vcpu_start(int cpu, unsigned long gs_base);

/* Sets the calling thread's %gs base (wrgsbase, else arch_prctl). */
void umc_host_vcpu_set_gs(unsigned long gs_base);

/*
 * The idle vCPU: handles pending reactor events and, when there are none and no wake-up is pending, sleeps in the
 * host until one comes, umc_host_vcpu_kick() is called for this vCPU, or `deadline_ns` (CLOCK_MONOTONIC, absolute;
 * -1: none) passes. Called by the idle task with virtual interrupts off. A kick since the last return, although the
 * vCPU was awake, makes it return at once: what was queued before the kick is seen after it.
 */
void umc_host_vcpu_idle(int cpu, long long deadline_ns);

/* Handles reactor events that are ready, without sleeping. Interrupt context. Called on that vCPU. */
void umc_host_vcpu_poll(int cpu);

/* Makes `cpu` return from (or not enter) umc_host_vcpu_idle(). Any context, any thread; no system call if it is awake. */
void umc_host_vcpu_kick(int cpu);

/*
 * Interrupts the host thread of `cpu` with the tick signal even if it runs a task: the IPI of last resort.
 * The signal handler calls umc_kern_vcpu_tick(). Any context, any thread.
 */
void umc_host_vcpu_interrupt(int cpu);

/*
 * Arms the tick signal of `cpu` for `deadline_ns` (CLOCK_MONOTONIC, absolute, one shot), in place of what it was armed
 * for; 0 disarms it. Called on that vCPU's own thread. Any context.
 */
void umc_host_vcpu_set_deadline(int cpu, long long deadline_ns);

/*
 * Lets the tick signal, blocked while its handler runs, come again on this vCPU: right before the handler switches
 * away from the task it interrupted.
 */
void umc_host_vcpu_tick_unblock(void);

/* Gives the rest of this thread's time slice to the host: for a spinning vCPU whose lock holder is off CPU. */
void umc_host_vcpu_yield(void);

/* Ends the process in an orderly way (power off): flushes the log, exit status 0. Never returns. Any context. */
void umc_host_exit(const char *reason) __attribute__((noreturn));

/* Ends the process: abort() with a core dump, after flushing the log to stderr. Never returns. */
void umc_host_abort(const char *reason) __attribute__((noreturn));

/* ---- task stacks and what sanitizers must know about them ---- */

/*
 * A task stack of umc_host_stack_size bytes with a guard page below, taking host memory only when touched. Returns
 * the address just above it, 16-byte aligned; 0 when the host has no more. Any context that may take host locks.
 */
extern const unsigned long umc_host_stack_size;
unsigned long umc_host_stack_alloc(void);
void umc_host_stack_free(unsigned long top);

/*
 * Whether a sanitizer follows stack switches; when 0, the functions below need not be called. A fiber stands for one
 * task's stack. The switch is announced by `before` on the old stack (`save`: where the old one keeps its fake stack,
 * a null pointer when it is never resumed) and by `after` on the new one.
 */
extern const int umc_host_fibers;
void *umc_host_fiber_create(unsigned long stack_top, const char *name);
void *umc_host_fiber_current(void); /* for the calling host thread's own stack */
void umc_host_fiber_destroy(void *fiber);
void umc_host_fiber_before(void *from, void *to, int last);
void umc_host_fiber_after(void *self);

/* ---- kern side, called by the host ---- */

/* Boots the kernel on the calling host thread, which becomes vCPU 0; returns only when the instance is shut down. */
void umc_kern_boot(const char *command_line);

/* kern tells the host: initcalls are done, umc_kern_call_submit() works. Called once, in a task; must not block. */
void umc_host_boot_done(void);

/* Entry of a secondary vCPU; returns when the instance is shut down. */
void umc_kern_vcpu_main(int cpu);

/* Shutdown: makes every vCPU leave its idle loop and return. Any host thread; call after modules are unloaded. */
void umc_kern_shutdown(void);

/*
 * The tick signal arrived on this vCPU: from its timer (`timer`), or from umc_host_vcpu_interrupt(). `ip` and `sp` of
 * the interrupted code; may run interrupt handlers and switch tasks (preempt) when that is allowed there; returns on
 * the same task's stack, possibly on another host thread.
 * 1: it could not be taken at this instruction (host code runs): the host tries again shortly; else 0.
 */
int umc_kern_vcpu_tick(unsigned long ip, unsigned long sp, int timer);

/*
 * Runs fn(arg) in interrupt context, softirqs after it: how the reactor delivers an event. Called from
 * umc_host_vcpu_idle() and umc_host_vcpu_poll() on that vCPU only.
 */
void umc_kern_irq(void (*fn)(void *arg), void *arg);

/* An event that host threads raise on a vCPU: work was queued for it (see call.h). Any host thread. */
void umc_kern_event(int cpu);

#ifdef __cplusplus
}
#endif
#endif

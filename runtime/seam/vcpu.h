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
 * and calls umc_kern_vcpu_main(cpu) on `stack_top` (the idle task's stack). 0 or a negative errno.
 */
int umc_host_vcpu_start(int cpu, unsigned long gs_base, unsigned long stack_top);

/* Sets the calling thread's %gs base (wrgsbase, else arch_prctl). */
void umc_host_vcpu_set_gs(unsigned long gs_base);

/*
 * The idle vCPU: handles pending reactor events and, when there are none and no wake-up is pending, sleeps in the
 * host until one comes, umc_host_vcpu_kick() is called for this vCPU, or `deadline_ns` (CLOCK_MONOTONIC, absolute;
 * -1: none) passes. Called by the idle task with virtual interrupts off.
 */
void umc_host_vcpu_idle(int cpu, long long deadline_ns);

/* Handles reactor events that are ready, without sleeping. */
void umc_host_vcpu_poll(int cpu);

/* Makes `cpu` return from (or not enter) umc_host_vcpu_idle(). Any context, any thread; no system call if it is awake. */
void umc_host_vcpu_kick(int cpu);

/*
 * Interrupts the host thread of `cpu` with the tick signal even if it runs a task: the IPI of last resort.
 * The signal handler calls umc_kern_vcpu_tick(). Any context.
 */
void umc_host_vcpu_interrupt(int cpu);

/*
 * Arms the tick signal of `cpu` for `deadline_ns` (CLOCK_MONOTONIC, absolute, one shot), in place of what it was armed
 * for; 0 disarms it. Called on that vCPU's own thread. Any context.
 */
void umc_host_vcpu_set_deadline(int cpu, long long deadline_ns);

/* Gives the rest of this thread's time slice to the host: for a spinning vCPU whose lock holder is off CPU. */
void umc_host_vcpu_yield(void);

/* Ends the process in an orderly way (power off): flushes the log, exit status 0. Never returns. Any context. */
void umc_host_exit(const char *reason) __attribute__((noreturn));

/* Ends the process: abort() with a core dump, after flushing the log to stderr. Never returns. */
void umc_host_abort(const char *reason) __attribute__((noreturn));

/* ---- kern side, called by the host ---- */

/* Boots the kernel on the calling host thread, which becomes vCPU 0; returns only when the instance is shut down. */
void umc_kern_boot(const char *command_line);

/* Entry of a secondary vCPU; returns when the instance is shut down. */
void umc_kern_vcpu_main(int cpu);

/* Shutdown: makes every vCPU leave its idle loop and return. Any host thread; call after modules are unloaded. */
void umc_kern_shutdown(void);

/*
 * The tick signal arrived on this vCPU. `ip` and `sp` of the interrupted code; may switch tasks (preempt) when
 * preemption is allowed there; returns on the same task's stack, possibly on another host thread.
 */
void umc_kern_vcpu_tick(unsigned long ip, unsigned long sp);

#ifdef __cplusplus
}
#endif
#endif

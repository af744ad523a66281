/* SPDX-License-Identifier: GPL-2.0-only */
/* Faults of kernel-side and module code: host signals in, kern decides. */
#ifndef UMC_SEAM_TRAP_H
#define UMC_SEAM_TRAP_H
#ifdef __cplusplus
extern "C" {
#endif

enum umc_trap {
    UMC_TRAP_DIVIDE,  /* SIGFPE */
    UMC_TRAP_INVALID, /* SIGILL: ud2 is WARN or BUG */
    UMC_TRAP_PAGE,    /* SIGSEGV, SIGBUS */
    UMC_TRAP_BREAK,   /* SIGTRAP: int3 */
};

/* The interrupted registers, in the order of struct pt_regs (so that kern may use it as one). */
struct umc_regs {
    unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di;
    unsigned long orig_ax, ip, cs, flags, sp, ss;
};

/*
 * A trap hit while a vCPU ran kernel-side or module code. Called on the signal stack, signals of its kind blocked.
 * kern either changes `regs` so that execution goes on (WARN, exception-table fix-up, or a jump to code that reports
 * the oops on the task's own stack and ends the task) and returns 1, or returns 0: then the host ends the process.
 */
int umc_kern_trap(enum umc_trap trap, unsigned long address, int write, struct umc_regs *regs);

/* The name of the missing symbol whose trap slot holds `address`, or a null pointer. Any context. */
const char *umc_host_trap_slot_name(unsigned long address);

/* One frame of a backtrace. */
struct umc_frame {
    unsigned long ip;
};

/*
 * Unwinds from `regs` (CFI of the host program, .so and .ko modules; frame pointers where there is none).
 * Returns the number of frames stored. Any context; allocates nothing.
 */
int umc_host_unwind(const struct umc_regs *regs, unsigned long stack_low, unsigned long stack_high,
                    struct umc_frame *frames, int max);

/*
 * "symbol+0x12/0x34 [module] (file.c:123)" for a code address, as much of it as is known; else "0x...".
 * `exact` 0: the address is a return address. Process context on the kern side (may be slow, uses a pool thread);
 * in any other context it leaves out the source line. Returns the length.
 */
int umc_host_symbolize(unsigned long ip, int exact, char *buffer, unsigned long size);

#ifdef __cplusplus
}
#endif
#endif

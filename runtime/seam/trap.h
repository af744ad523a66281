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
    UMC_TRAP_PAGE,    /* SIGSEGV with an address, SIGBUS */
    UMC_TRAP_GENERAL, /* SIGSEGV without: a non-canonical address or a privileged instruction */
    UMC_TRAP_BREAK,   /* SIGTRAP: int3; ip is behind it */
};

/* The interrupted registers, in the order of struct pt_regs (so that kern may use it as one). */
struct umc_regs {
    unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di;
    unsigned long orig_ax; /* the trap's error code: for UMC_TRAP_PAGE the bits of X86_PF_* but USER */
    unsigned long ip, cs, flags, sp, ss;
};

/*
 * A trap hit while a vCPU ran kernel-side or module code, or ran away from it to an address that holds no code.
 * Called on the signal stack with every other signal blocked; may itself trap where an exception table fixes it.
 * kern either changes `regs` so that execution goes on (WARN, exception-table fix-up, or a jump to code that reports
 * the oops on the task's own stack and ends the task) and returns 1, or returns 0: then the host ends the process.
 * It must not switch tasks.
 */
int umc_kern_trap(enum umc_trap trap, unsigned long address, struct umc_regs *regs);

/* Where kern's own code lies. Any context. */
void umc_kern_text_bounds(unsigned long *begin, unsigned long *end);

/* The name of the missing symbol whose trap slot holds `address`, or a null pointer. Any context. */
const char *umc_host_trap_slot_name(unsigned long address);

/* One frame of a backtrace. */
struct umc_frame {
    unsigned long ip;
    int exact; /* ip is the next instruction to run; 0: a return address, behind the call */
};

/*
 * Unwinds from `regs`: ip, sp and bp must be set, the callee-saved others where known. CFI of the host program and of
 * .so modules, ORC of .ko modules, frame pointers where there is neither. The first frame is regs->ip itself, the
 * others are return addresses (but for what a signal or trap interrupted). Memory in [stack_low, stack_high) is read
 * directly, any other through a system call that cannot fault; both 0: nothing is known of the stack.
 * Returns the number of frames stored. Any context; allocates nothing.
 */
int umc_host_unwind(const struct umc_regs *regs, unsigned long stack_low, unsigned long stack_high,
                    struct umc_frame *frames, int max);

/*
 * "symbol+0x12/0x34 [module] (file.c:123)" for a code address, as much of it as is known; else "0x...".
 * `exact` 0: the address is a return address. Any context that runs on a vCPU: the source line is found by a host
 * thread, for which the caller waits without giving up its vCPU (milliseconds; reports only). Returns the length.
 */
int umc_host_symbolize(unsigned long ip, int exact, char *buffer, unsigned long size);
/* The same without the source line: any context, microseconds. */
int umc_host_symbolize_name(unsigned long ip, int exact, char *buffer, unsigned long size);

/* Copies from an address that need not be mapped. Returns the number of bytes copied. Any context. */
unsigned long umc_host_read_nofault(void *to, unsigned long from, unsigned long size);

#ifdef __cplusplus
}
#endif
#endif

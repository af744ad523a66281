/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files that handle faults. */
#ifndef UMC_OOPS_H
#define UMC_OOPS_H
#include <asm/ptrace.h>
#include <linux/linkage.h>

/* arch/x86/kernel/traps.c */

/* What runs on the task's stack after a fault; ends the task or the machine. */
typedef void (*umc_oops_fn)(struct pt_regs *regs, unsigned long address);

/*
 * Makes the interrupted code go on in report(regs, address) on the task's own stack, below what it uses, or on a
 * stack kept for this when there is no room. False when that is not possible either. Signal context.
 */
bool umc_oops_redirect(struct pt_regs *regs, umc_oops_fn report, unsigned long address);

/* Ends the current task after its report; on the reserved stack it first returns to the task's own. */
void __noreturn umc_oops_end_task(int signr);

/* arch/x86/kernel/oops_64.S: runs `fn(arg)` on the stack `top`. */
asmlinkage void __noreturn umc_oops_on_stack(unsigned long top, void (*fn)(long), long arg);
/* Where redirected code starts: sp points at the pt_regs, ax holds the umc_oops_fn, si the address. */
asmlinkage void umc_oops_entry(void);

/* arch/x86/mm/fault.c: a page fault that no exception table fixes. Oops context. */
void umc_page_fault_oops(struct pt_regs *regs, unsigned long address);
/* arch/x86/mm/extable.c */
int fixup_exception(struct pt_regs *regs, int trapnr, unsigned long error_code, unsigned long fault_addr);

#endif

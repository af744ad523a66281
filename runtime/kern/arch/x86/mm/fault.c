// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces arch/x86/mm/fault.c: page faults that nothing fixes. There is no demand paging of kernel memory to do (the
 * host does it) and no user address space, so each of them is an oops.
 */
#include <linux/kdebug.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/sched/task_stack.h>
#include <asm/page.h>
#include <asm/trap_pf.h>
#include <asm/trapnr.h>
#include "seam/trap.h"
#include "umc/backtrace.h"
#include "umc/oops.h"

/* A frame may jump over the guard page; this far below the stack nothing else is hit by accident. */
#define OVERFLOW_REACH	(64 * 1024)

static bool is_stack_overflow(struct pt_regs *regs, unsigned long address)
{
	unsigned long low = umc_stack_low(current);

	return address < low && low - address <= OVERFLOW_REACH && regs->sp < low + 512 &&
	       regs->sp + OVERFLOW_REACH >= low;
}

/* Somebody used a symbol that nobody provides: say which, and who, before the usual report. */
static void show_missing_symbol(struct pt_regs *regs, unsigned long address)
{
	const char *name = umc_host_trap_slot_name(address);
	unsigned long caller = regs->ip;
	bool call = address == regs->ip;
	char where[160];

	if (!name)
		return;
	if (call && umc_host_read_nofault(&caller, regs->sp, sizeof(caller)) != sizeof(caller))
		caller = 0;
	umc_host_symbolize(caller, !call, where, sizeof(where));
	pr_alert("BUG: %s missing kernel symbol '%s' from %s\n", call ? "call to" : "access to", name, where);
}

void umc_page_fault_oops(struct pt_regs *regs, unsigned long address)
{
	unsigned long error = regs->orig_ax;
	unsigned long flags = oops_begin();

	current->thread.error_code = error;
	current->thread.trap_nr = X86_TRAP_PF;
	current->thread.cr2 = address;
	show_missing_symbol(regs, address);
	if (is_stack_overflow(regs, address)) {
		pr_emerg("BUG: kernel stack overflow: TASK stack guard page was hit at %px (stack is %px..%px)\n",
			 (void *)address, (void *)umc_stack_low(current), task_stack_page(current) + THREAD_SIZE);
	} else {
		if (address < PAGE_SIZE)
			pr_alert("BUG: kernel NULL pointer dereference, address: %px\n", (void *)address);
		else
			pr_alert("BUG: unable to handle page fault for address: %px\n", (void *)address);
		pr_alert("#PF: supervisor %s in kernel mode\n",
			 error & X86_PF_INSTR ? "instruction fetch" :
			 error & X86_PF_WRITE ? "write access" : "read access");
		pr_alert("#PF: error_code(0x%04lx) - %s\n", error,
			 error & X86_PF_PROT ? "permissions violation" : "not-present page");
	}
	oops_end(flags, regs, __die("Oops", regs, error) ? 0 : SIGKILL);
	umc_oops_end_task(SIGKILL);
}

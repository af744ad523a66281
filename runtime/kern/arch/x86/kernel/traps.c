// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces arch/x86/kernel/traps.c: the machine's traps come from the host as signals. A trap is decided on the signal
 * stack: what an exception table or a WARN lets go on does so at once; an oops is reported by the task itself, on its
 * own stack. Left out: traps that a user-mode process cannot see (NMI, double fault, debug registers, FPU traps).
 */
#include <linux/bug.h>
#include <linux/context_tracking.h>
#include <linux/kdebug.h>
#include <linux/kernel.h>
#include <linux/panic.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <asm/insn.h>
#include <asm/ptrace.h>
#include <asm/sections.h>
#include <asm/segment.h>
#include <asm/trapnr.h>
#include "seam/trap.h"
#include "umc/backtrace.h"
#include "umc/oops.h"

/* What a report and the end of the task need at most. */
#define OOPS_ROOM	(12 * 1024)
/* Code may keep data below its stack pointer that a fault handler must not touch (none of ours does; asm may). */
#define OOPS_SKIP	256

/* For tasks without room; owned from the fault until the task is back on its own stack. */
static u8 oops_stack[8 * PAGE_SIZE] __aligned(PAGE_SIZE);
static struct task_struct *oops_stack_owner;

void umc_kern_text_bounds(unsigned long *begin, unsigned long *end)
{
	*begin = (unsigned long)_stext;
	*end = max((unsigned long)_etext, (unsigned long)_einittext);
}

int is_valid_bugaddr(unsigned long addr)
{
	unsigned short insn;

	return umc_host_read_nofault(&insn, addr, sizeof(insn)) == sizeof(insn) && insn == INSN_UD2;
}

static bool on_oops_stack(unsigned long sp)
{
	return sp - (unsigned long)oops_stack < sizeof(oops_stack);
}

bool umc_oops_redirect(struct pt_regs *regs, umc_oops_fn report, unsigned long address)
{
	unsigned long low = umc_stack_low(current), high = (unsigned long)task_stack_page(current) + THREAD_SIZE;
	struct pt_regs *frame = (void *)ALIGN_DOWN(regs->sp - OOPS_SKIP - sizeof(*frame), 16);

	if ((unsigned long)frame < low + OOPS_ROOM || regs->sp > high) {
		/* A fault in the report of a stack overflow stays on the reserved stack. */
		if (!on_oops_stack(regs->sp)) {
			while (cmpxchg(&oops_stack_owner, NULL, current)) {
				if (READ_ONCE(oops_stack_owner) == current)
					return false;
				cpu_relax();
			}
			frame = (void *)(oops_stack + sizeof(oops_stack) - 64) - sizeof(*frame);
			frame = (void *)ALIGN_DOWN((unsigned long)frame, 16);
			preempt_disable_notrace();
		} else if ((unsigned long)frame < (unsigned long)oops_stack + OOPS_ROOM) {
			return false;
		}
	}
	*frame = *regs;
	regs->sp = (unsigned long)frame;
	regs->ip = (unsigned long)umc_oops_entry;
	regs->ax = (unsigned long)report;
	regs->si = address;
	return true;
}

static void __noreturn leave_oops_stack(long signr)
{
	smp_store_release(&oops_stack_owner, NULL);
	preempt_enable_no_resched_notrace();
	make_task_dead(signr);
}

void __noreturn umc_oops_end_task(int signr)
{
	static struct task_struct *ended;
	static u64 ended_start;

	/* A task that faults on its way out would do so for ever. */
	if (READ_ONCE(ended) == current && ended_start == current->start_boottime)
		panic("Fault while a task was being ended");
	ended_start = current->start_boottime;
	WRITE_ONCE(ended, current);

	/* The frames that overflowed the stack are of no more use: start again at its top. */
	if (on_oops_stack(current_stack_pointer))
		umc_oops_on_stack((unsigned long)task_stack_page(current) + THREAD_SIZE - 64, leave_oops_stack, signr);
	make_task_dead(signr);
}

/* ---- reports, on the task's stack ---- */

static void die_of(struct pt_regs *regs, const char *what, int trapnr)
{
	current->thread.error_code = regs->orig_ax;
	current->thread.trap_nr = trapnr;
	die(what, regs, regs->orig_ax);
	umc_oops_end_task(SIGSEGV);
}

static void divide_oops(struct pt_regs *regs, unsigned long address)
{
	die_of(regs, "divide error", X86_TRAP_DE);
}

static void invalid_oops(struct pt_regs *regs, unsigned long address)
{
	die_of(regs, "invalid opcode", X86_TRAP_UD);
}

static void break_oops(struct pt_regs *regs, unsigned long address)
{
	die_of(regs, "int3", X86_TRAP_BP);
}

/* cli, sti, hlt, port I/O, and those of two bytes that load or store what only ring 0 has. */
static bool is_privileged(const u8 *insn)
{
	while (*insn == 0x66 || *insn == 0xf2 || *insn == 0xf3 || (*insn & 0xf0) == 0x40)
		insn++;
	switch (*insn) {
	case 0xf4: case 0xfa: case 0xfb:
	case 0x6c ... 0x6f: case 0xe4 ... 0xe7: case 0xec ... 0xef:
		return true;
	case 0x0f:
		return (insn[1] & 0xfe) == 0x00 || (insn[1] & 0xfc) == 0x20 || insn[1] == 0x06 || insn[1] == 0x09 ||
		       insn[1] == 0x30 || insn[1] == 0x32 || insn[1] == 0x33;
	}
	return false;
}

/* The host gives no address for these; the register dump tells. */
static void general_oops(struct pt_regs *regs, unsigned long address)
{
	u8 insn[16] = {};

	if (umc_host_read_nofault(insn, regs->ip, sizeof(insn) - 2) && is_privileged(insn))
		die_of(regs, "general protection fault, privileged instruction", X86_TRAP_GP);
	die_of(regs, "general protection fault, probably for non-canonical address", X86_TRAP_GP);
}

/* ---- the trap itself, on the signal stack ---- */

static bool deal_with(enum umc_trap trap, unsigned long address, struct pt_regs *regs)
{
	switch (trap) {
	case UMC_TRAP_INVALID:
		if (is_valid_bugaddr(regs->ip) && report_bug(regs->ip, regs) == BUG_TRAP_TYPE_WARN) {
			regs->ip += LEN_UD2;
			return true;
		}
		return fixup_exception(regs, X86_TRAP_UD, 0, 0) || umc_oops_redirect(regs, invalid_oops, 0);
	case UMC_TRAP_DIVIDE:
		return fixup_exception(regs, X86_TRAP_DE, 0, 0) || umc_oops_redirect(regs, divide_oops, 0);
	case UMC_TRAP_GENERAL:
		return fixup_exception(regs, X86_TRAP_GP, regs->orig_ax, 0) ||
		       umc_oops_redirect(regs, general_oops, 0);
	case UMC_TRAP_PAGE:
		return fixup_exception(regs, X86_TRAP_PF, regs->orig_ax, address) ||
		       umc_oops_redirect(regs, umc_page_fault_oops, address);
	case UMC_TRAP_BREAK:
		if (notify_die(DIE_INT3, "int3", regs, 0, X86_TRAP_BP, SIGTRAP) == NOTIFY_STOP)
			return true;
		return umc_oops_redirect(regs, break_oops, 0);
	}
	return false;
}

int umc_kern_trap(enum umc_trap trap, unsigned long address, struct umc_regs *host_regs)
{
	struct pt_regs *regs = (struct pt_regs *)host_regs;
	unsigned long host_flags = regs->flags, cs = regs->cs, ss = regs->ss;
	bool handled;

	BUILD_BUG_ON(sizeof(struct umc_regs) != sizeof(struct pt_regs));
	BUILD_BUG_ON(offsetof(struct umc_regs, ip) != offsetof(struct pt_regs, ip));

	/* Kernel code asks these whether it was the kernel that faulted, and with interrupts on. */
	regs->cs = __KERNEL_CS;
	regs->ss = __KERNEL_DS;
	regs->flags &= ~X86_EFLAGS_IF;
	if (!irqs_disabled())
		regs->flags |= X86_EFLAGS_IF;

	/* Nothing here may switch away from the signal stack. */
	preempt_disable_notrace();
	handled = deal_with(trap, address, regs);
	preempt_enable_no_resched_notrace();

	regs->cs = cs;
	regs->ss = ss;
	regs->flags = (regs->flags & ~X86_EFLAGS_IF) | (host_flags & X86_EFLAGS_IF);
	return handled;
}

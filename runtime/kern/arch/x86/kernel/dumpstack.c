// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces arch/x86/kernel/dumpstack.c (and __show_regs of process_64.c): registers, code bytes and backtraces as the
 * kernel prints them, with the source line of every frame, which the host finds. Left out: control registers,
 * kexec, the summary printed once more after the first oops.
 */
#include <linux/console.h>
#include <linux/cpu.h>
#include <linux/kdebug.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/nmi.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/sched/task_stack.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <asm/ptrace.h>
#include <asm/stacktrace.h>
#include <asm/unwind.h>
#include "seam/trap.h"
#include "umc/backtrace.h"
#include "umc/oops.h"

#define CODE_BEFORE	42
#define CODE_AFTER	21
#define MAX_FRAMES	48

int panic_on_unrecovered_nmi;
int panic_on_io_nmi;
static int die_counter;

/* ---- backtraces ---- */

/* The registers of a task that is not running: what the switch left on its stack. */
static void parked_regs(struct task_struct *task, struct umc_regs *regs)
{
	const struct inactive_task_frame *frame = (void *)task->thread.sp;

	*regs = (struct umc_regs){
		.r15 = frame->r15, .r14 = frame->r14, .r13 = frame->r13, .r12 = frame->r12,
		.bx = frame->bx, .bp = frame->bp, .ip = frame->ret_addr, .sp = (unsigned long)(frame + 1),
	};
}

int umc_backtrace(struct task_struct *task, const struct pt_regs *regs, struct umc_frame *frames, int max)
{
	/* An idle task's stack is a host thread's: its bounds are unknown. */
	unsigned long low = is_idle_task(task) ? 0 : umc_stack_low(task);
	unsigned long high = low ? (unsigned long)task_stack_page(task) + THREAD_SIZE : 0;
	struct umc_regs start;
	int count;

	if (regs) {
		return umc_host_unwind((const struct umc_regs *)regs, low, high, frames, max);
	} else if (task == current) {
		const unsigned long *bp = __builtin_frame_address(0);

		start = (struct umc_regs){ .bp = bp[0], .ip = bp[1], .sp = (unsigned long)(bp + 2) };
	} else if (task_curr(task)) {
		return 0;
	} else {
		parked_regs(task, &start);
	}
	count = umc_host_unwind(&start, low, high, frames, max);
	if (count)
		frames[0].exact = 0;
	return count;
}

static noinline void show_trace(struct task_struct *task, const struct pt_regs *regs, const char *log_lvl, int skip)
{
	struct umc_frame frames[MAX_FRAMES];
	char text[192];
	int count, i;

	printk("%sCall Trace:\n", log_lvl);
	count = umc_backtrace(task, regs, frames, MAX_FRAMES);
	if (!count)
		printk("%s (running on CPU %d)\n", log_lvl, task_cpu(task));
	for (i = min(skip, count); i < count; i++) {
		umc_host_symbolize(frames[i].ip, frames[i].exact, text, sizeof(text));
		printk("%s %s\n", log_lvl, text);
	}
}

/* `sp` only selects the stack, which the task tells better. The frames of the printing code itself are left out. */
void noinline show_stack(struct task_struct *task, unsigned long *sp, const char *loglvl)
{
	/* umc_backtrace() returns to show_trace(), that to here, this to the caller. */
	show_trace(task ?: current, NULL, loglvl, task && task != current ? 0 : 2);
}

void show_stack_regs(struct pt_regs *regs)
{
	show_trace(current, regs, KERN_DEFAULT, 0);
}

/* ---- registers ---- */

void show_opcodes(struct pt_regs *regs, const char *loglvl)
{
	u8 code[CODE_BEFORE + 1 + CODE_AFTER];
	unsigned long start = regs->ip - CODE_BEFORE;

	if (umc_host_read_nofault(code, start, sizeof(code)) == sizeof(code))
		printk("%sCode: %" __stringify(CODE_BEFORE) "ph <%02x> %" __stringify(CODE_AFTER) "ph\n", loglvl, code,
		       code[CODE_BEFORE], code + CODE_BEFORE + 1);
	else
		printk("%sCode: Unable to access opcode bytes at 0x%lx.\n", loglvl, start);
}

void show_ip(struct pt_regs *regs, const char *loglvl)
{
	char text[192];

	umc_host_symbolize(regs->ip, 1, text, sizeof(text));
	printk("%sRIP: %04x:%s\n", loglvl, (int)regs->cs, text);
	show_opcodes(regs, loglvl);
}

void show_iret_regs(struct pt_regs *regs, const char *log_lvl)
{
	show_ip(regs, log_lvl);
	printk("%sRSP: %04x:%016lx EFLAGS: %08lx\n", log_lvl, (int)regs->ss, regs->sp, regs->flags);
}

void __show_regs(struct pt_regs *regs, enum show_regs_mode mode, const char *log_lvl)
{
	show_iret_regs(regs, log_lvl);
	printk("%sRAX: %016lx RBX: %016lx RCX: %016lx\n", log_lvl, regs->ax, regs->bx, regs->cx);
	printk("%sRDX: %016lx RSI: %016lx RDI: %016lx\n", log_lvl, regs->dx, regs->si, regs->di);
	printk("%sRBP: %016lx R08: %016lx R09: %016lx\n", log_lvl, regs->bp, regs->r8, regs->r9);
	printk("%sR10: %016lx R11: %016lx R12: %016lx\n", log_lvl, regs->r10, regs->r11, regs->r12);
	printk("%sR13: %016lx R14: %016lx R15: %016lx\n", log_lvl, regs->r13, regs->r14, regs->r15);
	if (mode == SHOW_REGS_ALL)
		printk("%sGS:%016lx CR2: %016lx\n", log_lvl, this_cpu_read(this_cpu_off), current->thread.cr2);
}

void show_regs(struct pt_regs *regs)
{
	show_regs_print_info(KERN_DEFAULT);
	__show_regs(regs, SHOW_REGS_ALL, KERN_DEFAULT);
	show_trace(current, regs, KERN_DEFAULT, 1); /* the first frame is RIP, shown above */
}

/* ---- the end ---- */

/* One report at a time; the owner may come again when its report faults. */
static arch_spinlock_t die_lock = __ARCH_SPIN_LOCK_UNLOCKED;
static int die_owner = -1;
static unsigned int die_nest_count;

unsigned long oops_begin(void)
{
	unsigned long flags;
	int cpu;

	oops_enter();
	raw_local_irq_save(flags);
	cpu = smp_processor_id();
	if (!arch_spin_trylock(&die_lock) && cpu != READ_ONCE(die_owner))
		arch_spin_lock(&die_lock);
	die_nest_count++;
	die_owner = cpu;
	console_verbose();
	bust_spinlocks(1);
	return flags;
}

void oops_end(unsigned long flags, struct pt_regs *regs, int signr)
{
	bust_spinlocks(0);
	die_owner = -1;
	add_taint(TAINT_DIE, LOCKDEP_NOW_UNRELIABLE);
	if (!--die_nest_count)
		arch_spin_unlock(&die_lock);
	raw_local_irq_restore(flags);
	oops_exit();

	if (!signr)
		return;
	if (in_interrupt())
		panic("Fatal exception in interrupt");
	if (panic_on_oops)
		panic("Fatal exception");
	umc_oops_end_task(signr);
}

/* The module the fault happened in, or the innermost one that led there, is marked for good. */
static void mark_module(const struct pt_regs *regs)
{
	struct umc_frame frames[MAX_FRAMES];
	int count = umc_backtrace(current, regs, frames, MAX_FRAMES);
	struct module *mod = NULL;
	int i;

	preempt_disable();
	for (i = 0; i < count && !mod; i++)
		mod = __module_text_address(frames[i].ip);
	if (mod)
		set_bit(TAINT_DIE, &mod->taints);
	preempt_enable();
}

int __die(const char *str, struct pt_regs *regs, long err)
{
	mark_module(regs);
	printk(KERN_DEFAULT "%s: %04lx [#%d] PREEMPT SMP\n", str, err & 0xffff, ++die_counter);
	show_regs(regs);
	print_modules();
	return notify_die(DIE_OOPS, str, regs, err, current->thread.trap_nr, SIGSEGV) == NOTIFY_STOP;
}

void die(const char *str, struct pt_regs *regs, long err)
{
	unsigned long flags = oops_begin();

	oops_end(flags, regs, __die(str, regs, err) ? 0 : SIGSEGV);
}

static int __init set_machine_name(void)
{
	dump_stack_set_arch_desc("UMC (user-mode machine)");
	return 0;
}
early_initcall(set_machine_name);

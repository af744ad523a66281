// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces arch/x86/mm/extable.c: lets code go on that an exception table covers. Left out: segment registers, FPU
 * state and SGX, which no code of ours loads or enters, and machine checks.
 */
#include <linux/bitfield.h>
#include <linux/bug.h>
#include <linux/extable.h>
#include <linux/printk.h>
#include <linux/sched/debug.h>
#include <asm/extable.h>
#include <asm/kdebug.h>
#include <asm/ptrace.h>
#include <asm/trapnr.h>
#include "umc/oops.h"

/* A register by its number in instructions. */
static unsigned long *reg_by_number(struct pt_regs *regs, unsigned int nr)
{
	switch (nr) {
	case 0: return &regs->ax;
	case 1: return &regs->cx;
	case 2: return &regs->dx;
	case 3: return &regs->bx;
	case 4: return &regs->sp;
	case 5: return &regs->bp;
	case 6: return &regs->si;
	case 7: return &regs->di;
	case 8: return &regs->r8;
	case 9: return &regs->r9;
	case 10: return &regs->r10;
	case 11: return &regs->r11;
	case 12: return &regs->r12;
	case 13: return &regs->r13;
	case 14: return &regs->r14;
	default: return &regs->r15;
	}
}

static bool go_on(const struct exception_table_entry *e, struct pt_regs *regs)
{
	if (e->data & EX_FLAG_CLEAR_AX)
		regs->ax = 0;
	if (e->data & EX_FLAG_CLEAR_DX)
		regs->dx = 0;
	regs->ip = (unsigned long)&e->fixup + e->fixup;
	return true;
}

/* The operands of a 64-bit `mov memory, register`; false for any other instruction. */
static bool decode_load(struct pt_regs *regs, unsigned long **target, unsigned long *address)
{
	const u8 *insn = (const u8 *)regs->ip;
	u8 rex, modrm, mod, rm;
	unsigned long base = 0, index = 0;
	bool no_base = false;

	rex = insn[0];
	if ((rex & 0xf8) != 0x48 || insn[1] != 0x8b)
		return false;
	modrm = insn[2];
	insn += 3;
	mod = modrm >> 6;
	rm = modrm & 7;
	*target = reg_by_number(regs, ((modrm >> 3) & 7) | (rex & 4) << 1);
	if (mod == 3)
		return false;
	if (rm == 4) {
		u8 sib = *insn++;
		unsigned int number = ((sib >> 3) & 7) | (rex & 2) << 2;

		if (number != 4)
			index = *reg_by_number(regs, number) << (sib >> 6);
		no_base = (sib & 7) == 5 && mod == 0;
		if (!no_base)
			base = *reg_by_number(regs, (sib & 7) | (rex & 1) << 3);
	} else if (rm == 5 && mod == 0) {
		base = regs->ip + 7;
	} else {
		base = *reg_by_number(regs, rm | (rex & 1) << 3);
	}
	if (mod == 1)
		base += *(const s8 *)insn;
	else if (mod == 2 || no_base || (rm == 5 && mod == 0))
		base += *(const s32 *)insn;
	*address = base + index;
	return true;
}

/* load_unaligned_zeropad(): a word that reaches into a page that is not there; the missing bytes read as zero. */
static bool load_zero_padded(const struct exception_table_entry *e, struct pt_regs *regs, unsigned long fault_addr)
{
	unsigned long *target, address, aligned;

	if (!decode_load(regs, &target, &address))
		return false;
	aligned = address & ~(sizeof(long) - 1);
	if (fault_addr != aligned + sizeof(long))
		return false;
	*target = *(unsigned long *)aligned >> (address - aligned) * 8;
	return go_on(e, regs);
}

static void warn_about_gp(int trapnr)
{
	WARN_ONCE(trapnr == X86_TRAP_GP, "General protection fault in user access. Non-canonical address?");
}

/* No such register in this machine: reads give 0, the safe variants -EIO. */
static bool access_msr(const struct exception_table_entry *e, struct pt_regs *regs, bool write, bool safe, int reg)
{
	if (!safe) {
		pr_warn_once("unchecked MSR access error: %s 0x%x at rIP: 0x%lx (%pS)\n",
			     write ? "WRMSR to" : "RDMSR from", (unsigned int)regs->cx, regs->ip, (void *)regs->ip);
	}
	if (!write) {
		regs->ax = 0;
		regs->dx = 0;
	}
	if (safe)
		*reg_by_number(regs, reg) = -EIO;
	return go_on(e, regs);
}

int ex_get_fixup_type(unsigned long ip)
{
	const struct exception_table_entry *e = search_exception_tables(ip);

	return e ? FIELD_GET(EX_DATA_TYPE_MASK, e->data) : EX_TYPE_NONE;
}

int fixup_exception(struct pt_regs *regs, int trapnr, unsigned long error_code, unsigned long fault_addr)
{
	const struct exception_table_entry *e = search_exception_tables(regs->ip);
	int reg, imm;

	if (!e)
		return 0;
	reg = FIELD_GET(EX_DATA_REG_MASK, e->data);
	imm = FIELD_GET(EX_DATA_IMM_MASK, e->data);

	switch (FIELD_GET(EX_DATA_TYPE_MASK, e->data)) {
	case EX_TYPE_DEFAULT:
	case EX_TYPE_DEFAULT_MCE_SAFE:
		return go_on(e, regs);
	case EX_TYPE_FAULT:
	case EX_TYPE_FAULT_MCE_SAFE:
		regs->ax = trapnr;
		return go_on(e, regs);
	case EX_TYPE_UACCESS:
		warn_about_gp(trapnr);
		return go_on(e, regs);
	case EX_TYPE_COPY:
		warn_about_gp(trapnr);
		regs->ax = trapnr;
		return go_on(e, regs);
	case EX_TYPE_WRMSR:
		return access_msr(e, regs, true, false, reg);
	case EX_TYPE_RDMSR:
		return access_msr(e, regs, false, false, reg);
	case EX_TYPE_WRMSR_SAFE:
		return access_msr(e, regs, true, true, reg);
	case EX_TYPE_RDMSR_SAFE:
		return access_msr(e, regs, false, true, reg);
	case EX_TYPE_POP_REG:
		regs->sp += sizeof(long);
		fallthrough;
	case EX_TYPE_IMM_REG:
		*reg_by_number(regs, reg) = (long)imm;
		return go_on(e, regs);
	case EX_TYPE_UCOPY_LEN:
		warn_about_gp(trapnr);
		regs->cx = imm * regs->cx + *reg_by_number(regs, reg);
		return go_on(e, regs);
	case EX_TYPE_ZEROPAD:
		return load_zero_padded(e, regs, fault_addr);
	}
	return 0; /* an oops */
}

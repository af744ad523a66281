// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces arch/x86/kernel/static_call.c: trampolines, and the call sites that objtool recorded in .ko modules, are
 * patched by the host. A trampoline that a .so module defines jumps through its key and needs no patch.
 */
#include <linux/bug.h>
#include <linux/memory.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/static_call.h>
#include <linux/string.h>
#include <asm/nops.h>
#include <asm/text-patching.h>

/* What follows the jump of every trampoline that can be patched. */
static const u8 tramp_mark[] = { 0x0f, 0xb9, 0xcc };
/* cs cs cs xorl %eax, %eax: stands for a call of __static_call_return0() */
static const u8 clear_eax[] = { 0x2e, 0x2e, 0x2e, 0x31, 0xc0 };
static const u8 return_now[] = { RET_INSN_OPCODE, 0xcc, 0xcc, 0xcc, 0xcc };

static void umc_static_call_none(void)
{
}

static bool is_jcc32(const u8 *insn)
{
	return insn[0] == 0x0f && (insn[1] & 0xf0) == 0x80;
}

/* A jump (tail call) that is taken to func, or returns when func is NULL. */
static void patch_jump(u8 *insn, void *func)
{
	u8 code[6];

	if (is_jcc32(insn)) {
		/* A conditional tail call keeps its condition. */
		code[0] = insn[0];
		__text_gen_insn(code + 1, insn[1], insn + 1, func ?: umc_static_call_none, CALL_INSN_SIZE);
		text_poke_bp(insn, code, 6, NULL);
	} else if (insn[0] != JMP32_INSN_OPCODE && insn[0] != RET_INSN_OPCODE) {
		pr_err("static_call: unexpected tail call at %pS: %6ph\n", insn, insn);
		BUG();
	} else if (func) {
		__text_gen_insn(code, JMP32_INSN_OPCODE, insn, func, JMP32_INSN_SIZE);
		text_poke_bp(insn, code, JMP32_INSN_SIZE, NULL);
	} else {
		text_poke_bp(insn, return_now, sizeof(return_now), NULL);
	}
}

static void patch_call(u8 *insn, void *func)
{
	u8 code[CALL_INSN_SIZE];

	if (insn[0] != CALL_INSN_OPCODE && memcmp(insn, x86_nops[5], 5) && memcmp(insn, clear_eax, 5)) {
		pr_err("static_call: unexpected call at %pS: %5ph\n", insn, insn);
		BUG();
	}
	if (!func) {
		text_poke_bp(insn, x86_nops[5], 5, NULL);
	} else if (func == &__static_call_return0) {
		text_poke_bp(insn, clear_eax, 5, NULL);
	} else {
		__text_gen_insn(code, CALL_INSN_OPCODE, insn, func, CALL_INSN_SIZE);
		text_poke_bp(insn, code, CALL_INSN_SIZE, NULL);
	}
}

/* A direct jump or call reaches this far. */
static bool in_reach(const void *site, const void *func)
{
	long distance = func - site;

	return !func || distance == (s32)distance;
}

void arch_static_call_transform(void *site, void *tramp, void *func, bool tail)
{
	mutex_lock(&text_mutex);
	if (tramp && !memcmp(tramp + CALL_INSN_SIZE, tramp_mark, sizeof(tramp_mark)))
		patch_jump(tramp, func);
	/* A site that cannot reach the function (it lies in a .so) keeps calling the trampoline. */
	if (site && in_reach(site, func)) {
		if (tail)
			patch_jump(site, func);
		else
			patch_call(site, func);
	}
	mutex_unlock(&text_mutex);
}
EXPORT_SYMBOL_GPL(arch_static_call_transform);

/* Patching needs nothing that is not there from the start. */
void __static_call_update_early(void *tramp, void *func)
{
	patch_jump(tramp, func);
}

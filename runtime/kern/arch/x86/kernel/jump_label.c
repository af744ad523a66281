// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces arch/x86/kernel/jump_label.c: the branches of static keys are patched by the host. Sites of kern were
 * written by the assembler, those of .ko modules by objtool; .so modules have none, they test the key.
 * Left out: batches. The host patches one site in a few microseconds, and nobody waits for interrupts meanwhile.
 */
#include <linux/bug.h>
#include <linux/jump_label.h>
#include <linux/memory.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <asm/nops.h>
#include <asm/text-patching.h>

int arch_jump_entry_size(struct jump_entry *entry)
{
	const u8 *insn = (const u8 *)jump_entry_code(entry);

	if (insn[0] == JMP8_INSN_OPCODE || !memcmp(insn, x86_nops[JMP8_INSN_SIZE], JMP8_INSN_SIZE))
		return JMP8_INSN_SIZE;
	if (insn[0] == JMP32_INSN_OPCODE || !memcmp(insn, x86_nops[JMP32_INSN_SIZE], JMP32_INSN_SIZE))
		return JMP32_INSN_SIZE;
	pr_crit("jump_label: unexpected instruction at %pS: %5ph\n", insn, insn);
	BUG();
}

void arch_jump_label_transform(struct jump_entry *entry, enum jump_label_type type)
{
	void *code = (void *)jump_entry_code(entry);
	u8 insn[JMP32_INSN_SIZE];
	int size;

	mutex_lock(&text_mutex);
	size = arch_jump_entry_size(entry);
	if (type == JUMP_LABEL_JMP)
		__text_gen_insn(insn, size == JMP8_INSN_SIZE ? JMP8_INSN_OPCODE : JMP32_INSN_OPCODE, code,
				(void *)jump_entry_target(entry), size);
	else
		memcpy(insn, x86_nops[size], size);
	text_poke_bp(code, insn, size, NULL);
	mutex_unlock(&text_mutex);
}

bool arch_jump_label_transform_queue(struct jump_entry *entry, enum jump_label_type type)
{
	arch_jump_label_transform(entry, type);
	return true;
}

/* Nothing is ever queued. */
void arch_jump_label_transform_apply(void)
{
}

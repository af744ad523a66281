// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces arch/x86/kernel/alternative.c: patching of live code, which the host does (host/text_poke.cc).
 * Alternatives and paravirt sites are left as compiled, on purpose: the unpatched form is the paravirtual call, which
 * is what a user-mode machine needs, and the test of boot_cpu_data instead of a privileged instruction.
 */
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/memory.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <asm/alternative.h>
#include <asm/nops.h>
#include <asm/text-patching.h>
#include "seam/memory.h"

/* What the host patches at once. */
#define POKE_MAX	16

int __read_mostly alternatives_patched;
EXPORT_SYMBOL_GPL(alternatives_patched);

static const unsigned char nops[] = {
	BYTES_NOP1, BYTES_NOP2, BYTES_NOP3, BYTES_NOP4, BYTES_NOP5, BYTES_NOP6, BYTES_NOP7, BYTES_NOP8,
};

const unsigned char * const x86_nops[ASM_NOP_MAX + 1] = {
	NULL, nops, nops + 1, nops + 1 + 2, nops + 1 + 2 + 3, nops + 1 + 2 + 3 + 4, nops + 1 + 2 + 3 + 4 + 5,
	nops + 1 + 2 + 3 + 4 + 5 + 6, nops + 1 + 2 + 3 + 4 + 5 + 6 + 7,
};

/* Left as compiled: see above. */
void apply_alternatives(struct alt_instr *start, struct alt_instr *end)
{
}

void apply_paravirt(struct paravirt_patch_site *start, struct paravirt_patch_site *end)
{
}

/* The loader turns retpolines and return thunks of .ko modules into what they stand for. */
void apply_retpolines(s32 *start, s32 *end)
{
}

void apply_returns(s32 *start, s32 *end)
{
}

void apply_ibt_endbr(s32 *start, s32 *end)
{
}

/* Lock prefixes stay, however many vCPUs there are. */
void alternatives_smp_module_add(struct module *mod, char *name, void *locks, void *locks_end, void *text,
				 void *text_end)
{
}

void alternatives_smp_module_del(struct module *mod)
{
}

void alternatives_enable_smp(void)
{
}

/* One instruction, replaced while others may execute it. text_mutex held, or nobody else running yet. */
void text_poke_bp(void *addr, const void *opcode, size_t len, const void *emulate)
{
	umc_host_text_poke((unsigned long)addr, opcode, len);
}

void text_poke_queue(void *addr, const void *opcode, size_t len, const void *emulate)
{
	text_poke_bp(addr, opcode, len, emulate);
}

/* Nothing is ever queued. */
void text_poke_finish(void)
{
}

/* Any bytes; the caller sees to it that nobody executes them meanwhile. */
void *text_poke(void *addr, const void *opcode, size_t len)
{
	size_t done, now;

	for (done = 0; done < len; done += now) {
		now = min_t(size_t, len - done, POKE_MAX);
		umc_host_text_poke((unsigned long)addr + done, opcode + done, now);
	}
	return addr;
}

void text_poke_early(void *addr, const void *opcode, size_t len)
{
	text_poke(addr, opcode, len);
}

void *text_poke_kgdb(void *addr, const void *opcode, size_t len)
{
	return text_poke(addr, opcode, len);
}

void *text_poke_copy(void *addr, const void *opcode, size_t len)
{
	void *result;

	mutex_lock(&text_mutex);
	result = text_poke(addr, opcode, len);
	mutex_unlock(&text_mutex);
	return result;
}

void *text_poke_set(void *addr, int c, size_t len)
{
	u8 bytes[POKE_MAX];
	size_t done;

	memset(bytes, c, sizeof(bytes));
	mutex_lock(&text_mutex);
	for (done = 0; done < len; done += POKE_MAX)
		umc_host_text_poke((unsigned long)addr + done, bytes, min_t(size_t, len - done, POKE_MAX));
	mutex_unlock(&text_mutex);
	return addr;
}

/* Each patch ends with a barrier that serialises every vCPU. */
void text_poke_sync(void)
{
}

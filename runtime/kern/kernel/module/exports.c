// SPDX-License-Identifier: GPL-2.0-only
/* The runtime's own exports, shown to the host: usable before the kernel boots, from any thread. */
#include <linux/module.h>
#define INCLUDE_VERMAGIC
#include <linux/vermagic.h>
#include "internal.h"
#include "seam/module.h"

unsigned int umc_kern_export_count(void)
{
	return (__stop___ksymtab - __start___ksymtab) + (__stop___ksymtab_gpl - __start___ksymtab_gpl);
}

void umc_kern_export(unsigned int index, struct umc_export *out)
{
	unsigned int plain = __stop___ksymtab - __start___ksymtab;
	const struct kernel_symbol *sym;

	sym = index < plain ? &__start___ksymtab[index] : &__start___ksymtab_gpl[index - plain];
	out->name = offset_to_ptr(&sym->name_offset);
	out->name_space = sym->namespace_offset ? offset_to_ptr(&sym->namespace_offset) : NULL;
	out->address = kernel_symbol_value(sym);
	out->gpl_only = index >= plain;
}

void umc_kern_module_abi(struct umc_module_abi *abi)
{
	abi->vermagic = VERMAGIC_STRING;
	abi->module_size = sizeof(struct module);
	abi->name_offset = offsetof(struct module, name);
	abi->init_offset = offsetof(struct module, init);
	abi->exit_offset = offsetof(struct module, exit);
}

/* Modules carry its version: it stands for the layout of the structures that a module and the kernel share. */
void module_layout(struct module *mod, struct modversion_info *ver, struct kernel_param *kp,
		   struct kernel_symbol *ks, struct tracepoint * const *tp)
{
}
EXPORT_SYMBOL(module_layout);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/kallsyms.c: names of code addresses. The host answers, from the ELF symbols of the program and of
 * the loaded modules. Left out: data addresses, addresses of names, /proc/kallsyms, build ids.
 */
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
#include "seam/module.h"

/*
 * Any context. `namebuf` holds KSYM_NAME_LEN; `modname` receives NULL or the name inside struct module, good for as
 * long as the caller keeps the module from going away.
 */
const char *kallsyms_lookup(unsigned long addr, unsigned long *symbolsize, unsigned long *offset, char **modname,
			    char *namebuf)
{
	char module[MODULE_NAME_LEN];
	unsigned long off, size;
	struct module *mod;

	namebuf[0] = 0;
	if (!umc_host_symbol_lookup(addr, namebuf, KSYM_NAME_LEN, &off, &size, module, sizeof(module)))
		return NULL;
	if (symbolsize)
		*symbolsize = size;
	if (offset)
		*offset = off;
	if (modname) {
		preempt_disable();
		mod = module[0] ? __module_address(addr) : NULL;
		preempt_enable();
		*modname = mod ? mod->name : NULL;
	}
	return namebuf;
}

int kallsyms_lookup_size_offset(unsigned long addr, unsigned long *symbolsize, unsigned long *offset)
{
	char name[KSYM_NAME_LEN];

	return kallsyms_lookup(addr, symbolsize, offset, NULL, name) != NULL;
}

int lookup_symbol_name(unsigned long addr, char *symname)
{
	return kallsyms_lookup(addr, NULL, NULL, NULL, symname) ? 0 : -ERANGE;
}

/* `buffer` holds KSYM_SYMBOL_LEN. `before`: bytes to step back to lie inside the calling instruction. */
static int sprint(char *buffer, unsigned long address, int before, bool with_offset)
{
	char module[MODULE_NAME_LEN], name[KSYM_NAME_LEN];
	unsigned long offset, size;
	int n;

	if (!umc_host_symbol_lookup(address - before, name, sizeof(name), &offset, &size, module, sizeof(module)))
		return sprintf(buffer, "0x%lx", address);
	n = sprintf(buffer, "%s", name);
	if (with_offset)
		n += sprintf(buffer + n, "+%#lx/%#lx", offset + before, size);
	if (module[0])
		n += sprintf(buffer + n, " [%s]", module);
	return n;
}

int sprint_symbol(char *buffer, unsigned long address)
{
	return sprint(buffer, address, 0, true);
}
EXPORT_SYMBOL_GPL(sprint_symbol);

/* Modules and the program show no build id here: the loader knows each by its file. */
int sprint_symbol_build_id(char *buffer, unsigned long address)
{
	return sprint(buffer, address, 0, true);
}
EXPORT_SYMBOL_GPL(sprint_symbol_build_id);

int sprint_symbol_no_offset(char *buffer, unsigned long address)
{
	return sprint(buffer, address, 0, false);
}
EXPORT_SYMBOL_GPL(sprint_symbol_no_offset);

int sprint_backtrace(char *buffer, unsigned long address)
{
	return sprint(buffer, address, 1, true);
}

int sprint_backtrace_build_id(char *buffer, unsigned long address)
{
	return sprint(buffer, address, 1, true);
}

/* Addresses of this process are no secret of the machine's kernel. */
bool kallsyms_show_value(const struct cred *cred)
{
	return true;
}

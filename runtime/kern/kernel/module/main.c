// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/module/main.c: the list of modules, references, lookup by name and address, notifiers.
 * Reading and linking the file is the host's (runtime/host): here a module starts as a linked image (load.c).
 * Left out: signatures, sysfs entries, livepatch, tracepoints of the loader itself.
 */
#include <linux/bsearch.h>
#include <linux/extable.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/notifier.h>
#include <linux/panic.h>
#include <linux/percpu.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include "umc.h"

/*
 * Protects the list of modules and the records (writers; readers may also just disable preemption), module_use links
 * and the bounds of mod_tree.
 */
DEFINE_MUTEX(module_mutex);
LIST_HEAD(modules);

struct mod_tree_root mod_tree __cacheline_aligned = {
	.addr_min = -1UL,
};

/* Woken whenever a module leaves the loading states or the list. */
DECLARE_WAIT_QUEUE_HEAD(module_wq);

BLOCKING_NOTIFIER_HEAD(module_notify_list);

int modules_disabled;
core_param(nomodule, modules_disabled, bint, 0);

struct last_unloaded last_unloaded_module;

int register_module_notifier(struct notifier_block *nb)
{
	return blocking_notifier_chain_register(&module_notify_list, nb);
}
EXPORT_SYMBOL(register_module_notifier);

int unregister_module_notifier(struct notifier_block *nb)
{
	return blocking_notifier_chain_unregister(&module_notify_list, nb);
}
EXPORT_SYMBOL(unregister_module_notifier);

/* ---- lookup ---- */

struct module *find_module_all(const char *name, size_t len, bool even_unformed)
{
	struct module *mod;

	list_for_each_entry_rcu(mod, &modules, list, lockdep_is_held(&module_mutex)) {
		if (!even_unformed && mod->state == MODULE_STATE_UNFORMED)
			continue;
		if (strlen(mod->name) == len && !memcmp(mod->name, name, len))
			return mod;
	}
	return NULL;
}

struct module *find_module(const char *name)
{
	return find_module_all(name, strlen(name), false);
}

static const char *kernel_symbol_name(const struct kernel_symbol *sym)
{
	return offset_to_ptr(&sym->name_offset);
}

static int compare_name(const void *name, const void *sym)
{
	return strcmp(name, kernel_symbol_name(sym));
}

static bool find_in(const struct kernel_symbol *start, unsigned int count, enum mod_license license,
		    struct module *owner, struct find_symbol_arg *fsa)
{
	const struct kernel_symbol *sym;

	if (!fsa->gplok && license == GPL_ONLY)
		return false;
	sym = bsearch(fsa->name, start, count, sizeof(*sym), compare_name);
	if (!sym)
		return false;
	fsa->owner = owner;
	fsa->crc = NULL; /* versions are checked by the host */
	fsa->sym = sym;
	fsa->license = license;
	return true;
}

/* Preemption disabled or module_mutex held. */
bool find_symbol(struct find_symbol_arg *fsa)
{
	struct module *mod;

	if (find_in(__start___ksymtab, __stop___ksymtab - __start___ksymtab, NOT_GPL_ONLY, NULL, fsa) ||
	    find_in(__start___ksymtab_gpl, __stop___ksymtab_gpl - __start___ksymtab_gpl, GPL_ONLY, NULL, fsa))
		return true;
	list_for_each_entry_rcu(mod, &modules, list, lockdep_is_held(&module_mutex)) {
		if (mod->state == MODULE_STATE_UNFORMED)
			continue;
		if (find_in(mod->syms, mod->num_syms, NOT_GPL_ONLY, mod, fsa) ||
		    find_in(mod->gpl_syms, mod->num_gpl_syms, GPL_ONLY, mod, fsa))
			return true;
	}
	return false;
}

static bool within(unsigned long addr, const void *start, unsigned long size)
{
	return addr - (unsigned long)start < size;
}

/* Preemption disabled or module_mutex held, so that the module stays. */
struct module *__module_address(unsigned long addr)
{
	struct module *mod;

	if (addr < mod_tree.addr_min || addr > mod_tree.addr_max)
		return NULL;
	mod = mod_find(addr, &mod_tree);
	if (mod && mod->state == MODULE_STATE_UNFORMED)
		mod = NULL;
	return mod;
}

struct module *__module_text_address(unsigned long addr)
{
	struct module *mod = __module_address(addr);

	if (mod && !within(addr, mod->init_layout.base, mod->init_layout.text_size) &&
	    !within(addr, mod->core_layout.base, mod->core_layout.text_size))
		mod = NULL;
	return mod;
}

bool is_module_address(unsigned long addr)
{
	bool found;

	preempt_disable();
	found = __module_address(addr) != NULL;
	preempt_enable();
	return found;
}

bool is_module_text_address(unsigned long addr)
{
	bool found;

	preempt_disable();
	found = __module_text_address(addr) != NULL;
	preempt_enable();
	return found;
}

bool __is_module_percpu_address(unsigned long addr, unsigned long *can_addr)
{
	struct module *mod;
	unsigned int cpu;
	bool found = false;

	preempt_disable();
	list_for_each_entry_rcu(mod, &modules, list) {
		if (mod->state == MODULE_STATE_UNFORMED || !mod->percpu_size)
			continue;
		for_each_possible_cpu(cpu) {
			void *start = per_cpu_ptr(mod->percpu, cpu);

			if (!within(addr, start, mod->percpu_size))
				continue;
			if (can_addr)
				*can_addr = addr - (unsigned long)start +
					    (unsigned long)per_cpu_ptr(mod->percpu, get_boot_cpu_id());
			found = true;
			goto out;
		}
	}
out:
	preempt_enable();
	return found;
}

bool is_module_percpu_address(unsigned long addr)
{
	return __is_module_percpu_address(addr, NULL);
}

/* The entry stays valid for the caller: it runs inside the module's code. */
const struct exception_table_entry *search_module_extables(unsigned long addr)
{
	const struct exception_table_entry *entry = NULL;
	struct module *mod;

	preempt_disable();
	mod = __module_address(addr);
	if (mod && mod->num_exentries)
		entry = search_extable(mod->extable, mod->num_exentries, addr);
	preempt_enable();
	return entry;
}

/* ---- references ---- */

int module_refcount(struct module *mod)
{
	return atomic_read(&mod->refcnt) - MODULE_REF_BASE;
}
EXPORT_SYMBOL(module_refcount);

void __module_get(struct module *module)
{
	if (module)
		atomic_inc(&module->refcnt);
}
EXPORT_SYMBOL(__module_get);

bool try_module_get(struct module *module)
{
	bool ok = true;

	if (module) {
		preempt_disable();
		ok = module_is_live(module) && atomic_inc_not_zero(&module->refcnt);
		preempt_enable();
	}
	return ok;
}
EXPORT_SYMBOL(try_module_get);

void module_put(struct module *module)
{
	if (module) {
		preempt_disable();
		WARN_ON(atomic_dec_if_positive(&module->refcnt) < 0);
		preempt_enable();
	}
}
EXPORT_SYMBOL(module_put);

void __noreturn __module_put_and_kthread_exit(struct module *mod, long code)
{
	module_put(mod);
	kthread_exit(code);
}
EXPORT_SYMBOL(__module_put_and_kthread_exit);

int strong_try_module_get(struct module *mod)
{
	if (mod && mod->state == MODULE_STATE_COMING)
		return -EBUSY;
	return try_module_get(mod) ? 0 : -ENOENT;
}

void *__symbol_get(const char *symbol)
{
	struct find_symbol_arg fsa = { .name = symbol, .gplok = true };
	void *value = NULL;

	preempt_disable();
	if (!find_symbol(&fsa))
		goto out;
	if (fsa.license != GPL_ONLY) {
		pr_warn("failing symbol_get of non-GPLONLY symbol %s.\n", symbol);
		goto out;
	}
	if (!strong_try_module_get(fsa.owner))
		value = (void *)kernel_symbol_value(fsa.sym);
out:
	preempt_enable();
	return value;
}
EXPORT_SYMBOL_GPL(__symbol_get);

void __symbol_put(const char *symbol)
{
	struct find_symbol_arg fsa = { .name = symbol, .gplok = true };

	preempt_disable();
	BUG_ON(!find_symbol(&fsa));
	module_put(fsa.owner);
	preempt_enable();
}
EXPORT_SYMBOL(__symbol_put);

void symbol_put_addr(void *addr)
{
	struct module *owner;

	preempt_disable();
	owner = __module_text_address((unsigned long)addr);
	if (!owner)
		BUG_ON(!core_kernel_text((unsigned long)addr));
	module_put(owner);
	preempt_enable();
}
EXPORT_SYMBOL_GPL(symbol_put_addr);

/* ---- what is printed about modules ---- */

size_t module_flags_taint(unsigned long taints, char *buf)
{
	size_t length = 0;
	int i;

	for (i = 0; i < TAINT_FLAGS_COUNT; i++)
		/* D, as no kernel shows it: an oops happened in this module. */
		if ((taint_flags[i].module || i == TAINT_DIE) && test_bit(i, &taints))
			buf[length++] = taint_flags[i].c_true;
	return length;
}

/* `buf` holds MODULE_FLAGS_BUF_SIZE. */
char *module_flags(struct module *mod, char *buf, bool show_state)
{
	bool going = mod->state == MODULE_STATE_GOING, coming = mod->state == MODULE_STATE_COMING;
	int n = 0;

	if (mod->taints || (show_state && (going || coming))) {
		buf[n++] = '(';
		n += module_flags_taint(mod->taints, buf + n);
		if (show_state && going)
			buf[n++] = '-';
		if (show_state && coming)
			buf[n++] = '+';
		buf[n++] = ')';
	}
	buf[n] = '\0';
	return buf;
}

/* Takes no lock: the caller may be an oops. */
void print_modules(void)
{
	char buf[MODULE_FLAGS_BUF_SIZE];
	struct module *mod;

	printk(KERN_DEFAULT "Modules linked in:");
	preempt_disable();
	list_for_each_entry_rcu(mod, &modules, list)
		if (mod->state != MODULE_STATE_UNFORMED)
			pr_cont(" %s%s", mod->name, module_flags(mod, buf, true));
	preempt_enable();
	if (last_unloaded_module.name[0])
		pr_cont(" [last unloaded: %s%s]", last_unloaded_module.name, last_unloaded_module.taints);
	pr_cont("\n");
}

void umc_kern_module_info(const void *this_module, struct umc_module_info *info)
{
	struct module *mod = (struct module *)this_module;

	info->state = (enum umc_module_state)READ_ONCE(mod->state);
	info->refcount = module_refcount(mod);
	info->permanent = mod->init && !mod->exit;
	info->taints[module_flags_taint(READ_ONCE(mod->taints), info->taints)] = '\0';
}

unsigned long umc_kern_taint(void)
{
	return get_taint();
}

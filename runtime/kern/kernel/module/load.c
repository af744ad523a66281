// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces the second half of kernel/module/main.c: a module's way from linked image to running module and back.
 * The states and their order are the kernel's; what is undone when a step fails is undone in reverse.
 */
#include <linux/async.h>
#include <linux/bitops.h>
#include <linux/extable.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/panic.h>
#include <linux/percpu.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "umc.h"

/* The images of the modules in the list; module_mutex. */
static LIST_HEAD(records);

/* The host has told the log why. */
static void take_taints(struct module *mod, unsigned long taints)
{
	unsigned int flag;

	for_each_set_bit(flag, &taints, TAINT_FLAGS_COUNT) {
		bool reliable = flag != TAINT_FORCED_MODULE && flag != TAINT_PROPRIETARY_MODULE;

		add_taint(flag, reliable ? LOCKDEP_STILL_OK : LOCKDEP_NOW_UNRELIABLE);
		set_bit(flag, &mod->taints);
	}
}

/* ---- list and tree; module_mutex held ---- */

static void set_init_layout(struct module *mod, const struct umc_module_image *image, bool present)
{
	mod->init_layout.base = present ? (void *)image->init_base : NULL;
	mod->init_layout.size = present ? image->init_size : 0;
	mod->init_layout.text_size = present ? image->init_text_size : 0;
}

static void update_bounds(const struct module_layout *layout)
{
	unsigned long min = (unsigned long)layout->base, max = min + layout->size;

	if (!layout->size)
		return;
	mod_tree.addr_min = min(mod_tree.addr_min, min);
	mod_tree.addr_max = max(mod_tree.addr_max, max);
}

/* The tree's ranges may not overlap: the init range of a .so is part of its core range, which answers for it. */
static void link_module(struct module *mod, const struct umc_module_image *image)
{
	set_init_layout(mod, image, !image->is_so);
	update_bounds(&mod->core_layout);
	update_bounds(&mod->init_layout);
	list_add_rcu(&mod->list, &modules);
	mod_tree_insert(mod);
	set_init_layout(mod, image, true);
}

static void unlink_module(struct module *mod, const struct umc_module_image *image)
{
	list_del_rcu(&mod->list);
	if (image->is_so)
		set_init_layout(mod, image, false);
	mod_tree_remove(mod);
}

static struct module_record *find_record(const struct module *mod)
{
	struct module_record *record;

	list_for_each_entry(record, &records, list)
		if (record->mod == mod)
			return record;
	return NULL;
}

/* Is this name free or taken for good? No locks held. */
static bool finished_loading(const char *name)
{
	struct module *mod;
	bool finished;

	mutex_lock(&module_mutex);
	mod = find_module_all(name, strlen(name), true);
	finished = !mod || mod->state == MODULE_STATE_LIVE || mod->state == MODULE_STATE_GOING;
	mutex_unlock(&module_mutex);
	return finished;
}

static int add_unformed(struct module *mod, const struct umc_module_image *image)
{
	struct module *old;
	int err = 0;

	mutex_lock(&module_mutex);
	old = find_module_all(mod->name, strlen(mod->name), true);
	if (!old) {
		link_module(mod, image);
		goto out;
	}
	if (old->state == MODULE_STATE_COMING || old->state == MODULE_STATE_UNFORMED) {
		/* It may yet fail to load; even then this one does not try at once. */
		mutex_unlock(&module_mutex);
		err = wait_event_interruptible(module_wq, finished_loading(mod->name));
		if (err)
			return err;
		mutex_lock(&module_mutex);
		old = find_module_all(mod->name, strlen(mod->name), true);
	}
	err = old && old->state == MODULE_STATE_LIVE ? -EEXIST : -EBUSY;
out:
	mutex_unlock(&module_mutex);
	return err;
}

/* ---- use of one module by another ---- */

static bool already_uses(const struct module *a, const struct module *b)
{
	struct module_use *use;

	list_for_each_entry(use, &b->source_list, source_list)
		if (use->source == a)
			return true;
	return false;
}

/* module_mutex held. */
static int ref_module(struct module *a, struct module *b)
{
	struct module_use *use;
	int err;

	if (already_uses(a, b))
		return 0;
	err = strong_try_module_get(b);
	if (err)
		return err;
	use = kmalloc(sizeof(*use), GFP_KERNEL);
	if (!use) {
		module_put(b);
		return -ENOMEM;
	}
	use->source = a;
	use->target = b;
	list_add(&use->source_list, &b->source_list);
	list_add(&use->target_list, &a->target_list);
	return 0;
}

static int use_once(struct module *mod, const char *used_name)
{
	struct module *used;
	int err;

	mutex_lock(&module_mutex);
	used = find_module(used_name);
	err = used ? ref_module(mod, used) : -ENOENT;
	mutex_unlock(&module_mutex);
	return err;
}

int umc_kern_module_use(const struct umc_module_image *image, const char *used)
{
	struct module *mod = image->this_module;
	long left;
	int err;

	left = wait_event_interruptible_timeout(module_wq, (err = use_once(mod, used)) != -EBUSY, 30 * HZ);
	if (left <= 0)
		pr_warn("%s: gave up waiting for init of module %s.\n", mod->name, used);
	return err;
}

static void drop_uses(struct module *mod)
{
	struct module_use *use, *next;

	mutex_lock(&module_mutex);
	list_for_each_entry_safe(use, next, &mod->target_list, target_list) {
		module_put(use->target);
		list_del(&use->source_list);
		list_del(&use->target_list);
		kfree(use);
	}
	mutex_unlock(&module_mutex);
}

/* ---- the way in ---- */

int umc_kern_module_reserve(struct umc_module_image *image)
{
	struct module *mod = image->this_module;
	struct module_record *record;
	int err;

	if (modules_disabled)
		return -EPERM;
	record = kzalloc(sizeof(*record), GFP_KERNEL);
	if (!record)
		return -ENOMEM;
	record->mod = mod;
	record->image = image;

	mod->state = MODULE_STATE_UNFORMED;
	mod->core_layout.base = (void *)image->core_base;
	mod->core_layout.size = image->core_size;
	mod->core_layout.text_size = image->text_size;
	atomic_set(&mod->refcnt, MODULE_REF_BASE + 1); /* one held while it loads */
	INIT_LIST_HEAD(&mod->source_list);
	INIT_LIST_HEAD(&mod->target_list);
	INIT_LIST_HEAD(&mod->bug_list);
	mutex_init(&mod->param_lock);
	mod->mkobj.mod = mod;

	err = add_unformed(mod, image);
	if (err) {
		kfree(record);
		return err;
	}
	mutex_lock(&module_mutex);
	list_add(&record->list, &records);
	mutex_unlock(&module_mutex);

	take_taints(mod, image->taints);
	if (image->percpu_size) {
		err = umc_kern_module_percpu_alloc(image->percpu_size, image->percpu_align,
						   image->percpu_initial, &image->percpu_offset);
		if (err) {
			pr_warn("%s: Could not allocate %lu bytes percpu data\n", mod->name,
				image->percpu_size);
			umc_kern_module_drop(image);
			return err;
		}
		mod->percpu = (void __percpu *)image->percpu_offset;
		mod->percpu_size = image->percpu_size;
	}
	return 0;
}

/* The last step of every way out: nobody uses the module; afterwards the image may vanish. */
static void free_module(struct module *mod, const struct umc_module_image *image)
{
	mutex_lock(&module_mutex);
	mod->state = MODULE_STATE_UNFORMED; /* stays in the list, so that its name stays taken */
	mutex_unlock(&module_mutex);

	drop_uses(mod);
	module_destroy_params(mod->kp, mod->num_kp);

	mutex_lock(&module_mutex);
	unlink_module(mod, image);
	if (!list_empty(&mod->bug_list))
		module_bug_cleanup(mod);
	synchronize_rcu();
	list_del(&find_record(mod)->list);
	mutex_unlock(&module_mutex);

	kfree(mod->args);
	if (mod->percpu_size)
		umc_kern_module_percpu_free(image->percpu_offset);
}

void umc_kern_module_drop(const struct umc_module_image *image)
{
	struct module *mod = image->this_module;
	struct module_record *record;

	mutex_lock(&module_mutex);
	record = find_record(mod);
	mutex_unlock(&module_mutex);
	free_module(mod, image);
	kfree(record);
	wake_up_all(&module_wq);
}

/* Again, now that the pointers in it are linked. */
static void percpu_copy(struct module *mod, const struct umc_module_image *image)
{
	int cpu;

	if (mod->percpu_size)
		for_each_possible_cpu(cpu)
			memcpy(per_cpu_ptr(mod->percpu, cpu), image->percpu_initial, image->percpu_size);
}

static int verify_exported_symbols(struct module *mod)
{
	const struct {
		const struct kernel_symbol *symbols;
		unsigned int count;
	} tables[] = { { mod->syms, mod->num_syms }, { mod->gpl_syms, mod->num_gpl_syms } };
	unsigned int t, i;

	for (t = 0; t < ARRAY_SIZE(tables); t++) {
		for (i = 0; i < tables[t].count; i++) {
			const char *name = offset_to_ptr(&tables[t].symbols[i].name_offset);
			struct find_symbol_arg fsa = { .name = name, .gplok = true };

			if (!find_symbol(&fsa))
				continue;
			pr_err("%s: exports duplicate symbol %s (owned by %s)\n", mod->name, name,
			       module_name(fsa.owner));
			return -ENOEXEC;
		}
	}
	return 0;
}

static int complete_formation(struct module *mod, const struct umc_module_image *image)
{
	int err;

	mutex_lock(&module_mutex);
	err = verify_exported_symbols(mod);
	if (!err) {
		image_bug_finalize(mod, image);
		mod->state = MODULE_STATE_COMING;
	}
	mutex_unlock(&module_mutex);
	return err;
}

/* Dynamic debug is left out, so its "dyndbg" is a parameter nobody knows. */
static int unknown_param(char *param, char *value, const char *modname, void *arg)
{
	struct module *mod = arg;

	if (!strcmp(param, "async_probe")) {
		if (!value || strtobool(value, &mod->async_probe_requested))
			mod->async_probe_requested = true;
		return 0;
	}
	pr_warn("%s: unknown parameter '%s' ignored\n", modname, param);
	return 0;
}

static int parse_arguments(struct module *mod)
{
	char *after_dashes = parse_args(mod->name, mod->args, mod->kp, mod->num_kp, -32768, 32767, mod,
					unknown_param);

	if (IS_ERR(after_dashes))
		return PTR_ERR(after_dashes);
	if (after_dashes)
		pr_warn("%s: parameters '%s' after `--' ignored\n", mod->name, after_dashes);
	return 0;
}

/* A breakpoint target of its own. */
static noinline int do_init_module(struct module *mod, const struct umc_module_image *image)
{
	int ret = 0;

	if (mod->init)
		ret = do_one_initcall(mod->init);
	if (ret < 0)
		return ret;
	if (ret > 0) {
		pr_warn("%s: '%s'->init suspiciously returned %d, it should follow 0/-E convention\n"
			"%s: loading module anyway...\n",
			__func__, mod->name, ret, __func__);
		dump_stack();
	}

	mod->state = MODULE_STATE_LIVE;
	blocking_notifier_call_chain(&module_notify_list, MODULE_STATE_LIVE, mod);
	if (!mod->async_probe_requested)
		async_synchronize_full();

	mutex_lock(&module_mutex);
	module_put(mod); /* the reference held while it loads */
	trim_init_extable(mod);
	if (!image->is_so)
		mod_tree_remove_init(mod);
	set_init_layout(mod, image, false);
	mutex_unlock(&module_mutex);
	wake_up_all(&module_wq);

	if (image->init_size)
		synchronize_rcu(); /* somebody may be looking at an address in it */
	umc_host_module_release_init(image->host);
	return 0;
}

int umc_kern_module_load(const struct umc_module_image *image, const char *arguments)
{
	struct module *mod = image->this_module;
	int err;

	mod->version = image->version;
	mod->srcversion = image->srcversion;
	err = image_find_sections(mod, image);
	if (err)
		goto drop;
	percpu_copy(mod, image);
	mod->args = kstrdup(arguments, GFP_KERNEL);
	if (!mod->args) {
		err = -ENOMEM;
		goto drop;
	}
	err = complete_formation(mod, image);
	if (err)
		goto drop;

	err = notifier_to_errno(blocking_notifier_call_chain_robust(&module_notify_list, MODULE_STATE_COMING,
								    MODULE_STATE_GOING, mod));
	if (err) {
		mod->state = MODULE_STATE_GOING;
		goto drop;
	}
	err = parse_arguments(mod);
	if (!err)
		err = do_init_module(mod, image);
	if (!err)
		return 0;

	/* A module that counted wrong must not be taken for live any more. */
	mod->state = MODULE_STATE_GOING;
	synchronize_rcu();
	module_put(mod);
	blocking_notifier_call_chain(&module_notify_list, MODULE_STATE_GOING, mod);
drop:
	umc_kern_module_drop(image);
	return err;
}

/* ---- the way out ---- */

static bool try_force_unload(int force)
{
	if (force)
		add_taint(TAINT_FORCED_RMMOD, LOCKDEP_NOW_UNRELIABLE);
	return force;
}

/* Takes back the reference the module was born with; false when somebody holds another. */
static bool try_release_base(struct module *mod)
{
	int left = atomic_sub_return(MODULE_REF_BASE, &mod->refcnt);

	BUG_ON(left < 0);
	/* It may have been put meanwhile: then it stays at 0. */
	return !left || !atomic_add_unless(&mod->refcnt, MODULE_REF_BASE, 0);
}

/* module_mutex held: GOING when it returns 0. */
static int stop_module(struct module *mod, int force)
{
	if (!list_empty(&mod->source_list))
		return -EWOULDBLOCK;
	if (mod->state != MODULE_STATE_LIVE)
		return -EBUSY;
	if (mod->init && !mod->exit && !try_force_unload(force))
		return -EBUSY;
	if (!try_release_base(mod) && !try_force_unload(force))
		return -EWOULDBLOCK;
	mod->state = MODULE_STATE_GOING;
	return 0;
}

int umc_kern_module_remove(const char *name, int force, void **host)
{
	const struct umc_module_image *image;
	char buf[MODULE_FLAGS_BUF_SIZE];
	struct module *mod;
	int err;

	if (modules_disabled)
		return -EPERM;
	mutex_lock(&module_mutex);
	mod = find_module(name);
	err = mod ? stop_module(mod, force) : -ENOENT;
	image = err ? NULL : find_record(mod)->image;
	mutex_unlock(&module_mutex);
	if (err)
		return err;

	if (mod->exit)
		mod->exit();
	blocking_notifier_call_chain(&module_notify_list, MODULE_STATE_GOING, mod);
	async_synchronize_full();

	strscpy(last_unloaded_module.name, mod->name, sizeof(last_unloaded_module.name));
	strscpy(last_unloaded_module.taints, module_flags(mod, buf, false), sizeof(last_unloaded_module.taints));
	*host = image->host;
	umc_kern_module_drop(image);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/* What struct module knows of a linked image: the sections the kernel uses by name. */
#include <linux/bug.h>
#include <linux/extable.h>
#include <linux/module.h>
#include <linux/string.h>
#include "umc.h"

void *image_section(const struct umc_module_image *image, const char *name, size_t object_size,
		    unsigned int *count)
{
	unsigned int i;

	for (i = 0; i < image->section_count; i++) {
		if (strcmp(image->sections[i].name, name))
			continue;
		*count = image->sections[i].size / object_size;
		return (void *)image->sections[i].address;
	}
	*count = 0;
	return NULL;
}

#define section_objs(image, name, pointer, count) \
	((pointer) = image_section(image, name, sizeof(*(pointer)), &(count)))

/*
 * Left out: what only tracing, kprobes, ftrace, error injection, BPF and livepatch read. Their counts stay 0, so those
 * parts of the kernel see a module without such sites.
 */
int image_find_sections(struct module *mod, const struct umc_module_image *image)
{
	unsigned int count;

	section_objs(image, "__param", mod->kp, mod->num_kp);
	section_objs(image, "__ksymtab", mod->syms, mod->num_syms);
	mod->crcs = image_section(image, "__kcrctab", sizeof(*mod->crcs), &count);
	section_objs(image, "__ksymtab_gpl", mod->gpl_syms, mod->num_gpl_syms);
	mod->gpl_crcs = image_section(image, "__kcrctab_gpl", sizeof(*mod->gpl_crcs), &count);
	mod->noinstr_text_start = image_section(image, ".noinstr.text", 1, &mod->noinstr_text_size);
	section_objs(image, "__tracepoints_ptrs", mod->tracepoints_ptrs, mod->num_tracepoints);
	section_objs(image, "___srcu_struct_ptrs", mod->srcu_struct_ptrs, mod->num_srcu_structs);
	section_objs(image, "__jump_table", mod->jump_entries, mod->num_jump_entries);
	count = mod->num_static_call_sites;
	section_objs(image, ".static_call_sites", mod->static_call_sites, count);
	mod->num_static_call_sites = count;
	section_objs(image, "__ex_table", mod->extable, mod->num_exentries);
	if (mod->num_exentries)
		sort_extable(mod->extable, mod->extable + mod->num_exentries);

	if (image_section(image, "__obsparm", 1, &count))
		pr_warn("%s: Ignoring obsolete parameters\n", mod->name);
	return 0;
}

void image_bug_finalize(struct module *mod, const struct umc_module_image *image)
{
	/* lib/bug.c reads an ELF file's section headers: one that holds this section only. */
	static const char names[] = "\0__bug_table";
	struct {
		Elf_Ehdr header;
		char names[sizeof(names)];
	} file = { .header = { .e_shnum = 2, .e_shstrndx = 0 } };
	Elf_Shdr sections[2] = {
		{ .sh_offset = sizeof(file.header) },
		{ .sh_name = 1 },
	};
	unsigned int count;

	memcpy(file.names, names, sizeof(names));
	sections[1].sh_addr = (unsigned long)image_section(image, "__bug_table", 1, &count);
	sections[1].sh_size = count;
	module_bug_finalize(&file.header, sections, mod);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/extable.c: which addresses are code, and the exception tables. Left out: code made at run time by
 * ftrace, kprobes and BPF, which this machine does not have, and freeing of init text, which stays.
 */
#include <linux/extable.h>
#include <linux/init.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/memory.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <asm/sections.h>

/* Held while code is patched. Patching may sleep. */
DEFINE_MUTEX(text_mutex);

extern struct exception_table_entry __start___ex_table[];
extern struct exception_table_entry __stop___ex_table[];

void __init sort_main_extable(void)
{
	if (&__stop___ex_table[0] > &__start___ex_table[0])
		sort_extable(__start___ex_table, __stop___ex_table);
}

const struct exception_table_entry *search_kernel_exception_table(unsigned long addr)
{
	return search_extable(__start___ex_table, __stop___ex_table - __start___ex_table, addr);
}

const struct exception_table_entry *search_exception_tables(unsigned long addr)
{
	return search_kernel_exception_table(addr) ?: search_module_extables(addr);
}

int notrace core_kernel_text(unsigned long addr)
{
	return is_kernel_text(addr) || is_kernel_inittext(addr);
}

int kernel_text_address(unsigned long addr)
{
	return core_kernel_text(addr) || is_module_text_address(addr);
}

int __kernel_text_address(unsigned long addr)
{
	return kernel_text_address(addr);
}

int func_ptr_is_kernel_text(void *ptr)
{
	return kernel_text_address((unsigned long)dereference_function_descriptor(ptr));
}

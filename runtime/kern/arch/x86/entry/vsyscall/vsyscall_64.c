// SPDX-License-Identifier: GPL-2.0-only
/* Replaces arch/x86/entry/vsyscall/vsyscall_64.c: there is no vsyscall page, as with vsyscall=none. */
#include <linux/mm.h>

struct vm_area_struct *get_gate_vma(struct mm_struct *mm)
{
	return NULL;
}

int in_gate_area(struct mm_struct *mm, unsigned long addr)
{
	return 0;
}

int in_gate_area_no_mm(unsigned long addr)
{
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces arch/x86/mm/init.c: with init_64.c, physaddr.c, mem_encrypt*.c and the address space half of head64.c,
 * where memory lies. There are no page tables: what their variables describe is the architecture's default.
 */
#include <linux/export.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <asm/paravirt.h>
#include <asm/pgtable.h>
#include <asm/sections.h>

#include <umc/mm.h>

struct umc_memory_layout umc_layout __ro_after_init;

/* Zero: a physical address is its virtual address, so every page of the process can have a struct page. */
unsigned long page_offset_base __ro_after_init;
EXPORT_SYMBOL(page_offset_base);
unsigned long vmemmap_base __ro_after_init;
EXPORT_SYMBOL(vmemmap_base);
unsigned long vmalloc_base __ro_after_init;
EXPORT_SYMBOL(vmalloc_base);

/* Added to addresses of the kernel image at its real place, which do not exist here. */
unsigned long phys_base;
EXPORT_SYMBOL(phys_base);

unsigned long max_low_pfn;
unsigned long min_low_pfn;
unsigned long max_pfn;
unsigned long max_pfn_mapped;

unsigned int pgdir_shift = 39;
EXPORT_SYMBOL(pgdir_shift);
unsigned int ptrs_per_p4d = 1;
EXPORT_SYMBOL(ptrs_per_p4d);
unsigned int __pgtable_l5_enabled;

u64 sme_me_mask __ro_after_init;
EXPORT_SYMBOL(sme_me_mask);
phys_addr_t physical_mask __ro_after_init = (1ULL << __PHYSICAL_MASK_SHIFT) - 1;
EXPORT_SYMBOL(physical_mask);
pteval_t __supported_pte_mask __read_mostly = ~0;
EXPORT_SYMBOL_GPL(__supported_pte_mask);
pteval_t __default_kernel_pte_mask __read_mostly = ~0;
EXPORT_SYMBOL(__default_kernel_pte_mask);

unsigned long empty_zero_page[PAGE_SIZE / sizeof(unsigned long)] __page_aligned_bss;
EXPORT_SYMBOL(empty_zero_page);
unsigned long zero_pfn __read_mostly;
EXPORT_SYMBOL(zero_pfn);

void __init umc_memory_init(void)
{
	umc_host_memory_layout(&umc_layout);
	vmemmap_base = umc_layout.vmemmap_base;
	vmalloc_base = umc_layout.vmalloc_base;
	zero_pfn = page_to_pfn(ZERO_PAGE(0));
}

bool umc_is_kernel_address(unsigned long address)
{
	/* The window holds nothing but the emulated kernel's memory, and user memory of kernel tasks. */
	if (umc_in_range(address, umc_layout.user_base, umc_layout.user_size))
		return false;
	return umc_in_range(address, umc_layout.program_base, umc_layout.program_size) ||
	       umc_in_range(address, umc_layout.low_base, umc_layout.low_size) ||
	       umc_in_range(address, umc_layout.direct_map_base, umc_layout.direct_map_size) ||
	       umc_in_range(address, umc_layout.vmalloc_base, umc_layout.vmalloc_size) ||
	       umc_in_range(address, umc_layout.percpu_base, umc_layout.percpu_stride * umc_layout.percpu_max);
}

/* Is there a struct page in use behind the address? */
bool __virt_addr_valid(unsigned long x)
{
	return umc_in_range(x, umc_layout.direct_map_base, umc_layout.direct_map_size) ||
	       (x >= (unsigned long)_sdata && x < (unsigned long)_edata) ||
	       (x >= (unsigned long)__bss_start && x < (unsigned long)__bss_stop) ||
	       (x >= (unsigned long)__start_rodata && x < (unsigned long)__end_rodata);
}
EXPORT_SYMBOL(__virt_addr_valid);

/* Static keys can be changed and the command line is parsed by now. */
void __init mem_init(void)
{
	umc_numa_init();
	native_pv_lock_init();
	umc_memcg_disable();
	init_mem_debugging_and_hardening();
	pr_info("Memory: %luK/%luK available\n", nr_free_pages() << (PAGE_SHIFT - 10),
		totalram_pages() << (PAGE_SHIFT - 10));
}

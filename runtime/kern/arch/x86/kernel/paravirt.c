// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces arch/x86/kernel/paravirt.c: (paravirt-spinlocks.c too) the privileged operations of this "CPU". Interrupt flag operations act on the
 * vCPU's virtual flag. An operation that needs ring 0 is bound to a missing symbol that names it: its use stops there.
 * Code patching is left out: call sites keep their indirect call.
 */
#include <linux/export.h>
#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/static_call.h>
#include <asm/paravirt.h>
#include <asm/processor.h>
#include <asm/spinlock.h>

/* Must not clobber anything. */
asm(".pushsection .text, \"ax\"\n"
    ".global _paravirt_nop, paravirt_ret0\n"
    ".type _paravirt_nop, @function\n"
    "_paravirt_nop: ret\n"
    ".size _paravirt_nop, . - _paravirt_nop\n"
    ".type paravirt_ret0, @function\n"
    "paravirt_ret0: xor %eax, %eax; ret\n"
    ".size paravirt_ret0, . - paravirt_ret0\n"
    ".popsection");

u64 _paravirt_ident_64(u64 value)
{
	return value;
}

/*
 * The interrupt flag. These may clobber rax only. A task can be preempted and moved to another CPU between two of the
 * instructions, but only while the flag is on, when both CPUs' flags read the same.
 */
asm(".pushsection .text, \"ax\"\n"
    ".type umc_pv_save_fl, @function\n"
    "umc_pv_save_fl:\n"
    "	movq %gs:umc_irq_flags, %rax\n"
    "	ret\n"
    ".size umc_pv_save_fl, . - umc_pv_save_fl\n"
    ".type umc_pv_irq_disable, @function\n"
    "umc_pv_irq_disable:\n"
    "	movq $0, %gs:umc_irq_flags\n"
    "	ret\n"
    ".size umc_pv_irq_disable, . - umc_pv_irq_disable\n"
    ".type umc_pv_irq_enable, @function\n"
    "umc_pv_irq_enable:\n"
    "	movq $" __stringify(X86_EFLAGS_IF) ", %gs:umc_irq_flags\n"
    "	cmpq $0, %gs:umc_irq_pending\n"
    "	jne 1f\n"
    "	ret\n"
    "1:	push %rbp\n"
    "	mov %rsp, %rbp\n"
    "	push %rcx; push %rdx; push %rsi; push %rdi; push %r8; push %r9; push %r10; push %r11\n"
    "	call umc_irq_deliver\n"
    "	pop %r11; pop %r10; pop %r9; pop %r8; pop %rdi; pop %rsi; pop %rdx; pop %rcx\n"
    "	pop %rbp\n"
    "	ret\n"
    ".size umc_pv_irq_enable, . - umc_pv_irq_enable\n"
    ".popsection");
extern unsigned long umc_pv_save_fl(void);
extern void umc_pv_irq_disable(void);
extern void umc_pv_irq_enable(void);

/* Lock operations, which keep all registers but rax too. */
asm(".pushsection .text, \"ax\"\n"
    ".type umc_pv_spin_unlock, @function\n"
    "umc_pv_spin_unlock:\n"
    "	movb $0, (%rdi)\n"
    "	ret\n"
    ".size umc_pv_spin_unlock, . - umc_pv_spin_unlock\n"
    ".popsection");
extern void umc_pv_spin_unlock(struct qspinlock *lock);

/* Reports that there is no such register, as for any register the CPU does not have. */
static u64 read_msr_safe(unsigned int msr, int *err)
{
	*err = -EIO;
	return 0;
}

static int write_msr_safe(unsigned int msr, unsigned int low, unsigned int high)
{
	return -EIO;
}

/* Page table entries have no encoding of their own here. */
#define IDENTITY __PV_IS_CALLEE_SAVE(_paravirt_ident_64)

#define NEEDS_RING_0(operation) ((void *)operation##_needs_ring_0)
#define MISSING(operation) extern void operation##_needs_ring_0(void)
MISSING(get_debugreg); MISSING(set_debugreg); MISSING(read_cr0); MISSING(write_cr0); MISSING(write_cr4);
MISSING(load_tr_desc); MISSING(load_gdt); MISSING(load_idt); MISSING(set_ldt); MISSING(store_tr); MISSING(load_tls);
MISSING(load_gs_index); MISSING(write_ldt_entry); MISSING(write_gdt_entry); MISSING(write_idt_entry);
MISSING(load_sp0); MISSING(io_bitmap); MISSING(wbinvd); MISSING(read_msr); MISSING(write_msr); MISSING(read_pmc);
MISSING(safe_halt); MISSING(halt); MISSING(flush_tlb); MISSING(tlb_remove_table); MISSING(page_enc); MISSING(read_cr2);
MISSING(write_cr2); MISSING(read_cr3); MISSING(write_cr3); MISSING(pgd_alloc); MISSING(alloc_page_table);
MISSING(set_page_table_entry); MISSING(modify_prot); MISSING(set_fixmap);

struct pv_info pv_info = {
	.name = "user mode",
	.extra_user_64bit_cs = __USER_CS,
};
EXPORT_SYMBOL_GPL(pv_info);

struct paravirt_patch_template pv_ops = {
	/* A delay between port accesses: the accesses themselves trap. */
	.cpu.io_delay = paravirt_nop,
	.cpu.get_debugreg = NEEDS_RING_0(get_debugreg),
	.cpu.set_debugreg = NEEDS_RING_0(set_debugreg),
	.cpu.read_cr0 = NEEDS_RING_0(read_cr0),
	.cpu.write_cr0 = NEEDS_RING_0(write_cr0),
	.cpu.write_cr4 = NEEDS_RING_0(write_cr4),
	.cpu.load_tr_desc = NEEDS_RING_0(load_tr_desc),
	.cpu.load_gdt = NEEDS_RING_0(load_gdt),
	.cpu.load_idt = NEEDS_RING_0(load_idt),
	.cpu.set_ldt = NEEDS_RING_0(set_ldt),
	.cpu.store_tr = NEEDS_RING_0(store_tr),
	.cpu.load_tls = NEEDS_RING_0(load_tls),
	.cpu.load_gs_index = NEEDS_RING_0(load_gs_index),
	.cpu.write_ldt_entry = NEEDS_RING_0(write_ldt_entry),
	.cpu.write_gdt_entry = NEEDS_RING_0(write_gdt_entry),
	.cpu.write_idt_entry = NEEDS_RING_0(write_idt_entry),
	.cpu.alloc_ldt = paravirt_nop, /* only announces the memory to a hypervisor */
	.cpu.free_ldt = paravirt_nop,
	.cpu.load_sp0 = NEEDS_RING_0(load_sp0),
	.cpu.invalidate_io_bitmap = NEEDS_RING_0(io_bitmap),
	.cpu.update_io_bitmap = NEEDS_RING_0(io_bitmap),
	.cpu.wbinvd = NEEDS_RING_0(wbinvd),
	.cpu.cpuid = native_cpuid,
	.cpu.read_msr = NEEDS_RING_0(read_msr),
	.cpu.write_msr = NEEDS_RING_0(write_msr),
	.cpu.read_msr_safe = read_msr_safe,
	.cpu.write_msr_safe = write_msr_safe,
	.cpu.read_pmc = NEEDS_RING_0(read_pmc),
	.cpu.start_context_switch = paravirt_nop,
	.cpu.end_context_switch = paravirt_nop,

	.irq.save_fl = __PV_IS_CALLEE_SAVE(umc_pv_save_fl),
	.irq.irq_disable = __PV_IS_CALLEE_SAVE(umc_pv_irq_disable),
	.irq.irq_enable = __PV_IS_CALLEE_SAVE(umc_pv_irq_enable),
	.irq.safe_halt = NEEDS_RING_0(safe_halt),
	.irq.halt = NEEDS_RING_0(halt),

	.mmu.flush_tlb_user = NEEDS_RING_0(flush_tlb),
	.mmu.flush_tlb_kernel = NEEDS_RING_0(flush_tlb),
	.mmu.flush_tlb_one_user = NEEDS_RING_0(flush_tlb),
	.mmu.flush_tlb_multi = NEEDS_RING_0(flush_tlb),
	.mmu.tlb_remove_table = NEEDS_RING_0(tlb_remove_table),
	.mmu.exit_mmap = paravirt_nop, /* hooks for a hypervisor */
	.mmu.notify_page_enc_status_changed = NEEDS_RING_0(page_enc),
	.mmu.read_cr2 = __PV_IS_CALLEE_SAVE(NEEDS_RING_0(read_cr2)),
	.mmu.write_cr2 = NEEDS_RING_0(write_cr2),
	.mmu.read_cr3 = NEEDS_RING_0(read_cr3),
	.mmu.write_cr3 = NEEDS_RING_0(write_cr3),
	.mmu.activate_mm = paravirt_nop,
	.mmu.dup_mmap = paravirt_nop,
	.mmu.pgd_alloc = NEEDS_RING_0(pgd_alloc),
	.mmu.pgd_free = NEEDS_RING_0(pgd_alloc),
	.mmu.alloc_pte = NEEDS_RING_0(alloc_page_table),
	.mmu.alloc_pmd = NEEDS_RING_0(alloc_page_table),
	.mmu.alloc_pud = NEEDS_RING_0(alloc_page_table),
	.mmu.alloc_p4d = NEEDS_RING_0(alloc_page_table),
	.mmu.release_pte = NEEDS_RING_0(alloc_page_table),
	.mmu.release_pmd = NEEDS_RING_0(alloc_page_table),
	.mmu.release_pud = NEEDS_RING_0(alloc_page_table),
	.mmu.release_p4d = NEEDS_RING_0(alloc_page_table),
	.mmu.set_pte = NEEDS_RING_0(set_page_table_entry),
	.mmu.set_pmd = NEEDS_RING_0(set_page_table_entry),
	.mmu.set_pud = NEEDS_RING_0(set_page_table_entry),
	.mmu.set_p4d = NEEDS_RING_0(set_page_table_entry),
	.mmu.set_pgd = NEEDS_RING_0(set_page_table_entry),
	.mmu.ptep_modify_prot_start = NEEDS_RING_0(modify_prot),
	.mmu.ptep_modify_prot_commit = NEEDS_RING_0(modify_prot),
	.mmu.pte_val = IDENTITY,
	.mmu.make_pte = IDENTITY,
	.mmu.pgd_val = IDENTITY,
	.mmu.make_pgd = IDENTITY,
	.mmu.pmd_val = IDENTITY,
	.mmu.make_pmd = IDENTITY,
	.mmu.pud_val = IDENTITY,
	.mmu.make_pud = IDENTITY,
	.mmu.p4d_val = IDENTITY,
	.mmu.make_p4d = IDENTITY,
	.mmu.lazy_mode = { .enter = paravirt_nop, .leave = paravirt_nop, .flush = paravirt_nop },
	.mmu.set_fixmap = NEEDS_RING_0(set_fixmap),

	.lock.queued_spin_lock_slowpath = native_queued_spin_lock_slowpath,
	.lock.queued_spin_unlock = __PV_IS_CALLEE_SAVE(umc_pv_spin_unlock),
	.lock.wait = paravirt_nop,
	.lock.kick = paravirt_nop,
	.lock.vcpu_is_preempted = __PV_IS_CALLEE_SAVE(paravirt_ret0),
};
EXPORT_SYMBOL(pv_ops);

/*
 * Turned off: the slow path queues waiters fairly (and lets those that wait long back off to the host) instead of spinning on
 * test-and-set as it would in a guest without paravirtual spinlocks.
 */
DEFINE_STATIC_KEY_TRUE(virt_spin_lock_key);

void __init native_pv_lock_init(void)
{
	static_branch_disable(&virt_spin_lock_key);
}

struct static_key paravirt_steal_enabled;
struct static_key paravirt_steal_rq_enabled;

static u64 no_steal_clock(int cpu)
{
	return 0;
}
DEFINE_STATIC_CALL(pv_steal_clock, no_steal_clock);

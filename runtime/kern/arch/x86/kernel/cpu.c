// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces arch/x86/kernel/cpu/{common,capflags,topology}.c and the topology half of smpboot.c: the processor as a
 * user-mode process has it. A feature that needs ring 0, or that the host does not enable, reads as absent.
 */
#include <linux/cc_platform.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/smp.h>
#include <linux/topology.h>
#include <asm/cpu.h>
#include <asm/cpufeature.h>
#include <asm/fpu/xcr.h>
#include <asm/processor.h>
#include <asm/smp.h>

#include "cpu.h"

struct cpuinfo_x86 boot_cpu_data __read_mostly;
EXPORT_SYMBOL(boot_cpu_data);
DEFINE_PER_CPU_READ_MOSTLY(struct cpuinfo_x86, cpu_info);
EXPORT_PER_CPU_SYMBOL(cpu_info);

u32 cpu_caps_cleared[NCAPINTS + NBUGINTS] __aligned(sizeof(unsigned long));
u32 cpu_caps_set[NCAPINTS + NBUGINTS] __aligned(sizeof(unsigned long));

/* Every vCPU is a core of its own in one package: the host's scheduler moves them. */
DEFINE_PER_CPU_READ_MOSTLY(cpumask_var_t, cpu_sibling_map);
EXPORT_PER_CPU_SYMBOL(cpu_sibling_map);
DEFINE_PER_CPU_READ_MOSTLY(cpumask_var_t, cpu_core_map);
EXPORT_PER_CPU_SYMBOL(cpu_core_map);
DEFINE_PER_CPU_READ_MOSTLY(cpumask_var_t, cpu_die_map);
EXPORT_PER_CPU_SYMBOL(cpu_die_map);
DEFINE_PER_CPU_READ_MOSTLY(cpumask_var_t, cpu_llc_shared_map);
DEFINE_PER_CPU_READ_MOSTLY(u16, cpu_llc_id) = BAD_APICID;
DEFINE_PER_CPU_READ_MOSTLY(u16, x86_cpu_to_apicid) = BAD_APICID;
EXPORT_PER_CPU_SYMBOL(x86_cpu_to_apicid);

unsigned int __max_logical_packages __read_mostly = 1;
EXPORT_SYMBOL(__max_logical_packages);
unsigned int __max_die_per_package __read_mostly = 1;
EXPORT_SYMBOL(__max_die_per_package);
int smp_num_siblings = 1;
EXPORT_SYMBOL(smp_num_siblings);

int topology_phys_to_logical_pkg(unsigned int phys_pkg)
{
	return phys_pkg == 0 ? 0 : -1;
}
EXPORT_SYMBOL(topology_phys_to_logical_pkg);

int topology_phys_to_logical_die(unsigned int die_id, unsigned int cur_cpu)
{
	return die_id == 0 ? 0 : -1;
}
EXPORT_SYMBOL(topology_phys_to_logical_die);

u16 get_llc_id(unsigned int cpu)
{
	return per_cpu(cpu_llc_id, cpu);
}
EXPORT_SYMBOL_GPL(get_llc_id);

/* What only ring 0 can use, whatever CPUID says. */
static const u16 ring0_features[] __initconst = {
	X86_FEATURE_VMX, X86_FEATURE_SVM, X86_FEATURE_PCID, X86_FEATURE_INVPCID, X86_FEATURE_SMEP, X86_FEATURE_SMAP,
	X86_FEATURE_LA57, X86_FEATURE_XSAVES, X86_FEATURE_MWAIT, X86_FEATURE_APIC, X86_FEATURE_X2APIC,
	X86_FEATURE_TSC_DEADLINE_TIMER, X86_FEATURE_MTRR, X86_FEATURE_MCE, X86_FEATURE_MCA, X86_FEATURE_ACPI,
	X86_FEATURE_PKU, X86_FEATURE_OSPKE, X86_FEATURE_SGX, X86_FEATURE_INTEL_PT, X86_FEATURE_CQM, X86_FEATURE_RDT_A,
	X86_FEATURE_SME, X86_FEATURE_SEV, X86_FEATURE_SEV_ES, X86_FEATURE_UMIP, X86_FEATURE_ENQCMD, X86_FEATURE_DTES64,
	X86_FEATURE_DS, X86_FEATURE_PERFCTR_CORE, X86_FEATURE_SMX, X86_FEATURE_EST, X86_FEATURE_TM2, X86_FEATURE_DCA,
};

/* Features whose registers the host must have enabled (XCR0). */
static const struct {
	u64 xcr0;
	u16 feature;
} xstate_features[] __initconst = {
	{ XFEATURE_MASK_YMM, X86_FEATURE_AVX }, { XFEATURE_MASK_YMM, X86_FEATURE_AVX2 },
	{ XFEATURE_MASK_YMM, X86_FEATURE_FMA }, { XFEATURE_MASK_YMM, X86_FEATURE_F16C },
	{ XFEATURE_MASK_YMM, X86_FEATURE_VAES }, { XFEATURE_MASK_YMM, X86_FEATURE_VPCLMULQDQ },
	{ XFEATURE_MASK_YMM, X86_FEATURE_XOP }, { XFEATURE_MASK_YMM, X86_FEATURE_FMA4 },
	{ XFEATURE_MASK_YMM, X86_FEATURE_AVX_VNNI },
	{ XFEATURE_MASK_AVX512, X86_FEATURE_AVX512F }, { XFEATURE_MASK_AVX512, X86_FEATURE_AVX512DQ },
	{ XFEATURE_MASK_AVX512, X86_FEATURE_AVX512BW }, { XFEATURE_MASK_AVX512, X86_FEATURE_AVX512VL },
	{ XFEATURE_MASK_AVX512, X86_FEATURE_AVX512CD }, { XFEATURE_MASK_AVX512, X86_FEATURE_AVX512IFMA },
	{ XFEATURE_MASK_AVX512, X86_FEATURE_AVX512VBMI }, { XFEATURE_MASK_AVX512, X86_FEATURE_AVX512_VBMI2 },
	{ XFEATURE_MASK_AVX512, X86_FEATURE_AVX512_VNNI }, { XFEATURE_MASK_AVX512, X86_FEATURE_AVX512_BITALG },
	{ XFEATURE_MASK_AVX512, X86_FEATURE_AVX512_VPOPCNTDQ }, { XFEATURE_MASK_AVX512, X86_FEATURE_AVX512_BF16 },
};

u64 umc_xcr0 __ro_after_init;

static void __init read_capabilities(struct cpuinfo_x86 *c)
{
	u32 eax, ebx, ecx, edx;
	int i;

	cpuid(0, (u32 *)&c->cpuid_level, (u32 *)&c->x86_vendor_id[0], (u32 *)&c->x86_vendor_id[8],
	      (u32 *)&c->x86_vendor_id[4]);
	c->x86_vendor = !strcmp(c->x86_vendor_id, "GenuineIntel") ? X86_VENDOR_INTEL :
			!strcmp(c->x86_vendor_id, "AuthenticAMD") ? X86_VENDOR_AMD :
			!strcmp(c->x86_vendor_id, "HygonGenuine") ? X86_VENDOR_HYGON : X86_VENDOR_UNKNOWN;

	cpuid(1, &eax, &ebx, &ecx, &edx);
	c->x86 = x86_family(eax);
	c->x86_model = x86_model(eax);
	c->x86_stepping = x86_stepping(eax);
	c->x86_clflush_size = ((ebx >> 8) & 0xff) * 8;
	c->x86_cache_alignment = c->x86_clflush_size;
	c->x86_capability[CPUID_1_EDX] = edx;
	c->x86_capability[CPUID_1_ECX] = ecx;
	if (c->cpuid_level >= 6)
		c->x86_capability[CPUID_6_EAX] = cpuid_eax(6);
	if (c->cpuid_level >= 7) {
		cpuid_count(7, 0, &eax, &ebx, &ecx, &edx);
		c->x86_capability[CPUID_7_0_EBX] = ebx;
		c->x86_capability[CPUID_7_ECX] = ecx;
		c->x86_capability[CPUID_7_EDX] = edx;
		if (eax >= 1) {
			cpuid_count(7, 1, &eax, &ebx, &ecx, &edx);
			c->x86_capability[CPUID_7_1_EAX] = eax;
		}
	}
	if (c->cpuid_level >= 13) {
		cpuid_count(13, 1, &eax, &ebx, &ecx, &edx);
		c->x86_capability[CPUID_D_1_EAX] = eax;
	}

	c->extended_cpuid_level = cpuid_eax(0x80000000);
	if (c->extended_cpuid_level >= 0x80000001) {
		cpuid(0x80000001, &eax, &ebx, &ecx, &edx);
		c->x86_capability[CPUID_8000_0001_ECX] = ecx;
		c->x86_capability[CPUID_8000_0001_EDX] = edx;
	}
	if (c->extended_cpuid_level >= 0x80000004)
		for (i = 0; i < 3; i++)
			cpuid(0x80000002 + i, (u32 *)&c->x86_model_id[16 * i], (u32 *)&c->x86_model_id[16 * i + 4],
			      (u32 *)&c->x86_model_id[16 * i + 8], (u32 *)&c->x86_model_id[16 * i + 12]);
	c->x86_virt_bits = 48;
	c->x86_phys_bits = 48;
	if (c->extended_cpuid_level >= 0x80000007)
		c->x86_power = cpuid_edx(0x80000007);
	if (c->extended_cpuid_level >= 0x80000008)
		c->x86_capability[CPUID_8000_0008_EBX] = cpuid_ebx(0x80000008);
	c->x86_cache_bits = c->x86_phys_bits;
}

static void __init set_synthetic(struct cpuinfo_x86 *c)
{
	set_cpu_cap(c, X86_FEATURE_CPUID);
	set_cpu_cap(c, X86_FEATURE_ALWAYS);
	set_cpu_cap(c, X86_FEATURE_REP_GOOD);
	if (c->x86_power & (1 << 8)) {
		set_cpu_cap(c, X86_FEATURE_CONSTANT_TSC);
		set_cpu_cap(c, X86_FEATURE_NONSTOP_TSC);
	}
	if (cpu_has(c, X86_FEATURE_XMM2))
		set_cpu_cap(c, X86_FEATURE_LFENCE_RDTSC);
}

static void __init remove_unusable(struct cpuinfo_x86 *c)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(ring0_features); i++)
		setup_clear_cpu_cap(ring0_features[i]);
	umc_xcr0 = XFEATURE_MASK_FP | XFEATURE_MASK_SSE;
	if (cpu_has(c, X86_FEATURE_OSXSAVE))
		umc_xcr0 = xgetbv(XCR_XFEATURE_ENABLED_MASK);
	for (i = 0; i < ARRAY_SIZE(xstate_features); i++)
		if ((umc_xcr0 & xstate_features[i].xcr0) != xstate_features[i].xcr0)
			setup_clear_cpu_cap(xstate_features[i].feature);
}

void setup_clear_cpu_cap(unsigned int feature)
{
	set_bit(feature, (unsigned long *)cpu_caps_cleared);
	clear_cpu_cap(&boot_cpu_data, feature);
}

void clear_cpu_cap(struct cpuinfo_x86 *c, unsigned int feature)
{
	clear_bit(feature, (unsigned long *)c->x86_capability);
}

void __init umc_cpu_init(void)
{
	struct cpuinfo_x86 *c = &boot_cpu_data;

	c->loops_per_jiffy = loops_per_jiffy;
	c->x86_max_cores = nr_cpu_ids;
	c->booted_cores = 1;
	read_capabilities(c);
	set_synthetic(c);
	remove_unusable(c);
	c->initialized = 1;
}

/* Before secondary CPUs start. */
static int __init describe_cpus(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct cpuinfo_x86 *c = &cpu_data(cpu);

		*c = boot_cpu_data;
		c->cpu_index = cpu;
		c->cpu_core_id = cpu;
		c->apicid = c->initial_apicid = cpu;
		c->x86_max_cores = num_possible_cpus();
		per_cpu(x86_cpu_to_apicid, cpu) = cpu;
		per_cpu(cpu_llc_id, cpu) = 0;
		zalloc_cpumask_var(&per_cpu(cpu_sibling_map, cpu), GFP_KERNEL);
		zalloc_cpumask_var(&per_cpu(cpu_core_map, cpu), GFP_KERNEL);
		zalloc_cpumask_var(&per_cpu(cpu_die_map, cpu), GFP_KERNEL);
		zalloc_cpumask_var(&per_cpu(cpu_llc_shared_map, cpu), GFP_KERNEL);
		cpumask_set_cpu(cpu, per_cpu(cpu_sibling_map, cpu));
		cpumask_copy(per_cpu(cpu_core_map, cpu), cpu_possible_mask);
		cpumask_copy(per_cpu(cpu_die_map, cpu), cpu_possible_mask);
		cpumask_copy(per_cpu(cpu_llc_shared_map, cpu), cpu_possible_mask);
	}
	return 0;
}
early_initcall(describe_cpus);

/* Memory encryption and confidential computing: nothing of it is seen here. */
bool cc_platform_has(enum cc_attr attr)
{
	return false;
}
EXPORT_SYMBOL_GPL(cc_platform_has);

const struct cpumask *cpu_coregroup_mask(int cpu)
{
	return per_cpu(cpu_llc_shared_map, cpu);
}

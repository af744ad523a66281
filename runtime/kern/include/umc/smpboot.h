/* SPDX-License-Identifier: GPL-2.0-only */
/* Bringing vCPUs up, arch/x86/kernel/smpboot.c. */
#ifndef UMC_SMPBOOT_H
#define UMC_SMPBOOT_H

struct task_struct;

/* Which CPUs exist, before per-CPU memory does. */
void umc_smp_early(void);
/* The calling host thread, whose stack `top` lies on, runs the idle task of its vCPU from now on. */
void umc_smp_adopt_thread(void);
void umc_smp_prepare_boot_cpu(void);
void umc_smp_prepare_cpus(unsigned int max_cpus);
void umc_smp_cpus_done(unsigned int max_cpus);
int umc_cpu_up(unsigned int cpu, struct task_struct *idle);

#endif

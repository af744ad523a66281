/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Given with -include to the upstream files that wait for another CPU: a vCPU that waits long gives its time slice to
 * the host, because the one it waits for may be off the host's CPUs.
 */
#ifndef UMC_SPIN_H
#define UMC_SPIN_H
#include <asm/processor.h>

/* One turn of a waiting loop; after some of them the host thread yields. Any context. */
void umc_spin_relax(void);
#define cpu_relax() umc_spin_relax()

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* Given with -include to kernel/cpu.c: the states of its table that stand for something a vCPU does not have. */
#ifndef UMC_CPU_HOTPLUG_H
#define UMC_CPU_HOTPLUG_H
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/memory_hotplug.h>
#include <linux/nmi.h>
#include <linux/perf_event.h>
#include <linux/random.h>
#include <linux/relay.h>
#include <linux/tick.h>

/* Performance counters, channels of relay files. */
#define perf_event_init_cpu NULL
#define perf_event_exit_cpu NULL
#define relay_prepare_cpu NULL
/* Interrupts of devices, and their descriptors. */
#define irq_affinity_online_cpu NULL
#define irq_lock_sparse() do { } while (0)
#define irq_unlock_sparse() do { } while (0)
/* Lock-up detection is the tick's. */
#undef lockup_detector_online_cpu
#undef lockup_detector_offline_cpu
#define lockup_detector_online_cpu NULL
#define lockup_detector_offline_cpu NULL
/* The one node is there. */
#define try_online_node(nid) 0
/* Random numbers are the host's. */
#define random_prepare_cpu NULL
#define random_online_cpu NULL

#endif

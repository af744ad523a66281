/* SPDX-License-Identifier: GPL-2.0-only */
/* Given with -include to kernel/softirq.c: softirqs run on the stack of the task they interrupt. */
#undef CONFIG_SOFTIRQ_ON_OWN_STACK
#define do_softirq_own_stack() __do_softirq()

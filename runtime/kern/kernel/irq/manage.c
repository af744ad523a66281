// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/irq/manage.c: left out is all but the option of threaded handlers (off), as no device has an
 * interrupt line. What interrupts a vCPU is in umc/irq.h.
 */
#include <linux/interrupt.h>
#include <linux/jump_label.h>

DEFINE_STATIC_KEY_FALSE(force_irqthreads_key);

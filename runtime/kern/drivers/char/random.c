// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces drivers/char/random.c: the host's generator is the source, ready from the start. Left out: the entropy pool
 * (what drivers contribute is not needed), /dev/random and /dev/urandom, sysctls, virtual-machine fork notices.
 */
#include <linux/blkdev.h>
#include <linux/export.h>
#include <linux/irqflags.h>
#include <linux/minmax.h>
#include <linux/notifier.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/string.h>

#include "seam/random.h"

/* Small requests are served from a batch a CPU, so that most cost no system call; used bytes are wiped. */
#define BATCH_SIZE 256

struct batch {
	u8 bytes[BATCH_SIZE];
	unsigned int left;
};
static DEFINE_PER_CPU(struct batch, batches);

bool rng_is_initialized(void)
{
	return true;
}
EXPORT_SYMBOL(rng_is_initialized);

int wait_for_random_bytes(void)
{
	return 0;
}
EXPORT_SYMBOL(wait_for_random_bytes);

/* Any context. */
void get_random_bytes(void *buf, size_t len)
{
	struct batch *batch;
	unsigned long flags;
	u8 *from;

	if (len > BATCH_SIZE / 4) {
		umc_host_random_fill(buf, len);
		return;
	}
	local_irq_save(flags);
	batch = this_cpu_ptr(&batches);
	if (batch->left < len) {
		umc_host_random_fill(batch->bytes, BATCH_SIZE);
		batch->left = BATCH_SIZE;
	}
	batch->left -= len;
	from = batch->bytes + batch->left;
	memcpy(buf, from, len);
	memzero_explicit(from, len);
	local_irq_restore(flags);
}
EXPORT_SYMBOL(get_random_bytes);

#define DEFINE_GET_RANDOM(type)			\
type get_random_ ##type(void)			\
{						\
	type value;				\
						\
	get_random_bytes(&value, sizeof(value));	\
	return value;				\
}						\
EXPORT_SYMBOL(get_random_ ##type);

DEFINE_GET_RANDOM(u8)
DEFINE_GET_RANDOM(u16)
DEFINE_GET_RANDOM(u32)
DEFINE_GET_RANDOM(u64)

/* Uniform in [0, ceil): a product's high half, values of the short last interval drawn again (Lemire's method). */
u32 __get_random_u32_below(u32 ceil)
{
	u64 product;

	if (!ceil)
		return get_random_u32();
	product = (u64)ceil * get_random_u32();
	if ((u32)product < ceil) {
		u32 bound = -ceil % ceil;

		while ((u32)product < bound)
			product = (u64)ceil * get_random_u32();
	}
	return product >> 32;
}
EXPORT_SYMBOL(__get_random_u32_below);

/* Contributions of entropy: the host's generator needs none, and taking none is always within the contract. */
void add_device_randomness(const void *buf, size_t len)
{
}
EXPORT_SYMBOL(add_device_randomness);

void add_hwgenerator_randomness(const void *buf, size_t len, size_t entropy)
{
}
EXPORT_SYMBOL_GPL(add_hwgenerator_randomness);

void add_input_randomness(unsigned int type, unsigned int code, unsigned int value)
{
}
EXPORT_SYMBOL_GPL(add_input_randomness);

void add_interrupt_randomness(int irq)
{
}
EXPORT_SYMBOL_GPL(add_interrupt_randomness);

void add_disk_randomness(struct gendisk *disk)
{
}
EXPORT_SYMBOL_GPL(add_disk_randomness);

/* This machine is never forked or restored from a snapshot, so the chain is never called. */
static BLOCKING_NOTIFIER_HEAD(vmfork_chain);

int register_random_vmfork_notifier(struct notifier_block *nb)
{
	return blocking_notifier_chain_register(&vmfork_chain, nb);
}
EXPORT_SYMBOL_GPL(register_random_vmfork_notifier);

int unregister_random_vmfork_notifier(struct notifier_block *nb)
{
	return blocking_notifier_chain_unregister(&vmfork_chain, nb);
}
EXPORT_SYMBOL_GPL(unregister_random_vmfork_notifier);

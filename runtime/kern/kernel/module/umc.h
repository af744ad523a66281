/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files of this folder, beside the kernel's own internal.h. */
#ifndef UMC_KERNEL_MODULE_H
#define UMC_KERNEL_MODULE_H

#include <linux/notifier.h>
#include <linux/wait.h>
#include "internal.h"
#include "seam/module.h"

/* The image of a loaded module: kept beside the list, since struct module has no room for a private pointer. */
struct module_record {
	struct list_head list;
	struct module *mod;
	const struct umc_module_image *image;
};

/* The reference a module is born with; a count of 0 means that it is going away. */
#define MODULE_REF_BASE 1

extern wait_queue_head_t module_wq;
extern struct blocking_notifier_head module_notify_list;

/* For the reader of an oops. */
struct last_unloaded {
	char name[MODULE_NAME_LEN + 1];
	char taints[MODULE_FLAGS_BUF_SIZE];
};
extern struct last_unloaded last_unloaded_module;

/* 0, -EBUSY while the module runs its init, -ENOENT when it is going away. Preemption disabled or module_mutex. */
int strong_try_module_get(struct module *mod);

/* Start and number of `object_size`d objects of a section; NULL and 0 when the image has none. */
void *image_section(const struct umc_module_image *image, const char *name, size_t object_size,
		    unsigned int *count);

/* Fills the section pointers, layouts and counters of `mod` from its linked image. 0 or -EINVAL. */
int image_find_sections(struct module *mod, const struct umc_module_image *image);

/* Enters the image's bug table; module_mutex held. */
void image_bug_finalize(struct module *mod, const struct umc_module_image *image);

#endif

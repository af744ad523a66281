// SPDX-License-Identifier: GPL-2.0-only
/* Beside mm/slab_common.c: the end of a cache's life when sysfs and debugfs do not hold it. */
#include <linux/mm.h>
#include <linux/slab.h>

#include "slab.h"

/* Called for sysfs_slab_release(), which drops the last reference only once caches have been entered in sysfs. */
void umc_slab_release(struct kmem_cache *s)
{
	if (slab_state < FULL)
		slab_kmem_cache_release(s);
	else
		sysfs_slab_release(s);
}

/* Called for debugfs_slab_release(): no cache has files in debugfs before it is in sysfs. */
void umc_slab_debugfs_release(struct kmem_cache *s)
{
	if (slab_state >= FULL)
		debugfs_slab_release(s);
}

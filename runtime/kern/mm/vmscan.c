// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces mm/vmscan.c: shrinkers, called when memory runs short. Left out: page reclaim and kswapd (no page of a file
 * or process is cached by the page allocator's clients yet), per-memcg shrinker maps.
 */
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/sched/mm.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/swap.h>

#include "internal.h"
#include "page_alloc.h"

/* Protects the list; held for reading while shrinkers run. */
static DECLARE_RWSEM(shrinker_rwsem);
static LIST_HEAD(shrinker_list);

int vm_swappiness = 60;
int node_reclaim_mode __read_mostly;

#define SHRINK_BATCH 128

int prealloc_shrinker(struct shrinker *shrinker, const char *fmt, ...)
{
	/* One node; memcg is off, so a memcg aware shrinker has the one global count as well. */
	shrinker->flags &= ~SHRINKER_MEMCG_AWARE;
	shrinker->nr_deferred = kcalloc(nr_node_ids, sizeof(*shrinker->nr_deferred), GFP_KERNEL);
	return shrinker->nr_deferred ? 0 : -ENOMEM;
}

void free_prealloced_shrinker(struct shrinker *shrinker)
{
	kfree(shrinker->nr_deferred);
	shrinker->nr_deferred = NULL;
}

void register_shrinker_prepared(struct shrinker *shrinker)
{
	down_write(&shrinker_rwsem);
	list_add_tail(&shrinker->list, &shrinker_list);
	shrinker->flags |= SHRINKER_REGISTERED;
	up_write(&shrinker_rwsem);
}

int register_shrinker(struct shrinker *shrinker, const char *fmt, ...)
{
	int err = prealloc_shrinker(shrinker, "%s", fmt);

	if (!err)
		register_shrinker_prepared(shrinker);
	return err;
}
EXPORT_SYMBOL(register_shrinker);

void unregister_shrinker(struct shrinker *shrinker)
{
	if (!(shrinker->flags & SHRINKER_REGISTERED))
		return;
	down_write(&shrinker_rwsem);
	list_del(&shrinker->list);
	shrinker->flags &= ~SHRINKER_REGISTERED;
	up_write(&shrinker_rwsem);
	kfree(shrinker->nr_deferred);
	shrinker->nr_deferred = NULL;
}
EXPORT_SYMBOL(unregister_shrinker);

/* Returns when every shrinker call that was under way has returned. */
void synchronize_shrinkers(void)
{
	down_write(&shrinker_rwsem);
	up_write(&shrinker_rwsem);
}
EXPORT_SYMBOL(synchronize_shrinkers);

static unsigned long shrink_one(struct shrinker *shrinker, struct shrink_control *sc, int priority)
{
	unsigned long batch = shrinker->batch ?: SHRINK_BATCH, freed = 0;
	unsigned long freeable = shrinker->count_objects(shrinker, sc);
	long deferred, left, scanned = 0;

	if (freeable == 0 || freeable == SHRINK_EMPTY)
		return 0;
	/* What earlier calls could not scan is still owed. */
	deferred = atomic_long_xchg(&shrinker->nr_deferred[0], 0);
	left = deferred >> priority;
	if (shrinker->seeks)
		left += div_u64((freeable >> priority) * 4, shrinker->seeks);
	else
		left += freeable / 2;
	left = min_t(unsigned long, left, 2 * freeable);

	while (left >= batch || left >= freeable) {
		unsigned long got, count = min_t(unsigned long, batch, left);

		if (!count)
			break;
		sc->nr_to_scan = count;
		sc->nr_scanned = count;
		got = shrinker->scan_objects(shrinker, sc);
		if (got == SHRINK_STOP)
			break;
		freed += got;
		left -= sc->nr_scanned;
		scanned += sc->nr_scanned;
		cond_resched();
	}
	atomic_long_add(clamp_t(long, deferred + left - scanned, 0, 2 * freeable), &shrinker->nr_deferred[0]);
	return freed;
}

static unsigned long shrink_all(gfp_t gfp, int priority)
{
	struct shrink_control sc = { .gfp_mask = gfp, .nid = 0 };
	struct shrinker *shrinker;
	unsigned long freed = 0;

	if (!down_read_trylock(&shrinker_rwsem))
		return 0;
	list_for_each_entry(shrinker, &shrinker_list, list)
		freed += shrink_one(shrinker, &sc, priority);
	up_read(&shrinker_rwsem);
	return freed;
}

unsigned long umc_reclaim(gfp_t gfp, unsigned int order)
{
	unsigned long freed = 0;
	int priority;

	/* From a gentle pass to one that asks for everything. */
	for (priority = DEF_PRIORITY; priority >= 0 && !freed; priority -= 4)
		freed = shrink_all(gfp, priority);
	return freed;
}

unsigned long try_to_free_pages(struct zonelist *zonelist, int order, gfp_t gfp, nodemask_t *nodemask)
{
	return umc_reclaim(gfp, order);
}

/* drop_caches: every object that can be freed. */
void drop_slab(void)
{
	while (shrink_all(GFP_KERNEL, 0) > 10)
		cond_resched();
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces mm/mm_init.c and the set-up half of mm/page_alloc.c: node 0 and its only populated zone, ZONE_NORMAL; the
 * figures about memory; the large hash tables of the kernel's core. Left out: memory hotplug, sections (mem_section is
 * null: pfn_valid() answers no).
 */
#include <linux/init.h>
#include <linux/log2.h>
#include <linux/memblock.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/swap.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>

#include "internal.h"
#include "page_alloc.h"

#include <umc/mm.h>

#define K(pages) ((pages) << (PAGE_SHIFT - 10))

static struct pglist_data node0;
struct pglist_data *node_data[MAX_NUMNODES] __read_mostly = { &node0 };
EXPORT_SYMBOL(node_data);

/* Per-CPU statistics of the node and its zone; with one of each they need not be allocated. */
static DEFINE_PER_CPU(struct per_cpu_nodestat, node_stats);
static DEFINE_PER_CPU(struct per_cpu_zonestat, zone_stats);
static DEFINE_PER_CPU(struct per_cpu_pages, zone_pages);

DEFINE_PER_CPU(int, numa_node);
EXPORT_PER_CPU_SYMBOL(numa_node);

nodemask_t node_states[NR_NODE_STATES] __read_mostly = {
	[N_POSSIBLE] = NODE_MASK_NONE,
	[N_ONLINE] = { { [0] = 1UL } },
	[N_NORMAL_MEMORY] = { { [0] = 1UL } },
	[N_MEMORY] = { { [0] = 1UL } },
	[N_CPU] = { { [0] = 1UL } },
};
EXPORT_SYMBOL(node_states);

unsigned int nr_node_ids __read_mostly = 1;
EXPORT_SYMBOL(nr_node_ids);
unsigned int nr_online_nodes __read_mostly = 1;
EXPORT_SYMBOL(nr_online_nodes);

int movable_zone;
EXPORT_SYMBOL(movable_zone);

atomic_long_t _totalram_pages __read_mostly;
EXPORT_SYMBOL(_totalram_pages);
unsigned long totalreserve_pages __read_mostly;
unsigned long max_mapnr;
EXPORT_SYMBOL(max_mapnr);
struct page *mem_map;
EXPORT_SYMBOL(mem_map);
void *high_memory;
EXPORT_SYMBOL(high_memory);
struct mem_section **mem_section;
EXPORT_SYMBOL(mem_section);

int min_free_kbytes = 1024;
int watermark_boost_factor __read_mostly = 15000;
int watermark_scale_factor = 10;
int percpu_pagelist_high_fraction;

static char * const zone_names[MAX_NR_ZONES] = {
	[ZONE_DMA] = "DMA", [ZONE_DMA32] = "DMA32", [ZONE_NORMAL] = "Normal", [ZONE_MOVABLE] = "Movable",
	[ZONE_DEVICE] = "Device",
};
const char * const migratetype_names[MIGRATE_TYPES] = {
	"Unmovable", "Movable", "Reclaimable", "HighAtomic", "Isolate",
};

/* Below "min" only urgent allocations are served, below "low" reclaim starts. */
static void __init set_watermarks(struct zone *zone, unsigned long pages)
{
	/* The kernel's rule of thumb: 4 * sqrt(lowmem in KiB) KiB. */
	unsigned long kib = int_sqrt((pages << (PAGE_SHIFT - 10)) * 16);

	min_free_kbytes = clamp(kib, 128UL, 262144UL);
	zone->_watermark[WMARK_MIN] = min_free_kbytes >> (PAGE_SHIFT - 10);
	zone->_watermark[WMARK_LOW] = zone->_watermark[WMARK_MIN] + max(zone->_watermark[WMARK_MIN] / 4, pages / 1000);
	zone->_watermark[WMARK_HIGH] = 2 * zone->_watermark[WMARK_LOW] - zone->_watermark[WMARK_MIN];
	totalreserve_pages = zone->_watermark[WMARK_HIGH];
}

struct zone * __init umc_init_node(unsigned long start_pfn, unsigned long pages)
{
	struct pglist_data *pgdat = &node0;
	struct zone *normal = &pgdat->node_zones[ZONE_NORMAL];
	int type;

	node_states[N_POSSIBLE] = nodemask_of_node(0);
	pgdat->node_id = 0;
	pgdat->node_start_pfn = start_pfn;
	pgdat->node_present_pages = pages;
	pgdat->node_spanned_pages = pages;
	pgdat->nr_zones = ZONE_NORMAL + 1;
	pgdat->per_cpu_nodestats = &node_stats;
	init_waitqueue_head(&pgdat->kswapd_wait);
	init_waitqueue_head(&pgdat->pfmemalloc_wait);
	lruvec_init(&pgdat->__lruvec);

	for (type = 0; type < MAX_NR_ZONES; type++) {
		struct zone *zone = &pgdat->node_zones[type];

		zone->name = zone_names[type];
		zone->zone_pgdat = pgdat;
		zone->node = 0;
		spin_lock_init(&zone->lock);
		seqlock_init(&zone->span_seqlock);
		zone->per_cpu_zonestats = &zone_stats;
		zone->per_cpu_pageset = &zone_pages;
		zone->zone_start_pfn = start_pfn;
	}
	normal->spanned_pages = pages;
	normal->present_pages = pages;
	atomic_long_set(&normal->managed_pages, pages);
	normal->initialized = 1;
	set_watermarks(normal, pages);

	for (type = 0; type < MAX_ZONELISTS; type++) {
		struct zoneref *ref = pgdat->node_zonelists[type]._zonerefs;

		ref[0].zone = normal;
		ref[0].zone_idx = ZONE_NORMAL;
		ref[1].zone = NULL;
	}
	totalram_pages_add(pages);
	high_memory = (void *)umc_layout.direct_map_base + umc_layout.direct_map_size;
	max_mapnr = max_pfn = max_low_pfn = start_pfn + pages;
	return normal;
}

/* ---- figures ---- */

long si_mem_available(void)
{
	long available = umc_free_pages() - totalreserve_pages;
	unsigned long cache = global_node_page_state(NR_ACTIVE_FILE) + global_node_page_state(NR_INACTIVE_FILE);
	unsigned long slab = global_node_page_state_pages(NR_SLAB_RECLAIMABLE_B) +
			     global_node_page_state(NR_KERNEL_MISC_RECLAIMABLE);
	unsigned long low = low_wmark_pages(umc_zone());

	available += cache - min(cache / 2, low);
	available += slab - min(slab / 2, low);
	return max(available, 0L);
}
EXPORT_SYMBOL_GPL(si_mem_available);

void si_meminfo(struct sysinfo *val)
{
	val->totalram = totalram_pages();
	val->sharedram = global_node_page_state(NR_SHMEM);
	val->freeram = umc_free_pages();
	val->bufferram = 0; /* no block device has a page cache */
	val->totalhigh = 0;
	val->freehigh = 0;
	val->mem_unit = PAGE_SIZE;
}
EXPORT_SYMBOL(si_meminfo);

void si_meminfo_node(struct sysinfo *val, int nid)
{
	si_meminfo(val);
}

unsigned long nr_free_buffer_pages(void)
{
	return totalram_pages() - high_wmark_pages(umc_zone());
}
EXPORT_SYMBOL_GPL(nr_free_buffer_pages);

void adjust_managed_page_count(struct page *page, long count)
{
	atomic_long_add(count, &page_zone(page)->managed_pages);
	totalram_pages_add(count);
}
EXPORT_SYMBOL(adjust_managed_page_count);

bool has_managed_dma(void)
{
	return false;
}

void __show_mem(unsigned int filter, nodemask_t *nodemask, int max_zone_idx)
{
	struct zone *zone = umc_zone();
	unsigned int order;

	pr_info("Mem-Info:\n");
	pr_info("slab_reclaimable:%lu slab_unreclaimable:%lu free:%lu\n",
		global_node_page_state_pages(NR_SLAB_RECLAIMABLE_B),
		global_node_page_state_pages(NR_SLAB_UNRECLAIMABLE_B), umc_free_pages());
	pr_info("Node 0 Normal free:%lukB min:%lukB low:%lukB high:%lukB managed:%lukB\n", K(umc_free_pages()),
		K(min_wmark_pages(zone)), K(low_wmark_pages(zone)), K(high_wmark_pages(zone)),
		K(zone_managed_pages(zone)));
	pr_info("Node 0 Normal:");
	for (order = 0; order < MAX_ORDER; order++)
		pr_cont(" %lu*%lukB", zone->free_area[order].nr_free, K(1UL) << order);
	pr_cont("\n");
}

/* ---- hash tables of the kernel's core, sized by memory ---- */

void * __init alloc_large_system_hash(const char *tablename, unsigned long bucketsize, unsigned long numentries,
				      int scale, int flags, unsigned int *_hash_shift, unsigned int *_hash_mask,
				      unsigned long low_limit, unsigned long high_limit)
{
	/* A quarter of a machine's default: these tables are all touched, and an instance is a process among others. */
	unsigned long most = high_limit ?: (totalram_pages() << PAGE_SHIFT) / 64 / bucketsize;
	unsigned long log2qty, size;
	void *table;

	if (!numentries) {
		numentries = totalram_pages();
		numentries = scale > PAGE_SHIFT ? numentries >> (scale - PAGE_SHIFT)
						: numentries << (PAGE_SHIFT - scale);
		numentries /= 4;
	}
	numentries = roundup_pow_of_two(max(numentries, 1UL));
	numentries = clamp(numentries, max(low_limit, 1UL), max(min(most, 0x80000000UL), 1UL));
	log2qty = ilog2(numentries);
	for (;;) {
		size = bucketsize << log2qty;
		table = size <= (PAGE_SIZE << (MAX_ORDER - 1)) ? alloc_pages_exact(size, GFP_ATOMIC | __GFP_ZERO) : NULL;
		if (table || size <= PAGE_SIZE)
			break;
		log2qty--;
	}
	if (!table)
		panic("Failed to allocate %s hash table\n", tablename);
	pr_info("%s hash table entries: %ld (order: %d, %lu bytes, linear)\n", tablename, 1UL << log2qty,
		get_order(size), size);
	if (_hash_shift)
		*_hash_shift = log2qty;
	if (_hash_mask)
		*_hash_mask = (1 << log2qty) - 1;
	return table;
}

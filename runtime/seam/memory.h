/* SPDX-License-Identifier: GPL-2.0-only */
/* Address space. Where things lie is decided once, in runtime/host/memory.cc, and told to kern at boot. */
#ifndef UMC_SEAM_MEMORY_H
#define UMC_SEAM_MEMORY_H
#ifdef __cplusplus
extern "C" {
#endif

/*
 * All ranges are reserved before kern boots and take host memory only when touched. They lie in [0x550000000000,
 * 0x568000000000), which is application memory under plain, ASan and TSan builds alike. Addresses are fixed.
 *
 * "Physical" addresses are virtual addresses: page_offset_base is 0, and the struct page array is indexed by
 * virtual page number. So a page of the program itself (empty_zero_page) has its struct page like any other.
 */
struct umc_memory_layout {
    unsigned long direct_map_base; /* read/write, zero; a shared mapping, so that its pages can be aliased */
    unsigned long direct_map_size; /* bytes of emulated physical memory, a multiple of 4 MiB */
    unsigned long vmemmap_base;    /* vmemmap_base + 64 * page number; read/write for pages below 2 GiB and of the */
                                   /* direct map, read-only zero for the rest of the window, else inaccessible */
    unsigned long vmalloc_base;    /* inaccessible until mapped or aliased */
    unsigned long vmalloc_size;
    unsigned long user_base; /* "user" memory of kernel tasks; inaccessible until mapped */
    unsigned long user_size;
    unsigned long percpu_base;   /* CPU n's per-CPU region starts at percpu_base + n * percpu_stride; inaccessible */
    unsigned long percpu_stride; /* until mapped. A region is addressed with the low 31 bits. */
    unsigned int percpu_max;     /* number of regions */
    unsigned long low_base;      /* what umc_host_memory_low_alloc() hands out, below 2 GiB */
    unsigned long low_size;
    unsigned long program_base; /* the executable itself, below 2 GiB */
    unsigned long program_size;
};
void umc_host_memory_layout(struct umc_memory_layout *layout);

#define UMC_PROT_READ 1
#define UMC_PROT_WRITE 2
#define UMC_PROT_EXEC 4

/*
 * Makes [address, address + size) inside a reserved range other than the direct map accessible, zero filled. Page
 * aligned. 0 or -errno. Any context: none of these functions waits for anything but the host kernel.
 */
int umc_host_memory_map(unsigned long address, unsigned long size, int prot);
/* The reverse, also for an alias: contents are lost, host memory is given back, access faults. */
int umc_host_memory_unmap(unsigned long address, unsigned long size);
/* Gives the host memory behind the range back; it stays accessible and reads as zero. */
int umc_host_memory_discard(unsigned long address, unsigned long size);
int umc_host_memory_protect(unsigned long address, unsigned long size, int prot);

/*
 * Makes `count` pages of the direct map (given by their direct-map addresses) appear contiguously at `address` in the
 * vmalloc range, sharing contents with the direct map. 0 or -errno.
 */
int umc_host_memory_alias(unsigned long address, const unsigned long *pages, unsigned long count);

/* Address space below 2 GiB for module text and data: page aligned, zero filled, read/write. 0 when none is left. */
unsigned long umc_host_memory_low_alloc(unsigned long size);
void umc_host_memory_low_free(unsigned long address, unsigned long size);

/*
 * Writes instructions into mapped text although it is not writable, safely against other vCPUs executing them
 * (breakpoint first, then a core-serialising barrier). At most 16 bytes. Sleeps not; callers serialise (text_mutex).
 */
void umc_host_text_poke(unsigned long address, const void *code, unsigned long length);

#ifdef __cplusplus
}
#endif
#endif

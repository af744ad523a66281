/* SPDX-License-Identifier: GPL-2.0-only */
/* Address space. Where things lie is decided once, in runtime/host/memory.cc, and told to kern at boot. */
#ifndef UMC_SEAM_MEMORY_H
#define UMC_SEAM_MEMORY_H
#ifdef __cplusplus
extern "C" {
#endif

/*
 * All ranges are reserved before kern boots, readable and writable, zero, and take host memory only when touched.
 * The bases are valid under plain, ASan and TSan builds alike.
 */
struct umc_memory_layout {
    unsigned long direct_map_base; /* page_offset_base: "physical" address 0 */
    unsigned long direct_map_size; /* bytes of emulated physical memory, a multiple of 4 MiB */
    unsigned long vmemmap_base;    /* struct page array of the direct map */
    unsigned long vmemmap_size;
    unsigned long vmalloc_base; /* PROT_NONE until mapped by umc_host_memory_map */
    unsigned long vmalloc_size;
    unsigned long user_base; /* where vm_mmap() of a kernel task places "user" memory */
    unsigned long user_size;
    unsigned long percpu_base; /* CPU n's per-CPU region starts at percpu_base + n * percpu_stride */
    unsigned long percpu_stride;
};
void umc_host_memory_layout(struct umc_memory_layout *layout);

#define UMC_PROT_READ 1
#define UMC_PROT_WRITE 2
#define UMC_PROT_EXEC 4

/* Makes [address, address + size) inside a reserved range accessible, zero filled. Page aligned. 0 or -errno. */
int umc_host_memory_map(unsigned long address, unsigned long size, int prot);
/* The reverse: contents are lost, host memory is given back, access faults. */
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

/* SPDX-License-Identifier: GPL-2.0-only */
/* Modules: the host places and links an image, kern runs it. */
#ifndef UMC_SEAM_MODULE_H
#define UMC_SEAM_MODULE_H
#ifdef __cplusplus
extern "C" {
#endif

struct umc_section {
    const char *name;
    unsigned long address; /* run-time address; for the per-CPU section its per-CPU offset */
    unsigned long size;
};

struct umc_module_symbol {
    const char *name;
    unsigned long value;
    unsigned long size;
    char type; /* as nm(1) */
};

/* A placed image. Everything it points to lives until umc_host_module_release(). */
struct umc_module_image {
    void *host; /* the loader's handle */
    const char *path;
    int is_so;
    void *this_module; /* struct module inside the image, relocated */
    unsigned long core_base, core_size;
    unsigned long text_size; /* executable part, from core_base; 0 when not contiguous */
    unsigned long init_base, init_size;
    unsigned long percpu_offset, percpu_size;
    const struct umc_section *sections;
    unsigned int section_count;
    const struct umc_module_symbol *symbols; /* sorted by value */
    unsigned int symbol_count;
    unsigned long taints; /* bit numbers of TAINT_* */
};

/* Per-CPU memory for a module's static per-CPU section; the initial contents are copied to every possible CPU. */
int umc_kern_module_percpu_alloc(unsigned long size, unsigned long align, const void *initial, unsigned long *offset);
void umc_kern_module_percpu_free(unsigned long offset);

/*
 * The following run in a task. Each returns 0 or a negative errno as init_module(2)/delete_module(2) would.
 * add: enters the module (state COMING), parses `arguments`, runs the notifiers.
 * use: module `user` now depends on `used`: takes a reference; -ENODEV if it is going away.
 * init: runs module_init, releases init memory, state LIVE; on failure everything is undone.
 * remove: checks the references, runs module_exit, removes it.
 */
int umc_kern_module_add(const struct umc_module_image *image, const char *arguments);
int umc_kern_module_use(void *user, void *used);
int umc_kern_module_init(const struct umc_module_image *image);
int umc_kern_module_remove(const char *name, int force, void **host);

/* kern asks the host. */
void umc_host_module_release_init(void *host);
/* An exported symbol by name, from the runtime or a live module; fills owner (struct module or null). 0: none. */
unsigned long umc_host_module_find_symbol(const char *name, int gplok, void **owner);
/* Loads a module by name for request_module(); pool-thread work, the task sleeps. modprobe's result. */
int umc_host_module_request(const char *name);

#ifdef __cplusplus
}
#endif
#endif

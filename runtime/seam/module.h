/* SPDX-License-Identifier: GPL-2.0-only */
/* Modules: the host places and links an image, kern runs it. */
#ifndef UMC_SEAM_MODULE_H
#define UMC_SEAM_MODULE_H
#ifdef __cplusplus
extern "C" {
#endif

struct umc_section {
    const char *name;
    unsigned long address; /* run-time address; for the per-CPU section that of its initial contents */
    unsigned long size;
};

/* A placed image. Everything it points to lives until kern has let the module go (see below). */
struct umc_module_image {
    void *host; /* the loader's handle */
    const char *path;
    int is_so;
    void *this_module; /* struct module inside the image */
    unsigned long core_base, core_size;
    unsigned long text_size; /* bytes from core_base that hold all core text */
    unsigned long init_base, init_size; /* size 0: none. Of a .so it lies inside the core range */
    unsigned long init_text_size;       /* bytes from init_base that hold all init text */
    const struct umc_section *sections;
    unsigned int section_count;
    unsigned long taints; /* TAINT_* bits the file earns; the kernel takes them on too */
    const char *version, *srcversion; /* of .modinfo; null: none */
    /* Per-CPU data; the offset is set by reserve. */
    const void *percpu_initial;
    unsigned long percpu_size, percpu_align;
    unsigned long percpu_offset;
};

/* Per-CPU memory for a module's static per-CPU section; the initial contents are copied to every possible CPU. Task. */
int umc_kern_module_percpu_alloc(unsigned long size, unsigned long align, const void *initial, unsigned long *offset);
void umc_kern_module_percpu_free(unsigned long offset);

/*
 * Loading and unloading. All run in a task and may sleep; 0 or a negative errno as finit_module(2) and
 * delete_module(2) would give.
 *
 * reserve: enters the module into kern's list, not yet visible as a module, with its per-CPU memory; -EEXIST, -ENOMEM.
 * use: `image` depends on the module named `used`: takes a reference, once; waits while `used` runs its init.
 *   -ENOENT when it is not there or going away, -EBUSY after 30 s.
 * load: the image is linked: enters state COMING, runs the notifiers, parses `arguments`, runs module_init, gives the
 *   init memory back through umc_host_module_release_init(), and is LIVE. On failure everything since reserve is undone.
 * drop: the image could not be linked: undoes reserve and use.
 * remove: checks references, runs module_exit, and lets it go; `host` receives the image's handle.
 *
 * After a failed reserve or load, a drop, or a successful remove, kern holds no pointer into the image.
 */
int umc_kern_module_reserve(struct umc_module_image *image);
int umc_kern_module_use(const struct umc_module_image *image, const char *used);
int umc_kern_module_load(const struct umc_module_image *image, const char *arguments);
void umc_kern_module_drop(const struct umc_module_image *image);
int umc_kern_module_remove(const char *name, int force, void **host);

enum umc_module_state { UMC_MODULE_LIVE, UMC_MODULE_COMING, UMC_MODULE_GOING, UMC_MODULE_UNFORMED };

struct umc_module_info {
    enum umc_module_state state;
    int refcount; /* as module_refcount(): -1 while unloading */
    int permanent; /* has an init but no exit function */
    char taints[32];
};
/* What the module says of itself. Any thread, as long as the image is mapped. */
void umc_kern_module_info(const void *this_module, struct umc_module_info *info);

/* The kernel's taint mask. Any thread. */
unsigned long umc_kern_taint(void);

/* The runtime's exports, in the form of its own __ksymtab; usable before boot. */
struct umc_export {
    const char *name;
    const char *name_space; /* null: none */
    unsigned long address;
    int gpl_only;
};
unsigned int umc_kern_export_count(void);
void umc_kern_export(unsigned int index, struct umc_export *out);
/* The symbol versions of those exports, from the distribution's Module.symvers; in no order. */
struct umc_export_crc {
    const char *name;
    unsigned long crc;
};
extern const struct umc_export_crc umc_kern_crc_table[], umc_kern_crc_table_end[];

/* What a module file is checked against; usable before boot. */
struct umc_module_abi {
    const char *vermagic; /* begins with the release */
    unsigned long module_size, name_offset, init_offset, exit_offset; /* of struct module */
};
void umc_kern_module_abi(struct umc_module_abi *abi);

/* ---- kern asks the host ---- */

/* Init has run and nobody uses its memory any more: give it back. Task context. */
void umc_host_module_release_init(void *host);
/* Loads a module by name for request_module(); pool-thread work, the task sleeps. modprobe's exit status or -errno. */
int umc_host_module_request(const char *name);

/*
 * The function that holds `address`: its name and the module's (empty: the runtime's own) are copied out, NUL
 * terminated. 1 when found. Any context; takes no lock.
 */
int umc_host_symbol_lookup(unsigned long address, char *name, unsigned long name_size, unsigned long *offset,
                           unsigned long *size, char *module, unsigned long module_size);

#ifdef __cplusplus
}
#endif
#endif

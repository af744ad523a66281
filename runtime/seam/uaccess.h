/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory of other processes: that of the caller on whose behalf a task runs. */
#ifndef UMC_SEAM_UACCESS_H
#define UMC_SEAM_UACCESS_H
#ifdef __cplusplus
extern "C" {
#endif

/*
 * Copies between `buffer` and [address, address + size) of process `pid`. Returns the number of bytes copied, counted
 * from the start: fewer than `size` when the rest is not mapped, and 0 when the process is gone or may not be accessed.
 * Any context.
 */
unsigned long umc_host_user_read(int pid, unsigned long address, void *buffer, unsigned long size);
unsigned long umc_host_user_write(int pid, unsigned long address, const void *buffer, unsigned long size);

#ifdef __cplusplus
}
#endif
#endif

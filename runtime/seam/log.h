/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel log: kern formats a record (printk), the host keeps the ring, so that dmesg works whatever state kern is in. */
#ifndef UMC_SEAM_LOG_H
#define UMC_SEAM_LOG_H
#ifdef __cplusplus
extern "C" {
#endif

/*
 * Appends one record. `text` need not be terminated and carries no level prefix; a trailing newline is dropped.
 * `continued` joins it to the caller's previous record (KERN_CONT). Any context, including a signal handler:
 * takes no lock that an interrupted caller could hold and never sleeps. `caller` identifies the task or CPU.
 */
void umc_host_log_write(int facility, int level, int continued, unsigned int caller, const char *text,
                        unsigned long length);

/* Writes to the process's stderr at once; the last resort when the log cannot be used. */
void umc_host_log_emergency(const char *text, unsigned long length);

#ifdef __cplusplus
}
#endif
#endif

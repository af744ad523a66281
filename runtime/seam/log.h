/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel log: kern formats a record (printk), the host keeps the ring, so that dmesg works whatever state kern is in. */
#ifndef UMC_SEAM_LOG_H
#define UMC_SEAM_LOG_H
#ifdef __cplusplus
extern "C" {
#endif

/* The longest text of one record, in bytes; what is longer is cut. */
#define UMC_LOG_TEXT_MAX 1000

/*
 * Appends one record. `text` need not be terminated and carries no level prefix; a trailing newline is dropped, and
 * closes the record. `continued` joins it to the caller's previous record, if that one is the last and not closed
 * (KERN_CONT). Any context, including a signal handler: takes no lock and never sleeps. `caller` identifies the task
 * or CPU.
 */
void umc_host_log_write(int facility, int level, int continued, unsigned int caller, const char *text,
                        unsigned long length);

struct umc_log_record {
    unsigned long long seq;
    unsigned long long time_ns; /* since the instance booted */
    unsigned int caller;
    int facility;
    int level;
    unsigned int length; /* of the text, which is not terminated */
    char text[UMC_LOG_TEXT_MAX];
};

/*
 * The oldest record with a sequence number of at least `seq`, open or closed, into `record`. 1, or 0 when there is
 * none. Any context.
 */
int umc_host_log_read(unsigned long long seq, struct umc_log_record *record);

/* The sequence number the next record gets. Any context. */
unsigned long long umc_host_log_next_seq(void);

/* Writes to the process's stderr at once; the last resort when the log cannot be used. Any context. */
void umc_host_log_emergency(const char *text, unsigned long length);

#ifdef __cplusplus
}
#endif
#endif

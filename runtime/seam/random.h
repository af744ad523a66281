/* SPDX-License-Identifier: GPL-2.0-only */
/* Random bytes fit for keys, from the host's own generator. */
#ifndef UMC_SEAM_RANDOM_H
#define UMC_SEAM_RANDOM_H
#ifdef __cplusplus
extern "C" {
#endif

/* Fills `buffer`. Any context; one system call for up to 256 bytes. Ends the process if the host has no generator. */
void umc_host_random_fill(void *buffer, unsigned long length);

#ifdef __cplusplus
}
#endif
#endif

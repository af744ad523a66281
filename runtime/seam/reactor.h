/* SPDX-License-Identifier: GPL-2.0-only */
/* Events of host file descriptors, delivered as interrupts of a vCPU. */
#ifndef UMC_SEAM_REACTOR_H
#define UMC_SEAM_REACTOR_H
#ifdef __cplusplus
extern "C" {
#endif

/* Values are epoll's. */
#define UMC_EVENT_IN 0x001u
#define UMC_EVENT_OUT 0x004u
#define UMC_EVENT_ERR 0x008u
#define UMC_EVENT_HUP 0x010u
#define UMC_EVENT_RDHUP 0x2000u
#define UMC_EVENT_EDGE (1u << 31)

struct umc_watch;

/*
 * Has vCPU `cpu` call fn(arg, events) in interrupt context when `fd` is ready for `events`, until removed. On success
 * *watch is the handle. Any task. 0, -ENOMEM, or what epoll_ctl(2) says.
 */
int umc_host_reactor_add(int cpu, int fd, unsigned int events, void (*fn)(void *arg, unsigned int events), void *arg,
                         struct umc_watch **watch);
int umc_host_reactor_modify(struct umc_watch *watch, unsigned int events);

/*
 * No call of fn starts after this returns on the watch's own vCPU; from another vCPU, one may be in progress: the
 * caller waits for it (synchronize_rcu()) before it frees what `arg` points to.
 */
void umc_host_reactor_remove(struct umc_watch *watch);

#ifdef __cplusplus
}
#endif
#endif

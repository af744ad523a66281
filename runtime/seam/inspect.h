/* SPDX-License-Identifier: GPL-2.0-only */
/* What `umcrun ps` shows: the tasks of the instance. */
#ifndef UMC_SEAM_INSPECT_H
#define UMC_SEAM_INSPECT_H
#ifdef __cplusplus
extern "C" {
#endif

#define UMC_TASK_FRAMES 32

struct umc_task_info {
    int pid, ppid;
    int cpu;
    char state; /* R S D T Z I as ps(1) */
    char comm[16];
    unsigned long long cpu_ns;
    unsigned long wchan; /* where it sleeps; 0 when it runs */
    unsigned int frame_count;
    unsigned long frames[UMC_TASK_FRAMES]; /* innermost first */
};

/*
 * Fills up to `max` entries, threads included, and returns how many tasks there are (more than `max`: ask again with
 * more room). Stacks only when asked for. In a task.
 */
int umc_kern_task_list(struct umc_task_info *tasks, int max, int with_stack);

/* How many tasks there are, the vCPUs' idle tasks not counted. Any thread. */
int umc_kern_task_count(void);

#ifdef __cplusplus
}
#endif
#endif

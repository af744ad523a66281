// SPDX-License-Identifier: GPL-2.0-only
/* The list of tasks, for the host's commands: what /proc/PID/stat, wchan and stack tell. */
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/stat.h>
#include <linux/sched/task_stack.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include "seam/inspect.h"

static void describe(struct task_struct *p, struct umc_task_info *info, bool with_stack)
{
	memset(info, 0, sizeof(*info));
	info->pid = task_pid_nr(p);
	info->ppid = task_pid_nr(rcu_dereference(p->real_parent));
	info->cpu = task_cpu(p);
	info->state = task_state_to_char(p);
	strscpy(info->comm, p->comm, sizeof(info->comm));
	info->cpu_ns = READ_ONCE(p->se.sum_exec_runtime);
	if (!try_get_task_stack(p))
		return;
	info->wchan = get_wchan(p);
	if (with_stack)
		info->frame_count = stack_trace_save_tsk(p, info->frames, UMC_TASK_FRAMES, 0);
	put_task_stack(p);
}

int umc_kern_task_count(void)
{
	return READ_ONCE(nr_threads);
}

int umc_kern_task_list(struct umc_task_info *tasks, int max, int with_stack)
{
	struct task_struct *group, *p;
	int count = 0;

	rcu_read_lock();
	for_each_process_thread(group, p) {
		if (count < max)
			describe(p, &tasks[count], with_stack);
		count++;
	}
	rcu_read_unlock();
	return count;
}

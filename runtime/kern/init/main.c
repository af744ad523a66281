// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces init/main.c: boots the kernel on the calling host thread, in the kernel's order. Left out: what reads
 * firmware, finds a root file system and starts /sbin/init; the init task (pid 1) only waits for the end.
 */
#include <linux/async.h>
#include <linux/clocksource.h>
#include <linux/completion.h>
#include <linux/context_tracking.h>
#include <linux/cpu.h>
#include <linux/cred.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/jump_label.h>
#include <linux/kernfs.h>
#include <linux/key.h>
#include <linux/kthread.h>
#include <linux/maple_tree.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/pid_namespace.h>
#include <linux/radix-tree.h>
#include <linux/rcupdate.h>
#include <linux/rcutree.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/init.h>
#include <linux/sched/isolation.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/security.h>
#include <linux/smp.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <linux/extable.h>
#include <linux/utsname.h>
#include <linux/static_call.h>
#include <linux/sysfs.h>
#include <linux/tick.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include <asm/setup.h>
#include <asm/time.h>
#include <umc/call.h>
#include <umc/irq.h>
#include <umc/sched.h>
#include <umc/smpboot.h>
#include <umc/tick.h>
#include "seam/vcpu.h"

enum system_states system_state __read_mostly;
EXPORT_SYMBOL(system_state);
bool early_boot_irqs_disabled __read_mostly;
bool static_key_initialized __read_mostly;
EXPORT_SYMBOL_GPL(static_key_initialized);
unsigned int reset_devices;
EXPORT_SYMBOL(reset_devices);
bool initcall_debug;
core_param(initcall_debug, initcall_debug, bool, 0644);
char boot_command_line[COMMAND_LINE_SIZE];
char *saved_command_line;
unsigned int saved_command_line_len;

unsigned long loops_per_jiffy = 1 << 12;
EXPORT_SYMBOL(loops_per_jiffy);

static char command_line[COMMAND_LINE_SIZE];
static char static_command_line[COMMAND_LINE_SIZE];
static __initdata DECLARE_COMPLETION(kthreadd_done);

/* ---- command line ---- */

extern const struct obs_kernel_param __setup_start[], __setup_end[];
extern const struct kernel_param __start___param[], __stop___param[];

static int __init do_early_param(char *param, char *val, const char *unused, void *arg)
{
	const struct obs_kernel_param *p;

	for (p = __setup_start; p < __setup_end; p++)
		if (p->early && parameq(param, p->str) && p->setup_func(val))
			pr_warn("Malformed early option '%s'\n", param);
	return 0;
}

/* What is no parameter of the kernel's own: __setup() functions; else it is reported, as there is no init to take it. */
static int __init unknown_bootoption(char *param, char *val, const char *unused, void *arg)
{
	const struct obs_kernel_param *p;
	size_t len;

	if (val) {
		/* Undo the split: the functions take what follows their name. */
		if (val == param + strlen(param) + 1)
			val[-1] = '=';
		else if (val == param + strlen(param) + 2)
			val[-2] = '=', memmove(val - 1, val, strlen(val) + 1);
	}
	for (p = __setup_start; p < __setup_end; p++) {
		len = strlen(p->str);
		if (!parameqn(param, p->str, len))
			continue;
		if (p->early) {
			if (param[len] == '\0' || param[len] == '=')
				return 0;
		} else if (p->setup_func(param + len)) {
			return 0;
		}
	}
	/* "module.parameter" of a module that is not there yet. */
	if (!strchr(param, '.'))
		pr_notice("Unknown kernel command line parameter \"%s\"\n", param);
	return 0;
}

static void __init setup_command_line(const char *line)
{
	strscpy(boot_command_line, line ?: "", sizeof(boot_command_line));
	strscpy(command_line, boot_command_line, sizeof(command_line));
	strscpy(static_command_line, boot_command_line, sizeof(static_command_line));
	saved_command_line = boot_command_line;
	saved_command_line_len = strlen(boot_command_line);
}

void __init parse_early_options(char *cmdline)
{
	parse_args("early options", cmdline, NULL, 0, 0, 0, NULL, do_early_param);
}

void __init parse_early_param(void)
{
	static __initdata bool done;

	if (!done)
		parse_early_options(command_line);
	done = true;
}

/* ---- initcalls ---- */

extern initcall_entry_t __initcall_start[], __initcall0_start[], __initcall1_start[], __initcall2_start[],
	__initcall3_start[], __initcall4_start[], __initcall5_start[], __initcall6_start[], __initcall7_start[],
	__initcall_end[];

static initcall_entry_t *const initcall_levels[] __initconst = {
	__initcall0_start, __initcall1_start, __initcall2_start, __initcall3_start, __initcall4_start,
	__initcall5_start, __initcall6_start, __initcall7_start, __initcall_end,
};

int __init_or_module do_one_initcall(initcall_t fn)
{
	int count = preempt_count();
	ktime_t start = ktime_get();
	int ret = fn();

	if (initcall_debug)
		pr_info("initcall %pS returned %d after %lld usecs\n", fn, ret, ktime_us_delta(ktime_get(), start));
	if (preempt_count() != count) {
		WARN(1, "initcall %pS: preemption imbalance\n", fn);
		preempt_count_set(count);
	}
	if (irqs_disabled()) {
		WARN(1, "initcall %pS: disabled interrupts\n", fn);
		local_irq_enable();
	}
	return ret;
}

static int __init ignore_param(char *param, char *val, const char *unused, void *arg)
{
	return 0;
}

static void __init do_initcall_level(int level, char *line)
{
	initcall_entry_t *fn;

	parse_args("initcall", line, __start___param, __stop___param - __start___param, level, level, NULL,
		   ignore_param);
	for (fn = initcall_levels[level]; fn < initcall_levels[level + 1]; fn++)
		do_one_initcall(initcall_from_entry(fn));
}

static void __init do_initcalls(void)
{
	static char line[COMMAND_LINE_SIZE];
	int level;

	for (level = 0; level < ARRAY_SIZE(initcall_levels) - 1; level++) {
		strscpy(line, saved_command_line, sizeof(line));
		do_initcall_level(level, line);
	}
}

static void __init do_pre_smp_initcalls(void)
{
	initcall_entry_t *fn;

	for (fn = __initcall_start; fn < __initcall0_start; fn++)
		do_one_initcall(initcall_from_entry(fn));
}

/* ---- the init task ---- */

static int init_task_main(void *unused)
{
	wait_for_completion(&kthreadd_done);

	workqueue_init();
	rcu_init_tasks_generic();
	do_pre_smp_initcalls();
	smp_prepare_cpus(setup_max_cpus);
	smp_init();
	/* From here on every vCPU that is up stays up. */
	cpu_hotplug_disable();
	sched_init_smp();
	do_initcalls();
	async_synchronize_full();
	system_state = SYSTEM_RUNNING;
	rcu_end_inkernel_boot();
	umc_call_init();
	umc_host_boot_done();

	/* Init ignores every signal; children of tasks that end are reaped without it. */
	for (;;) {
		set_current_state(TASK_IDLE);
		schedule();
	}
	return 0;
}

static noinline void __init rest_init(void)
{
	int pid;

	rcu_scheduler_starting();
	kernel_thread(init_task_main, NULL, CLONE_FS);
	pid = kernel_thread(kthreadd, NULL, CLONE_FS | CLONE_FILES);
	rcu_read_lock();
	set_task_comm(find_task_by_pid_ns(1, &init_pid_ns), "init");
	kthreadd_task = find_task_by_pid_ns(pid, &init_pid_ns);
	rcu_read_unlock();
	system_state = SYSTEM_SCHEDULING;
	complete(&kthreadd_done);
	schedule_preempt_disabled();
	cpuhp_online_idle(CPUHP_ONLINE);
	umc_idle_loop();
}

/* ---- boot ---- */

void umc_kern_boot(const char *line)
{
	char *unused;

	/* Before anything that uses per-CPU data, hence `current`. */
	umc_smp_early();
	setup_arch(&unused);
	setup_nr_cpu_ids();
	setup_per_cpu_areas();

	early_boot_irqs_disabled = true;
	boot_cpu_init();
	smp_prepare_boot_cpu();
	boot_cpu_hotplug_init();
	early_security_init();
	setup_command_line(line);
	jump_label_init();
	static_call_init();
	parse_early_param();
	parse_args("Booting kernel", static_command_line, __start___param, __stop___param - __start___param, -1, -1,
		   NULL, unknown_bootoption);
	sort_main_extable();
	page_alloc_init();
	mem_init();
	kmem_cache_init();
	vmalloc_init();

	sched_init();
	radix_tree_init();
	maple_tree_init();
	housekeeping_init();
	workqueue_init_early();
	rcu_init();
	context_tracking_init();
	tick_init();
	rcu_init_nohz();
	init_timers();
	srcu_init();
	hrtimers_init();
	softirq_init();
	timekeeping_init();
	time_init();
	call_function_init();
	umc_tick_start_cpu();
	early_boot_irqs_disabled = false;
	local_irq_enable();

	kmem_cache_init_late();
	pid_idr_init();
	cred_init();
	fork_init();
	proc_caches_init();
	key_init();
	security_init();
	kernfs_init();
	sysfs_init();
	signals_init();
	rest_init();

	local_irq_disable();
}

/* Host thread: no %gs. */
void umc_kern_shutdown(void)
{
	int cpu;

	umc_call_end();
	WRITE_ONCE(umc_shutdown, 1);
	smp_mb();
	for_each_online_cpu(cpu) {
		umc_irq_send(cpu, UMC_IRQ_RESCHEDULE);
		umc_host_vcpu_kick(cpu);
	}
}

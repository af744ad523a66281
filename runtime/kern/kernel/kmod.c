// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/kmod.c: kernel code asks for a module. No program is run: the host looks the module up in the
 * instance's module directory and loads it, as modprobe would.
 */
#include <linux/async.h>
#include <linux/kernel.h>
#include <linux/kmod.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <umc/call.h>
#include "seam/call.h"
#include "seam/module.h"

/* As the kernel: no more requests at a time, and a request waits this long for its turn. */
#define MAX_CONCURRENT 50
#define MAX_WAIT_SECONDS 5

static atomic_t free_requests = ATOMIC_INIT(MAX_CONCURRENT);
static DECLARE_WAIT_QUEUE_HEAD(request_wait);

struct request {
	struct work_struct work; /* of those nobody waits for */
	int result;
	char name[MODULE_NAME_LEN];
};

static void ask_host(void *arg)
{
	struct request *request = arg;

	request->result = umc_host_module_request(request->name);
}

/* As a wait status: an exit status of modprobe is in the second byte. */
static int run(struct request *request)
{
	umc_pool_run(ask_host, request);
	return request->result > 0 ? request->result << 8 : request->result;
}

static void end_turn(void)
{
	atomic_inc(&free_requests);
	wake_up(&request_wait);
}

static void run_unattended(struct work_struct *work)
{
	struct request *request = container_of(work, struct request, work);

	run(request);
	end_turn();
	kfree(request);
}

int __request_module(bool wait, const char *fmt, ...)
{
	struct request *request;
	va_list args;
	int ret;

	/* An async worker would wait for itself: insmod ends with async_synchronize_full(). */
	WARN_ON_ONCE(wait && current_is_async());

	request = kzalloc(sizeof(*request), GFP_KERNEL);
	if (!request)
		return -ENOMEM;
	va_start(args, fmt);
	ret = vsnprintf(request->name, sizeof(request->name), fmt, args);
	va_end(args);
	if (ret >= sizeof(request->name)) {
		kfree(request);
		return -ENAMETOOLONG;
	}

	if (atomic_dec_if_positive(&free_requests) < 0) {
		long left;

		pr_warn_ratelimited("request_module: kmod_concurrent_max (%u) close to 0 (max_modprobes: %u), for module %s, throttling...",
				    atomic_read(&free_requests), MAX_CONCURRENT, request->name);
		left = wait_event_killable_timeout(request_wait, atomic_dec_if_positive(&free_requests) >= 0,
						   MAX_WAIT_SECONDS * HZ);
		if (left <= 0) {
			pr_warn_ratelimited("request_module: modprobe %s cannot be processed, kmod busy with %d threads for more than %d seconds now",
					    request->name, MAX_CONCURRENT, MAX_WAIT_SECONDS);
			kfree(request);
			return left ? left : -ETIME;
		}
	}

	if (!wait) {
		INIT_WORK(&request->work, run_unattended);
		queue_work(system_unbound_wq, &request->work);
		return 0;
	}
	ret = run(request);
	end_turn();
	kfree(request);
	return ret;
}
EXPORT_SYMBOL(__request_module);

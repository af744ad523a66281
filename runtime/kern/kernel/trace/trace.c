// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/trace/trace.c: what tracing offers to the rest of the kernel. There is no ring buffer, so tracing is off and there is
 * nothing to stop or dump. Tracepoints themselves exist (kernel/tracepoint.c), with probes of modules.
 */
#include <linux/export.h>
#include <linux/kernel.h>

void tracing_on(void)
{
}
EXPORT_SYMBOL_GPL(tracing_on);

void tracing_off(void)
{
}
EXPORT_SYMBOL_GPL(tracing_off);

int tracing_is_on(void)
{
	return 0;
}
EXPORT_SYMBOL_GPL(tracing_is_on);

void disable_trace_on_warning(void)
{
}

void ftrace_dump(enum ftrace_dump_mode oops_dump_mode)
{
}
EXPORT_SYMBOL_GPL(ftrace_dump);

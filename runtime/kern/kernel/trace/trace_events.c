// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces kernel/trace/trace_events.c, trace_event_perf.c and bpf_trace.c: what the event classes of TRACE_EVENT()
 * call. No tracer, perf or BPF program can be attached, so registering one fails and no record is ever reserved.
 */
#include <linux/export.h>
#include <linux/perf_event.h>
#include <linux/trace_events.h>
#include <linux/trace_seq.h>

int trace_event_raw_init(struct trace_event_call *call)
{
	return -ENODEV;
}
EXPORT_SYMBOL_GPL(trace_event_raw_init);

int trace_event_reg(struct trace_event_call *call, enum trace_reg type, void *data)
{
	return -ENODEV;
}
EXPORT_SYMBOL_GPL(trace_event_reg);

void *trace_event_buffer_reserve(struct trace_event_buffer *fbuffer, struct trace_event_file *trace_file,
				 unsigned long len)
{
	return NULL;
}
EXPORT_SYMBOL_GPL(trace_event_buffer_reserve);

void trace_event_buffer_commit(struct trace_event_buffer *fbuffer)
{
	BUG();
}
EXPORT_SYMBOL_GPL(trace_event_buffer_commit);

/* True: the event is not recorded. */
bool __trace_trigger_soft_disabled(struct trace_event_file *file)
{
	return true;
}
EXPORT_SYMBOL_GPL(__trace_trigger_soft_disabled);

int trace_set_clr_event(const char *system, const char *event, int set)
{
	return -ENODEV;
}
EXPORT_SYMBOL_GPL(trace_set_clr_event);

enum print_line_t trace_handle_return(struct trace_seq *s)
{
	return trace_seq_has_overflowed(s) ? TRACE_TYPE_PARTIAL_LINE : TRACE_TYPE_HANDLED;
}
EXPORT_SYMBOL_GPL(trace_handle_return);

void *perf_trace_buf_alloc(int size, struct pt_regs **regs, int *rctxp)
{
	return NULL;
}
EXPORT_SYMBOL_GPL(perf_trace_buf_alloc);

void perf_trace_run_bpf_submit(void *raw_data, int size, int rctx, struct trace_event_call *call, u64 count,
			       struct pt_regs *regs, struct hlist_head *head, struct task_struct *task)
{
	BUG();
}
EXPORT_SYMBOL_GPL(perf_trace_run_bpf_submit);

/* Called for an attached program only. */
#define BPF_TRACE_RUN(n, ...)                                         \
	void bpf_trace_run##n(struct bpf_prog *prog, __VA_ARGS__)     \
	{                                                             \
		BUG();                                                \
	}                                                             \
	EXPORT_SYMBOL_GPL(bpf_trace_run##n)

BPF_TRACE_RUN(1, u64 a);
BPF_TRACE_RUN(2, u64 a, u64 b);
BPF_TRACE_RUN(3, u64 a, u64 b, u64 c);
BPF_TRACE_RUN(4, u64 a, u64 b, u64 c, u64 d);
BPF_TRACE_RUN(5, u64 a, u64 b, u64 c, u64 d, u64 e);
BPF_TRACE_RUN(6, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f);
BPF_TRACE_RUN(7, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g);
BPF_TRACE_RUN(8, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u64 h);
BPF_TRACE_RUN(9, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u64 h, u64 i);
BPF_TRACE_RUN(10, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u64 h, u64 i, u64 j);
BPF_TRACE_RUN(11, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u64 h, u64 i, u64 j, u64 k);
BPF_TRACE_RUN(12, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u64 h, u64 i, u64 j, u64 k, u64 l);

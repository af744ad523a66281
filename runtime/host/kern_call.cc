// SPDX-License-Identifier: GPL-2.0-only
// Running a closure in a kernel task from a host thread.
#include "host/kern_call.h"

#include <semaphore.h>

#include <atomic>
#include <cerrno>

#include "seam/call.h"

namespace umc {
namespace {

struct Call {
    const std::function<void()>* fn;
    int outcome = 0;
    sem_t ended;
    // Kernel code carries the call to its task, and a sanitizer does not see that: this orders the two for it.
    std::atomic<bool> submitted{false};
};

void run(void* arg) {
    auto* call = static_cast<Call*>(arg);
    call->submitted.load(std::memory_order_acquire);
    (*call->fn)();
}

void end(void* arg, int outcome) {
    auto* call = static_cast<Call*>(arg);
    call->outcome = outcome;
    sem_post(&call->ended);
}

}  // namespace

Result<> call_in_task(const char* name, const std::function<void()>& fn) {
    Call call{.fn = &fn, .ended = {}, .submitted = false};
    sem_init(&call.ended, 0, 0);
    call.submitted.store(true, std::memory_order_release);
    const int err = umc_kern_call_submit(name, run, &call, end);
    if (!err)
        while (sem_wait(&call.ended) && errno == EINTR) {
        }
    sem_destroy(&call.ended);
    if (err) return fail(-err);
    if (call.outcome == UMC_CALL_OOPSED) return fail(EFAULT, "an oops ended the task");
    return {};
}

}  // namespace umc

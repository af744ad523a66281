// SPDX-License-Identifier: GPL-2.0-only
// Task stacks, and what a sanitizer must be told when execution moves from one to another.

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>

#include "seam/vcpu.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UMC_FIBERS 1
// Instrumented host code uses several times the stack.
#define UMC_STACK_SIZE (512ul << 10)
#else
#define UMC_FIBERS 0
#define UMC_STACK_SIZE (128ul << 10)
#endif

// Not instrumented: the scheduler's lock, which a sanitizer does not see, orders what these functions do.
#define UMC_UNSEEN __attribute__((no_sanitize("thread"), no_sanitize("address")))

namespace {

constexpr unsigned long kGuard = 4096;

struct Fiber {
    const void* bottom = nullptr;
    unsigned long size = 0;
    void* fake_stack = nullptr;  // ASan
    void* tsan = nullptr;
};

}  // namespace

extern "C" {

extern const unsigned long umc_host_stack_size;
const unsigned long umc_host_stack_size = UMC_STACK_SIZE;
extern const int umc_host_fibers;
const int umc_host_fibers = UMC_FIBERS;

unsigned long umc_host_stack_alloc(void) {
    void* base = mmap(nullptr, UMC_STACK_SIZE + kGuard, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (base == MAP_FAILED) return 0;
    if (mprotect(base, kGuard, PROT_NONE)) {
        munmap(base, UMC_STACK_SIZE + kGuard);
        return 0;
    }
    return reinterpret_cast<unsigned long>(base) + kGuard + UMC_STACK_SIZE;
}

void umc_host_stack_free(unsigned long top) {
    munmap(reinterpret_cast<void*>(top - UMC_STACK_SIZE - kGuard), UMC_STACK_SIZE + kGuard);
}

UMC_UNSEEN void* umc_host_fiber_create(unsigned long stack_top, [[maybe_unused]] const char* name) {
    auto* fiber = new (std::nothrow) Fiber;
    if (!fiber) return nullptr;
    fiber->bottom = reinterpret_cast<void*>(stack_top - UMC_STACK_SIZE);
    fiber->size = UMC_STACK_SIZE;
#if defined(__SANITIZE_ADDRESS__)
    // A stack that is used again may carry the marks of frames that never returned.
    __asan_unpoison_memory_region(fiber->bottom, fiber->size);
#endif
#if defined(__SANITIZE_THREAD__)
    fiber->tsan = __tsan_create_fiber(0);
    __tsan_set_fiber_name(fiber->tsan, name);
#endif
    return fiber;
}

UMC_UNSEEN void* umc_host_fiber_current(void) {
    auto* fiber = new (std::nothrow) Fiber;
    if (!fiber) return nullptr;
    pthread_attr_t attr;
    if (!pthread_getattr_np(pthread_self(), &attr)) {
        void* bottom = nullptr;
        pthread_attr_getstack(&attr, &bottom, &fiber->size);
        fiber->bottom = bottom;
        pthread_attr_destroy(&attr);
    }
#if defined(__SANITIZE_THREAD__)
    fiber->tsan = __tsan_get_current_fiber();
#endif
    return fiber;
}

UMC_UNSEEN void umc_host_fiber_destroy(void* arg) {
    auto* fiber = static_cast<Fiber*>(arg);
#if defined(__SANITIZE_THREAD__)
    __tsan_destroy_fiber(fiber->tsan);
#endif
    delete fiber;
}

// It begins on one fiber and ends on another.
UMC_UNSEEN void umc_host_fiber_before(
    [[maybe_unused]] void* from, [[maybe_unused]] void* to, [[maybe_unused]] int last) {
#if defined(__SANITIZE_ADDRESS__)
    auto* next = static_cast<Fiber*>(to);
    __sanitizer_start_switch_fiber(last ? nullptr : &static_cast<Fiber*>(from)->fake_stack, next->bottom, next->size);
#endif
#if defined(__SANITIZE_THREAD__)
    __tsan_switch_to_fiber(static_cast<Fiber*>(to)->tsan, 0);
#endif
}

UMC_UNSEEN void umc_host_fiber_after(
    [[maybe_unused]] void* arg) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(static_cast<Fiber*>(arg)->fake_stack, nullptr, nullptr);
#endif
}
}

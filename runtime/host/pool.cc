// SPDX-License-Identifier: GPL-2.0-only
#include "host/pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>

#include <new>
#include <system_error>

#include "seam/call.h"

namespace umc {

bool Pool::submit(const Job& job) {
    std::lock_guard lock(mutex_);
    try {
        jobs_.push_back(job);
        if (static_cast<int>(jobs_.size()) > idle_ && static_cast<int>(threads_.size()) < limit_) {
            // Signals are for other threads.
            sigset_t all, old;
            sigfillset(&all);
            pthread_sigmask(SIG_SETMASK, &all, &old);
            try {
                threads_.emplace_back([this] { work(); });
            } catch (const std::system_error&) {
                // The threads there are will do it, if there is one.
            }
            pthread_sigmask(SIG_SETMASK, &old, nullptr);
        }
    } catch (const std::bad_alloc&) {
        return false;
    }
    if (threads_.empty()) {
        jobs_.pop_back();
        return false;
    }
    changed_.notify_one();
    return true;
}

void Pool::work() {
    pthread_setname_np(pthread_self(), "umc-pool");
    std::unique_lock lock(mutex_);
    for (;;) {
        ++idle_;
        changed_.wait(lock, [this] { return stop_ || !jobs_.empty(); });
        --idle_;
        if (jobs_.empty()) return;
        Job job = jobs_.front();
        jobs_.pop_front();
        lock.unlock();
        job.fn(job.arg);
        umc_kern_pool_done(job.waiter);
        lock.lock();
    }
}

Pool::~Pool() {
    {
        std::lock_guard lock(mutex_);
        stop_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
}

}  // namespace umc

namespace {

constexpr int kPoolThreads = 16;

umc::Pool& pool() {
    // Never destroyed: a task may wait for it until the process ends.
    static auto* instance = new umc::Pool(kPoolThreads);
    return *instance;
}

}  // namespace

extern "C" int umc_host_pool_submit(void (*fn)(void* arg), void* arg, void* waiter) {
    return pool().submit({fn, arg, waiter}) ? 0 : -ENOMEM;
}

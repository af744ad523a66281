// SPDX-License-Identifier: GPL-2.0-only
// The event loop of one vCPU: host descriptors that it watches, and its sleep.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "seam/reactor.h"
#include "symtab/result.h"

namespace umc {
class Reactor;
}

struct umc_watch {
    umc::Reactor* reactor;
    int fd;
    std::atomic<bool> removed;
    void (*fn)(void* arg, unsigned int events);
    void* arg;
    unsigned int events;  // of the call in progress
};

namespace umc {

class Reactor {
   public:
    Reactor() = default;
    Reactor(const Reactor&) = delete;
    Reactor& operator=(const Reactor&) = delete;
    ~Reactor();

    Result<> open();

    // Called on the vCPU's thread. Waits until an event, wake(), or the deadline (CLOCK_MONOTONIC ns; 0: do not wait,
    // -1: none), and delivers what is ready. Returns the number of events delivered.
    int run(long long deadline_ns);

    // Makes run() return. Async-signal-safe.
    void wake();

    // What wake() writes to (an eventfd), for who may call nothing.
    int wake_fd() const { return wake_; }

    int add(int fd, unsigned int events, void (*fn)(void*, unsigned int), void* arg, umc_watch** watch);
    int modify(umc_watch* watch, unsigned int events);
    void remove(umc_watch* watch);

    bool empty() const { return watches_.load(std::memory_order_relaxed) == 0; }

   private:
    void collect();

    int epoll_ = -1;
    int wake_ = -1;
    std::atomic<int> watches_{0};
    // Removed watches are freed by the vCPU between two rounds: an event for one may still be in its list.
    std::mutex mutex_;
    std::vector<umc_watch*> removed_;
    std::atomic<bool> collect_{false};
};

}  // namespace umc

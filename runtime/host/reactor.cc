// SPDX-License-Identifier: GPL-2.0-only
#include "host/reactor.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <new>

#include "host/vcpu.h"
#include "seam/vcpu.h"

namespace umc {

namespace {

constexpr int kEventsAtOnce = 64;

long long now_ns() {
    timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1'000'000'000LL + ts.tv_nsec;
}

void deliver(void* arg) {
    auto* watch = static_cast<umc_watch*>(arg);
    watch->fn(watch->arg, watch->events);
}

}  // namespace

Result<> Reactor::open() {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) return fail(errno, "epoll_create1");
    wake_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (wake_ < 0) return fail(errno, "eventfd");
    // Edge triggered: each write wakes once, and the counter need not be read.
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    event.data.ptr = nullptr;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event)) return fail(errno, "epoll_ctl");
    return {};
}

Reactor::~Reactor() {
    collect();
    if (wake_ >= 0) close(wake_);
    if (epoll_ >= 0) close(epoll_);
}

void Reactor::wake() {
    int saved = errno;
    const std::uint64_t one = 1;
    // Fails only when the counter is full, and then the edge is there anyway.
    [[maybe_unused]] auto n = write(wake_, &one, sizeof one);
    errno = saved;
}

int Reactor::run(long long deadline_ns) {
    std::array<epoll_event, kEventsAtOnce> events;
    timespec timeout{};
    timespec* limit = &timeout;
    if (deadline_ns < 0) {
        limit = nullptr;
    } else if (deadline_ns > 0) {
        long long left = deadline_ns - now_ns();
        if (left > 0) timeout = {left / 1'000'000'000, left % 1'000'000'000};
    } else if (empty()) {
        return 0;
    }
    int n = epoll_pwait2(epoll_, events.data(), kEventsAtOnce, limit, nullptr);
    int delivered = 0;
    for (int i = 0; i < n; ++i) {
        auto* watch = static_cast<umc_watch*>(events[i].data.ptr);
        if (!watch || watch->removed.load(std::memory_order_acquire)) continue;
        watch->events = events[i].events;
        umc_kern_irq(deliver, watch);
        ++delivered;
    }
    if (collect_.load(std::memory_order_relaxed)) collect();
    return delivered;
}

int Reactor::add(int fd, unsigned int events, void (*fn)(void*, unsigned int), void* arg, umc_watch** watch) {
    auto* w = new (std::nothrow) umc_watch{this, fd, false, fn, arg, 0};
    if (!w) return -ENOMEM;
    epoll_event event{};
    event.events = events;
    event.data.ptr = w;
    *watch = w;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event)) {
        int err = errno;
        *watch = nullptr;
        delete w;
        return -err;
    }
    watches_.fetch_add(1, std::memory_order_relaxed);
    return 0;
}

int Reactor::modify(umc_watch* watch, unsigned int events) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = watch;
    return epoll_ctl(epoll_, EPOLL_CTL_MOD, watch->fd, &event) ? -errno : 0;
}

void Reactor::remove(umc_watch* watch) {
    watch->removed.store(true, std::memory_order_release);
    epoll_ctl(epoll_, EPOLL_CTL_DEL, watch->fd, nullptr);
    watches_.fetch_sub(1, std::memory_order_relaxed);
    std::lock_guard lock(mutex_);
    removed_.push_back(watch);
    collect_.store(true, std::memory_order_relaxed);
}

void Reactor::collect() {
    std::vector<umc_watch*> removed;
    {
        std::lock_guard lock(mutex_);
        removed.swap(removed_);
        collect_.store(false, std::memory_order_relaxed);
    }
    for (auto* watch : removed) delete watch;
}

}  // namespace umc

extern "C" {

int umc_host_reactor_add(int cpu, int fd, unsigned int events, void (*fn)(void*, unsigned int), void* arg,
                         umc_watch** watch) {
    return umc::vcpu_reactor(cpu).add(fd, events, fn, arg, watch);
}

int umc_host_reactor_modify(umc_watch* watch, unsigned int events) { return watch->reactor->modify(watch, events); }

void umc_host_reactor_remove(umc_watch* watch) { watch->reactor->remove(watch); }
}

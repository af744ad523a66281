// SPDX-License-Identifier: GPL-2.0-only
// Lock, instance and server, in the order in which they start and end.
#include "umcrun/instance_host.h"

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace umc::cli {
namespace {

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
    return set;
}

}  // namespace

Result<std::unique_ptr<InstanceHost>> InstanceHost::boot(const HostOptions& options) {
    const std::string& name = options.instance.name;
    auto dir = RuntimeDir::open(RuntimeDir::Create::yes);
    if (!dir) return tl::unexpected(dir.error());
    auto lock = InstanceLock::acquire(*dir, name);
    if (!lock) return tl::unexpected(lock.error());

    const sigset_t set = stop_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    signal(SIGPIPE, SIG_IGN);
    Fd signals(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals) return fail(errno, fmt::format("signalfd: {}", std::strerror(errno)));

    std::unique_ptr<InstanceHost> host(
        new InstanceHost(std::move(*dir), std::move(*lock), std::move(signals), name));
    auto instance = Instance::boot(options.instance);
    if (!instance) return tl::unexpected(instance.error());
    host->instance_ = *instance;

    auto listener = host->dir_.listen(name);
    if (!listener) return tl::unexpected(listener.error());
    host->server_ =
        std::make_unique<Server>(*host->instance_, std::move(*listener), ServerInfo{options.module_dir});
    return host;
}

InstanceHost::~InstanceHost() {
    if (instance_ && !down_) (void)shutdown();
    lock_.remove_files(dir_, name_);
}

int InstanceHost::poll_stop(int timeout_ms) {
    pollfd items[] = {{signals_.get(), POLLIN, 0}, {server_->stop_fd(), POLLIN, 0}};
    while (true) {
        const int ready = poll(items, 2, timeout_ms);
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return -1;
        if (!(items[0].revents & POLLIN)) return 0;
        signalfd_siginfo info{};
        if (read(signals_.get(), &info, sizeof info) == sizeof info) return static_cast<int>(info.ssi_signo);
    }
}

int InstanceHost::wait_for_stop() { return poll_stop(-1); }

bool InstanceHost::stop_requested() const {
    pollfd items[] = {{signals_.get(), POLLIN, 0}, {server_->stop_fd(), POLLIN, 0}};
    return poll(items, 2, 0) > 0;
}

Result<> InstanceHost::shutdown() {
    down_ = true;
    if (server_) server_->begin_stop();
    const sigset_t set = stop_signals();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    auto outcome = instance_->shutdown();
    if (server_ && !server_->finish(outcome)) {
        lock_.remove_files(dir_, name_);
        std::fflush(nullptr);
        _exit(outcome ? 0 : 1);
    }
    server_.reset();
    return outcome;
}

}  // namespace umc::cli

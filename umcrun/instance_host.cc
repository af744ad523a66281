// SPDX-License-Identifier: GPL-2.0-only
// Lock, instance and server, in the order in which they start and end.
#include "umcrun/instance_host.h"

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
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

// request_module(MODULE) of kernel code: `umcrun modprobe -q MODULE` on this instance, as the kernel's own helper does.
int modprobe(const std::string& instance, const std::string& module) {
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    const char* argv[] = {"umcrun", "-i", instance.c_str(), "modprobe", "-q", "--", module.c_str(), nullptr};
    pid_t pid = -1;
    const int err = posix_spawn(&pid, "/proc/self/exe", nullptr, &attributes, const_cast<char**>(argv), environ);
    posix_spawnattr_destroy(&attributes);
    if (err) return -err;
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return -errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
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
    InstanceOptions instance_options = options.instance;
    instance_options.request_module = [name](const std::string& module) { return modprobe(name, module); };
    auto instance = Instance::boot(instance_options);
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

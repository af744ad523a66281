// SPDX-License-Identifier: GPL-2.0-only
// umcrun stop: unloads everything and ends the instance.
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>

#include "umcrun/client.h"
#include "umcrun/commands.h"
#include "umcrun/report.h"

namespace umc::cli {
namespace {

constexpr OptionSpec kOptions[] = {
    {'t', "timeout", "SECONDS", "how long to wait for the instance to be gone\n(default: 60)"},
    {'f', "force", "", "kill the instance when it is not gone by then"},
};

using Clock = std::chrono::steady_clock;

class Deadline {
 public:
    explicit Deadline(long seconds) : end_(Clock::now() + std::chrono::seconds(seconds)) {}
    int remaining_ms() const {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - Clock::now()).count();
        return static_cast<int>(std::max<long>(left, 0));
    }

 private:
    Clock::time_point end_;
};

// The process at the other end. It can be waited for and killed without mistaking a successor for it.
class Process {
 public:
    explicit Process(const Channel& channel) {
        ucred peer{};
        socklen_t length = sizeof peer;
        if (getsockopt(channel.fd(), SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return;
        pid_ = peer.pid;
        fd_.reset(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));  // close-on-exec by itself
        // While it is connected the number cannot have passed to another process.
        if (channel.peer_gone()) fd_.reset();
    }
    pid_t pid() const { return pid_; }
    // False: not gone within the time.
    bool wait_until_gone(int timeout_ms) const {
        pollfd item{fd_.get(), POLLIN, 0};
        return !fd_ || poll(&item, 1, timeout_ms) > 0;
    }
    void kill() const {
        if (fd_) syscall(SYS_pidfd_send_signal, fd_.get(), SIGKILL, nullptr, 0);
    }

 private:
    pid_t pid_ = 0;
    Fd fd_;
};

// The files of an instance that was killed. Those of a new one are safe behind its lock.
void remove_stale_files(const RuntimeDir& dir, const std::string& instance) {
    if (auto lock = InstanceLock::acquire(dir, instance)) lock->remove_files(dir, instance);
}

// Sends the stop request and waits for its answer or the deadline. The outcome of the shutdown, if it was
// told.
Result<> ask_to_stop(Channel& channel, const Deadline& deadline) {
    if (auto sent = channel.write_line(dump({{"v", kProtocolVersion}, {"cmd", "stop"}}), kSendTimeoutMs);
        !sent)
        return {};
    auto line = channel.read_line(kMaxResponse, deadline.remaining_ms());
    if (!line) return {};
    auto response = parse_object(*line);
    if (!response || get_bool(*response, "ok")) return {};
    return fail(static_cast<int>(get_int(*response, "errno", EIO)), get_string(*response, "message"));
}

int stop_running(const Invocation& call, const RuntimeDir& dir, Channel channel, const Deadline& deadline) {
    const Process process(channel);
    const Result<> outcome = ask_to_stop(channel, deadline);
    if (!process.wait_until_gone(deadline.remaining_ms())) {
        if (!call.options.has("force")) {
            error(call, "instance '{}' (pid {}) is not gone in time", call.instance, process.pid());
            return kExitFailure;
        }
        process.kill();
        if (!process.wait_until_gone(10000)) {
            error(call, "instance '{}' (pid {}) cannot be killed", call.instance, process.pid());
            return kExitFailure;
        }
    }
    remove_stale_files(dir, call.instance);
    if (!outcome) {
        error(call, "instance '{}' did not end cleanly: {}", call.instance, error_text(outcome.error()));
        return kExitFailure;
    }
    return kExitOk;
}

int run(const Invocation& call) {
    if (!call.args().empty()) return usage_error(call, "too many arguments");
    auto seconds = parse_number(call.options.value_or("timeout", "60"), 0, 1000000);
    if (!seconds) return usage_error(call, seconds.error().message);
    const Deadline deadline(*seconds);

    auto dir = RuntimeDir::open(RuntimeDir::Create::no);
    if (!dir && dir.error().err != ENOENT) return report_no_instance(call, dir.error());
    for (bool was_held = false; dir; was_held = true) {
        auto fd = dir->connect(call.instance);
        if (fd) return stop_running(call, *dir, Channel(std::move(*fd)), deadline);
        if (!is_not_running(fd.error())) return report_no_instance(call, fd.error());
        if (!InstanceLock::held(*dir, call.instance)) {
            remove_stale_files(*dir, call.instance);
            if (was_held) return kExitOk;
            break;
        }
        // It is starting, or leaving already.
        if (deadline.remaining_ms() == 0) {
            error(call, "instance '{}' is starting or stopping, but does not answer", call.instance);
            return kExitFailure;
        }
        usleep(10000);
    }
    warning(call, "instance '{}' is not running", call.instance);
    return kExitOk;
}

}  // namespace

const Command kStopCommand = {
    "stop",
    "",
    "Unload all modules and end the instance",
    "Returns when the instance is gone. Stopping one that does not run is a success.",
    kOptions,
    run,
};

}  // namespace umc::cli

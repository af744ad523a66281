// SPDX-License-Identifier: GPL-2.0-only
// The line channel.
#include "umcrun/channel.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>

namespace umc::cli {
namespace {

using Clock = std::chrono::steady_clock;

class Deadline {
 public:
    explicit Deadline(int timeout_ms) : forever_(timeout_ms < 0) {
        if (!forever_) end_ = Clock::now() + std::chrono::milliseconds(timeout_ms);
    }
    // What poll(2) takes.
    int remaining_ms() const {
        if (forever_) return -1;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - Clock::now()).count();
        return left > 0 ? static_cast<int>(left) : 0;
    }

 private:
    bool forever_;
    Clock::time_point end_{};
};

Result<> wait_for(int fd, short events, const Deadline& deadline) {
    while (true) {
        pollfd item{fd, events, 0};
        const int ready = poll(&item, 1, deadline.remaining_ms());
        if (ready > 0) return {};
        if (ready == 0) return fail(ETIMEDOUT);
        if (errno != EINTR) return fail(errno);
    }
}

}  // namespace

Result<std::string> Channel::read_line(std::size_t max, int timeout_ms) {
    const Deadline deadline(timeout_ms);
    while (true) {
        const std::size_t newline = buffer_.find('\n', scanned_);
        if (newline != std::string::npos) {
            if (newline > max) return fail(EMSGSIZE);
            std::string line = buffer_.substr(0, newline);
            buffer_.erase(0, newline + 1);
            scanned_ = 0;
            return line;
        }
        scanned_ = buffer_.size();
        if (buffer_.size() > max) return fail(EMSGSIZE);
        if (auto ready = wait_for(fd_.get(), POLLIN, deadline); !ready) return tl::unexpected(ready.error());
        char chunk[16384];
        const ssize_t got = recv(fd_.get(), chunk, sizeof chunk, MSG_DONTWAIT);
        if (got > 0) {
            buffer_.append(chunk, static_cast<std::size_t>(got));
        } else if (got == 0) {
            return fail(ECONNRESET);
        } else if (errno != EINTR && errno != EAGAIN) {
            return fail(errno);
        }
    }
}

Result<> Channel::write_line(std::string_view text, int timeout_ms) {
    const Deadline deadline(timeout_ms);
    std::string line(text);
    line += '\n';
    std::string_view rest = line;
    while (!rest.empty()) {
        const ssize_t sent = send(fd_.get(), rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent >= 0) {
            rest.remove_prefix(static_cast<std::size_t>(sent));
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return fail(errno);
        if (auto ready = wait_for(fd_.get(), POLLOUT, deadline); !ready) return ready;
    }
    return {};
}

bool Channel::peer_gone() const {
    pollfd item{fd_.get(), POLLRDHUP, 0};
    return poll(&item, 1, 0) > 0 && (item.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

}  // namespace umc::cli

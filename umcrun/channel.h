// SPDX-License-Identifier: GPL-2.0-only
// Lines over a stream socket, with limits on their length and on the time they take.
#pragma once

#include <string>
#include <string_view>

#include "symtab/result.h"
#include "umcrun/fd.h"

namespace umc::cli {

class Channel {
 public:
    static constexpr int kForever = -1;

    explicit Channel(Fd fd) : fd_(std::move(fd)) {}

    // The next line, without its newline. ETIMEDOUT: not complete after timeout_ms, EMSGSIZE: longer than
    // max, ECONNRESET: the peer is gone.
    Result<std::string> read_line(std::size_t max, int timeout_ms);
    // Writes text and a newline. ETIMEDOUT: the peer does not read.
    Result<> write_line(std::string_view text, int timeout_ms);
    // The peer closed its side, or the connection broke.
    bool peer_gone() const;

    int fd() const { return fd_.get(); }

 private:
    Fd fd_;
    std::string buffer_;
    std::size_t scanned_ = 0;  // this much of buffer_ holds no newline
};

}  // namespace umc::cli

// SPDX-License-Identifier: GPL-2.0-only
// Prints the log of an instance in this process to standard error as it grows.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>

#include "runtime/host/instance.h"

namespace umc::cli {

class LogPrinter {
 public:
    explicit LogPrinter(Instance& instance);
    // Prints what is there, then stops. Call it before the instance shuts down.
    ~LogPrinter();
    LogPrinter(const LogPrinter&) = delete;

    // Everything logged before the call is printed when it returns.
    void catch_up();

 private:
    Instance& instance_;
    std::mutex mutex_;  // next_ and the order of the output
    std::uint64_t next_ = 0;
    std::atomic<bool> stop_ = false;
    std::thread thread_;
};

}  // namespace umc::cli

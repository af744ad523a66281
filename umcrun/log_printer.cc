// SPDX-License-Identifier: GPL-2.0-only
// The log printer.
#include "umcrun/log_printer.h"

#include <cstdio>

#include "umcrun/format.h"

namespace umc::cli {

LogPrinter::LogPrinter(Instance& instance) : instance_(instance) {
    thread_ = std::thread([this] {
        constexpr int kStopCheckMs = 200;
        while (!stop_) {
            std::uint64_t from;
            {
                std::lock_guard lock(mutex_);
                from = next_;
            }
            instance_.wait_log(from, kStopCheckMs);
            catch_up();
        }
    });
}

LogPrinter::~LogPrinter() {
    stop_ = true;
    thread_.join();
    catch_up();
}

void LogPrinter::catch_up() {
    std::lock_guard lock(mutex_);
    for (const LogRecord& record : instance_.log(next_)) {
        const std::string text = format_log_record(record, {});
        std::fwrite(text.data(), 1, text.size(), stderr);
        next_ = record.seq + 1;
    }
}

}  // namespace umc::cli

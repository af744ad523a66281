// SPDX-License-Identifier: GPL-2.0-only
// The ring that holds the kernel log. Written from any context of any thread, read by host threads.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "host/instance.h"
#include "seam/log.h"

namespace umc {

// A fixed number of fixed-size slots; record `seq` lives in slot seq % count, so the newest `count` records exist.
// Every operation on the writing side is lock-free and async-signal-safe. A writer that finds its slot still being
// written by one that was stopped for a whole turn of the ring drops its record; dropped() counts those.
class LogRing {
   public:
    static constexpr std::size_t kSlots = 4096;

    constexpr LogRing() = default;
    LogRing(const LogRing&) = delete;
    LogRing& operator=(const LogRing&) = delete;

    // As umc_host_log_write(). `now_ns` is the record's time.
    void write(std::uint64_t now_ns, int facility, int level, bool continued, std::uint32_t caller,
               std::string_view text);

    // The oldest record from `seq` on. With `settled`, one that may still be continued is not returned before it is
    // closed or kSettle old; it cannot be continued afterwards.
    bool read(std::uint64_t seq, std::uint64_t now_ns, bool settled, umc_log_record* record);

    // Sequence number of the next record.
    std::uint64_t next_seq() const { return next_.load(std::memory_order_acquire); }
    std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

    // Forgets the records written so far.
    void clear() { cleared_.store(next_seq(), std::memory_order_release); }

    // Sleeps until something was written since `events` was read, interrupt() was called, or the time passed
    // (-1: no limit). Host threads only.
    std::uint32_t events() const { return events_.load(std::memory_order_acquire); }
    void wait(std::uint32_t events, std::int64_t timeout_ns);
    void interrupt();

    static constexpr std::uint64_t kSettle = 100'000'000;  // ns

   private:
    static constexpr std::size_t kWords = (UMC_LOG_TEXT_MAX + 7) / 8;
    // A slot's state is (seq + 1) * 4 + phase; 0: never used.
    enum Phase : std::uint64_t { kWriting, kOpen, kClosed };
    static constexpr std::uint64_t state_of(std::uint64_t seq, Phase phase) { return (seq + 1) * 4 + phase; }

    struct Slot {
        std::atomic<std::uint64_t> state{0};
        std::atomic<std::uint64_t> time_ns{0};
        std::atomic<std::uint32_t> caller{0};
        std::atomic<std::uint16_t> length{0};
        std::atomic<std::uint8_t> level{0};
        std::atomic<std::uint8_t> facility{0};
        std::array<std::atomic<std::uint64_t>, kWords> text{};
    };

    Slot& slot(std::uint64_t seq) { return slots_[seq % kSlots]; }
    bool extend(std::uint32_t caller, std::string_view text, bool closed);
    static void store_text(Slot& slot, std::size_t at, std::string_view text);
    void wake();

    std::atomic<std::uint64_t> next_{0};
    std::atomic<std::uint64_t> cleared_{0};
    std::atomic<std::uint64_t> dropped_{0};
    std::atomic<std::uint32_t> events_{0};
    std::atomic<std::uint32_t> waiters_{0};
    std::array<Slot, kSlots> slots_{};
};

// The log of this process's instance.
LogRing& instance_log();

// Records with seq >= from, oldest first.
std::vector<LogRecord> log_records(std::uint64_t from);

// Blocks until record `from` can be read; false when `timeout_ms` (-1: none) passed or log_interrupt() was called
// since the process started.
bool log_wait(std::uint64_t from, int timeout_ms);
void log_interrupt();

// "[    1.234567] text", as dmesg prints a record; without a trailing newline.
std::string log_format(const LogRecord& record);

// Copies every record to stderr, as it comes, from a thread of its own; the destructor prints what is left.
class LogMirror {
   public:
    LogMirror();
    ~LogMirror();

   private:
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

// Writes the records that no mirror has printed to stderr, at most the newest `max`. For the end of a crashing
// process: any context.
void log_flush_stderr(std::size_t max);

}  // namespace umc

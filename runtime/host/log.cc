// SPDX-License-Identifier: GPL-2.0-only
// The kernel log's ring and its readers.
#include "host/log.h"

#include <fmt/format.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "host/clock.h"

namespace umc {
namespace {

LogRing ring;
std::atomic<bool> interrupted{false};
std::atomic<std::uint64_t> printed{0};  // records before this one were mirrored to stderr

int futex(std::atomic<std::uint32_t>* word, int operation, std::uint32_t value, const timespec* timeout) {
    return static_cast<int>(
        syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(word), operation, value, timeout, nullptr, 0));
}

void write_all(const char* text, std::size_t length) {
    while (length > 0) {
        ssize_t written = ::write(STDERR_FILENO, text, length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        text += written;
        length -= static_cast<std::size_t>(written);
    }
}

LogRecord to_record(const umc_log_record& raw) {
    LogRecord record;
    record.seq = raw.seq;
    record.time_ns = raw.time_ns;
    record.level = raw.level;
    record.facility = raw.facility;
    record.text.assign(raw.text, raw.length);
    return record;
}

}  // namespace

void LogRing::store_text(Slot& slot, std::size_t at, std::string_view text) {
    std::size_t done = 0;
    while (done < text.size()) {
        std::size_t offset = (at + done) % 8;
        std::size_t count = std::min<std::size_t>(8 - offset, text.size() - done);
        auto& word = slot.text[(at + done) / 8];
        std::uint64_t value = offset != 0 ? word.load(std::memory_order_relaxed) : 0;
        std::memcpy(reinterpret_cast<char*>(&value) + offset, text.data() + done, count);
        word.store(value, std::memory_order_relaxed);
        done += count;
    }
}

void LogRing::write(std::uint64_t now_ns, int facility, int level, bool continued, std::uint32_t caller,
                    std::string_view text) {
    bool closed = !text.empty() && text.back() == '\n';
    if (closed) text.remove_suffix(1);
    if (continued && extend(caller, text, closed)) return;

    text = text.substr(0, UMC_LOG_TEXT_MAX);
    std::uint64_t seq = next_.fetch_add(1, std::memory_order_acq_rel);
    if (seq > 0) {  // What came before can no longer be continued.
        std::uint64_t open = state_of(seq - 1, kOpen);
        slot(seq - 1).state.compare_exchange_strong(open, state_of(seq - 1, kClosed));
    }
    Slot& to = slot(seq);
    std::uint64_t old = to.state.load(std::memory_order_acquire);
    do {
        bool busy = old != 0 && old % 4 == kWriting;
        if (busy || old >= state_of(seq, kWriting)) {
            dropped_.fetch_add(1, std::memory_order_relaxed);
            return;
        }
    } while (!to.state.compare_exchange_weak(old, state_of(seq, kWriting), std::memory_order_acq_rel));
    std::atomic_thread_fence(std::memory_order_release);
    to.time_ns.store(now_ns, std::memory_order_relaxed);
    to.caller.store(caller, std::memory_order_relaxed);
    to.level.store(static_cast<std::uint8_t>(level), std::memory_order_relaxed);
    to.facility.store(static_cast<std::uint8_t>(facility), std::memory_order_relaxed);
    to.length.store(static_cast<std::uint16_t>(text.size()), std::memory_order_relaxed);
    store_text(to, 0, text);
    to.state.store(state_of(seq, closed ? kClosed : kOpen), std::memory_order_release);
    wake();
}

// Appends to the last record if it is the caller's, still open, and has room.
bool LogRing::extend(std::uint32_t caller, std::string_view text, bool closed) {
    std::uint64_t next = next_.load(std::memory_order_acquire);
    if (next == 0) return false;
    std::uint64_t seq = next - 1;
    Slot& last = slot(seq);
    if (last.state.load(std::memory_order_acquire) != state_of(seq, kOpen) ||
        last.caller.load(std::memory_order_relaxed) != caller)
        return false;
    std::uint64_t open = state_of(seq, kOpen);
    if (!last.state.compare_exchange_strong(open, state_of(seq, kWriting), std::memory_order_acq_rel)) return false;
    std::atomic_thread_fence(std::memory_order_release);
    std::size_t length = last.length.load(std::memory_order_relaxed);
    bool fits = length + text.size() <= UMC_LOG_TEXT_MAX;
    if (fits) {
        store_text(last, length, text);
        last.length.store(static_cast<std::uint16_t>(length + text.size()), std::memory_order_relaxed);
    }
    last.state.store(state_of(seq, closed || !fits ? kClosed : kOpen), std::memory_order_release);
    wake();
    return fits;
}

bool LogRing::read(std::uint64_t seq, std::uint64_t now_ns, bool settled, umc_log_record* record) {
    for (;;) {
        std::uint64_t next = next_.load(std::memory_order_acquire);
        std::uint64_t oldest = next > kSlots ? next - kSlots : 0;
        seq = std::max({seq, oldest, cleared_.load(std::memory_order_acquire)});
        if (seq >= next) return false;
        Slot& from = slot(seq);
        std::uint64_t state = from.state.load(std::memory_order_acquire);
        if (state < state_of(seq, kOpen)) {
            // Not written yet, or its writer gave up, which shows only by how much newer there is.
            bool gone = state < state_of(seq, kWriting) && seq + 64 < next;
            if (settled && !gone) return false;
            ++seq;
            continue;
        }
        if (state >= state_of(seq + 1, kWriting)) {  // Overwritten meanwhile.
            ++seq;
            continue;
        }
        if (settled && state == state_of(seq, kOpen)) {
            if (seq + 1 == next && now_ns < from.time_ns.load(std::memory_order_relaxed) + kSettle) return false;
            if (!from.state.compare_exchange_strong(state, state_of(seq, kClosed), std::memory_order_acq_rel)) continue;
            state = state_of(seq, kClosed);
        }
        record->seq = seq;
        record->time_ns = from.time_ns.load(std::memory_order_relaxed);
        record->caller = from.caller.load(std::memory_order_relaxed);
        record->level = from.level.load(std::memory_order_relaxed);
        record->facility = from.facility.load(std::memory_order_relaxed);
        record->length = std::min<std::uint32_t>(from.length.load(std::memory_order_relaxed), UMC_LOG_TEXT_MAX);
        for (std::size_t at = 0; at < record->length; at += 8) {
            std::uint64_t word = from.text[at / 8].load(std::memory_order_relaxed);
            std::memcpy(record->text + at, &word, std::min<std::size_t>(8, record->length - at));
        }
        std::atomic_thread_fence(std::memory_order_acquire);
        if (from.state.load(std::memory_order_relaxed) == state) return true;
    }
}

void LogRing::wake() {
    events_.fetch_add(1);
    if (waiters_.load() != 0) futex(&events_, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr);
}

void LogRing::interrupt() { wake(); }

void LogRing::wait(std::uint32_t events, std::int64_t timeout_ns) {
    timespec timeout{timeout_ns / 1'000'000'000, timeout_ns % 1'000'000'000};
    waiters_.fetch_add(1);
    futex(&events_, FUTEX_WAIT_PRIVATE, events, timeout_ns < 0 ? nullptr : &timeout);
    waiters_.fetch_sub(1);
}

LogRing& instance_log() { return ring; }

std::vector<LogRecord> log_records(std::uint64_t from) {
    std::vector<LogRecord> records;
    umc_log_record raw;
    while (ring.read(from, uptime_ns(), true, &raw)) {
        records.push_back(to_record(raw));
        from = raw.seq + 1;
    }
    return records;
}

bool log_wait(std::uint64_t from, int timeout_ms) {
    const auto limit = timeout_ms < 0 ? UINT64_MAX : uptime_ns() + static_cast<std::uint64_t>(timeout_ms) * 1'000'000;
    umc_log_record raw;
    for (;;) {
        std::uint32_t events = ring.events();
        std::uint64_t now = uptime_ns();
        if (ring.read(from, now, true, &raw)) return true;
        if (interrupted.load() || now >= limit) return false;
        std::uint64_t left = limit - now;
        // A record that may still be continued counts once it has settled, without another event.
        if (ring.next_seq() > from) left = std::min<std::uint64_t>(left, LogRing::kSettle);
        ring.wait(events, limit == UINT64_MAX && left > LogRing::kSettle ? -1 : static_cast<std::int64_t>(left));
    }
}

void log_interrupt() {
    interrupted.store(true);
    ring.interrupt();
}

std::string log_format(const LogRecord& record) {
    return fmt::format("[{:5}.{:06}] {}", record.time_ns / 1'000'000'000, record.time_ns / 1000 % 1'000'000,
                       record.text);
}

LogMirror::LogMirror() {
    thread_ = std::thread([this] {
        while (!stop_.load()) {
            std::uint32_t events = ring.events();
            umc_log_record raw;
            bool found = false;
            while (ring.read(printed.load(), uptime_ns(), true, &raw)) {
                std::string line = log_format(to_record(raw)) + "\n";
                write_all(line.data(), line.size());
                printed.store(raw.seq + 1);
                found = true;
            }
            if (found || stop_.load()) continue;
            bool open = ring.next_seq() > printed.load();
            ring.wait(events, open ? static_cast<std::int64_t>(LogRing::kSettle) : -1);
        }
    });
}

LogMirror::~LogMirror() {
    stop_.store(true);
    ring.interrupt();
    thread_.join();
    log_flush_stderr(LogRing::kSlots);
}

void log_flush_stderr(std::size_t max) {
    std::uint64_t next = ring.next_seq();
    std::uint64_t seq = std::max<std::uint64_t>(printed.load(), next > max ? next - max : 0);
    umc_log_record raw;
    char line[64 + UMC_LOG_TEXT_MAX];
    while (ring.read(seq, 0, false, &raw)) {
        auto end = fmt::format_to_n(line, sizeof line, "[{:5}.{:06}] {}\n", raw.time_ns / 1'000'000'000,
                                    raw.time_ns / 1000 % 1'000'000, std::string_view(raw.text, raw.length));
        write_all(line, std::min<std::size_t>(end.size, sizeof line));
        seq = raw.seq + 1;
        printed.store(seq);
    }
}

}  // namespace umc

extern "C" {

void umc_host_log_write(int facility, int level, int continued, unsigned int caller, const char* text,
                        unsigned long length) {
    umc::ring.write(umc::uptime_ns(), facility, level, continued != 0, caller, {text, length});
}

int umc_host_log_read(unsigned long long seq, umc_log_record* record) {
    return umc::ring.read(seq, 0, false, record) ? 1 : 0;
}

unsigned long long umc_host_log_next_seq(void) { return umc::ring.next_seq(); }

void umc_host_log_emergency(const char* text, unsigned long length) { umc::write_all(text, length); }

}  // extern "C"

// SPDX-License-Identifier: GPL-2.0-only
// The kernel log's ring: order, continuation, overwriting, and many writers beside readers.
#include "host/log.h"

#include <csignal>
#include <ctime>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "host/clock.h"
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

using umc::LogRing;

namespace {

constexpr std::uint64_t kLater = 3600'000'000'000;

std::vector<std::string> texts(LogRing& ring, std::uint64_t now = kLater) {
    std::vector<std::string> all;
    umc_log_record record;
    for (std::uint64_t seq = 0; ring.read(seq, now, true, &record); seq = record.seq + 1)
        all.emplace_back(record.text, record.length);
    return all;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("records come back in order, with their fields") {
    auto ring = std::make_unique<LogRing>();
    ring->write(5, 1, 3, false, 77, "first\n");
    ring->write(6, 0, 7, false, 77, "second line\nthird line\n");
    umc_log_record record;
    REQUIRE(ring->read(0, 10, true, &record));
    CHECK(record.seq == 0);
    CHECK(record.time_ns == 5);
    CHECK(record.facility == 1);
    CHECK(record.level == 3);
    CHECK(record.caller == 77);
    CHECK(texts(*ring) == Texts{"first", "second line\nthird line"});
    CHECK(ring->next_seq() == 2);
}

TEST_CASE("continuation joins only the caller's own last open record") {
    auto ring = std::make_unique<LogRing>();
    ring->write(1, 0, 6, false, 1, "one");
    ring->write(2, 0, 6, true, 1, " two");
    ring->write(3, 0, 6, true, 1, " three\n");
    ring->write(4, 0, 6, true, 1, "closed before\n");
    ring->write(5, 0, 6, false, 1, "mine");
    ring->write(6, 0, 6, true, 2, "other's\n");
    ring->write(7, 0, 6, true, 1, "too late\n");
    CHECK(texts(*ring) == Texts{"one two three", "closed before", "mine", "other's", "too late"});
}

TEST_CASE("an open record is shown once it has settled, and then stays as it is") {
    auto ring = std::make_unique<LogRing>();
    ring->write(1000, 0, 6, false, 1, "open");
    CHECK(texts(*ring, 1001).empty());
    umc_log_record record;
    CHECK(ring->read(0, 0, false, &record));
    CHECK(texts(*ring, 1000 + LogRing::kSettle) == Texts{"open"});
    ring->write(1002, 0, 6, true, 1, " more\n");
    CHECK(texts(*ring) == Texts{"open", " more"});
}

TEST_CASE("long texts are cut, and a full record is not continued") {
    auto ring = std::make_unique<LogRing>();
    ring->write(1, 0, 6, false, 1, std::string(5000, 'x') + "\n");
    ring->write(2, 0, 6, false, 1, std::string(UMC_LOG_TEXT_MAX - 3, 'y'));
    ring->write(3, 0, 6, true, 1, "abcd\n");
    auto all = texts(*ring);
    REQUIRE(all.size() == 3);
    CHECK(all[0] == std::string(UMC_LOG_TEXT_MAX, 'x'));
    CHECK(all[1] == std::string(UMC_LOG_TEXT_MAX - 3, 'y'));
    CHECK(all[2] == "abcd");
}

TEST_CASE("the newest records survive; clear hides what was there") {
    auto ring = std::make_unique<LogRing>();
    for (std::size_t i = 0; i < LogRing::kSlots + 10; ++i)
        ring->write(i, 0, 6, false, 1, std::to_string(i) + "\n");
    auto all = texts(*ring);
    REQUIRE(all.size() == LogRing::kSlots);
    CHECK(all.front() == "10");
    CHECK(all.back() == std::to_string(LogRing::kSlots + 9));
    ring->clear();
    CHECK(texts(*ring).empty());
    ring->write(1, 0, 6, false, 1, "after\n");
    CHECK(texts(*ring) == Texts{"after"});
}

TEST_CASE("many writers: no record is torn, lost or out of its writer's order") {
    constexpr int kWriters = 4, kEach = 20000;
    auto ring = std::make_unique<LogRing>();
    std::atomic<bool> done{false};
    std::vector<std::thread> writers;
    std::uint64_t seen = 0, gaps = 0;
    std::map<int, int> last;
    bool torn = false, disordered = false;
    auto check = [&](const umc_log_record& record, std::uint64_t expected) {
        gaps += record.seq - expected;
        ++seen;
        std::string text(record.text, record.length);
        int number = -1;
        auto colon = text.find(':');
        if (colon == std::string::npos) {
            torn = true;
            return;
        }
        number = std::stoi(text.substr(0, colon));
        std::size_t length = static_cast<std::size_t>(number % 900);
        torn |= text.size() != colon + 1 + length;
        torn |= text.find_first_not_of(static_cast<char>('a' + record.caller), colon + 1) != std::string::npos;
        auto [at, fresh] = last.try_emplace(static_cast<int>(record.caller), -1);
        disordered |= number <= at->second;
        at->second = number;
    };
    std::thread reader([&] {
        std::uint64_t seq = 0;
        umc_log_record record;
        for (;;) {
            bool ended = done.load();
            std::uint32_t events = ring->events();
            while (ring->read(seq, kLater, true, &record)) {
                check(record, seq);
                seq = record.seq + 1;
            }
            if (ended) break;
            ring->wait(events, 1'000'000'000);
        }
    });
    for (int w = 0; w < kWriters; ++w)
        writers.emplace_back([&, w] {
            for (int i = 0; i < kEach; ++i)
                ring->write(1, 0, 6, false, static_cast<std::uint32_t>(w),
                            std::to_string(i) + ":" + std::string(static_cast<std::size_t>(i % 900), 'a' + w) + "\n");
        });
    for (auto& writer : writers) writer.join();
    done = true;
    ring->interrupt();
    reader.join();
    CHECK_FALSE(torn);
    CHECK_FALSE(disordered);
    CHECK(seen > LogRing::kSlots / 2);
    CHECK(seen + gaps == kWriters * kEach);
    CHECK(ring->next_seq() == kWriters * kEach);
}

namespace {
LogRing* signal_ring;
std::atomic<int> handled;
}  // namespace

TEST_CASE("a signal handler may write while the code it interrupted does") {
    auto ring = std::make_unique<LogRing>();
    signal_ring = ring.get();
    struct sigaction action {};
    action.sa_handler = [](int) {
        signal_ring->write(1, 0, 6, false, 2, "from the handler\n");
        handled.fetch_add(1);
    };
    sigaction(SIGUSR1, &action, nullptr);
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGUSR1;
    timer_t timer;
    REQUIRE(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    itimerspec every{{0, 50'000}, {0, 50'000}};
    timer_settime(timer, 0, &every, nullptr);
    std::string text(700, 'm');
    int written = 0;
    for (; handled.load() < 200 && written < 20'000'000; ++written)
        ring->write(1, 0, 6, false, 1, text + "\n");
    timer_delete(timer);
    CHECK(handled.load() >= 200);
    CHECK(ring->next_seq() == static_cast<std::uint64_t>(written + handled.load()));
    CHECK(ring->dropped() == 0);
    umc_log_record record;
    bool whole = true;
    for (std::uint64_t seq = 0; ring->read(seq, kLater, true, &record); seq = record.seq + 1) {
        std::string_view got(record.text, record.length);
        whole &= record.caller == 1 ? got == text : got == "from the handler";
    }
    CHECK(whole);
}

TEST_CASE("the instance's log: waiting, formatting, interrupting") {
    CHECK_FALSE(umc::log_wait(0, 1));
    std::thread writer([] {
        timespec delay{0, 20'000'000};
        nanosleep(&delay, nullptr);
        umc_host_log_write(0, 4, 0, 1, "hello", 5);
    });
    CHECK(umc::log_wait(0, 5000));
    writer.join();
    auto records = umc::log_records(0);
    REQUIRE(records.size() == 1);
    CHECK(records[0].text == "hello");
    CHECK(records[0].level == 4);
    records[0].time_ns = 12'034'567'890;
    CHECK(umc::log_format(records[0]) == "[   12.034567] hello");
    std::thread interrupter([] { umc::log_interrupt(); });
    CHECK_FALSE(umc::log_wait(1, -1));
    interrupter.join();
}

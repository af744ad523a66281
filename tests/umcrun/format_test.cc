// SPDX-License-Identifier: GPL-2.0-only
// Tables and log lines.
#include "umcrun/format.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>

using namespace umc;
using namespace umc::cli;

TEST_CASE("lsmod's table is kmod's") {
    ModuleStatus a{"crc64", "", "ko", "Live", 16384, 0, 0, {}, ""};
    ModuleStatus b{"a_module_with_a_long_name", "", "so", "Live", 1234567890, 0, 2, {"x", "y"}, ""};
    CHECK(format_modules({}) == "Module                  Size  Used by\n");
    CHECK(format_modules({a, b}) ==
          "Module                  Size  Used by\n"
          "crc64                  16384  0\n"
          "a_module_with_a_long_name 1234567890  2 x,y\n");
}

TEST_CASE("ps's table") {
    TaskStatus task{12, 2, "kworker/0:1", 'I', 1, 61234000000, "worker_thread+0x10", {"a+0x1", "b+0x2"}};
    const std::string text = format_tasks({task});
    CHECK(text ==
          "    PID STATE CPU        TIME WCHAN              COMMAND\n"
          "     12 I       1    1:01.234 worker_thread+0x10 kworker/0:1\n"
          "            a+0x1\n"
          "            b+0x2\n");
}

TEST_CASE("dmesg's lines are util-linux's") {
    LogRecord record{1, 1234567890123, 4, 0, "foo: bar"};
    CHECK(format_log_record(record, {}) == "[ 1234.567890] foo: bar\n");
    record.time_ns = 123456;
    CHECK(format_log_record(record, {}) == "[    0.000123] foo: bar\n");
    LogFormat format;
    format.raw = true;
    CHECK(format_log_record(record, format) == "<4>[    0.000123] foo: bar\n");
    format = {};
    format.decode = true;
    CHECK(format_log_record(record, format) == "kern  :warn  : [    0.000123] foo: bar\n");
    format = {};
    format.time = LogFormat::Time::none;
    CHECK(format_log_record(record, format) == "foo: bar\n");
    format.time = LogFormat::Time::wall_clock;
    format.boot_time_s = 86400;
    setenv("TZ", "UTC", 1);
    tzset();
    CHECK(format_log_record(record, format) == "[Fri Jan  2 00:00:00 1970] foo: bar\n");
}

TEST_CASE("each line of a record has its prefix; control characters are escaped") {
    LogRecord record{1, 0, 6, 0, "a\n\tb\x1b[1m"};
    CHECK(format_log_record(record, {}) == "[    0.000000] a\n[    0.000000] \tb\\x1b[1m\n");
}

TEST_CASE("level lists") {
    CHECK(parse_log_levels("err") == 1u << 3);
    CHECK(parse_log_levels("err,info") == (1u << 3 | 1u << 6));
    CHECK(parse_log_levels("err+") == 0x0fu);
    CHECK(parse_log_levels("+err") == 0xf8u);
    CHECK(parse_log_levels("emerg") == 1u);
    for (const char* list : {"", "error", "err,", "+", "3"}) {
        CAPTURE(list);
        CHECK_FALSE(parse_log_levels(list));
    }
}

TEST_CASE("sizes and durations") {
    CHECK(format_size(512) == "512 B");
    CHECK(format_size(std::uint64_t{3} << 29) == "1.5 GiB");
    CHECK(format_duration(3725000000000) == "1:02:05");
}

// SPDX-License-Identifier: GPL-2.0-only
// How tables and log lines look.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/host/instance.h"

namespace umc::cli {

// lsmod's table, as kmod prints it.
std::string format_modules(const std::vector<ModuleStatus>& modules);
// ps's table; with the stacks indented below each task when they are there.
std::string format_tasks(const std::vector<TaskStatus>& tasks);

struct LogFormat {
    enum class Time { seconds, wall_clock, none };
    Time time = Time::seconds;
    bool raw = false;              // "<6>[    0.000000] text", as the kernel's ring holds it
    bool decode = false;           // "kern  :info  : " in front
    std::int64_t boot_time_s = 0;  // for wall_clock: seconds since the epoch at which the instance booted
};
// Every line of the record with its own prefix, each ended by a newline. Control characters are escaped as
// \xNN.
std::string format_log_record(const LogRecord& record, const LogFormat& format);

// "emerg".."debug" <-> 0..7.
std::string_view log_level_name(int level);
// "err,warn", "warn+" (and more severe), "+warn" (and less severe) -> a bit for each level. Nothing when
// malformed.
std::optional<unsigned> parse_log_levels(std::string_view list);

// "2.0 GiB"; "0:00:12".
std::string format_size(std::uint64_t bytes);
std::string format_duration(std::uint64_t ns);

}  // namespace umc::cli

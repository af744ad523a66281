// SPDX-License-Identifier: GPL-2.0-only
// Tables and log lines.
#include "umcrun/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace umc::cli {
namespace {

constexpr std::array<std::string_view, 8> kLevels = {"emerg", "alert",  "crit", "err",
                                                     "warn",  "notice", "info", "debug"};
constexpr std::array<std::string_view, 12> kFacilities = {
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp"};

std::optional<unsigned> parse_level(std::string_view name) {
    for (unsigned level = 0; level < kLevels.size(); ++level)
        if (kLevels[level] == name) return level;
    return std::nullopt;
}

std::string escape_control(std::string_view text) {
    std::string result;
    for (char c : text) {
        const unsigned char byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\t') || byte == 0x7f)
            result += fmt::format("\\x{:02x}", byte);
        else
            result += c;
    }
    return result;
}

std::string log_prefix(const LogRecord& record, const LogFormat& format) {
    std::string prefix;
    if (format.raw) prefix += fmt::format("<{}>", record.facility * 8 + record.level);
    if (format.decode) {
        const auto facility = static_cast<std::size_t>(record.facility);
        prefix += fmt::format("{:<6}:{:<6}: ", facility < kFacilities.size() ? kFacilities[facility] : "?",
                              log_level_name(record.level));
    }
    switch (format.time) {
        case LogFormat::Time::seconds:
            prefix +=
                fmt::format("[{:5}.{:06}] ", record.time_ns / 1000000000, record.time_ns / 1000 % 1000000);
            break;
        case LogFormat::Time::wall_clock: {
            const std::time_t time =
                format.boot_time_s + static_cast<std::int64_t>(record.time_ns / 1000000000);
            std::tm local{};
            localtime_r(&time, &local);
            char text[64];
            std::strftime(text, sizeof text, "%a %b %e %H:%M:%S %Y", &local);
            prefix += fmt::format("[{}] ", text);
            break;
        }
        case LogFormat::Time::none:
            break;
    }
    return prefix;
}

}  // namespace

std::string format_modules(const std::vector<ModuleStatus>& modules) {
    std::string text = "Module                  Size  Used by\n";
    for (const ModuleStatus& module : modules) {
        text += fmt::format("{:<19} {:>8}  {}", module.name, module.size,
                            std::max(module.refcount, 0L));
        char separator = ' ';
        for (const std::string& user : module.users) {
            text += separator;
            text += user;
            separator = ',';
        }
        text += '\n';
    }
    return text;
}

std::string format_tasks(const std::vector<TaskStatus>& tasks) {
    std::size_t wchan_width = 5;
    for (const TaskStatus& task : tasks) wchan_width = std::max(wchan_width, task.wchan.size());
    wchan_width = std::min<std::size_t>(wchan_width, 40);
    std::string text = fmt::format("{:>7} {:<5} {:>3} {:>11} {:<{}} {}\n", "PID", "STATE", "CPU", "TIME",
                                   "WCHAN", wchan_width, "COMMAND");
    for (const TaskStatus& task : tasks) {
        const std::uint64_t ms = task.cpu_ns / 1000000;
        text += fmt::format("{:>7} {:<5} {:>3} {:>11} {:<{}} {}\n", task.pid, task.state, task.cpu,
                            fmt::format("{}:{:02}.{:03}", ms / 60000, ms / 1000 % 60, ms % 1000),
                            task.wchan.empty() ? "-" : task.wchan, wchan_width, task.comm);
        for (const std::string& frame : task.stack) text += fmt::format("            {}\n", frame);
    }
    return text;
}

std::string format_log_record(const LogRecord& record, const LogFormat& format) {
    const std::string prefix = log_prefix(record, format);
    std::string text;
    std::string_view rest = record.text;
    while (true) {
        const std::size_t newline = rest.find('\n');
        text += prefix + escape_control(rest.substr(0, newline)) + '\n';
        if (newline == std::string_view::npos) return text;
        rest.remove_prefix(newline + 1);
    }
}

std::string_view log_level_name(int level) {
    return level >= 0 && level < static_cast<int>(kLevels.size()) ? kLevels[static_cast<std::size_t>(level)]
                                                                  : "?";
}

std::optional<unsigned> parse_log_levels(std::string_view list) {
    unsigned mask = 0;
    while (true) {
        const std::size_t comma = list.find(',');
        std::string_view name = list.substr(0, comma);
        const bool more_severe = name.ends_with('+');
        if (more_severe) name.remove_suffix(1);
        const bool less_severe = name.starts_with('+');
        if (less_severe) name.remove_prefix(1);
        const auto level = parse_level(name);
        if (!level) return std::nullopt;
        mask |= 1u << *level;
        if (more_severe) mask |= (1u << *level) - 1;
        if (less_severe) mask |= 0xffu & ~((1u << *level) - 1);
        if (comma == std::string_view::npos) return mask;
        list.remove_prefix(comma + 1);
    }
}

std::string format_size(std::uint64_t bytes) {
    constexpr std::array<std::string_view, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string format_duration(std::uint64_t ns) {
    const std::uint64_t s = ns / 1000000000;
    return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

}  // namespace umc::cli

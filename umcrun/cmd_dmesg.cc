// SPDX-License-Identifier: GPL-2.0-only
// umcrun dmesg: the instance's kernel log.
#include <cstdio>
#include <ctime>

#include "umcrun/client.h"
#include "umcrun/commands.h"
#include "umcrun/format.h"
#include "umcrun/report.h"

namespace umc::cli {
namespace {

constexpr OptionSpec kOptions[] = {
    {'w', "follow", "", "wait for new messages"},
    {'W', "follow-new", "", "wait for and print only new messages"},
    {'c', "read-clear", "", "print the messages and clear the log"},
    {'C', "clear", "", "clear the log"},
    {'l', "level", "LIST",
     "only these levels: emerg alert crit err warn notice\ninfo debug, "
     "separated by commas; \"warn+\" for warn\nand above, \"+warn\" for warn and below"},
    {'T', "ctime", "", "show wall-clock times"},
    {'t', "notime", "", "show no times"},
    {'r', "raw", "", "show the raw priority before each line"},
    {'x', "decode", "", "show facility and level in words"},
};

struct Selection {
    unsigned levels = 0xff;
    LogFormat format;
    bool json = false;
    bool follow = false;
};

Json json_record(const LogRecord& record) {
    return {{"seq", record.seq},
            {"time", static_cast<double>(record.time_ns / 1000) / 1e6},
            {"level", std::string(log_level_name(record.level))},
            {"facility", record.facility},
            {"text", record.text}};
}

Result<std::int64_t> boot_time(Client& client) {
    auto response = client.request({{"cmd", "status"}});
    if (!response) return tl::unexpected(response.error().error);
    const InstanceStatus status = status_from_json(response->at("status"));
    return static_cast<std::int64_t>(std::time(nullptr)) -
           static_cast<std::int64_t>(status.uptime_ns / 1000000000);
}

// Prints as the records come; --json without following collects one array.
int print_log(const Invocation& call, Client& client, const Selection& selection) {
    Json collected = Json::array();
    Json request = {{"cmd", "log"},
                    {"from", 0U},
                    {"follow", selection.follow},
                    {"new_only", call.options.has("follow-new")},
                    {"clear", call.options.has("read-clear") || call.options.has("clear")}};
    if (call.options.has("clear")) request["new_only"] = true;
    auto done = client.stream(std::move(request), [&](const Json& line) {
        for (const Json& object : get_array(line, "records")) {
            const LogRecord record = log_record_from_json(object);
            if (record.level >= 0 && record.level < 8 && !(selection.levels & (1u << record.level))) continue;
            if (!selection.json)
                out(format_log_record(record, selection.format));
            else if (selection.follow)
                outf("{}\n", dump(json_record(record)));
            else
                collected.push_back(json_record(record));
        }
        return std::fflush(stdout) == 0;
    });
    if (!done) {
        print_error(call, error_text(done.error().error));
        return kExitFailure;
    }
    if (selection.json && !selection.follow) outf("{}\n", dump(collected));
    return kExitOk;
}

int run(const Invocation& call) {
    if (!call.args().empty()) return usage_error(call, "too many arguments");
    Selection selection;
    selection.json = call.json;
    selection.follow = call.options.has("follow") || call.options.has("follow-new");
    const bool clear = call.options.has("clear");
    if (selection.follow && (clear || call.options.has("read-clear")))
        return usage_error(call, "following and clearing the log exclude each other");
    if (auto list = call.options.value("level")) {
        auto levels = parse_log_levels(*list);
        if (!levels) return usage_error(call, fmt::format("unknown level '{}'", *list));
        selection.levels = *levels;
    }
    auto client = Client::open(call.instance);
    if (!client) return report_no_instance(call, client.error());
    selection.format.raw = call.options.has("raw");
    selection.format.decode = call.options.has("decode") && !selection.format.raw;
    if (call.options.has("notime")) {
        selection.format.time = LogFormat::Time::none;
    } else if (call.options.has("ctime")) {
        selection.format.time = LogFormat::Time::wall_clock;
        auto time = boot_time(*client);
        if (!time) return report_no_instance(call, time.error());
        selection.format.boot_time_s = *time;
    }
    return print_log(call, *client, selection);
}

}  // namespace

const Command kDmesgCommand = {
    "dmesg", "", "Print, follow or clear the kernel log", "", kOptions, run, /*json=*/true,
};

}  // namespace umc::cli

// SPDX-License-Identifier: GPL-2.0-only
// umcrun status: whether an instance runs, and what it is.
#include "umcrun/client.h"
#include "umcrun/commands.h"
#include "umcrun/format.h"
#include "umcrun/report.h"

namespace umc::cli {
namespace {

constexpr OptionSpec kOptions[] = {
    {'a', "all", "", "every instance of this user"},
};

struct State {
    int exit = kExitNotRunning;
    const char* text = "not running";
    Json details = Json::object();
};

Result<State> find_state(const std::string& instance) {
    auto client = Client::open(instance);
    if (client) {
        auto response = client->request({{"cmd", "status"}});
        if (response) {
            State state{kExitOk, "running", (*response)["status"]};
            state.details["module_dir"] = (*response)["module_dir"];
            return state;
        }
        if (response.error().error.err == ESHUTDOWN) return State{kExitUnknown, "stopping"};
        if (response.error().error.err != ECONNRESET) return tl::unexpected(response.error().error);
        return State{};
    }
    if (!is_not_running(client.error())) return tl::unexpected(client.error());
    auto dir = RuntimeDir::open(RuntimeDir::Create::no);
    if (dir && InstanceLock::held(*dir, instance)) return State{kExitUnknown, "starting or stopping"};
    return State{};
}

Json state_json(const std::string& instance, const State& state) {
    Json object = readable(state.details);
    object["name"] = instance;
    object["state"] = state.text;
    return object;
}

void print_state(const std::string& instance, const State& state) {
    outf("{}: {}\n", instance, state.text);
    if (state.exit != kExitOk) return;
    const InstanceStatus status = status_from_json(state.details);
    outf("  pid      {}\n  release  {}\n  cpus     {}\n  memory   {}\n", status.pid, status.release,
         status.cpus, format_size(status.memory));
    outf("  uptime   {}\n  modules  {}\n  tasks    {}\n  tainted  {}\n", format_duration(status.uptime_ns),
         status.modules, status.tasks, status.taint);
    if (const std::string dir = get_string(state.details, "module_dir"); !dir.empty())
        outf("  module directory  {}\n", dir);
}

int show_all(const Invocation& call) {
    Json list = Json::array();
    auto dir = RuntimeDir::open(RuntimeDir::Create::no);
    if (!dir && dir.error().err != ENOENT) return report_no_instance(call, dir.error());
    const auto names = dir ? dir->instances() : std::vector<std::string>{};
    for (const std::string& name : names) {
        auto state = find_state(name);
        if (!state || state->exit == kExitNotRunning) continue;
        if (call.json)
            list.push_back(state_json(name, *state));
        else
            print_state(name, *state);
    }
    if (call.json) outf("{}\n", dump(list));
    return kExitOk;
}

int run(const Invocation& call) {
    if (!call.args().empty()) return usage_error(call, "too many arguments");
    if (call.options.has("all")) return show_all(call);
    auto state = find_state(call.instance);
    if (!state) {
        print_error(call, error_text(state.error()));
        return kExitUnknown;
    }
    if (call.json)
        outf("{}\n", dump(state_json(call.instance, *state)));
    else
        print_state(call.instance, *state);
    return state->exit;
}

}  // namespace

const Command kStatusCommand = {
    "status",
    "",
    "Tell whether an instance runs",
    "Exits with 0 when it runs, 3 when it does not, 4 when it is starting, stopping or unreachable.",
    kOptions,
    run,
    /*json=*/true,
};

}  // namespace umc::cli

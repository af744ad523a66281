// SPDX-License-Identifier: GPL-2.0-only
// umcrun ps: the tasks of the emulated kernel.
#include "umcrun/client.h"
#include "umcrun/commands.h"
#include "umcrun/format.h"
#include "umcrun/report.h"

namespace umc::cli {
namespace {

constexpr OptionSpec kOptions[] = {
    {'s', "stack", "", "show each task's call chain"},
};

int run(const Invocation& call) {
    if (!call.args().empty()) return usage_error(call, "too many arguments");
    auto client = Client::open(call.instance);
    if (!client) return report_no_instance(call, client.error());
    auto response = client->request({{"cmd", "tasks"}, {"stack", call.options.has("stack")}});
    if (!response) return report_no_instance(call, response.error().error);
    if (call.json) {
        outf("{}\n", dump(readable(get_array(*response, "tasks"))));
        return kExitOk;
    }
    std::vector<TaskStatus> tasks;
    for (const Json& object : get_array(*response, "tasks")) tasks.push_back(task_from_json(object));
    out(format_tasks(tasks));
    return kExitOk;
}

}  // namespace

const Command kPsCommand = {
    "ps",
    "",
    "List the tasks of the instance",
    "STATE is R (runnable), S (sleeping), D (uninterruptible), I (idle), T (stopped) or Z (ended);\n"
    "TIME the CPU time used; WCHAN the function a task sleeps in.",
    kOptions,
    run,
    /*json=*/true,
};

}  // namespace umc::cli

// SPDX-License-Identifier: GPL-2.0-only
// umcrun lsmod: the loaded modules, newest first.
#include "umcrun/client.h"
#include "umcrun/commands.h"
#include "umcrun/format.h"
#include "umcrun/report.h"

namespace umc::cli {
namespace {

int run(const Invocation& call) {
    if (!call.args().empty()) return usage_error(call, "too many arguments");
    auto client = Client::open(call.instance);
    if (!client) return report_no_instance(call, client.error());
    auto response = client->request({{"cmd", "modules"}});
    if (!response) return report_no_instance(call, response.error().error);
    if (call.json) {
        outf("{}\n", dump(readable(get_array(*response, "modules"))));
        return kExitOk;
    }
    std::vector<ModuleStatus> modules;
    for (const Json& object : get_array(*response, "modules")) modules.push_back(module_from_json(object));
    out(format_modules(modules));
    return kExitOk;
}

}  // namespace

const Command kLsmodCommand = {
    "lsmod", "", "List the loaded modules", "", {}, run, /*json=*/true,
};

}  // namespace umc::cli

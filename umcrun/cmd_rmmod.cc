// SPDX-License-Identifier: GPL-2.0-only
// umcrun rmmod: unloads modules.
#include <sys/stat.h>
#include <syslog.h>

#include "umcrun/client.h"
#include "umcrun/commands.h"
#include "umcrun/module_args.h"
#include "umcrun/report.h"

namespace umc::cli {
namespace {

constexpr OptionSpec kOptions[] = {
    {'f', "force", "", "unload even a module that is in use or has no exit\nfunction. DANGEROUS"},
    {'s', "syslog", "", "report errors to syslog, not stderr"},
    {'v', "verbose", "", "say what is done"},
    {'w', "wait", "", ""},  // old rmmod's, without effect
};

int run(const Invocation& call) {
    if (call.args().empty()) return usage_error(call, "missing module name");
    if (call.options.has("syslog")) send_messages_to_syslog(call);
    auto client = Client::open(call.instance);
    if (!client) return report_no_instance(call, client.error());
    int status = kExitOk;
    for (const std::string& word : call.args()) {
        // A file's name stands for the module in it, whether or not the file is still there.
        const std::string name = module_name_of_path(word);
        if (call.options.has("verbose")) outf("rmmod {}\n", name);
        auto removed = client->request(
            {{"cmd", "rmmod"}, {"name", to_wire(name)}, {"force", call.options.has("force")}});
        if (removed) continue;
        report_rmmod(call, name, word, removed.error());
        status = kExitFailure;
    }
    return status;
}

}  // namespace

const Command kRmmodCommand = {
    "rmmod", "MODULE|FILE...", "Unload modules", "", kOptions, run,
};

}  // namespace umc::cli

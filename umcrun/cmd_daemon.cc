// SPDX-License-Identifier: GPL-2.0-only
// umcrun daemon: the background instance itself. Internal: start_instance() runs it with standard input and
// output on /dev/null, standard error on NAME.log and a pipe for its report.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "umcrun/commands.h"
#include "umcrun/instance_options.h"
#include "umcrun/protocol.h"

namespace umc::cli {
namespace {

constexpr OptionSpec kOptions[] = {
    UMC_INSTANCE_OPTION_SPECS,
    {0, "ready-fd", "FD", "where to report that the instance is ready"},
};

void report(Fd& fd, const Json& message) {
    const std::string line = dump(message) + "\n";
    // The starter may have given up; the instance is none the worse for it.
    [[maybe_unused]] ssize_t ignored = write(fd.get(), line.data(), line.size());
    fd.reset();
}

int run(const Invocation& call) {
    auto number = parse_number(call.options.value_or("ready-fd", ""), 0, 1 << 20);
    auto options = host_options(call);
    if (!number || !options) return usage_error(call, "this command is internal; use 'umcrun start'");
    Fd ready(static_cast<int>(*number));
    fcntl(ready.get(), F_SETFD, FD_CLOEXEC);
    prctl(PR_SET_NAME, "umcrun");
    umask(022);
    if (chdir("/") != 0) return kExitFailure;

    auto host = InstanceHost::boot(*options);
    if (!host) {
        report(ready, {{"errno", host.error().err}, {"message", to_wire(host.error().message)}});
        return kExitFailure;
    }
    report(ready, {{"ready", true}, {"pid", getpid()}});
    (*host)->wait_for_stop();
    return (*host)->shutdown() ? kExitOk : kExitFailure;
}

}  // namespace

const Command kDaemonCommand = {
    "daemon",          "", "Run as the background process of an instance", "", kOptions, run, /*json=*/false,
    /*internal=*/true,
};

}  // namespace umc::cli

// SPDX-License-Identifier: GPL-2.0-only
// umcrun insmod: loads module files, starting the instance when none runs.
#include <cstring>

#include "umcrun/commands.h"
#include "umcrun/daemon.h"
#include "umcrun/module_args.h"
#include "umcrun/report.h"

namespace umc::cli {
namespace {

constexpr OptionSpec kOptions[] = {
    {'f', "force", "", "same as --force-vermagic --force-modversion"},
    {0, "force-vermagic", "", "ignore the version magic"},
    {0, "force-modversion", "", "ignore symbol versions"},
    {0, "allow-missing", "", "load despite unknown symbols; using one stops loudly"},
    {'p', "probe", "", ""},  // old insmod's, without effect
    {'s', "syslog", "", ""},
};

int run(const Invocation& call) {
    const auto files = split_module_words(call.args());
    if (files.empty()) return usage_error(call, "missing filename");
    InsertRequest request;
    const bool force = call.options.has("force");
    request.options.force_vermagic = force || call.options.has("force-vermagic");
    request.options.force_modversion = force || call.options.has("force-modversion");
    request.options.allow_missing = call.options.has("allow-missing");

    // Nothing is loaded, nor an instance started, when a file is missing.
    std::vector<std::string> paths;
    for (const FileWithArgs& file : files) {
        auto path = resolve_module_file(file.file);
        if (!path) {
            error(call, "could not load module {}: {}", file.file, std::strerror(path.error().err));
            return kExitFailure;
        }
        paths.push_back(std::move(*path));
    }
    auto client = open_or_start(call.instance);
    if (!client) return report_no_instance(call, client.error());
    for (std::size_t i = 0; i < files.size(); ++i) {
        request.path = paths[i];
        request.args = files[i].args;
        auto loaded = client->request(insmod_request(request));
        if (!loaded) {
            report_insmod(call, files[i].file, loaded.error());
            return kExitFailure;
        }
    }
    return kExitOk;
}

}  // namespace

const Command kInsmodCommand = {
    "insmod",
    "FILE [PARAM=VALUE]... [FILE [PARAM=VALUE]...]...",
    "Load modules from files, in order",
    "A word with a '/' before any '=', and a word without '=' that ends in .so or .ko or names\n"
    "an existing file, is a FILE; other words are parameters of the FILE before them.\n"
    "The first module that cannot be loaded ends the command; those before it stay loaded.\n"
    "The instance is started when none runs.",
    kOptions,
    run,
};

}  // namespace umc::cli

// SPDX-License-Identifier: GPL-2.0-only
// umcrun run: an instance in the foreground, for systemd, containers and debuggers.
#include <cerrno>
#include <cstring>
#include <optional>

#include "umcrun/commands.h"
#include "umcrun/instance_options.h"
#include "umcrun/log_printer.h"
#include "umcrun/module_args.h"
#include "umcrun/report.h"
#include "umcrun/service_notify.h"

namespace umc::cli {
namespace {

constexpr OptionSpec kOptions[] = {
    UMC_INSTANCE_OPTION_SPECS,
    {'f', "force", "", "ignore version magic and symbol versions"},
    {0, "allow-missing", "", "load despite unknown symbols; using one stops loudly"},
    {'q', "quiet", "", "do not print the kernel log"},
};

bool load_all(const Invocation& call, InstanceHost& host, const std::vector<FileWithArgs>& files,
              LogPrinter* printer) {
    InsmodOptions options;
    options.force_vermagic = options.force_modversion = call.options.has("force");
    options.allow_missing = call.options.has("allow-missing");
    for (const FileWithArgs& file : files) {
        if (host.stop_requested()) return true;
        auto path = resolve_module_file(file.file);
        if (!path) {
            error(call, "could not load module {}: {}", file.file, std::strerror(path.error().err));
            return false;
        }
        auto loaded = host.instance().insmod(*path, file.args, options);
        if (printer) printer->catch_up();
        if (!loaded) {
            error(call, "could not insert module {}: {}", file.file, insmod_error_text(loaded.error().err));
            if (!loaded.error().message.empty()) print_hint(call, loaded.error().message);
            return false;
        }
    }
    return true;
}

// Newest first, so that users go before what they use.
bool unload_all(const Invocation& call, InstanceHost& host) {
    bool all = true;
    for (const ModuleStatus& module : host.instance().modules()) {
        auto removed = host.instance().rmmod(module.name, false);
        if (removed || removed.error().err == ENOENT) continue;
        warning(call, "could not remove module {}: {}", module.name, std::strerror(removed.error().err));
        all = false;
    }
    return all;
}

int run(const Invocation& call) {
    const auto files = split_module_words(call.args());
    auto options = host_options(call);
    if (!options) return usage_error(call, options.error().message);
    auto host = InstanceHost::boot(*options);
    if (!host) {
        error(call, "could not start instance '{}': {}", call.instance, error_text(host.error()));
        return kExitFailure;
    }
    bool good;
    {
        std::optional<LogPrinter> printer;
        if (!call.options.has("quiet")) printer.emplace((*host)->instance());
        good = load_all(call, **host, files, printer ? &*printer : nullptr);
        if (good) {
            notify_service_manager("READY=1");
            (*host)->wait_for_stop();
        }
        notify_service_manager("STOPPING=1");
        good = unload_all(call, **host) && good;
    }
    if (auto down = (*host)->shutdown(); !down) {
        error(call, "instance '{}' did not end cleanly: {}", call.instance, error_text(down.error()));
        good = false;
    }
    return good ? kExitOk : kExitFailure;
}

}  // namespace

const Command kRunCommand = {
    "run",
    "[FILE [PARAM=VALUE]...]...",
    "Run an instance in the foreground",
    "Boots the instance in this process, loads the files in order (see insmod) and prints the\n"
    "kernel log to standard error until Ctrl-C, SIGTERM or 'umcrun stop', then unloads the\n"
    "modules in reverse order. Other commands reach it as usual. When a file cannot be loaded\n"
    "the rest is unloaded and the exit status is 1. Under systemd use Type=notify.",
    kOptions,
    run,
};

}  // namespace umc::cli

// SPDX-License-Identifier: GPL-2.0-only
// umcrun modprobe: loads and unloads modules by name or alias, with what they depend on.
#include "umcrun/commands.h"
#include "umcrun/installation.h"
#include "umcrun/modprobe.h"

namespace umc::cli {
namespace {

constexpr OptionSpec kOptions[] = {
    {'a', "all", "", "every argument is a module"},
    {'r', "remove", "", "unload instead of loading"},
    {0, "remove-holders", "", "unload the modules that use it, too (with -r)"},
    {0, "remove-dependencies", "", ""},
    {'w', "wait", "MSEC", "wait so long for a module to become unused (with -r)"},
    {0, "first-time", "", "fail when the module is loaded (unloaded) already"},
    {'i', "ignore-install", "", "ignore install commands"},
    {0, "ignore-remove", "", "ignore remove commands"},
    {'b', "use-blacklist", "", "apply the blacklist to module names, not only to\naliases"},
    {'f', "force", "", "same as --force-vermagic --force-modversion"},
    {0, "force-vermagic", "", "ignore the version magic"},
    {0, "force-modversion", "", "ignore symbol versions"},
    {0, "allow-missing", "", "load despite unknown symbols; using one stops loudly"},
    {'R', "resolve-alias", "", "print the modules that an alias stands for"},
    {'D', "show-depends", "", "print what would be loaded, ignoring what is loaded"},
    {'c', "show-config", "", "print the configuration"},
    {0, "showconfig", "", ""},
    {'n', "dry-run", "", "do everything but load or unload"},
    {0, "show", "", ""},
    {'C', "config", "PATH",
     "read this file or directory instead of the default\nconfiguration; may be repeated"},
    {'d', "dirname", "DIR", "use DIR/lib/modules/RELEASE"},
    {'S', "set-version", "RELEASE", "use this release instead of the emulated kernel's"},
    {'s', "syslog", "", "report errors to syslog, not stderr"},
    {'q', "quiet", "", "print no errors"},
    {'v', "verbose", "", "print what is done"},
};

ModprobeConfig load_config(const Invocation& call) {
    ModprobeConfig config;
    const auto paths = call.options.values("config");
    if (paths.empty()) {
        for (const std::string& path : default_config_dirs()) config.load(path);
    }
    for (const std::string& path : paths)
        if (!config.load(path)) config.warnings.push_back(fmt::format("cannot read {}", path));
    return config;
}

int run(const Invocation& call) {
    ModprobeOptions options;
    options.all = call.options.has("all");
    options.quiet = call.options.has("quiet");
    options.verbose = call.options.has("verbose");
    options.show_depends = call.options.has("show-depends");
    options.dry_run = options.show_depends || call.options.has("dry-run") || call.options.has("show");
    options.first_time = call.options.has("first-time");
    options.ignore_commands = call.options.has("ignore-install") || call.options.has("ignore-remove");
    options.use_blacklist = call.options.has("use-blacklist");
    options.remove_holders = call.options.has("remove-holders") || call.options.has("remove-dependencies");
    options.lookup_only = call.options.has("resolve-alias");
    const bool force = call.options.has("force");
    options.insmod.force_vermagic = force || call.options.has("force-vermagic");
    options.insmod.force_modversion = force || call.options.has("force-modversion");
    options.insmod.allow_missing = call.options.has("allow-missing");
    options.force_remove = force;
    if (auto text = call.options.value("wait")) {
        auto wait = parse_number(*text, 0, 1L << 31);
        if (!wait) return usage_error(call, wait.error().message);
        options.wait_ms = *wait;
    }
    const bool show_config = call.options.has("show-config") || call.options.has("showconfig");
    if (call.args().empty() && !show_config) return usage_error(call, "missing module name");
    if (call.options.has("syslog")) send_messages_to_syslog(call);

    const ModprobeConfig config = load_config(call);
    if (!options.quiet)
        for (const std::string& text : config.warnings) print_warning(call, text);
    if (show_config) {
        out(config.dump());
        return kExitOk;
    }
    const ModuleDir dir = ModuleDir::load(module_dir_path(call, "dirname", "set-version"));
    Modprobe modprobe(call, options, dir, config);
    if (call.options.has("remove")) return modprobe.remove_all(call.args()) ? kExitOk : kExitFailure;
    return modprobe.insert_all(call.args()) ? kExitOk : kExitFailure;
}

}  // namespace

const Command kModprobeCommand = {
    "modprobe",
    "MODULE [PARAM=VALUE]... | -a MODULE... | -r MODULE...",
    "Load or unload modules by name, with their dependencies",
    "MODULE is a name or an alias that 'umcrun depmod' has indexed. Here -i is --ignore-install;\n"
    "name an instance with --instance, or with -i before the command.",
    kOptions,
    run,
};

}  // namespace umc::cli

// SPDX-License-Identifier: GPL-2.0-only
// Choosing and running a command; help, version, messages.
#include "umcrun/command.h"

#include <syslog.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "umcrun/runtime_dir.h"

namespace umc::cli {
namespace {

bool to_syslog = false;

void print_message(const Invocation& call, int priority, std::string_view prefix, std::string_view text) {
    if (to_syslog)
        syslog(priority, "%s%s", std::string(prefix).c_str(), std::string(text).c_str());
    else
        fmt::print(stderr, "{}: {}{}\n", call.command, prefix, text);
}

constexpr OptionSpec kGlobalOptions[] = {
    {'i', "instance", "NAME", "work on the instance NAME (default: $UMC_INSTANCE,\nelse \"default\")"},
    {0, "json", "", "print JSON"},
    {'h', "help", "", "show this help and exit"},
    {'V', "version", "", "show the version and exit"},
};

// The command's own options come first, so that its letters win (modprobe's -i).
std::vector<OptionSpec> with_global_options(const Command& command) {
    std::vector<OptionSpec> specs(command.options.begin(), command.options.end());
    for (OptionSpec spec : kGlobalOptions) {
        if (spec.long_name == "json" && !command.json) spec.help = "";
        for (const OptionSpec& own : command.options)
            if (own.short_name && own.short_name == spec.short_name) spec.short_name = 0;
        specs.push_back(spec);
    }
    return specs;
}

std::string format_program_help() {
    std::string text =
        "Usage: umcrun [options] COMMAND [options] [arguments]\n"
        "Runs Linux kernel modules in user mode.\n\nCommands:\n";
    for (const Command* command : commands())
        if (!command->internal) text += fmt::format("  {:<10} {}\n", command->name, command->summary);
    text += "\nOptions (before or after the command):\n" + format_options(kGlobalOptions);
    text += "\n'umcrun COMMAND --help' tells more about a command; so does umcrun(8).\n";
    return text;
}

int program_usage_error(std::string_view text) {
    fmt::print(stderr, "umcrun: {}\nTry 'umcrun --help' for more information.\n", text);
    return kExitUsage;
}

// Flushes standard output; a write that failed must not pass for success.
int finish(int status) {
    if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return status;
    fmt::print(stderr, "umcrun: ERROR: cannot write to standard output: {}\n", std::strerror(errno));
    return status == kExitOk ? kExitFailure : status;
}

int help_command(std::span<const std::string> topics) {
    if (topics.empty()) {
        out(format_program_help());
        return kExitOk;
    }
    const Command* command = find_command(topics[0]);
    if (!command) return program_usage_error(fmt::format("unknown command '{}'", topics[0]));
    out(format_command_help(*command));
    return kExitOk;
}

int run_command(const Command& command, std::span<const std::string> words, const Options& before) {
    Invocation call;
    call.command = command.name;
    const auto specs = with_global_options(command);
    auto options = parse_options(words, specs);
    if (!options) return usage_error(call, options.error().message);
    call.options = std::move(*options);
    if (call.options.has("help") || before.has("help")) {
        out(format_command_help(command));
        return kExitOk;
    }
    if (call.options.has("version")) {
        out("umcrun version " UMC_VERSION "\n");
        return kExitOk;
    }
    const char* env = std::getenv("UMC_INSTANCE");
    call.instance =
        call.options.value_or("instance", before.value_or("instance", env && *env ? env : "default"));
    if (auto valid = check_instance_name(call.instance); !valid)
        return usage_error(call, valid.error().message);
    call.json = call.options.has("json") || before.has("json");
    if (call.json && !command.json) return usage_error(call, "this command has no JSON output");
    return command.run(call);
}

std::string_view base_name(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

int dispatch(std::vector<std::string> words) {
    const std::string_view self = base_name(words[0]);
    std::span<const std::string> rest(words.begin() + 1, words.end());
    if (const Command* applet = find_command(self); applet && !applet->internal)
        return run_command(*applet, rest, {});

    auto before = parse_options(rest, kGlobalOptions, ArgOrder::options_first);
    if (!before) return program_usage_error(before.error().message);
    if (before->has("version")) {
        out("umcrun version " UMC_VERSION "\n");
        return kExitOk;
    }
    if (before->args.empty()) {
        if (before->has("help")) return help_command({});
        fmt::print(stderr, "{}", format_program_help());
        return kExitUsage;
    }
    const std::string name = before->args[0];
    const std::vector<std::string> arguments(before->args.begin() + 1, before->args.end());
    if (name == "help") return help_command(arguments);
    const Command* command = find_command(name);
    if (!command) return program_usage_error(fmt::format("unknown command '{}'", name));
    return run_command(*command, arguments, *before);
}

}  // namespace

const Command* find_command(std::string_view name) {
    for (const Command* command : commands())
        if (command->name == name) return command;
    return nullptr;
}

int cli_main(int argc, char** argv) {
    std::vector<std::string> words(argv, argv + argc);
    if (words.empty()) words.emplace_back("umcrun");
    return finish(dispatch(std::move(words)));
}

std::string format_command_help(const Command& command) {
    std::string text = fmt::format("Usage: umcrun {} [options]{}{}\n{}.\n", command.name,
                                   command.synopsis.empty() ? "" : " ", command.synopsis, command.summary);
    if (text.size() > 0 && !command.details.empty()) text += fmt::format("\n{}\n", command.details);
    text += "\nOptions:\n" + format_options(with_global_options(command));
    return text;
}

void send_messages_to_syslog(const Invocation& call) {
    // openlog keeps the pointer; commands live as long as the program.
    openlog(find_command(call.command)->name.data(), LOG_CONS, LOG_DAEMON);
    to_syslog = true;
}

void print_error(const Invocation& call, std::string_view text) {
    print_message(call, LOG_ERR, "ERROR: ", text);
}

void print_warning(const Invocation& call, std::string_view text) {
    print_message(call, LOG_WARNING, "WARNING: ", text);
}

void print_hint(const Invocation& call, std::string_view text) { print_message(call, LOG_ERR, "", text); }

int usage_error(const Invocation& call, std::string_view text) {
    fmt::print(stderr, "{0}: {1}\nTry 'umcrun {0} --help' for more information.\n", call.command, text);
    return kExitUsage;
}

std::string error_text(const Error& error) {
    return error.message.empty() ? std::strerror(error.err) : error.message;
}

void out(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace umc::cli

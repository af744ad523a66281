// SPDX-License-Identifier: GPL-2.0-only
// What a command is, and the helpers every command uses to talk to its user.
#pragma once

#include <fmt/format.h>

#include <span>
#include <string>
#include <string_view>

#include "umcrun/options.h"

namespace umc::cli {

// Exit statuses of every command. `status` adds LSB's 3 (not running) and 4 (unknown).
enum ExitStatus { kExitOk = 0, kExitFailure = 1, kExitUsage = 2, kExitNotRunning = 3, kExitUnknown = 4 };

struct Invocation {
    std::string command;   // its name, which starts every message
    std::string instance;  // -i NAME, else $UMC_INSTANCE, else "default"; valid
    bool json = false;
    Options options;

    const std::vector<std::string>& args() const { return options.args; }
};

struct Command {
    std::string_view name;
    std::string_view synopsis;  // what follows the options in the usage line
    std::string_view summary;   // one line for `umcrun help`
    std::string_view details;   // paragraphs for --help; may be empty
    std::span<const OptionSpec> options;
    int (*run)(const Invocation&);
    bool json = false;      // has a --json form
    bool internal = false;  // not shown to users
};

// Every command, in the order of the help text.
std::span<const Command* const> commands();
const Command* find_command(std::string_view name);

// The whole program: picks the command by argv[0] or the first word, runs it, returns the exit status.
int cli_main(int argc, char** argv);

std::string format_command_help(const Command& command);

// "insmod: ERROR: text" on stderr, as kmod's tools print.
void print_error(const Invocation& call, std::string_view text);
void print_warning(const Invocation& call, std::string_view text);
// "insmod: text": the reason behind the error before it.
void print_hint(const Invocation& call, std::string_view text);

template <typename... Args>
void error(const Invocation& call, fmt::format_string<Args...> format, Args&&... args) {
    print_error(call, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warning(const Invocation& call, fmt::format_string<Args...> format, Args&&... args) {
    print_warning(call, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void hint(const Invocation& call, fmt::format_string<Args...> format, Args&&... args) {
    print_hint(call, fmt::format(format, std::forward<Args>(args)...));
}
// From now on messages go to syslog(3) instead of stderr.
void send_messages_to_syslog(const Invocation& call);
// A mistake in the command line: the text, where to read more, kExitUsage.
int usage_error(const Invocation& call, std::string_view text);

// Prints an Error: its message, or the errno's text when it has none.
std::string error_text(const Error& error);

// Standard output. A failing write (a full disk, a closed pipe) turns the exit status into kExitFailure.
void out(std::string_view text);
template <typename... Args>
void outf(fmt::format_string<Args...> format, Args&&... args) {
    out(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace umc::cli

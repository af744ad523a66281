// SPDX-License-Identifier: GPL-2.0-only
// Command line options: one parser and one help layout for every command.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "symtab/result.h"

namespace umc::cli {

struct OptionSpec {
    char short_name;             // 0: none
    std::string_view long_name;  // identifies the option
    std::string_view argument;   // its name in the help text; empty: the option takes none
    std::string_view help;       // empty: accepted but not listed
};

// The outcome of a parse. Options are asked for by their long name.
class Options {
 public:
    std::vector<std::string> args;  // what is not an option, in order

    bool has(std::string_view long_name) const { return count(long_name) > 0; }
    int count(std::string_view long_name) const;
    // The last one wins.
    std::optional<std::string> value(std::string_view long_name) const;
    std::string value_or(std::string_view long_name, std::string_view fallback) const;
    // Every value given, in order.
    std::vector<std::string> values(std::string_view long_name) const;

    void add(std::string_view long_name, std::string value);

 private:
    std::map<std::string, std::vector<std::string>, std::less<>> given_;
};

enum class ArgOrder {
    mixed,         // options may follow arguments, as in GNU getopt
    options_first  // the first argument ends the options
};

// "-abc", "-n5", "-n 5", "--name=5", "--name 5", unique prefixes of long names and "--" are understood.
// EINVAL with getopt's message otherwise. The first spec that matches a letter wins.
Result<Options> parse_options(std::span<const std::string> words, std::span<const OptionSpec> specs,
                              ArgOrder order = ArgOrder::mixed);

// One line an option (more when the text holds newlines), indented, aligned.
std::string format_options(std::span<const OptionSpec> specs);

// "512", "64K", "512M", "2G", "1T" -> bytes. EINVAL otherwise.
Result<std::uint64_t> parse_size(std::string_view text);
// A decimal number within [min, max]. EINVAL otherwise.
Result<long> parse_number(std::string_view text, long min, long max);

}  // namespace umc::cli

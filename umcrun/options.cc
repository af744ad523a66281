// SPDX-License-Identifier: GPL-2.0-only
// The option parser.
#include "umcrun/options.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <limits>

namespace umc::cli {

int Options::count(std::string_view long_name) const {
    auto it = given_.find(long_name);
    return it == given_.end() ? 0 : static_cast<int>(it->second.size());
}

std::optional<std::string> Options::value(std::string_view long_name) const {
    auto it = given_.find(long_name);
    if (it == given_.end()) return std::nullopt;
    return it->second.back();
}

std::string Options::value_or(std::string_view long_name, std::string_view fallback) const {
    auto found = value(long_name);
    return found ? *found : std::string(fallback);
}

std::vector<std::string> Options::values(std::string_view long_name) const {
    auto it = given_.find(long_name);
    return it == given_.end() ? std::vector<std::string>{} : it->second;
}

void Options::add(std::string_view long_name, std::string value) {
    given_[std::string(long_name)].push_back(std::move(value));
}

namespace {

Result<const OptionSpec*> find_long(std::string_view name, std::span<const OptionSpec> specs) {
    const OptionSpec* prefix_match = nullptr;
    bool ambiguous = false;
    for (const OptionSpec& spec : specs) {
        if (spec.long_name == name) return &spec;
        if (!spec.long_name.starts_with(name)) continue;
        if (prefix_match && prefix_match->long_name != spec.long_name) ambiguous = true;
        if (!prefix_match) prefix_match = &spec;
    }
    if (ambiguous) return fail(EINVAL, fmt::format("option '--{}' is ambiguous", name));
    if (!prefix_match) return fail(EINVAL, fmt::format("unrecognized option '--{}'", name));
    return prefix_match;
}

const OptionSpec* find_short(char letter, std::span<const OptionSpec> specs) {
    for (const OptionSpec& spec : specs)
        if (spec.short_name == letter) return &spec;
    return nullptr;
}

class Parser {
 public:
    Parser(std::span<const std::string> words, std::span<const OptionSpec> specs, ArgOrder order)
        : words_(words), specs_(specs), order_(order) {}

    Result<Options> parse() {
        while (next_ < words_.size()) {
            std::string_view word = words_[next_++];
            if (word == "--") {
                take_rest();
                break;
            }
            if (word.size() < 2 || word[0] != '-') {
                result_.args.emplace_back(word);
                if (order_ == ArgOrder::options_first) {
                    take_rest();
                    break;
                }
                continue;
            }
            auto done = word[1] == '-' ? long_option(word.substr(2)) : short_options(word.substr(1));
            if (!done) return tl::unexpected(done.error());
        }
        return std::move(result_);
    }

 private:
    void take_rest() {
        while (next_ < words_.size()) result_.args.push_back(words_[next_++]);
    }

    Result<> long_option(std::string_view text) {
        const std::size_t equals = text.find('=');
        const std::string_view name = text.substr(0, equals);
        auto spec = find_long(name, specs_);
        if (!spec) return tl::unexpected(spec.error());
        const std::string_view long_name = (*spec)->long_name;
        if ((*spec)->argument.empty()) {
            if (equals != std::string_view::npos)
                return fail(EINVAL, fmt::format("option '--{}' doesn't allow an argument", long_name));
            result_.add(long_name, "");
            return {};
        }
        if (equals != std::string_view::npos) {
            result_.add(long_name, std::string(text.substr(equals + 1)));
            return {};
        }
        if (next_ == words_.size())
            return fail(EINVAL, fmt::format("option '--{}' requires an argument", long_name));
        result_.add(long_name, words_[next_++]);
        return {};
    }

    Result<> short_options(std::string_view letters) {
        for (std::size_t i = 0; i < letters.size(); ++i) {
            const OptionSpec* spec = find_short(letters[i], specs_);
            if (!spec) return fail(EINVAL, fmt::format("invalid option -- '{}'", letters[i]));
            if (spec->argument.empty()) {
                result_.add(spec->long_name, "");
                continue;
            }
            if (i + 1 < letters.size()) {
                result_.add(spec->long_name, std::string(letters.substr(i + 1)));
            } else if (next_ < words_.size()) {
                result_.add(spec->long_name, words_[next_++]);
            } else {
                return fail(EINVAL, fmt::format("option requires an argument -- '{}'", letters[i]));
            }
            break;
        }
        return {};
    }

    std::span<const std::string> words_;
    std::span<const OptionSpec> specs_;
    ArgOrder order_;
    std::size_t next_ = 0;
    Options result_;
};

}  // namespace

Result<Options> parse_options(std::span<const std::string> words, std::span<const OptionSpec> specs,
                              ArgOrder order) {
    return Parser(words, specs, order).parse();
}

std::string format_options(std::span<const OptionSpec> specs) {
    constexpr std::size_t kColumn = 32;
    std::string out;
    for (const OptionSpec& spec : specs) {
        if (spec.help.empty()) continue;
        std::string line = spec.short_name ? fmt::format("  -{}, --{}", spec.short_name, spec.long_name)
                                           : fmt::format("      --{}", spec.long_name);
        if (!spec.argument.empty()) line += fmt::format("={}", spec.argument);
        if (line.size() + 2 > kColumn) {
            out += line + "\n";
            line.clear();
        }
        std::string_view help = spec.help;
        while (true) {
            const std::size_t newline = help.find('\n');
            out += fmt::format("{:<{}}{}\n", line, kColumn, help.substr(0, newline));
            if (newline == std::string_view::npos) break;
            help.remove_prefix(newline + 1);
            line.clear();
        }
    }
    return out;
}

Result<std::uint64_t> parse_size(std::string_view text) {
    std::uint64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::string_view suffix(end, static_cast<std::size_t>(text.data() + text.size() - end));
    int shift = -1;
    if (suffix.empty()) {
        shift = 0;
    } else if (suffix.size() == 1) {
        switch (suffix[0]) {
            case 'k':
            case 'K':
                shift = 10;
                break;
            case 'm':
            case 'M':
                shift = 20;
                break;
            case 'g':
            case 'G':
                shift = 30;
                break;
            case 't':
            case 'T':
                shift = 40;
                break;
        }
    }
    if (error != std::errc{} || shift < 0 || value > (std::numeric_limits<std::uint64_t>::max() >> shift))
        return fail(EINVAL, fmt::format("invalid size '{}' (a number, then K, M, G or T)", text));
    return value << shift;
}

Result<long> parse_number(std::string_view text, long min, long max) {
    long value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < min || value > max)
        return fail(EINVAL, fmt::format("invalid number '{}' ({} to {})", text, min, max));
    return value;
}

}  // namespace umc::cli

// SPDX-License-Identifier: GPL-2.0-only
// Reading modprobe.d.
#include "umcrun/modprobe_config.h"

#include <dirent.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <sstream>

#include "umcrun/module_args.h"

namespace umc::cli {
namespace {

constexpr std::string_view kBlanks = " \t";

// Takes the first word off the text, with the blanks around it.
std::string_view take_word(std::string_view& text) {
    const std::size_t start = text.find_first_not_of(kBlanks);
    if (start == std::string_view::npos) {
        text = {};
        return {};
    }
    const std::size_t end = std::min(text.find_first_of(kBlanks, start), text.size());
    const std::string_view word = text.substr(start, end - start);
    text.remove_prefix(end);
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    return word;
}

const std::string* first_match(const ModprobeConfig::Pairs& commands, const std::string& module) {
    for (const auto& [pattern, command] : commands)
        if (matches(pattern, module)) return &command;
    return nullptr;
}

}  // namespace

bool matches(const std::string& pattern, const std::string& name) {
    return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

SoftDependency parse_softdep(std::string_view module, std::string_view text) {
    SoftDependency result{normalize_name(module), {}, {}};
    std::vector<std::string>* list = nullptr;
    std::istringstream words{std::string(text)};
    for (std::string word; words >> word;) {
        if (word == "pre:")
            list = &result.pre;
        else if (word == "post:")
            list = &result.post;
        else if (list)
            list->push_back(word);
    }
    return result;
}

void ModprobeConfig::parse(std::string_view text, std::string_view file_name) {
    std::string line;
    int number = 0;
    // A backslash joins the next line; before any other character it is dropped.
    for (std::size_t i = 0; i <= text.size(); ++i) {
        const bool at_end = i == text.size();
        if (!at_end && text[i] == '\\' && i + 1 < text.size()) {
            if (text[++i] == '\n')
                ++number;
            else
                line += text[i];
        } else if (at_end || text[i] == '\n') {
            ++number;
            parse_line(line, file_name, number);
            line.clear();
        } else {
            line += text[i];
        }
    }
}

void ModprobeConfig::parse_line(std::string_view line, std::string_view file_name, int number) {
    if (line.empty() || line[0] == '#') return;
    const std::string_view command = take_word(line);
    if (command.empty()) return;
    const std::string name = normalize_name(take_word(line));
    const bool complete = !name.empty() && !line.empty();
    if (command == "blacklist" && !name.empty()) {
        blacklist.push_back(name);
    } else if (command == "alias" && complete) {
        aliases.emplace_back(name, normalize_name(take_word(line)));
    } else if (command == "options" && complete) {
        options.emplace_back(name, line);
    } else if (command == "install" && complete) {
        install.emplace_back(name, line);
    } else if (command == "remove" && complete) {
        remove.emplace_back(name, line);
    } else if (command == "softdep" && complete) {
        softdeps.push_back(parse_softdep(name, line));
    } else {
        warnings.push_back(
            fmt::format("{} line {}: ignoring bad line starting with '{}'", file_name, number, command));
    }
}

bool ModprobeConfig::load(const std::string& path) {
    struct stat st;
    if (stat(path.c_str(), &st) != 0) return false;
    if (!S_ISDIR(st.st_mode)) {
        std::ifstream file(path, std::ios::binary);
        std::ostringstream text;
        text << file.rdbuf();
        parse(text.str(), path);
        return true;
    }
    std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(path.c_str()), closedir);
    if (!dir) return false;
    std::vector<std::string> names;
    while (const dirent* entry = readdir(dir.get())) {
        const std::string name = entry->d_name;
        const bool seen = std::find(files_seen_.begin(), files_seen_.end(), name) != files_seen_.end();
        if (name[0] != '.' && name.ends_with(".conf") && !seen) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
        files_seen_.push_back(name);
        load(path + "/" + name);
    }
    return true;
}

std::string ModprobeConfig::options_of(const std::string& module, const std::string& alias) const {
    std::string joined;
    for (const auto& [name, text] : options) {
        if (name != module && (alias.empty() || name != alias)) continue;
        if (!joined.empty()) joined += ' ';
        joined += text;
    }
    return joined;
}

bool ModprobeConfig::blacklisted(const std::string& module) const {
    return std::find(blacklist.begin(), blacklist.end(), module) != blacklist.end();
}

const std::string* ModprobeConfig::install_command(const std::string& module) const {
    return first_match(install, module);
}

const std::string* ModprobeConfig::remove_command(const std::string& module) const {
    return first_match(remove, module);
}

const SoftDependency* ModprobeConfig::softdep(const std::string& module) const {
    for (const SoftDependency& softdep : softdeps)
        if (matches(softdep.module, module)) return &softdep;
    return nullptr;
}

std::string ModprobeConfig::dump() const {
    std::string text;
    for (const std::string& name : blacklist) text += fmt::format("blacklist {}\n", name);
    const std::pair<const char*, const Pairs*> sections[] = {
        {"install", &install}, {"remove", &remove}, {"alias", &aliases}, {"options", &options}};
    for (const auto& [keyword, pairs] : sections)
        for (const auto& [name, value] : *pairs) text += fmt::format("{} {} {}\n", keyword, name, value);
    for (const SoftDependency& softdep : softdeps) {
        text += fmt::format("softdep {}", softdep.module);
        if (!softdep.pre.empty()) text += fmt::format(" pre: {}", fmt::join(softdep.pre, " "));
        if (!softdep.post.empty()) text += fmt::format(" post: {}", fmt::join(softdep.post, " "));
        text += '\n';
    }
    return text;
}

}  // namespace umc::cli

// SPDX-License-Identifier: GPL-2.0-only
// The configuration of modprobe: modprobe.d(5).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace umc::cli {

struct SoftDependency {
    std::string module;
    std::vector<std::string> pre, post;
};
// "pre: a b post: c".
SoftDependency parse_softdep(std::string_view module, std::string_view text);

class ModprobeConfig {
 public:
    using Pairs = std::vector<std::pair<std::string, std::string>>;

    // Adds what a file says; a line that makes no sense becomes a warning "FILE line N: ...".
    void parse(std::string_view text, std::string_view file_name);
    // Adds a file, or the *.conf of a directory by name. A file of a name that was read from an earlier
    // directory is skipped. False when the path does not exist.
    bool load(const std::string& path);

    // In the order read. Names are normalized; aliases and the first words of commands and softdeps are
    // patterns.
    Pairs aliases, options, install, remove;
    std::vector<std::string> blacklist;
    std::vector<SoftDependency> softdeps;
    std::vector<std::string> warnings;

    // The options of a module, joined. `alias`: the name it was asked for by, which may have options too.
    std::string options_of(const std::string& module, const std::string& alias) const;
    bool blacklisted(const std::string& module) const;
    // The first match; nullptr when there is none.
    const std::string* install_command(const std::string& module) const;
    const std::string* remove_command(const std::string& module) const;
    const SoftDependency* softdep(const std::string& module) const;

    // As modprobe --show-config prints it.
    std::string dump() const;

 private:
    void parse_line(std::string_view line, std::string_view file_name, int number);

    std::vector<std::string> files_seen_;
};

// fnmatch(3) on normalized names.
bool matches(const std::string& pattern, const std::string& name);

}  // namespace umc::cli

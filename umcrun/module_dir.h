// SPDX-License-Identifier: GPL-2.0-only
// A module directory as depmod(8) indexes it: modules.dep, modules.alias, modules.symbols, modules.softdep,
// modules.builtin.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "umcrun/modprobe_config.h"

namespace umc::cli {

struct IndexedModule {
    std::string name;                       // normalized
    std::string path;                       // absolute when the directory's path is
    std::vector<std::string> dependencies;  // names; loading them last to first satisfies each in turn
};

class ModuleDir {
 public:
    // Missing index files are empty ones.
    static ModuleDir load(std::string path);

    const std::string& path() const { return path_; }
    bool indexed() const { return indexed_; }  // modules.dep exists

    // `name` is normalized, here and below.
    const IndexedModule* find(const std::string& name) const;
    bool builtin(const std::string& name) const { return builtin_.contains(name); }
    // The modules that an alias stands for, in the order of modules.alias.
    std::vector<std::string> find_alias(const std::string& alias) const;
    // For "symbol:NAME".
    std::vector<std::string> find_symbol(const std::string& alias) const;
    // modules.softdep.
    const std::vector<SoftDependency>& softdeps() const { return softdeps_.softdeps; }

    // For load() and tests.
    void parse_dep(std::string_view text);
    void parse_alias(std::string_view text) { aliases_.parse(text, "modules.alias"); }
    void parse_symbols(std::string_view text) { symbols_.parse(text, "modules.symbols"); }
    void parse_softdep(std::string_view text) { softdeps_.parse(text, "modules.softdep"); }
    void parse_builtin(std::string_view text);

 private:
    // foo.so instead of foo.ko when it lies beside it.
    std::string absolute(std::string_view path) const;

    std::string path_;
    bool indexed_ = false;
    std::map<std::string, IndexedModule> modules_;
    std::set<std::string> builtin_;
    // The index files have modprobe.d's syntax.
    ModprobeConfig aliases_, symbols_, softdeps_;
};

}  // namespace umc::cli

// SPDX-License-Identifier: GPL-2.0-only
// Builds the indexes of a module directory: the work of depmod.
#pragma once

#include <ctime>
#include <map>
#include <string>
#include <vector>

#include "symtab/result.h"
#include "symtab/symbol_table.h"

namespace umc::cli {

struct ModuleIndexEntry {
    std::string path;  // relative to the directory
    std::string name;
    std::vector<std::string> aliases, softdeps;  // values of .modinfo
    std::vector<std::string> exports;
    std::vector<std::pair<std::string, bool>> imports;  // name, weak
    std::vector<std::size_t> dependencies;              // direct ones, indexes, after resolve()
    std::size_t rank = 0;                               // users before what they use, after resolve()
};

class ModuleIndex {
 public:
    // The module files below `dir`, without reading them: of two with one name the .so wins, then the one
    // below updates/. In the order of modules.order, then by path.
    static Result<ModuleIndex> scan(const std::string& dir);

    // Reads every file; those that are no modules become warnings and are dropped.
    void read_files();
    // From modules already described; for tests.
    static ModuleIndex from_entries(std::vector<ModuleIndexEntry> entries);
    // Finds the dependencies. ELOOP naming the modules when they form a cycle.
    Result<> resolve();

    // The contents of the files of these names.
    std::string dep() const;
    std::string alias() const;
    std::string softdep() const;
    std::string symbols() const;

    // "PATH needs unknown symbol NAME" for each import that neither a module nor `known` exports.
    template <typename Known>
    std::vector<std::string> unknown_symbols(const Known& known) const;

    const std::string& dir() const { return dir_; }
    const std::vector<ModuleIndexEntry>& entries() const { return entries_; }
    const std::vector<std::string>& warnings() const { return warnings_; }
    // The newest change of a module file; of use after scan().
    std::time_t newest() const { return newest_; }

 private:
    void sort_by_order_file();
    std::vector<std::size_t> all_dependencies(std::size_t module) const;

    std::string dir_;
    std::vector<ModuleIndexEntry> entries_;
    std::map<std::string, std::size_t, std::less<>> owner_;  // of an exported symbol
    std::vector<std::string> warnings_;
    std::time_t newest_ = 0;
};

template <typename Known>
std::vector<std::string> ModuleIndex::unknown_symbols(const Known& known) const {
    std::vector<std::string> lines;
    for (const ModuleIndexEntry& entry : entries_)
        for (const auto& [name, weak] : entry.imports)
            if (!weak && !owner_.contains(name) && !known(name))
                lines.push_back(dir_ + "/" + entry.path + " needs unknown symbol " + name);
    return lines;
}

}  // namespace umc::cli

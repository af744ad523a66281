// SPDX-License-Identifier: GPL-2.0-only
// Scanning, resolving and writing out a module directory.
#include "umcrun/module_index.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include "symtab/module_file.h"
#include "umcrun/module_args.h"

namespace umc::cli {
namespace {

namespace fs = std::filesystem;

// Whether `a` is to be used rather than `b`, both being a module of one name.
bool preferred(const std::string& a, const std::string& b) {
    const auto rank = [](const std::string& path) {
        return std::pair(path.ends_with(".so"), path.starts_with("updates/"));
    };
    return rank(a) != rank(b) ? rank(a) > rank(b) : a < b;
}

}  // namespace

Result<ModuleIndex> ModuleIndex::scan(const std::string& dir) {
    ModuleIndex index;
    index.dir_ = dir;
    std::error_code error;
    fs::recursive_directory_iterator walk(dir, fs::directory_options::skip_permission_denied, error);
    if (error)
        return fail(error.value(), fmt::format("could not open directory {}: {}", dir, error.message()));
    std::map<std::string, std::string> by_name;
    for (; walk != fs::recursive_directory_iterator(); walk.increment(error)) {
        if (error)
            return fail(error.value(), fmt::format("could not read directory {}: {}", dir, error.message()));
        const std::string base = walk->path().filename();
        if (walk->is_directory(error)) {
            if (base == "build" || base == "source" || base[0] == '.') walk.disable_recursion_pending();
            continue;
        }
        struct stat st;
        if (!has_module_suffix(base) || stat(walk->path().c_str(), &st) != 0 || !S_ISREG(st.st_mode))
            continue;
        index.newest_ = std::max(index.newest_, st.st_mtime);
        const std::string path = fs::path(walk->path()).lexically_relative(dir);
        auto [it, fresh] = by_name.emplace(module_name_of_path(base), path);
        if (!fresh && preferred(path, it->second)) it->second = path;
    }
    for (auto& [name, path] : by_name) {
        ModuleIndexEntry entry;
        entry.name = name;
        entry.path = std::move(path);
        index.entries_.push_back(std::move(entry));
    }
    index.sort_by_order_file();
    return index;
}

ModuleIndex ModuleIndex::from_entries(std::vector<ModuleIndexEntry> entries) {
    ModuleIndex index;
    index.entries_ = std::move(entries);
    return index;
}

void ModuleIndex::sort_by_order_file() {
    std::map<std::string, std::size_t> position;
    std::ifstream file(dir_ + "/modules.order");
    for (std::string line; std::getline(file, line);) position[line] = position.size();
    const auto key = [&](const ModuleIndexEntry& entry) {
        auto it = position.find(entry.path);
        return std::pair(it == position.end() ? position.size() : it->second, entry.path);
    };
    std::sort(entries_.begin(), entries_.end(),
              [&](const ModuleIndexEntry& a, const ModuleIndexEntry& b) { return key(a) < key(b); });
}

void ModuleIndex::read_files() {
    std::vector<ModuleIndexEntry> good;
    for (ModuleIndexEntry& entry : entries_) {
        const std::string path = dir_ + "/" + entry.path;
        auto file = symtab::ModuleFile::open(path, {});
        if (!file) {
            warnings_.push_back(fmt::format(
                "ignoring {}: {}", path,
                file.error().message.empty() ? std::strerror(file.error().err) : file.error().message));
            continue;
        }
        for (const auto& [key, value] : file->modinfo()) {
            if (key == "alias") entry.aliases.emplace_back(value);
            if (key == "softdep") entry.softdeps.emplace_back(value);
        }
        for (const symtab::Export& symbol : file->exports()) entry.exports.push_back(symbol.name);
        for (const symtab::Import& symbol : file->imports())
            entry.imports.emplace_back(symbol.name, symbol.weak);
        good.push_back(std::move(entry));
    }
    entries_ = std::move(good);
}

Result<> ModuleIndex::resolve() {
    for (std::size_t i = 0; i < entries_.size(); ++i)
        for (const std::string& symbol : entries_[i].exports) owner_.emplace(symbol, i);

    std::vector<std::size_t> users(entries_.size());
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        std::vector<std::size_t>& dependencies = entries_[i].dependencies;
        for (const auto& [symbol, weak] : entries_[i].imports) {
            auto owner = owner_.find(symbol);
            if (owner == owner_.end() || owner->second == i) continue;
            if (std::find(dependencies.begin(), dependencies.end(), owner->second) != dependencies.end())
                continue;
            dependencies.push_back(owner->second);
            ++users[owner->second];
        }
    }
    // A module gets its rank once all its users have theirs.
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < entries_.size(); ++i)
        if (users[i] == 0) ready.push_back(i);
    std::size_t ranked = 0;
    while (!ready.empty()) {
        ModuleIndexEntry& entry = entries_[ready.back()];
        ready.pop_back();
        entry.rank = ranked++;
        for (std::size_t dependency : entry.dependencies)
            if (--users[dependency] == 0) ready.push_back(dependency);
    }
    if (ranked == entries_.size()) return {};
    std::string names;
    for (std::size_t i = 0; i < entries_.size(); ++i)
        if (users[i] != 0) names += (names.empty() ? "" : " ") + entries_[i].name;
    return fail(ELOOP, fmt::format("modules in or below dependency cycles: {}", names));
}

std::vector<std::size_t> ModuleIndex::all_dependencies(std::size_t module) const {
    std::set<std::size_t> seen;
    std::vector<std::size_t> pending = entries_[module].dependencies;
    while (!pending.empty()) {
        const std::size_t next = pending.back();
        pending.pop_back();
        if (!seen.insert(next).second) continue;
        pending.insert(pending.end(), entries_[next].dependencies.begin(), entries_[next].dependencies.end());
    }
    std::vector<std::size_t> all(seen.begin(), seen.end());
    std::sort(all.begin(), all.end(),
              [this](std::size_t a, std::size_t b) { return entries_[a].rank < entries_[b].rank; });
    return all;
}

std::string ModuleIndex::dep() const {
    std::string text;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        text += entries_[i].path + ":";
        for (std::size_t dependency : all_dependencies(i)) text += " " + entries_[dependency].path;
        text += '\n';
    }
    return text;
}

std::string ModuleIndex::alias() const {
    std::string text = "# Aliases extracted from modules themselves.\n";
    for (const ModuleIndexEntry& entry : entries_)
        for (const std::string& alias : entry.aliases)
            text += fmt::format("alias {} {}\n", alias, entry.name);
    return text;
}

std::string ModuleIndex::softdep() const {
    std::string text = "# Soft dependencies extracted from modules themselves.\n";
    for (const ModuleIndexEntry& entry : entries_)
        for (const std::string& softdep : entry.softdeps)
            text += fmt::format("softdep {} {}\n", entry.name, softdep);
    return text;
}

std::string ModuleIndex::symbols() const {
    std::string text = "# Aliases for symbols, used by symbol_request().\n";
    for (const auto& [symbol, owner] : owner_)
        text += fmt::format("alias symbol:{} {}\n", symbol, entries_[owner].name);
    return text;
}

}  // namespace umc::cli

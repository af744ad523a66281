// SPDX-License-Identifier: GPL-2.0-only
// Reading depmod's index files.
#include "umcrun/module_dir.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "umcrun/module_args.h"

namespace umc::cli {
namespace {

std::optional<std::string> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<std::string> lookup(const ModprobeConfig& index, const std::string& alias) {
    std::vector<std::string> names;
    for (const auto& [pattern, name] : index.aliases)
        if (matches(pattern, alias) && std::find(names.begin(), names.end(), name) == names.end())
            names.push_back(name);
    return names;
}

}  // namespace

ModuleDir ModuleDir::load(std::string path) {
    ModuleDir dir;
    dir.path_ = std::move(path);
    if (auto text = read_file(dir.path_ + "/modules.dep")) {
        dir.indexed_ = true;
        dir.parse_dep(*text);
    }
    if (auto text = read_file(dir.path_ + "/modules.alias")) dir.parse_alias(*text);
    if (auto text = read_file(dir.path_ + "/modules.symbols")) dir.parse_symbols(*text);
    if (auto text = read_file(dir.path_ + "/modules.softdep")) dir.parse_softdep(*text);
    if (auto text = read_file(dir.path_ + "/modules.builtin")) dir.parse_builtin(*text);
    return dir;
}

std::string ModuleDir::absolute(std::string_view path) const {
    std::string full =
        path.starts_with('/') || path_.empty() ? std::string(path) : path_ + "/" + std::string(path);
    if (full.ends_with(".ko")) {
        const std::string so = full.substr(0, full.size() - 3) + ".so";
        if (access(so.c_str(), F_OK) == 0) return so;
    }
    return full;
}

void ModuleDir::parse_dep(std::string_view text) {
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        const std::size_t colon = line.find(':');
        if (line.empty() || line[0] == '#' || colon == std::string::npos) continue;
        IndexedModule module;
        module.name = module_name_of_path(line.substr(0, colon));
        module.path = absolute(line.substr(0, colon));
        std::istringstream words(line.substr(colon + 1));
        for (std::string word; words >> word;) module.dependencies.push_back(module_name_of_path(word));
        modules_.emplace(module.name, std::move(module));
    }
}

void ModuleDir::parse_builtin(std::string_view text) {
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);)
        if (!line.empty()) builtin_.insert(module_name_of_path(line));
}

const IndexedModule* ModuleDir::find(const std::string& name) const {
    auto it = modules_.find(name);
    return it == modules_.end() ? nullptr : &it->second;
}

std::vector<std::string> ModuleDir::find_alias(const std::string& alias) const {
    return lookup(aliases_, alias);
}

std::vector<std::string> ModuleDir::find_symbol(const std::string& alias) const {
    return lookup(symbols_, alias);
}

}  // namespace umc::cli

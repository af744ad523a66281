// SPDX-License-Identifier: GPL-2.0-only
// The engine of `umcrun check`.
#include "symtab/check.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <unordered_map>

#include "symtab/module_file.h"
#include "symtab/resolve.h"

namespace umc::symtab {

namespace {

// A file's place in the dependency graph.
struct Node {
    std::optional<ModuleDescription> description;
    bool own_ok = false;  // nothing but a dependency can stop it
    std::vector<std::size_t> needs;
    std::vector<std::size_t> needed_by;
};

std::string group_of(const std::string& symbol, const Symvers* symvers) {
    if (const Symvers::Entry* e = symvers ? symvers->find(symbol) : nullptr) return e->module;
    const std::size_t start = symbol.find_first_not_of('_');
    if (start == std::string::npos) return "unknown: " + symbol;
    const std::size_t end = symbol.find('_', start);
    return "unknown: " + symbol.substr(start, end == std::string::npos ? end : end + 1 - start);
}

void read_file(const std::string& path, const KernelInfo& kernel, FileReport& report, Node& node) {
    report.path = path;
    auto file = ModuleFile::open(path, kernel);
    if (!file) {
        report.err = file.error().err;
        report.readable = report.err == ENOEXEC;
        report.reason =
            report.readable ? "invalid module format: " + file.error().message : std::strerror(report.err);
        return;
    }
    node.description = std::move(*file).take_description();
    report.name = node.description->name;
    report.kind = node.description->kind;
    report.license = node.description->license.value_or("");
}

void add_exports(const Node& node, void* id, SymbolTable& table) {
    const ModuleDescription& d = *node.description;
    if (d.exports.empty()) return;
    std::vector<Symbol> symbols;
    symbols.reserve(d.exports.size());
    for (const Export& e : d.exports) {
        symbols.push_back({.name = e.name, .name_space = e.name_space, .crc = e.crc, .gpl_only = e.gpl_only});
    }
    // A duplicate is found again, and reported, when this file is resolved.
    (void)table.add({.name = d.name,
                     .module = id,
                     .proprietary = !license_is_gpl_compatible(d.license.value_or("unspecified"))},
                    symbols);
}

void report_import(const ResolvedImport& r, const Symvers* symvers, FileReport& report) {
    const std::string& name = r.import->name;
    const std::string owner = r.found.owner ? r.found.owner->name() : "";
    switch (r.state) {
        case ImportState::kResolved:
        case ImportState::kHostRuntime:
        case ImportState::kWeakMissing:
            break;
        case ImportState::kMissing:
            report.missing[group_of(name, symvers)].push_back(name);
            break;
        case ImportState::kGplOnly:
        case ImportState::kProprietary:
            if (!r.import->weak) report.gpl_only.push_back({name, owner});
            break;
        case ImportState::kVersion:
            report.versions.push_back({name, owner});
            break;
        case ImportState::kNamespace:
            report.namespaces.push_back({name, std::string(r.found.symbol->name_space)});
            break;
    }
}

// True when files that are fine themselves need each other in a circle through `start`.
bool in_cycle(std::size_t start, const std::vector<Node>& nodes) {
    std::vector<bool> seen(nodes.size());
    std::vector<std::size_t> todo{start};
    while (!todo.empty()) {
        const std::size_t i = todo.back();
        todo.pop_back();
        for (const std::size_t next : nodes[i].needs) {
            if (next == start) return true;
            if (seen[next] || !nodes[next].own_ok) continue;
            seen[next] = true;
            todo.push_back(next);
        }
    }
    return false;
}

// A file loads when it is fine itself and everything it needs loads.
void settle(std::vector<FileReport>& files, std::vector<Node>& nodes) {
    std::vector<std::size_t> open_needs(files.size());
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < files.size(); i++) {
        open_needs[i] = nodes[i].needs.size();
        if (nodes[i].own_ok && open_needs[i] == 0) ready.push_back(i);
    }
    while (!ready.empty()) {
        const std::size_t i = ready.back();
        ready.pop_back();
        files[i].loadable = true;
        for (const std::size_t user : nodes[i].needed_by) {
            if (--open_needs[user] == 0 && nodes[user].own_ok) ready.push_back(user);
        }
    }
    for (std::size_t i = 0; i < files.size(); i++) {
        if (files[i].loadable) continue;
        for (const std::size_t need : nodes[i].needs) {
            if (!files[need].loadable) files[i].blocked.push_back(files[need].name);
        }
        std::sort(files[i].blocked.begin(), files[i].blocked.end());
        if (!nodes[i].own_ok) continue;
        files[i].reason = in_cycle(i, nodes) ? "needs itself in a circle, through " + files[i].blocked.front()
                                             : "needs " + files[i].blocked.front() + ", which would not load";
    }
}

}  // namespace

std::size_t FileReport::missing_count() const {
    std::size_t count = 0;
    for (const auto& [group, symbols] : missing) count += symbols.size();
    return count;
}

int CheckReport::exit_status() const {
    int status = 0;
    for (const FileReport& f : files) {
        if (!f.readable) return 2;
        if (!f.loadable) status = 1;
    }
    return status;
}

CheckReport check(std::span<const std::string> paths, const SymbolTable& base, const KernelInfo& kernel,
                  const Symvers* symvers) {
    CheckReport report;
    report.files.resize(paths.size());
    std::vector<Node> nodes(paths.size());
    SymbolTable table(&base);
    std::unordered_map<std::string_view, std::size_t> by_name;

    for (std::size_t i = 0; i < paths.size(); i++) {
        FileReport& file = report.files[i];
        read_file(paths[i], kernel, file, nodes[i]);
        if (!nodes[i].description) continue;
        const auto [it, added] = by_name.try_emplace(nodes[i].description->name, i);
        if (!added) {
            file.err = EEXIST;
            file.reason = "module " + file.name + " is given before: " + paths[it->second];
            nodes[i].description.reset();
            continue;
        }
        add_exports(nodes[i], &nodes[i], table);
    }

    for (std::size_t i = 0; i < paths.size(); i++) {
        if (!nodes[i].description) continue;
        FileReport& file = report.files[i];
        const Resolution resolution = resolve(*nodes[i].description, table, kernel);
        file.err = resolution.err;
        file.reason = resolution.reason;
        nodes[i].own_ok = resolution.err == 0;
        for (const LogLine& line : resolution.log) file.log.push_back(line.text);
        for (const ResolvedImport& r : resolution.imports) report_import(r, symvers, file);
        for (auto& [group, symbols] : file.missing) std::sort(symbols.begin(), symbols.end());
        for (const auto& provider : resolution.uses) {
            const auto it = by_name.find(provider->name());
            if (it == by_name.end() || it->second == i) continue;  // loaded already, or its own
            nodes[i].needs.push_back(it->second);
            nodes[it->second].needed_by.push_back(i);
            file.needs.push_back(provider->name());
        }
        std::sort(file.needs.begin(), file.needs.end());
    }
    settle(report.files, nodes);
    return report;
}

int CheckSummary::exit_status() const { return unreadable ? 2 : loadable == files ? 0 : 1; }

namespace {

// The folder below .../kernel/, with one more level in drivers.
std::string kind_of(std::string_view path) {
    constexpr std::string_view kMark = "/kernel/";
    const std::size_t mark = path.find(kMark);
    if (mark == std::string_view::npos) return "other";
    path.remove_prefix(mark + kMark.size());
    std::size_t end = path.find('/');
    if (end != std::string_view::npos && path.substr(0, end) == "drivers") {
        const std::size_t next = path.find('/', end + 1);
        if (next != std::string_view::npos) end = next;
    }
    return end == std::string_view::npos ? "other" : std::string(path.substr(0, end));
}

}  // namespace

CheckSummary summarize(const CheckReport& report) {
    CheckSummary summary;
    std::unordered_map<std::string_view, CheckSummary::Wanted> wanted;
    for (const FileReport& f : report.files) {
        CheckSummary::Kind& kind = summary.kinds[kind_of(f.path)];
        summary.files++;
        kind.files++;
        summary.unreadable += !f.readable;
        summary.malformed += f.readable && f.name.empty();
        summary.loadable += f.loadable;
        kind.loadable += f.loadable;
        for (const auto& [group, symbols] : f.missing) {
            for (const std::string& symbol : symbols) {
                CheckSummary::Wanted& w = wanted[symbol];
                if (w.modules++ == 0) {
                    w.symbol = symbol;
                    w.provider = group;
                }
            }
        }
    }
    summary.wanted.reserve(wanted.size());
    for (auto& [name, w] : wanted) summary.wanted.push_back(std::move(w));
    std::sort(summary.wanted.begin(), summary.wanted.end(), [](const auto& a, const auto& b) {
        return a.modules != b.modules ? a.modules > b.modules : a.symbol < b.symbol;
    });
    return summary;
}

}  // namespace umc::symtab

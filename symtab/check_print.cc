// SPDX-License-Identifier: GPL-2.0-only
// Prints what `umcrun check` found: plain text and JSON.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "symtab/check.h"

namespace umc::symtab {

namespace {

// File names, modinfo strings and symbols may hold anything; a terminal and JSON take printable text.
std::string printable(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
        if (c >= ' ' && c < 127) {
            result += c;
        } else {
            result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        }
    }
    return result;
}

std::vector<std::string> printable(const std::vector<std::string>& texts) {
    std::vector<std::string> result;
    for (const std::string& t : texts) result.push_back(printable(t));
    return result;
}

void print_problems(std::string& out, std::string_view title, std::string_view relation,
                    const std::vector<SymbolProblem>& problems) {
    if (problems.empty()) return;
    fmt::format_to(std::back_inserter(out), "  {} ({}):\n", title, problems.size());
    for (const SymbolProblem& p : problems) {
        fmt::format_to(std::back_inserter(out), "    {} ({} {})\n", printable(p.symbol), relation,
                       printable(p.detail));
    }
}

nlohmann::json problems_json(const std::vector<SymbolProblem>& problems, const char* detail) {
    auto list = nlohmann::json::array();
    for (const SymbolProblem& p : problems)
        list.push_back({{"symbol", printable(p.symbol)}, {detail, printable(p.detail)}});
    return list;
}

}  // namespace

std::string to_text(const CheckReport& report) {
    std::string out;
    const auto print = [&out]<typename... Args>(fmt::format_string<Args...> format, Args&&... args) {
        fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
    };
    for (const FileReport& f : report.files) {
        const std::string path = printable(f.path);
        if (!f.readable) {
            print("{}: cannot read: {}\n", path, printable(f.reason));
            continue;
        }
        if (f.loadable) {
            print("{}: would load\n", path);
        } else {
            print("{}: would not load: {}\n", path, printable(f.reason));
        }
        for (const auto& [group, symbols] : f.missing) {
            print("  missing, from {} ({}):\n", printable(group), symbols.size());
            for (const std::string& s : symbols) print("    {}\n", printable(s));
        }
        print_problems(out, fmt::format("GPL-only, but the license is '{}'", printable(f.license)),
                       "exported by", f.gpl_only);
        print_problems(out, "another version", "exported by", f.versions);
        print_problems(out, "namespace not imported", "namespace", f.namespaces);
        if (!f.needs.empty()) print("  needs: {}\n", fmt::join(printable(f.needs), " "));
        if (!f.blocked.empty()) print("  would not load: {}\n", fmt::join(printable(f.blocked), " "));
    }
    return out;
}

nlohmann::json to_json(const CheckReport& report) {
    auto files = nlohmann::json::array();
    for (const FileReport& f : report.files) {
        nlohmann::json j = {{"path", printable(f.path)}, {"readable", f.readable}, {"loadable", f.loadable}};
        if (!f.loadable) {
            j["errno"] = f.err;
            j["reason"] = printable(f.reason);
        }
        if (!f.name.empty()) {
            j["name"] = f.name;
            j["kind"] = to_string(f.kind);
            j["license"] = printable(f.license);
            auto missing = nlohmann::json::object();
            for (const auto& [group, symbols] : f.missing) missing[printable(group)] = printable(symbols);
            j["missing"] = std::move(missing);
            j["gpl_only"] = problems_json(f.gpl_only, "owner");
            j["versions"] = problems_json(f.versions, "owner");
            j["namespaces"] = problems_json(f.namespaces, "namespace");
            j["needs"] = f.needs;
            j["blocked"] = f.blocked;
            j["log"] = printable(f.log);
        }
        files.push_back(std::move(j));
    }
    return {{"files", std::move(files)}, {"exit_status", report.exit_status()}};
}

std::string to_text(const CheckSummary& summary, std::size_t top) {
    std::string out;
    const auto print = [&out]<typename... Args>(fmt::format_string<Args...> format, Args&&... args) {
        fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
    };
    print("modules: {}\nwould load: {}\nwould not load: {}\nmalformed: {}\nunreadable: {}\n", summary.files,
          summary.loadable, summary.files - summary.loadable - summary.malformed - summary.unreadable,
          summary.malformed, summary.unreadable);
    print("\nwould load, of all, by kind:\n");
    for (const auto& [name, kind] : summary.kinds) {
        print("  {:5} {:5}  {}\n", kind.loadable, kind.files, printable(name));
    }
    if (summary.wanted.empty()) return out;
    const std::size_t shown = top ? std::min(top, summary.wanted.size()) : summary.wanted.size();
    print("\nmissing symbols, most wanted first ({} of {}):\n", shown, summary.wanted.size());
    for (std::size_t i = 0; i < shown; i++) {
        const CheckSummary::Wanted& w = summary.wanted[i];
        print("  {:5}  {} ({})\n", w.modules, printable(w.symbol), printable(w.provider));
    }
    return out;
}

nlohmann::json to_json(const CheckSummary& summary, std::size_t top) {
    auto kinds = nlohmann::json::object();
    for (const auto& [name, kind] : summary.kinds) {
        kinds[printable(name)] = {{"files", kind.files}, {"loadable", kind.loadable}};
    }
    auto wanted = nlohmann::json::array();
    const std::size_t shown = top ? std::min(top, summary.wanted.size()) : summary.wanted.size();
    for (std::size_t i = 0; i < shown; i++) {
        const CheckSummary::Wanted& w = summary.wanted[i];
        wanted.push_back(
            {{"symbol", printable(w.symbol)}, {"provider", printable(w.provider)}, {"modules", w.modules}});
    }
    return {{"files", summary.files},         {"loadable", summary.loadable},
            {"malformed", summary.malformed}, {"unreadable", summary.unreadable},
            {"kinds", std::move(kinds)},      {"missing_symbols", summary.wanted.size()},
            {"wanted", std::move(wanted)}};
}

}  // namespace umc::symtab

// SPDX-License-Identifier: GPL-2.0-only
// Reads what a kernel build directory tells: release, vermagic, Module.symvers.
#include "symtab/kernel_info.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <iterator>
#include <unordered_set>

namespace umc::symtab {

namespace {

Result<std::string> read_text(const std::string& path) {
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail(errno ? errno : EIO, path);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (in.bad()) return fail(EIO, path);
    return text;
}

std::string_view next_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

// The text between the quotes of: #define NAME "text"
std::optional<std::string> quoted_define(std::string_view text, std::string_view name) {
    while (!text.empty()) {
        const std::string_view line = next_line(text);
        if (!line.starts_with("#define ") || !line.substr(8).starts_with(name)) continue;
        const std::size_t open = line.find('"');
        const std::size_t close = line.rfind('"');
        if (open < close && close != std::string_view::npos) {
            return std::string(line.substr(open + 1, close - open - 1));
        }
    }
    return std::nullopt;
}

}  // namespace

Result<KernelInfo> kernel_info_from_headers(const std::string& build_dir) {
    const std::string release_file = build_dir + "/include/generated/utsrelease.h";
    const auto release_text = read_text(release_file);
    if (!release_text) return tl::unexpected(release_text.error());
    const auto release = quoted_define(*release_text, "UTS_RELEASE");
    if (!release) return fail(EINVAL, release_file + ": no UTS_RELEASE");

    // autoconf.h, not auto.conf: build directories for user mode change the latter for make's sake.
    const auto config_text = read_text(build_dir + "/include/generated/autoconf.h");
    if (!config_text) return tl::unexpected(config_text.error());
    std::unordered_set<std::string_view> config;
    for (std::string_view text = *config_text; !text.empty();) {
        std::string_view line = next_line(text);
        if (!line.starts_with("#define CONFIG_")) continue;
        line.remove_prefix(8);
        config.insert(line.substr(0, line.find(' ')));
    }

    KernelInfo info;
    info.release = *release;
    info.modversions = config.contains("CONFIG_MODVERSIONS");
    info.force_load = config.contains("CONFIG_MODULE_FORCE_LOAD");
    info.allow_missing_namespace = config.contains("CONFIG_MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS");
    // include/linux/vermagic.h
    info.vermagic = *release + " ";
    if (config.contains("CONFIG_SMP")) info.vermagic += "SMP ";
    if (config.contains("CONFIG_PREEMPT_BUILD")) {
        info.vermagic += "preempt ";
    } else if (config.contains("CONFIG_PREEMPT_RT")) {
        info.vermagic += "preempt_rt ";
    }
    if (config.contains("CONFIG_MODULE_UNLOAD")) info.vermagic += "mod_unload ";
    if (info.modversions) info.vermagic += "modversions ";
    return info;
}

Result<Symvers> Symvers::read(const std::string& path) {
    const auto text = read_text(path);
    if (!text) return tl::unexpected(text.error());
    auto symvers = parse(*text);
    if (!symvers) return fail(symvers.error().err, path + ": " + symvers.error().message);
    return symvers;
}

Result<Symvers> Symvers::parse(std::string_view text) {
    Symvers result;
    for (std::size_t number = 1; !text.empty(); number++) {
        std::string_view line = next_line(text);
        if (line.empty()) continue;
        std::string_view fields[5];
        std::size_t count = 0;
        while (count < 5) {
            const std::size_t tab = line.find('\t');
            fields[count++] = line.substr(0, tab);
            if (tab == std::string_view::npos) break;
            line.remove_prefix(tab + 1);
        }
        const auto bad = [&](std::string_view what) {
            return fail(EINVAL, fmt::format("line {}: {}", number, what));
        };
        if (count < 4) return bad("expected CRC, name, module and export type, separated by tabs");
        Entry entry;
        std::string_view crc = fields[0];
        if (!crc.starts_with("0x")) return bad("the CRC does not start with 0x");
        crc.remove_prefix(2);
        const auto [end, error] = std::from_chars(crc.data(), crc.data() + crc.size(), entry.crc, 16);
        if (error != std::errc{} || end != crc.data() + crc.size())
            return bad("the CRC is no 32-bit hexadecimal number");
        if (fields[1].empty()) return bad("no symbol name");
        entry.name = fields[1];
        entry.module = fields[2];
        if (fields[3] == "EXPORT_SYMBOL_GPL") {
            entry.gpl_only = true;
        } else if (fields[3] != "EXPORT_SYMBOL") {
            return bad("the export type is neither EXPORT_SYMBOL nor EXPORT_SYMBOL_GPL");
        }
        entry.name_space = fields[4];
        result.entries_.push_back(std::move(entry));
    }
    result.index_.reserve(result.entries_.size());
    for (std::size_t i = 0; i < result.entries_.size(); i++)
        result.index_.try_emplace(result.entries_[i].name, i);
    return result;
}

const Symvers::Entry* Symvers::find(std::string_view name) const {
    const auto it = index_.find(name);
    return it == index_.end() ? nullptr : &entries_[it->second];
}

std::vector<Symbol> Symvers::exports_of(std::string_view module) const {
    std::vector<Symbol> symbols;
    for (const Entry& e : entries_) {
        if (e.module != module) continue;
        symbols.push_back({.name = e.name, .name_space = e.name_space, .crc = e.crc, .gpl_only = e.gpl_only});
    }
    return symbols;
}

}  // namespace umc::symtab

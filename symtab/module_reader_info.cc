// SPDX-License-Identifier: GPL-2.0-only
// What a module says about itself: .modinfo, struct module, versions, imports.
#include <algorithm>
#include <unordered_set>

#include "symtab/module_reader.h"
#include "symtab/section_names.h"

namespace umc::symtab {

namespace {

bool is_module_name(std::string_view name) {
    return !name.empty() && name.size() < kModuleNameLen &&
           std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 127 && c != '/'; });
}

void split(std::string_view list, char separator, std::vector<std::string>& into) {
    while (!list.empty()) {
        const std::size_t end = list.find(separator);
        if (end != 0) into.emplace_back(list.substr(0, end));
        if (end == std::string_view::npos) break;
        list.remove_prefix(end + 1);
    }
}

}  // namespace

Result<> ModuleReader::read_modinfo() {
    const Section* s = file_.find_section(section_name::kModInfo);
    if (!s) return malformed("no .modinfo section: not a kernel module");
    const auto contents = file_.contents(*s);
    if (contents.empty() || contents.back() != std::byte{0})
        return malformed("{}: not terminated", describe(*s));

    std::string_view text(reinterpret_cast<const char*>(contents.data()), contents.size());
    while (!text.empty()) {
        const std::size_t end = text.find('\0');
        const std::string_view item = text.substr(0, end);
        text.remove_prefix(end + 1);
        const std::size_t equals = item.find('=');
        if (equals == std::string_view::npos) continue;  // padding, or what nobody asks for
        const std::string_view tag = item.substr(0, equals);
        const std::string_view value = item.substr(equals + 1);
        file_.modinfo_.emplace_back(tag, value);
        if (auto ok = read_modinfo_tag(tag, value); !ok) return ok;
    }
    return {};
}

// Of a tag given twice the first counts, as in the kernel's get_modinfo().
Result<> ModuleReader::read_modinfo_tag(std::string_view tag, std::string_view value) {
    ModuleDescription& d = description();
    if (tag == "name") {
        if (!d.name.empty()) return {};
        if (!is_module_name(value)) return malformed(".modinfo: not a module name: '{:.64}'", value);
        d.name = value;
    } else if (tag == "vermagic") {
        if (!d.vermagic) d.vermagic = value;
    } else if (tag == "license") {
        if (!d.license) d.license = value;
    } else if (tag == "depends") {
        if (d.depends.empty()) split(value, ',', d.depends);
    } else if (tag == "import_ns") {
        d.import_ns.emplace_back(value);
    } else if (tag == "intree") {
        d.intree = true;
    } else if (tag == "staging") {
        d.staging = true;
    } else if (tag == "livepatch") {
        d.livepatch = true;
    } else if (tag == "test") {
        d.test = true;
    } else if (tag == "retpoline") {
        d.retpoline = true;
    }
    return {};
}

Result<> ModuleReader::read_this_module() {
    const Section* s = file_.find_section(section_name::kThisModule);
    if (!s) return malformed("no {} section: not a kernel module", section_name::kThisModule);
    if (s->header.sh_type != SHT_PROGBITS || !s->writable())
        return malformed("{}: not plain data", describe(*s));
    if (kernel_.module_size && s->header.sh_size != kernel_.module_size) {
        return malformed("{}: size {} is not that of this kernel's struct module, {}", describe(*s),
                         s->header.sh_size, kernel_.module_size);
    }

    ModuleDescription& d = description();
    if (d.name.empty()) {
        const auto contents = file_.contents(*s);
        if (!kernel_.module_size) return malformed(".modinfo has no name");
        const std::size_t end = std::min(kernel_.module_name_offset + kModuleNameLen, contents.size());
        const auto name = string_at(contents.first(end), kernel_.module_name_offset);
        if (!name || !is_module_name(*name)) return malformed("{}: no module name in it", describe(*s));
        d.name = *name;
    }

    if (!kernel_.module_size) {
        for (const Elf64_Sym& symbol : file_.debug_symbols_) {
            if (symbol.st_shndx == SHN_UNDEF) continue;
            const std::string_view name = file_.debug_symbol_name(symbol);
            d.has_init |= name == "init_module";
            d.has_exit |= name == "cleanup_module";
        }
        return {};
    }
    // struct module is zero but for what relocations put in.
    const std::uint64_t start = file_.kind() == ModuleKind::kSo ? s->header.sh_addr : 0;
    for (const RelocationTable& table : file_.relocations_) {
        if (file_.kind() == ModuleKind::kKo && table.target != s->index) continue;
        for (const Elf64_Rela& r : table.entries) {
            d.has_init |= r.r_offset == start + kernel_.module_init_offset;
            d.has_exit |= r.r_offset == start + kernel_.module_exit_offset;
        }
    }
    return {};
}

Result<> ModuleReader::read_versions() {
    const Section* s = file_.find_section(section_name::kVersions);
    if (!s) return {};
    constexpr std::size_t kEntry = 8 + kModuleNameLen;  // struct modversion_info
    const auto contents = file_.contents(*s);
    if (contents.size() % kEntry)
        return malformed("{}: size {:#x} is no multiple of {}", describe(*s), contents.size(), kEntry);
    description().has_versions = true;
    file_.versions_.reserve(contents.size() / kEntry);
    for (std::size_t at = 0; at < contents.size(); at += kEntry) {
        ModVersion v;
        std::memcpy(&v.crc, contents.data() + at, sizeof v.crc);
        const auto name = string_at(contents.subspan(at + 8, kModuleNameLen), 0);
        if (!name) return malformed("{}: the name at offset {:#x} is not terminated", describe(*s), at + 8);
        v.name = *name;
        file_.versions_.push_back(v);
    }
    return {};
}

Result<> ModuleReader::read_imports() {
    std::unordered_map<std::string_view, std::uint64_t> versions;
    versions.reserve(file_.versions_.size());
    for (const ModVersion& v : file_.versions_) versions.try_emplace(v.name, v.crc);  // the first one counts
    const auto version_of = [&](std::string_view name) -> std::optional<std::uint64_t> {
        const auto it = versions.find(name);
        if (it == versions.end()) return std::nullopt;
        return it->second;
    };
    description().module_layout_version = version_of("module_layout");

    // The link that made a .so weakened every undefined symbol; those really weak are listed.
    const bool so = file_.kind() == ModuleKind::kSo;
    std::unordered_set<std::string_view> weak;
    if (const Section* s = so ? file_.find_any_section(section_name::kSoWeak) : nullptr) {
        const auto contents = file_.contents(*s);
        std::string_view text(reinterpret_cast<const char*>(contents.data()), contents.size());
        while (!text.empty()) {
            const std::size_t end = text.find('\0');
            weak.insert(text.substr(0, end));
            if (end == std::string_view::npos) break;
            text.remove_prefix(end + 1);
        }
    }

    for (std::uint32_t i = 1; i < file_.symbols_.size(); i++) {
        const Elf64_Sym& symbol = file_.symbols_[i];
        if (symbol.st_shndx != SHN_UNDEF) continue;
        const std::string_view name = file_.symbol_name(symbol);
        if (name.empty()) return malformed("symbol {} is undefined and has no name", i);
        if (name == "_GLOBAL_OFFSET_TABLE_") continue;  // gas makes one that nobody refers to
        Import import{.name = std::string(name), .symbol = i, .version = version_of(name)};
        import.weak = so ? weak.contains(name) : ELF64_ST_BIND(symbol.st_info) == STB_WEAK;
        if (so && ELF64_ST_BIND(symbol.st_info) != STB_WEAK) {
            // dlopen would bind it to whatever library of the process has such a name, or fail.
            if (!is_host_runtime_symbol(name)) {
                return malformed("symbol {} {}: undefined and not weak: not linked for this loader", i, name);
            }
            import.host_runtime = true;
        }
        description().imports.push_back(std::move(import));
    }
    return {};
}

Result<> ModuleReader::read_exports() {
    const auto read = [this](std::string_view table, std::string_view crcs, bool gpl_only) -> Result<> {
        const Section* ksymtab = file_.find_section(table);
        if (!ksymtab) return {};
        constexpr std::size_t kEntry = 12;  // struct kernel_symbol: three self-relative 32-bit offsets
        const std::uint64_t size = ksymtab->header.sh_size;
        if (ksymtab->header.sh_type != SHT_PROGBITS || size % kEntry) {
            return malformed("{}: size {:#x} is no multiple of {}", describe(*ksymtab), size, kEntry);
        }
        const Section* kcrctab = file_.find_section(crcs);
        if (kcrctab && file_.contents(*kcrctab).size() != size / kEntry * 4) {
            return malformed("{}: {:#x} bytes for {} exports", describe(*kcrctab), kcrctab->header.sh_size,
                             size / kEntry);
        }
        return file_.kind() == ModuleKind::kKo ? read_ko_exports(*ksymtab, kcrctab, gpl_only)
                                               : read_so_exports(*ksymtab, kcrctab, gpl_only);
    };
    return read(section_name::kKsymtab, section_name::kKcrctab, false).and_then([&] {
        return read(section_name::kKsymtabGpl, section_name::kKcrctabGpl, true);
    });
}

Result<> ModuleReader::add_export(Export e, std::size_t index, const Section* kcrctab,
                                  const Section& ksymtab) {
    if (e.name.empty()) return malformed("{}: export {} has no name", describe(ksymtab), index);
    if (kcrctab) {
        std::uint32_t crc;
        std::memcpy(&crc, file_.contents(*kcrctab).data() + index * sizeof crc, sizeof crc);
        e.crc = crc;
    }
    description().exports.push_back(std::move(e));
    return {};
}

}  // namespace umc::symtab

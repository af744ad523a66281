// SPDX-License-Identifier: GPL-2.0-only
// Makes a small .ko in memory: any imports, exports, modinfo and relocations, and every mistake a test needs.
#pragma once

#include <elf.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace umc::symtab {

class KoBuilder {
 public:
    explicit KoBuilder(const std::string& name) : name_(name) {
        add_section("", SHT_NULL, 0, "", 0);
        add_section(".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, std::string(64, '\0'), 16);
        add_section(".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, std::string(64, '\0'), 8);
        add_section(".gnu.linkonce.this_module", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, std::string(896, '\0'),
                    64);
        symbols_.emplace_back();
        add_symbol("init_module", ".text", 0);
        relocate(".gnu.linkonce.this_module", R_X86_64_64, 0x138, "init_module", 0);
        modinfo("name", name).modinfo("license", "GPL").modinfo("intree", "Y");
        modinfo("vermagic", "6.1.0-test SMP preempt mod_unload modversions ");
    }

    // Replaces an earlier value of the tag, except of those that may be repeated; "" removes it.
    KoBuilder& modinfo(const std::string& tag, const std::string& value) {
        if (tag != "import_ns")
            std::erase_if(modinfo_, [&](const auto& m) { return m.starts_with(tag + "="); });
        if (!value.empty()) modinfo_.push_back(tag + "=" + value);
        return *this;
    }
    KoBuilder& import(const std::string& name, std::optional<std::uint64_t> version = {}, bool weak = false) {
        if (version) versions_.emplace_back(name, *version);
        Elf64_Sym s{};
        s.st_name = add_string(name);
        s.st_info = ELF64_ST_INFO(weak ? STB_WEAK : STB_GLOBAL, STT_NOTYPE);
        index_[name] = symbols_.size();
        symbols_.push_back(s);
        return *this;
    }
    KoBuilder& version(const std::string& name, std::uint64_t crc) {
        versions_.emplace_back(name, crc);
        return *this;
    }
    KoBuilder& export_symbol(const std::string& name, bool gpl = false, const std::string& name_space = "",
                             std::uint32_t crc = 0xc0ffee) {
        if (!index_.contains(name)) add_symbol(name, ".text", 16);
        exports_[gpl].push_back({name, name_space, crc});
        return *this;
    }
    KoBuilder& add_section(const std::string& name, std::uint32_t type, std::uint64_t flags,
                           std::string contents, std::uint64_t align) {
        sections_.push_back({name, type, flags, std::move(contents), align});
        return *this;
    }
    KoBuilder& add_symbol(const std::string& name, const std::string& section, std::uint64_t value) {
        Elf64_Sym s{};
        s.st_name = add_string(name);
        s.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE);
        s.st_shndx = static_cast<Elf64_Half>(section_index(section));
        s.st_value = value;
        index_[name] = symbols_.size();
        symbols_.push_back(s);
        return *this;
    }
    KoBuilder& relocate(const std::string& section, std::uint32_t type, std::uint64_t offset,
                        const std::string& symbol, std::int64_t addend) {
        relocations_[section].push_back(
            {offset, ELF64_R_INFO(index_.at(symbol), std::uint64_t{type}), addend});
        return *this;
    }
    std::string& contents(const std::string& section) { return sections_[section_index(section)].contents; }

    std::vector<std::byte> build() const {
        KoBuilder b = *this;
        b.finish();
        return b.write();
    }

 private:
    struct Section {
        std::string name;
        std::uint32_t type;
        std::uint64_t flags;
        std::string contents;
        std::uint64_t align;
        std::uint32_t link = 0, info = 0;
        std::uint64_t entsize = 0;
    };
    struct ExportEntry {
        std::string name, name_space;
        std::uint32_t crc;
    };

    std::size_t section_index(const std::string& name) const {
        for (std::size_t i = 0; i < sections_.size(); i++) {
            if (sections_[i].name == name) return i;
        }
        throw std::out_of_range(name);
    }
    std::uint32_t add_string(const std::string& text) {
        const std::size_t at = strings_.size();
        strings_ += text + '\0';
        return static_cast<std::uint32_t>(at);
    }
    template <typename T>
    static std::string raw(const T& value) {
        return {reinterpret_cast<const char*>(&value), sizeof value};
    }

    void finish() {
        std::string texts, info, versions;
        for (const auto& m : modinfo_) info += m + '\0';
        if (!info.empty()) add_section(".modinfo", SHT_PROGBITS, SHF_ALLOC, info, 1);
        for (const auto& [name, crc] : versions_) {
            std::string entry = raw(crc) + name;
            entry.resize(64);
            versions += entry;
        }
        if (!versions.empty()) add_section("__versions", SHT_PROGBITS, SHF_ALLOC, versions, 32);
        if (!exports_[0].empty() || !exports_[1].empty()) {
            add_section("__ksymtab_strings", SHT_PROGBITS, SHF_ALLOC, "", 1);
        }
        for (const bool gpl : {false, true}) {
            if (exports_[gpl].empty()) continue;
            const std::string suffix = gpl ? "_gpl" : "";
            add_section("__ksymtab" + suffix, SHT_PROGBITS, SHF_ALLOC,
                        std::string(exports_[gpl].size() * 12, '\0'), 4);
            std::string crcs;
            for (std::size_t i = 0; i < exports_[gpl].size(); i++) {
                const auto& e = exports_[gpl][i];
                crcs += raw(e.crc);
                add_symbol("__kstrtab_" + e.name, "__ksymtab_strings", texts.size());
                texts += e.name + '\0';
                add_symbol("__kstrtabns_" + e.name, "__ksymtab_strings", texts.size());
                texts += e.name_space + '\0';
                const std::string prefixes[] = {"", "__kstrtab_", "__kstrtabns_"};
                for (std::size_t field = 0; field < 3; field++) {
                    relocate("__ksymtab" + suffix, R_X86_64_PC32, i * 12 + field * 4,
                             prefixes[field] + e.name, 0);
                }
            }
            add_section("__kcrctab" + suffix, SHT_PROGBITS, SHF_ALLOC, crcs, 4);
        }
        if (!texts.empty()) contents("__ksymtab_strings") = texts;

        const auto symtab = static_cast<std::uint32_t>(sections_.size() + relocations_.size());
        for (const auto& [target, entries] : relocations_) {
            std::string bytes;
            for (const auto& r : entries) bytes += raw(r);
            const auto info_index = static_cast<std::uint32_t>(section_index(target));
            sections_.push_back(
                {".rela" + target, SHT_RELA, SHF_INFO_LINK, bytes, 8, symtab, info_index, 24});
        }
        std::string bytes;
        for (const auto& s : symbols_) bytes += raw(s);
        sections_.push_back({".symtab", SHT_SYMTAB, 0, bytes, 8, symtab + 1, 1, 24});
        sections_.push_back({".strtab", SHT_STRTAB, 0, strings_, 1});
        sections_.push_back({".shstrtab", SHT_STRTAB, 0, "", 1});
    }

    std::vector<std::byte> write() {
        std::string names, out(sizeof(Elf64_Ehdr), '\0');
        std::vector<Elf64_Shdr> headers;
        for (Section& s : sections_) {
            Elf64_Shdr h{};
            h.sh_name = static_cast<Elf64_Word>(names.size());
            names += s.name + '\0';
            h.sh_type = s.type;
            h.sh_flags = s.flags;
            h.sh_addralign = s.align;
            h.sh_link = s.link;
            h.sh_info = s.info;
            h.sh_entsize = s.entsize;
            if (&s == &sections_.back()) s.contents = names;
            if (s.align) out.resize((out.size() + s.align - 1) / s.align * s.align);
            h.sh_size = s.contents.size();
            if (s.type != SHT_NULL) h.sh_offset = out.size();
            if (s.type != SHT_NOBITS) out += s.contents;
            headers.push_back(h);
        }
        out.resize((out.size() + 7) / 8 * 8);
        Elf64_Ehdr e{};
        std::memcpy(e.e_ident, ELFMAG, SELFMAG);
        e.e_ident[EI_CLASS] = ELFCLASS64;
        e.e_ident[EI_DATA] = ELFDATA2LSB;
        e.e_ident[EI_VERSION] = EV_CURRENT;
        e.e_type = ET_REL;
        e.e_machine = EM_X86_64;
        e.e_version = EV_CURRENT;
        e.e_shoff = out.size();
        e.e_ehsize = sizeof e;
        e.e_shentsize = sizeof(Elf64_Shdr);
        e.e_shnum = static_cast<Elf64_Half>(headers.size());
        e.e_shstrndx = static_cast<Elf64_Half>(headers.size() - 1);
        std::memcpy(out.data(), &e, sizeof e);
        for (const auto& h : headers) out += raw(h);
        const auto* start = reinterpret_cast<const std::byte*>(out.data());
        return {start, start + out.size()};
    }

    std::string name_;
    std::vector<Section> sections_;
    std::vector<Elf64_Sym> symbols_;
    std::map<std::string, std::size_t> index_;
    std::string strings_ = std::string(1, '\0');
    std::vector<std::string> modinfo_;
    std::vector<std::pair<std::string, std::uint64_t>> versions_;
    std::vector<ExportEntry> exports_[2];
    std::map<std::string, std::vector<Elf64_Rela>> relocations_;
};

}  // namespace umc::symtab

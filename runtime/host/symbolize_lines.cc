// SPDX-License-Identifier: GPL-2.0-only
// Keeps one libdwfl session per code image and translates run-time addresses to the ones DWARF speaks of.
#include "host/symbolize_lines.h"

#include <elfutils/libdwfl.h>

#include <map>
#include <mutex>
#include <utility>

namespace umc {
namespace {

const Dwfl_Callbacks kCallbacks = {
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
    .section_address = dwfl_offline_section_address,  // ET_REL: libdwfl lays the sections out itself
    .debuginfo_path = nullptr,
};

class DebugFile {
   public:
    explicit DebugFile(const PlacedCode& code) : dwfl_(dwfl_begin(&kCallbacks)) {
        if (!dwfl_) return;
        dwfl_report_begin(dwfl_);
        module_ = dwfl_report_offline(dwfl_, code.image.name.c_str(), code.image.path.c_str(), -1);
        dwfl_report_end(dwfl_, nullptr, nullptr);
        if (!module_) return;
        Elf* elf = dwfl_module_getelf(module_, &bias_);
        GElf_Ehdr header;
        if (!elf || !gelf_getehdr(elf, &header)) {
            module_ = nullptr;
            return;
        }
        relocatable_ = header.e_type == ET_REL;
        if (relocatable_) read_layout(elf);
    }
    ~DebugFile() {
        if (dwfl_) dwfl_end(dwfl_);
    }
    DebugFile(const DebugFile&) = delete;

    SourceLine find(const PlacedCode& code, std::uint64_t address) {
        Dwarf_Addr at;
        if (!module_ || !translate(code, address, at)) return {};
        Dwfl_Line* found = dwfl_module_getsrc(module_, at);
        SourceLine result;
        const char* file = found ? dwfl_lineinfo(found, nullptr, &result.line, nullptr, nullptr, nullptr) : nullptr;
        if (!file) return {};
        std::string_view path = file;
        result.file = path.substr(path.rfind('/') + 1);
        return result;
    }

   private:
    void read_layout(Elf* elf) {
        std::size_t names = 0;
        elf_getshdrstrndx(elf, &names);
        for (Elf_Scn* scn = nullptr; (scn = elf_nextscn(elf, scn));) {
            GElf_Shdr shdr;
            if (!gelf_getshdr(scn, &shdr) || !(shdr.sh_flags & SHF_EXECINSTR)) continue;
            const char* name = elf_strptr(elf, names, shdr.sh_name);
            if (name) layout_.emplace(name, shdr.sh_addr);
        }
    }

    bool translate(const PlacedCode& code, std::uint64_t address, Dwarf_Addr& out) const {
        if (!relocatable_) {
            out = address - code.image.base + bias_;
            return true;
        }
        for (const CodeSection& section : code.image.sections) {
            if (address < section.address || address - section.address >= section.size) continue;
            auto found = layout_.find(section.name);
            if (found == layout_.end()) return false;
            out = found->second + bias_ + (address - section.address);
            return true;
        }
        return false;
    }

    Dwfl* dwfl_;
    Dwfl_Module* module_ = nullptr;
    Dwarf_Addr bias_ = 0;
    bool relocatable_ = false;
    std::map<std::string, std::uint64_t> layout_;  // executable sections in libdwfl's own layout
};

struct CacheEntry {
    std::weak_ptr<const PlacedCode> code;  // expired: the module is gone
    std::unique_ptr<DebugFile> file;
};

}  // namespace

SourceLine find_line(const std::shared_ptr<const PlacedCode>& code, std::uint64_t address) {
    // Protects the cache and libdwfl's sessions.
    static std::mutex mutex;
    static std::map<const PlacedCode*, CacheEntry> cache;
    std::lock_guard lock(mutex);
    std::erase_if(cache, [](const auto& item) { return item.second.code.expired(); });
    CacheEntry& entry = cache[code.get()];
    if (!entry.file) entry = {code, std::make_unique<DebugFile>(*code)};
    return entry.file->find(*code, address);
}

}  // namespace umc

// SPDX-License-Identifier: GPL-2.0-only
// What only a .so has: segments, the dynamic section and what it leads the dynamic linker to. Everything that
// dlopen would follow without looking is checked here, since it trusts a file completely.
#include <algorithm>
#include <array>

#include "symtab/module_reader.h"
#include "symtab/relocation_types.h"

namespace umc::symtab {

namespace {

constexpr std::uint64_t kPageSize = 4096;

// Everything that the link of a module makes, and nothing else: no text relocations, no symbol versions, no
// other library to filter for or to audit, no DT_INIT (sanitizers have .init_array), nothing that keeps it
// from unloading.
constexpr bool is_known_tag(std::int64_t tag) {
    switch (tag) {
        case DT_GNU_HASH:
        case DT_HASH:
        case DT_STRTAB:
        case DT_STRSZ:
        case DT_SYMTAB:
        case DT_SYMENT:
        case DT_RELA:
        case DT_RELASZ:
        case DT_RELAENT:
        case DT_RELACOUNT:
        case DT_JMPREL:
        case DT_PLTREL:
        case DT_PLTRELSZ:
        case DT_PLTGOT:
        case DT_INIT_ARRAY:
        case DT_INIT_ARRAYSZ:
        case DT_FINI_ARRAY:
        case DT_FINI_ARRAYSZ:
        case DT_SONAME:
        case DT_RPATH:
        case DT_RUNPATH:
        case DT_SYMBOLIC:
        case DT_BIND_NOW:
        case DT_FLAGS:
        case DT_FLAGS_1:
            return true;
        default:
            return false;
    }
}

}  // namespace

const Elf64_Phdr* ModuleReader::segment_of(std::uint64_t address, std::uint64_t size, bool file_part) const {
    auto it = std::upper_bound(loads_.begin(), loads_.end(), address,
                               [](std::uint64_t a, const Elf64_Phdr* p) { return a < p->p_vaddr; });
    if (it == loads_.begin()) return nullptr;
    const Elf64_Phdr* p = *--it;
    return in_range(address - p->p_vaddr, size, file_part ? p->p_filesz : p->p_memsz) ? p : nullptr;
}

std::span<const std::byte> ModuleReader::bytes_at(std::uint64_t address) const {
    const Elf64_Phdr* p = segment_of(address, 0, true);
    if (!p) return {};
    const std::uint64_t offset = address - p->p_vaddr;
    return bytes().subspan(p->p_offset + offset, p->p_filesz - offset);
}

const Section* ModuleReader::section_of(std::uint64_t address) const {
    auto it =
        std::upper_bound(sections_by_address_.begin(), sections_by_address_.end(), address,
                         [this](std::uint64_t a, std::uint32_t i) { return a < section(i).header.sh_addr; });
    // Empty sections share their address with a neighbour: step over those that do not hold it.
    for (int tries = 0; tries < 4 && it != sections_by_address_.begin(); tries++) {
        const Section& s = section(*--it);
        if (address - s.header.sh_addr < s.header.sh_size || address == s.header.sh_addr) return &s;
    }
    return nullptr;
}

Result<> ModuleReader::read_so_segments() {
    const GElf_Ehdr& h = header_;
    if (h.e_phnum == 0) return malformed("no program headers");
    if (h.e_phentsize != sizeof(Elf64_Phdr)) return malformed("program headers of {} bytes", h.e_phentsize);
    if (h.e_phoff % alignof(Elf64_Phdr))
        return malformed("program headers at the odd offset {:#x}", h.e_phoff);
    if (!in_range(h.e_phoff, h.e_phnum * sizeof(Elf64_Phdr), file_.size_)) {
        return malformed("{} program headers at offset {:#x} pass the end of the file", h.e_phnum, h.e_phoff);
    }
    file_.segments_ = {reinterpret_cast<const Elf64_Phdr*>(data() + h.e_phoff), h.e_phnum};

    std::uint64_t end = 0;  // of the segments so far
    for (std::size_t i = 0; i < file_.segments_.size(); i++) {
        const Elf64_Phdr& p = file_.segments_[i];
        if (p.p_type == PT_TLS) return malformed("segment {}: thread local storage", i);
        if (p.p_type == PT_INTERP)
            return malformed("segment {}: names an interpreter: a program, not a module", i);
        if (p.p_type == PT_GNU_STACK && (p.p_flags & PF_X))
            return malformed("segment {}: asks for an executable stack", i);
        if (p.p_type == PT_DYNAMIC) {
            if (dynamic_) return malformed("segment {}: a second dynamic section", i);
            dynamic_ = &p;
        }
        if (p.p_type == PT_GNU_RELRO && p.p_memsz) {
            return malformed("segment {}: its imports would be read-only: link with -z norelro", i);
        }
        if (p.p_type != PT_LOAD) continue;
        if (!(p.p_flags & PF_R)) return malformed("segment {}: not readable", i);
        if (p.p_filesz > p.p_memsz) return malformed("segment {}: larger in the file than in memory", i);
        if (!in_range(p.p_offset, p.p_filesz, file_.size_)) {
            return malformed("segment {}: {:#x} bytes at offset {:#x} pass the end of the file", i,
                             p.p_filesz, p.p_offset);
        }
        if (!in_range(p.p_vaddr, p.p_memsz, kMaxSize))
            return malformed("segment {}: {:#x} bytes at address {:#x}", i, p.p_memsz, p.p_vaddr);
        if (!is_power_of_two(p.p_align) || p.p_align < kPageSize || p.p_align > kMaxAlign) {
            return malformed("segment {}: alignment {:#x}", i, p.p_align);
        }
        if ((p.p_vaddr - p.p_offset) % p.p_align)
            return malformed("segment {}: offset and address do not agree", i);
        if ((p.p_flags & PF_W) && (p.p_flags & PF_X))
            return malformed("segment {}: both writable and executable", i);
        if (!loads_.empty() && p.p_vaddr / kPageSize * kPageSize < end) {
            return malformed("segment {}: overlaps the one before", i);
        }
        end = (p.p_vaddr + p.p_memsz + kPageSize - 1) / kPageSize * kPageSize;
        loads_.push_back(&p);
    }
    if (loads_.empty()) return malformed("no segment to load");
    if (!dynamic_) return malformed("no dynamic section");

    for (std::size_t i = 0; i < file_.segments_.size(); i++) {
        const Elf64_Phdr& p = file_.segments_[i];
        if (p.p_type == PT_LOAD || p.p_type == PT_GNU_STACK || p.p_memsz == 0) continue;
        if (!segment_of(p.p_vaddr, p.p_memsz, true)) {
            return malformed("segment {}: type {:#x} lies outside what is loaded", i, p.p_type);
        }
    }
    return {};
}

Result<> ModuleReader::check_so_sections() {
    for (const Section& s : file_.sections_) {
        if (!s.alloc()) continue;
        const Elf64_Shdr& h = s.header;
        const bool in_file = h.sh_type != SHT_NOBITS;
        const Elf64_Phdr* p = segment_of(h.sh_addr, h.sh_size, in_file);
        if (!p) return malformed("{}: address {:#x} lies outside what is loaded", describe(s), h.sh_addr);
        if (in_file && h.sh_offset - p->p_offset != h.sh_addr - p->p_vaddr) {
            return malformed("{}: offset {:#x} and address {:#x} do not agree", describe(s), h.sh_offset,
                             h.sh_addr);
        }
        if (s.writable() && !(p->p_flags & PF_W)) return malformed("{}: in a read-only segment", describe(s));
        sections_by_address_.push_back(s.index);
    }
    std::stable_sort(sections_by_address_.begin(), sections_by_address_.end(),
                     [this](std::uint32_t a, std::uint32_t b) {
                         return section(a).header.sh_addr < section(b).header.sh_addr;
                     });
    return {};
}

Result<> ModuleReader::read_so_dynamic() {
    const auto contents =
        bytes_at(dynamic_->p_vaddr).first(std::min<std::uint64_t>(dynamic_->p_filesz, dynamic_->p_memsz));
    std::unordered_map<std::int64_t, std::uint64_t> tags;
    std::vector<std::uint64_t> needed;
    bool terminated = false;
    for (std::size_t at = 0; at + sizeof(Elf64_Dyn) <= contents.size() && !terminated;
         at += sizeof(Elf64_Dyn)) {
        Elf64_Dyn d;
        std::memcpy(&d, contents.data() + at, sizeof d);
        switch (d.d_tag) {
            case DT_NULL:
                terminated = true;
                break;
            case DT_NEEDED:
                needed.push_back(d.d_un.d_val);
                break;
            default:
                if (!is_known_tag(d.d_tag)) {
                    return malformed("dynamic section: tag {:#x} has no place in a module", d.d_tag);
                }
                if (!tags.try_emplace(d.d_tag, d.d_un.d_val).second) {
                    return malformed("dynamic section: tag {:#x} given twice", d.d_tag);
                }
        }
    }
    if (!terminated) return malformed("dynamic section: not terminated");

    const auto tag = [&](std::int64_t t) -> std::uint64_t {
        const auto it = tags.find(t);
        return it == tags.end() ? 0 : it->second;
    };
    if (tag(DT_FLAGS) & ~std::uint64_t{DF_ORIGIN | DF_SYMBOLIC | DF_BIND_NOW} ||
        tag(DT_FLAGS_1) & ~std::uint64_t{DF_1_NOW | DF_1_ORIGIN}) {
        return malformed("dynamic section: flags {:#x} and {:#x}", tag(DT_FLAGS), tag(DT_FLAGS_1));
    }
    // The dynamic linker takes it for granted that these come together.
    constexpr std::array<std::int64_t, 3> kTogether[] = {{DT_RELA, DT_RELASZ, DT_RELAENT},
                                                         {DT_JMPREL, DT_PLTRELSZ, DT_PLTREL},
                                                         {DT_INIT_ARRAY, DT_INIT_ARRAYSZ, DT_INIT_ARRAY},
                                                         {DT_FINI_ARRAY, DT_FINI_ARRAYSZ, DT_FINI_ARRAY}};
    for (const auto& [a, b, c] : kTogether) {
        if (tags.contains(a) != tags.contains(b) || tags.contains(b) != tags.contains(c)) {
            return malformed("dynamic section: of the tags {:#x}, {:#x} and {:#x} some are missing", a, b, c);
        }
    }

    const Section& symbols = section(dynsym_);
    const Section& strings = section(symbols.header.sh_link);
    if (!symbols.alloc() || !strings.alloc()) return malformed("{}: not loaded", describe(symbols));
    if (tag(DT_SYMTAB) != symbols.header.sh_addr || tag(DT_SYMENT) != sizeof(Elf64_Sym)) {
        return malformed("dynamic section: the symbol table is not {}", describe(symbols));
    }
    if (tag(DT_STRTAB) != strings.header.sh_addr || tag(DT_STRSZ) != strings.header.sh_size) {
        return malformed("dynamic section: the string table is not {}", describe(strings));
    }
    // What has been checked must still be so when the dynamic linker reads it: relocations cannot write
    // there.
    for (const Section* s : {&symbols, &strings}) {
        if (segment_of(s->header.sh_addr, s->header.sh_size, true)->p_flags & PF_W) {
            return malformed("{}: in a writable segment", describe(*s));
        }
    }
    for (const std::int64_t t : {DT_SONAME, DT_RPATH, DT_RUNPATH}) {
        if (tags.contains(t)) needed.push_back(tag(t));
    }
    for (const std::uint64_t offset : needed) {
        if (!string_at(file_.symbol_strings_, offset))
            return malformed("dynamic section: no string at {:#x}", offset);
    }

    for (const auto& [array, size] :
         {std::pair{DT_INIT_ARRAY, DT_INIT_ARRAYSZ}, std::pair{DT_FINI_ARRAY, DT_FINI_ARRAYSZ}}) {
        if (!tags.contains(array) && !tags.contains(size)) continue;
        if (tag(size) % 8 || tag(array) % 8 || !segment_of(tag(array), tag(size), true)) {
            return malformed("dynamic section: {:#x} bytes of constructors at {:#x}", tag(size), tag(array));
        }
    }
    if (tags.contains(DT_PLTGOT) && !segment_of(tag(DT_PLTGOT), 24, true)) {
        return malformed("dynamic section: DT_PLTGOT {:#x} lies outside what is loaded", tag(DT_PLTGOT));
    }

    if (!tags.contains(DT_GNU_HASH)) return malformed("dynamic section: no DT_GNU_HASH");
    if (auto ok = check_so_hash(tag(DT_GNU_HASH)); !ok) return ok;

    if ((tags.contains(DT_RELA) && tag(DT_RELAENT) != sizeof(Elf64_Rela)) ||
        (tags.contains(DT_JMPREL) && tag(DT_PLTREL) != DT_RELA)) {
        return malformed("dynamic section: relocations are not of type RELA");
    }
    if (auto ok = read_so_relocations(tag(DT_RELA), tag(DT_RELASZ), "DT_RELA"); !ok) return ok;
    // The dynamic linker takes the first so many for relative ones without looking.
    const std::uint64_t relative = tag(DT_RELACOUNT);
    const auto entries =
        file_.relocations_.empty() ? std::span<const Elf64_Rela>{} : file_.relocations_[0].entries;
    if (relative > entries.size() ||
        !std::all_of(entries.begin(), entries.begin() + relative,
                     [](const Elf64_Rela& r) { return ELF64_R_TYPE(r.r_info) == R_X86_64_RELATIVE; })) {
        return malformed("dynamic section: DT_RELACOUNT {} is not true", relative);
    }
    return read_so_relocations(tag(DT_JMPREL), tag(DT_PLTRELSZ), "DT_JMPREL");
}

// The table that every symbol lookup walks: bloom filter, buckets, and chains that end with an odd value.
Result<> ModuleReader::check_so_hash(std::uint64_t address) {
    const Elf64_Phdr* p = segment_of(address, 16, true);
    if (!p || address % 8 || (p->p_flags & PF_W)) return malformed("DT_GNU_HASH: at {:#x}", address);
    const auto table = bytes_at(address);
    const auto word = [&](std::uint64_t index) {
        std::uint32_t w;
        std::memcpy(&w, table.data() + index * sizeof w, sizeof w);
        return w;
    };
    const std::uint64_t buckets = word(0);
    const std::uint64_t first = word(1);  // symbols below are not in the table
    const std::uint64_t bloom = word(2);
    const std::uint64_t count = file_.symbols_.size();
    if (!is_power_of_two(bloom) || buckets == 0)
        return malformed("DT_GNU_HASH: {} buckets, {} bloom words", buckets, bloom);
    const std::uint64_t bucket_start = 4 + bloom * 2;
    const std::uint64_t chain_start = bucket_start + buckets;
    const std::uint64_t chained = first < count ? count - first : 0;
    if (chain_start * 4 > table.size()) return malformed("DT_GNU_HASH: passes the end of its segment");
    bool used = false;
    for (std::uint64_t i = 0; i < buckets; i++) {
        const std::uint32_t symbol = word(bucket_start + i);
        if (symbol && (symbol < first || symbol >= count)) {
            return malformed("DT_GNU_HASH: bucket {} starts at symbol {} of {}", i, symbol, count);
        }
        used |= symbol != 0;
    }
    // A module that exports nothing has empty buckets and no chains.
    if (used && (chain_start + chained) * 4 > table.size())
        return malformed("DT_GNU_HASH: passes the end of its segment");
    if (used && !(word(chain_start + chained - 1) & 1))
        return malformed("DT_GNU_HASH: the last chain does not end");
    return {};
}

Result<> ModuleReader::read_so_relocations(std::uint64_t address, std::uint64_t size, std::string_view what) {
    if (size == 0) return {};
    const Elf64_Phdr* home = segment_of(address, size, true);
    if (!home || (home->p_flags & PF_W))
        return malformed("{}: {:#x} bytes at {:#x} are not in a read-only segment", what, size, address);
    const auto table = bytes_at(address);
    if (size % sizeof(Elf64_Rela) || reinterpret_cast<std::uintptr_t>(table.data()) % alignof(Elf64_Rela)) {
        return malformed("{}: {:#x} bytes at {:#x} are no table of relocations", what, size, address);
    }
    const std::span entries(reinterpret_cast<const Elf64_Rela*>(table.data()), size / sizeof(Elf64_Rela));
    for (std::size_t i = 0; i < entries.size(); i++) {
        const Elf64_Rela& r = entries[i];
        const std::uint32_t type = ELF64_R_TYPE(r.r_info);
        const std::uint64_t index = ELF64_R_SYM(r.r_info);
        if (!is_so_relocation(type))
            return malformed("{}: relocation {}: type {} is not supported", what, i, type);
        const Elf64_Phdr* p = segment_of(r.r_offset, 8, false);
        if (!p || !(p->p_flags & PF_W)) {
            return malformed("{}: relocation {}: {:#x} is not in a writable segment", what, i, r.r_offset);
        }
        if (r.r_offset < dynamic_->p_vaddr + dynamic_->p_memsz && r.r_offset + 8 > dynamic_->p_vaddr) {
            return malformed("{}: relocation {}: {:#x} is in the dynamic section", what, i, r.r_offset);
        }
        if (index >= file_.symbols_.size()) {
            return malformed("{}: relocation {}: symbol {} of {}", what, i, index, file_.symbols_.size());
        }
        if (type != R_X86_64_RELATIVE && index == 0)
            return malformed("{}: relocation {}: no symbol", what, i);
    }
    const Section* s = section_of(address);
    file_.relocations_.push_back({s ? s->index : 0, 0, entries});
    return {};
}

// The link has resolved the self-relative offsets: value, name and namespace are addresses in the image.
Result<> ModuleReader::read_so_exports(const Section& ksymtab, const Section* kcrctab, bool gpl_only) {
    const auto contents = file_.contents(ksymtab);
    for (std::size_t i = 0; i < contents.size() / 12; i++) {
        std::uint64_t address[3];
        for (std::size_t field = 0; field < 3; field++) {
            const std::size_t at = i * 12 + field * 4;
            std::int32_t offset;
            std::memcpy(&offset, contents.data() + at, sizeof offset);
            address[field] = ksymtab.header.sh_addr + at + static_cast<std::uint64_t>(std::int64_t{offset});
        }
        const auto name = string_at(bytes_at(address[1]), 0);
        if (!name) return malformed("{}: export {} has no readable name", describe(ksymtab), i);
        std::string_view name_space;
        if (address[2] != ksymtab.header.sh_addr + i * 12 + 8) {  // offset 0: none
            const auto text = string_at(bytes_at(address[2]), 0);
            if (!text)
                return malformed("{}: export {} {} has no readable namespace", describe(ksymtab), i, *name);
            name_space = *text;
        }
        const Section* home = section_of(address[0]);
        if (!home)
            return malformed("{}: export {} {} lies outside every section", describe(ksymtab), i, *name);
        Export e{.name = std::string(*name), .name_space = std::string(name_space), .gpl_only = gpl_only};
        e.section = home->index;
        e.offset = address[0];
        if (auto ok = add_export(std::move(e), i, kcrctab, ksymtab); !ok) return ok;
    }
    return {};
}

}  // namespace umc::symtab

// SPDX-License-Identifier: GPL-2.0-only
// What every module file has: ELF header, section headers, symbol tables.
#include "symtab/module_reader.h"

#include "symtab/section_names.h"

namespace umc::symtab {

namespace {

struct Compression {
    std::string_view magic;
    std::string_view name;
    std::string_view command;
};

constexpr Compression kCompressions[] = {
    {{"\xfd"
      "7zXZ\0",
      6},
     "xz",
     "xz -dk"},
    {{"\x1f\x8b", 2}, "gzip", "gzip -dk"},
    {{"\x28\xb5\x2f\xfd", 4}, "zstd", "zstd -d"},
    {{"BZh", 3}, "bzip2", "bzip2 -dk"},
};

}  // namespace

std::string describe(const Section& section) {
    return fmt::format("section [{}] {}", section.index, section.name);
}

std::optional<std::string_view> string_at(std::span<const std::byte> bytes, std::uint64_t offset) {
    if (offset >= bytes.size()) return std::nullopt;
    const auto* start = reinterpret_cast<const char*>(bytes.data()) + offset;
    const std::size_t limit = std::min<std::uint64_t>(bytes.size() - offset, kMaxName + 1);
    const void* end = std::memchr(start, 0, limit);
    if (!end) return std::nullopt;
    return std::string_view(start, static_cast<const char*>(end));
}

Result<> ModuleReader::read() {
    return read_signature()
        .and_then([this] { return read_header(); })
        .and_then([this] { return read_sections(); })
        .and_then([this] { return read_symbol_tables(); })
        .and_then([this] { return read_image(); })
        .and_then([this] { return read_modinfo(); })
        .and_then([this] { return read_this_module(); })
        .and_then([this] { return read_versions(); })
        .and_then([this] { return read_imports(); })
        .and_then([this] { return read_exports(); });
}

// An appended signature (include/linux/module_signature.h) is not part of the ELF file.
Result<> ModuleReader::read_signature() {
    constexpr std::string_view kMagic = "~Module signature appended~\n";
    constexpr std::size_t kTrailer = 12;  // struct module_signature; its last four bytes: length, big endian
    const std::string_view text(reinterpret_cast<const char*>(data()), file_.size_);
    if (!text.ends_with(kMagic)) return {};
    const std::size_t rest = text.size() - kMagic.size();
    if (rest < kTrailer) return malformed("the appended signature is cut off");
    std::uint64_t length = 0;
    for (std::size_t i = rest - 4; i < rest; i++) length = length << 8 | static_cast<unsigned char>(text[i]);
    if (length > rest - kTrailer)
        return malformed("the appended signature claims {} bytes of {}", length, rest - kTrailer);
    file_.has_signature_ = true;
    file_.size_ = rest - kTrailer - length;
    return {};
}

Result<> ModuleReader::read_header() {
    const std::string_view text(reinterpret_cast<const char*>(data()), file_.size_);
    for (const auto& c : kCompressions) {
        if (!text.starts_with(c.magic)) continue;
        return malformed("compressed with {}; unpack it first: {} {}", c.name, c.command, file_.path_);
    }
    if (text.empty()) return malformed("the file is empty");
    if (!text.starts_with(std::string_view(ELFMAG, SELFMAG))) return malformed("not an ELF file");
    if (text.size() < sizeof(Elf64_Ehdr))
        return malformed("cut off within the ELF header ({} bytes)", text.size());

    const auto ident = [this](int i) { return std::to_integer<int>(data()[i]); };
    if (ident(EI_CLASS) != ELFCLASS64) return malformed("not a 64-bit ELF file (class {})", ident(EI_CLASS));
    if (ident(EI_DATA) != ELFDATA2LSB) return malformed("not little endian (encoding {})", ident(EI_DATA));
    elf_version(EV_CURRENT);
    // libelf only reads what it is given here.
    elf_.reset(elf_memory(reinterpret_cast<char*>(const_cast<std::byte*>(data())), file_.size_));
    if (!elf_ || elf_kind(elf_.get()) != ELF_K_ELF || !gelf_getehdr(elf_.get(), &header_))
        return malformed("the ELF header cannot be read: {}", elf_errmsg(-1));
    const GElf_Ehdr& h = header_;
    if (h.e_ident[EI_VERSION] != EV_CURRENT || h.e_version != EV_CURRENT) {
        return malformed("ELF version {} is unknown", h.e_version);
    }
    if (h.e_machine != EM_X86_64)
        return malformed("built for another machine (ELF machine {}, not x86-64)", h.e_machine);
    switch (h.e_type) {
        case ET_REL:
            description().kind = ModuleKind::kKo;
            break;
        case ET_DYN:
            description().kind = ModuleKind::kSo;
            break;
        default:
            return malformed("ELF type {} is neither relocatable nor a shared object", h.e_type);
    }
    if (h.e_shoff == 0 || h.e_shnum == 0) return malformed("no section headers");
    if (h.e_shentsize != sizeof(Elf64_Shdr)) return malformed("section headers of {} bytes", h.e_shentsize);
    if (h.e_shoff % alignof(Elf64_Shdr))
        return malformed("section headers at the odd offset {:#x}", h.e_shoff);
    if (!in_range(h.e_shoff, h.e_shnum * sizeof(Elf64_Shdr), file_.size_)) {
        return malformed("{} section headers at offset {:#x} pass the end of the file, {:#x}: cut off?",
                         h.e_shnum, h.e_shoff, file_.size_);
    }
    return {};
}

Result<> ModuleReader::read_sections() {
    const GElf_Ehdr& h = header_;
    std::vector<GElf_Shdr> headers(h.e_shnum);
    for (std::size_t i = 0; i < headers.size(); i++) {
        if (!gelf_getshdr(elf_getscn(elf_.get(), i), &headers[i]))
            return malformed("section header [{}] cannot be read: {}", i, elf_errmsg(-1));
    }

    if (headers[0].sh_type != SHT_NULL || headers[0].sh_size || headers[0].sh_addr) {
        return malformed("section [0] is not the null section");
    }
    if (h.e_shstrndx == SHN_UNDEF || h.e_shstrndx >= h.e_shnum) {
        return malformed("section name table [{}] of {} sections", h.e_shstrndx, h.e_shnum);
    }
    const Elf64_Shdr& names_header = headers[h.e_shstrndx];
    if (names_header.sh_type != SHT_STRTAB)
        return malformed("section name table [{}] is no string table", h.e_shstrndx);
    if (!in_range(names_header.sh_offset, names_header.sh_size, file_.size_)) {
        return malformed("section name table [{}] passes the end of the file", h.e_shstrndx);
    }
    const auto names = bytes().subspan(names_header.sh_offset, names_header.sh_size);
    if (names.empty() || names.back() != std::byte{0}) {
        return malformed("section name table [{}] is not terminated", h.e_shstrndx);
    }

    file_.sections_.reserve(headers.size());
    file_.sections_.emplace_back();
    for (std::uint32_t i = 1; i < headers.size(); i++) {
        if (auto ok = read_section(i, headers[i], names); !ok) return ok;
    }
    return {};
}

Result<> ModuleReader::read_section(std::uint32_t index, const Elf64_Shdr& h,
                                    std::span<const std::byte> names) {
    Section s{.name = {}, .index = index, .header = h};
    if (h.sh_type == SHT_NULL) {
        s.header = Elf64_Shdr{};  // nothing of it means anything
        file_.sections_.push_back(s);
        return {};
    }
    const auto name = string_at(names, h.sh_name);
    if (!name) return malformed("section [{}]: name at {:#x} is out of range or too long", index, h.sh_name);
    s.name = *name;

    if (h.sh_addralign && !is_power_of_two(h.sh_addralign)) {
        return malformed("{}: alignment {:#x} is no power of two", describe(s), h.sh_addralign);
    }
    if (s.alloc() && h.sh_addralign > kMaxAlign) {
        return malformed("{}: alignment {:#x} is too large", describe(s), h.sh_addralign);
    }
    const std::uint32_t count = header_.e_shnum;
    if (h.sh_link >= count) return malformed("{}: link to section [{}] of {}", describe(s), h.sh_link, count);
    if (s.alloc() && (h.sh_flags & SHF_COMPRESSED)) return malformed("{}: compressed", describe(s));
    if (s.alloc() && s.writable() && s.executable()) {
        return malformed("{}: both writable and executable", describe(s));
    }

    if (h.sh_type == SHT_NOBITS) {
        if (h.sh_size > kMaxSize) return malformed("{}: size {:#x} is too large", describe(s), h.sh_size);
        file_.sections_.push_back(s);
        return {};
    }
    if (!in_range(h.sh_offset, h.sh_size, file_.size_)) {
        return malformed("{}: {:#x} bytes at offset {:#x} pass the end of the file, {:#x}", describe(s),
                         h.sh_size, h.sh_offset, file_.size_);
    }
    // Bounds the work that a file can ask for, too.
    section_bytes_ += h.sh_size;
    if (section_bytes_ > file_.size_) return malformed("{}: overlaps other sections", describe(s));

    if (h.sh_type == SHT_SYMTAB || h.sh_type == SHT_DYNSYM || h.sh_type == SHT_RELA) {
        const std::uint64_t entry = h.sh_type == SHT_RELA ? sizeof(Elf64_Rela) : sizeof(Elf64_Sym);
        if (h.sh_entsize != entry || h.sh_size % entry) {
            return malformed("{}: size {:#x} in entries of {}, not {}", describe(s), h.sh_size, h.sh_entsize,
                             entry);
        }
        if (h.sh_offset % 8) return malformed("{}: offset {:#x} is not aligned", describe(s), h.sh_offset);
    }
    if (h.sh_type == SHT_SYMTAB || h.sh_type == SHT_DYNSYM) {
        std::uint32_t& table = h.sh_type == SHT_SYMTAB ? symtab_ : dynsym_;
        if (table) return malformed("{}: a second symbol table beside section [{}]", describe(s), table);
        table = index;
        if (h.sh_size == 0) return malformed("{}: empty", describe(s));
    }
    file_.sections_.push_back(s);
    return {};
}

Result<> ModuleReader::read_symbol_tables() {
    const auto load = [this](std::uint32_t index, std::span<const Elf64_Sym>& symbols,
                             std::span<const std::byte>& strings) -> Result<> {
        const Section& table = section(index);
        const Section& names = section(table.header.sh_link);
        if (names.header.sh_type != SHT_STRTAB)
            return malformed("{}: {} is no string table", describe(table), describe(names));
        strings = file_.contents(names);
        if (strings.empty() || strings.back() != std::byte{0})
            return malformed("{}: not terminated", describe(names));
        symbols = {reinterpret_cast<const Elf64_Sym*>(data() + table.header.sh_offset),
                   table.header.sh_size / sizeof(Elf64_Sym)};
        return check_symbols(table, symbols, strings);
    };

    if (symtab_) {
        if (auto ok = load(symtab_, file_.debug_symbols_, file_.debug_symbol_strings_); !ok) return ok;
    }
    if (file_.kind() == ModuleKind::kKo) {
        if (!symtab_) return malformed("module has no symbols (stripped?)");
        if (dynsym_) return malformed("{}: in a relocatable file", describe(section(dynsym_)));
        file_.symbols_ = file_.debug_symbols_;
        file_.symbol_strings_ = file_.debug_symbol_strings_;
        return {};
    }
    if (!dynsym_) return malformed("no dynamic symbol table");
    return load(dynsym_, file_.symbols_, file_.symbol_strings_);
}

Result<> ModuleReader::check_symbols(const Section& table, std::span<const Elf64_Sym> symbols,
                                     std::span<const std::byte> strings) {
    const bool ko = file_.kind() == ModuleKind::kKo;
    for (std::size_t i = 0; i < symbols.size(); i++) {
        const Elf64_Sym& s = symbols[i];
        const auto name = string_at(strings, s.st_name);
        if (!name) {
            return malformed("{}: symbol {}: name at {:#x} is out of range or too long", describe(table), i,
                             s.st_name);
        }
        if (i == 0) {
            if (s.st_shndx != SHN_UNDEF || s.st_value)
                return malformed("{}: symbol 0 is not the null symbol", describe(table));
            continue;
        }
        switch (s.st_shndx) {
            case SHN_UNDEF:
            case SHN_ABS:
                continue;
            case SHN_COMMON:
                if (name->starts_with("__gnu_lto")) continue;
                return malformed("{}: symbol {} {} is common: please compile with -fno-common",
                                 describe(table), i, *name);
            default:
                break;
        }
        if (s.st_shndx >= file_.sections_.size()) {
            return malformed("{}: symbol {} {}: section [{:#x}] of {}", describe(table), i, *name, s.st_shndx,
                             file_.sections_.size());
        }
        const Section& home = section(s.st_shndx);
        if (!home.alloc()) continue;
        const int type = ELF64_ST_TYPE(s.st_info);
        if (type == STT_TLS || type == STT_GNU_IFUNC) {
            return malformed("{}: symbol {} {}: type {} has no place in a module", describe(table), i, *name,
                             type);
        }
        if (!ko && ELF64_ST_BIND(s.st_info) == STB_GNU_UNIQUE) {
            return malformed("{}: symbol {} {} is unique: it would never unload", describe(table), i, *name);
        }
        const std::uint64_t start = ko ? 0 : home.header.sh_addr;
        if (s.st_value < start || s.st_value - start > home.header.sh_size) {
            return malformed("{}: symbol {} {}: value {:#x} lies outside {}", describe(table), i, *name,
                             s.st_value, describe(home));
        }
    }
    return {};
}

Result<> ModuleReader::read_image() {
    if (file_.kind() == ModuleKind::kKo) return read_ko_relocations();
    return read_so_segments().and_then([this] { return check_so_sections(); }).and_then([this] {
        return read_so_dynamic();
    });
}

}  // namespace umc::symtab

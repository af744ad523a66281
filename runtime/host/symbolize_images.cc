// SPDX-License-Identifier: GPL-2.0-only
// Reads symbols and ORC tables of code images and keeps the address map.
#include "host/symbolize_images.h"

#include <cxxabi.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>

namespace umc {
namespace {

using CodeMap = std::vector<CodeRange>;

// Protects replacing the map; readers only count themselves.
std::mutex g_writers;
std::atomic<const CodeMap*> g_map{nullptr};
std::atomic<int> g_readers{0};

// Call with g_writers held.
void publish(std::unique_ptr<CodeMap> next) {
    std::sort(next->begin(), next->end(),
              [](const CodeRange& a, const CodeRange& b) { return a.begin < b.begin; });
    const CodeMap* old = g_map.exchange(next.release());
    while (g_readers.load() != 0) std::this_thread::yield();
    delete old;
}

std::unique_ptr<CodeMap> copy_map() {
    const CodeMap* map = g_map.load();
    return map ? std::make_unique<CodeMap>(*map) : std::make_unique<CodeMap>();
}

struct FileDescriptor {
    int fd;
    ~FileDescriptor() { if (fd >= 0) close(fd); }
};

struct ElfFile {
    Elf* elf = nullptr;
    ~ElfFile() { if (elf) elf_end(elf); }
};

// Where the code of each ELF section lies; 0: nowhere.
struct Placement {
    std::vector<std::uint64_t> section;  // by section index, what to add to st_value; ~0: not placed
    std::vector<bool> executable;
};

Placement place(Elf* elf, const CodeImage& image) {
    std::size_t count = 0, names = 0;
    elf_getshdrnum(elf, &count);
    elf_getshdrstrndx(elf, &names);
    Placement placement{std::vector<std::uint64_t>(count, ~0ull), std::vector<bool>(count, false)};
    GElf_Ehdr header;
    bool relocatable = gelf_getehdr(elf, &header) && header.e_type == ET_REL;
    std::map<std::string_view, std::uint64_t> by_name;
    for (const CodeSection& section : image.sections) by_name.emplace(section.name, section.address);
    for (std::size_t i = 0; i < count; i++) {
        GElf_Shdr shdr;
        if (!gelf_getshdr(elf_getscn(elf, i), &shdr) || !(shdr.sh_flags & SHF_ALLOC)) continue;
        placement.executable[i] = shdr.sh_flags & SHF_EXECINSTR;
        if (!relocatable) {
            placement.section[i] = image.base;
            continue;
        }
        const char* name = elf_strptr(elf, names, shdr.sh_name);
        auto found = name ? by_name.find(name) : by_name.end();
        if (found != by_name.end() && found->second) placement.section[i] = found->second;
    }
    return placement;
}

// Host functions as a person writes them, without arguments and template arguments; other names as they are.
std::string readable(const char* name) {
    if (name[0] != '_' || name[1] != 'Z') return name;
    int status = 0;
    std::unique_ptr<char, decltype(&std::free)> full(abi::__cxa_demangle(name, nullptr, nullptr, &status), &std::free);
    if (!full) return name;
    constexpr std::string_view kAnonymous = "(anonymous namespace)";
    std::string result;
    int depth = 0;  // of <>
    for (std::string_view rest = full.get(); !rest.empty(); rest.remove_prefix(1)) {
        if (rest.starts_with("operator<") || rest.starts_with("operator>") || rest.starts_with("operator->")) return name;
        if (rest[0] == '<') depth++;
        if (depth == 0 && rest.starts_with(kAnonymous)) {
            result += "{anonymous}";
            rest.remove_prefix(kAnonymous.size() - 1);
        } else if (depth == 0 && rest[0] == '(') {
            break;
        } else if (depth == 0) {
            result += rest[0];
        }
        if (rest[0] == '>') depth--;
    }
    // A template function's name starts with its return type.
    result.erase(0, result.rfind(' ') + 1);
    return result.empty() ? name : result;
}

void read_symbols(Elf* elf, const Placement& placement, PlacedCode& code) {
    Elf_Scn* table = nullptr;
    GElf_Shdr shdr;
    for (Elf_Scn* scn = nullptr; (scn = elf_nextscn(elf, scn));)
        if (gelf_getshdr(scn, &shdr) && (shdr.sh_type == SHT_SYMTAB || (shdr.sh_type == SHT_DYNSYM && !table)))
            table = scn;
    if (!table || !gelf_getshdr(table, &shdr) || !shdr.sh_entsize) return;
    Elf_Data* data = elf_getdata(table, nullptr);
    struct Candidate {
        SymbolName symbol;
        int rank;
    };
    std::vector<Candidate> found;
    for (std::size_t i = 1; i < shdr.sh_size / shdr.sh_entsize; i++) {
        GElf_Sym sym;
        if (!gelf_getsym(data, i, &sym)) break;
        int type = GELF_ST_TYPE(sym.st_info);
        if (type != STT_FUNC && type != STT_NOTYPE && type != STT_GNU_IFUNC) continue;
        if (sym.st_shndx == SHN_UNDEF || sym.st_shndx >= placement.section.size()) continue;
        if (!placement.executable[sym.st_shndx] || placement.section[sym.st_shndx] == ~0ull) continue;
        const char* name = elf_strptr(elf, shdr.sh_link, sym.st_name);
        if (!name || !*name || name[0] == '.') continue;
        // Of several names for an address, a sized global function's is the one people know.
        int rank = (sym.st_size != 0) * 4 + (type != STT_NOTYPE) * 2 + (GELF_ST_BIND(sym.st_info) == STB_GLOBAL);
        // Aliases that every module has for the functions of its own that module_init() and module_exit() name.
        if (std::string_view(name) == "init_module" || std::string_view(name) == "cleanup_module") rank = -1;
        found.push_back({{placement.section[sym.st_shndx] + sym.st_value, sym.st_size,
                          static_cast<std::uint32_t>(code.names.size())}, rank});
        code.names.append(code.is_program ? readable(name) : name).push_back('\0');
    }
    std::sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) {
        return a.symbol.value != b.symbol.value ? a.symbol.value < b.symbol.value : a.rank < b.rank;
    });
    for (const Candidate& candidate : found) {
        if (!code.symbols.empty() && code.symbols.back().value == candidate.symbol.value)
            code.symbols.back() = candidate.symbol;
        else
            code.symbols.push_back(candidate.symbol);
    }
    for (std::size_t i = 0; i + 1 < code.symbols.size(); i++)
        if (!code.symbols[i].size) code.symbols[i].size = code.symbols[i + 1].value - code.symbols[i].value;
}

// The tables' relocations say which instruction an entry is for.
void read_orc(Elf* elf, const Placement& placement, OrcTable& orc) {
    std::size_t names = 0;
    elf_getshdrstrndx(elf, &names);
    Elf_Scn *entries = nullptr, *addresses = nullptr;
    for (Elf_Scn* scn = nullptr; (scn = elf_nextscn(elf, scn));) {
        GElf_Shdr shdr;
        if (!gelf_getshdr(scn, &shdr)) continue;
        const char* name = elf_strptr(elf, names, shdr.sh_name);
        if (name && !std::strcmp(name, ".orc_unwind")) entries = scn;
        if (name && !std::strcmp(name, ".rela.orc_unwind_ip")) addresses = scn;
    }
    GElf_Shdr rela_shdr;
    if (!entries || !addresses || !gelf_getshdr(addresses, &rela_shdr) || !rela_shdr.sh_entsize) return;
    Elf_Data* entry_data = elf_getdata(entries, nullptr);
    Elf_Data* rela_data = elf_getdata(addresses, nullptr);
    Elf_Scn* symbols = elf_getscn(elf, rela_shdr.sh_link);
    Elf_Data* symbol_data = symbols ? elf_getdata(symbols, nullptr) : nullptr;
    if (!entry_data || !rela_data || !symbol_data) return;
    std::size_t entry_count = entry_data->d_size / sizeof(OrcEntry);
    std::vector<std::pair<std::uint32_t, OrcEntry>> rows;
    rows.reserve(entry_count);
    for (std::size_t i = 0; i < rela_shdr.sh_size / rela_shdr.sh_entsize; i++) {
        GElf_Rela rela;
        GElf_Sym sym;
        if (!gelf_getrela(rela_data, i, &rela) || !gelf_getsym(symbol_data, GELF_R_SYM(rela.r_info), &sym)) return;
        std::size_t index = rela.r_offset / 4;
        if (sym.st_shndx >= placement.section.size() || index >= entry_count) continue;
        if (placement.section[sym.st_shndx] == ~0ull) continue;
        std::uint64_t address = placement.section[sym.st_shndx] + sym.st_value + rela.r_addend;
        if (address >> 32) return;
        OrcEntry entry;
        std::memcpy(&entry, static_cast<char*>(entry_data->d_buf) + index * sizeof(entry), sizeof(entry));
        rows.emplace_back(static_cast<std::uint32_t>(address), entry);
    }
    // The end mark of one section may share its address with the start of the next: the start must win.
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
        if (a.first != b.first) return a.first < b.first;
        return a.second.sp_reg == 0 && !a.second.end && !(b.second.sp_reg == 0 && !b.second.end);
    });
    orc.addresses.reserve(rows.size());
    orc.entries.reserve(rows.size());
    for (const auto& [address, entry] : rows) {
        orc.addresses.push_back(address);
        orc.entries.push_back(entry);
    }
}

void add_text_ranges(Elf* elf, const Placement& placement, CodeImage& image) {
    if (!image.text.empty()) return;
    for (std::size_t i = 0; i < placement.section.size(); i++) {
        GElf_Shdr shdr;
        if (!placement.executable[i] || placement.section[i] == ~0ull) continue;
        if (!gelf_getshdr(elf_getscn(elf, i), &shdr) || !shdr.sh_size) continue;
        // ET_REL sections start at 0; the others' addresses are the file's.
        std::uint64_t begin = placement.section[i] + (image.sections.empty() ? shdr.sh_addr : 0);
        image.text.emplace_back(begin, begin + shdr.sh_size);
    }
}

Result<> add_image(const CodeImage& image, bool is_program) {
    elf_version(EV_CURRENT);
    FileDescriptor file{open(image.path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (file.fd < 0) return fail(errno, image.path + ": " + std::strerror(errno));
    ElfFile elf{elf_begin(file.fd, ELF_C_READ_MMAP, nullptr)};
    if (!elf.elf || elf_kind(elf.elf) != ELF_K_ELF) return fail(ENOEXEC, image.path + ": not an ELF file");

    auto code = std::make_shared<PlacedCode>();
    code->image = image;
    code->is_program = is_program;
    Placement placement = place(elf.elf, image);
    add_text_ranges(elf.elf, placement, code->image);
    read_symbols(elf.elf, placement, *code);
    if (!image.is_so && !is_program) read_orc(elf.elf, placement, code->orc);

    std::lock_guard lock(g_writers);
    auto map = copy_map();
    for (auto [begin, end] : code->image.text)
        if (begin < end) map->push_back({begin, end, code});
    publish(std::move(map));
    return {};
}

}  // namespace

const SymbolName* PlacedCode::find_symbol(std::uint64_t address) const {
    auto next = std::upper_bound(symbols.begin(), symbols.end(), address,
                                 [](std::uint64_t a, const SymbolName& s) { return a < s.value; });
    if (next == symbols.begin()) return nullptr;
    const SymbolName& symbol = *--next;
    return symbol.size && address - symbol.value >= symbol.size ? nullptr : &symbol;
}

CodeMapReader::CodeMapReader() {
    g_readers.fetch_add(1);
    map_ = g_map.load();
}

CodeMapReader::~CodeMapReader() { g_readers.fetch_sub(1); }

const PlacedCode* CodeMapReader::find(std::uint64_t address) const {
    if (!map_) return nullptr;
    auto next = std::upper_bound(map_->begin(), map_->end(), address,
                                 [](std::uint64_t a, const CodeRange& r) { return a < r.begin; });
    if (next == map_->begin() || address >= (--next)->end) return nullptr;
    return next->code.get();
}

std::shared_ptr<const PlacedCode> CodeMapReader::find_shared(std::uint64_t address) const {
    const PlacedCode* code = find(address);
    if (!code) return nullptr;
    for (const CodeRange& range : *map_)
        if (range.code.get() == code) return range.code;
    return nullptr;
}

Result<> register_code(const CodeImage& image) { return add_image(image, false); }

void register_program_code() {
    static std::once_flag once;
    std::call_once(once, [] {
        CodeImage image;
        image.path = "/proc/self/exe";
        (void)add_image(image, true);
    });
}

void forget_code(std::uint64_t begin, std::uint64_t end) {
    std::lock_guard lock(g_writers);
    auto map = copy_map();
    std::erase_if(*map, [&](const CodeRange& r) { return r.begin >= begin && r.end <= end && !r.code->is_program; });
    publish(std::move(map));
}

void unregister_code(std::string_view name) {
    std::lock_guard lock(g_writers);
    auto map = copy_map();
    std::erase_if(*map, [&](const CodeRange& r) { return !r.code->is_program && r.code->image.name == name; });
    publish(std::move(map));
}

bool is_module_code(std::uint64_t address) {
    CodeMapReader map;
    const PlacedCode* code = map.find(address);
    return code && !code->is_program;
}

}  // namespace umc

// SPDX-License-Identifier: GPL-2.0-only
// The loader of modules that are shared objects. The dynamic linker maps the file and applies what is relative to it;
// whatever it bound an import to is overwritten from the kernel's symbol table, so libc never answers for the kernel.
#include "host/so_loader.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <link.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <unordered_set>

#include "host/low_memory.h"
#include "host/symbolize.h"
#include "symtab/section_names.h"

namespace umc {
namespace {

using namespace symtab;

constexpr std::uint64_t kPage = 4096;

struct PageRange {
    std::uint64_t begin = 0, end = 0;  // run-time addresses
};

// Slots of a sanitized module may lie where its own instrumentation lets nobody write.
__attribute__((no_sanitize("address"))) void write_slot(void* slot, std::uint64_t value) {
    using Word __attribute__((may_alias, aligned(1))) = std::uint64_t;
    *static_cast<volatile Word*>(slot) = value;
}

// A handle of dlopen, mapped at the address the file was linked for when that is free.
class Library {
   public:
    Library() = default;
    ~Library() {
        if (handle_) dlclose(handle_);
    }
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;

    // [begin, end): the addresses the file was linked for.
    Result<> open(const std::string& path, std::uint64_t begin, std::uint64_t end) {
        // A second handle of one mapping would share its data with the first.
        if (void* other = dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD)) {
            dlclose(other);
            return fail(EBUSY, fmt::format("{} is still mapped by an earlier module", path));
        }
        hole_.open(begin, end);
        handle_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (!handle_) return fail(ENOEXEC, dlerror());
        return {};
    }
    const link_map* map() const {
        link_map* map = nullptr;
        dlinfo(handle_, RTLD_DI_LINKMAP, &map);
        return map;
    }

   private:
    LowHole hole_;  // closed after the handle is
    void* handle_ = nullptr;
};

class SoModule final : public PlacedModule {
   public:
    explicit SoModule(ModuleFile file) : PlacedModule(file), file_(std::move(file)) {}

    Result<> place();
    Result<> link(const ImportValues& imports) override;
    void finish_init() override;

   private:
    void find_init_pages();
    Result<> bind(const Elf64_Rela& relocation, const ImportValues& imports);
    // A run-time address of the per-CPU section becomes the symbol's per-CPU offset; any other address stays.
    std::uint64_t with_percpu(std::uint64_t address) const {
        return address - percpu_begin_ < image_.percpu_size ? address - percpu_begin_ + image_.percpu_offset
                                                            : address;
    }
    std::uint64_t section_begin(const Section& section) const { return load_bias_ + section.header.sh_addr; }

    std::optional<ModuleFile> file_;  // until link()
    Library library_;
    std::uint64_t percpu_begin_ = 0;
    std::vector<PageRange> init_pages_;
    std::unordered_set<std::uint32_t> host_imports_;  // symbols the dynamic linker answers for
};

Result<> SoModule::place() {
    std::unique_ptr<char, decltype(&std::free)> real(realpath(path_.c_str(), nullptr), &std::free);
    if (!real) return fail(errno, fmt::format("{}: {}", path_, std::strerror(errno)));

    std::uint64_t begin = ~0ul, end = 0, text_end = 0;
    for (const Elf64_Phdr& segment : file_->segments()) {
        if (segment.p_type != PT_LOAD) continue;
        const std::uint64_t segment_end = (segment.p_vaddr + segment.p_memsz + kPage - 1) / kPage * kPage;
        begin = std::min(begin, segment.p_vaddr / kPage * kPage);
        end = std::max(end, segment_end);
        if (segment.p_flags & PF_X) text_end = std::max(text_end, segment_end);
    }
    if (auto ok = library_.open(real.get(), begin, end); !ok) return ok;
    load_bias_ = library_.map()->l_addr;
    image_.core_base = load_bias_ + begin;
    image_.core_size = end - begin;
    image_.text_size = text_end ? text_end - begin : 0;

    const Section* this_module = file_->find_section(section_name::kThisModule);
    if (!this_module) return fail(ENOEXEC, fmt::format("{}: no struct module", name_));
    image_.this_module = reinterpret_cast<void*>(section_begin(*this_module));

    if (const Section* percpu = file_->percpu_section()) {
        percpu_begin_ = section_begin(*percpu);
        image_.percpu_initial = reinterpret_cast<const void*>(percpu_begin_);
        image_.percpu_size = percpu->header.sh_size;
        image_.percpu_align = std::max<std::uint64_t>(percpu->header.sh_addralign, 1);
    }
    find_init_pages();
    for (const Section& section : file_->sections())
        if (section.alloc() && section.header.sh_size)
            add_section(section.name, section_begin(section), section.header.sh_size);
    publish_sections();
    for (const Import& import : description_.imports)
        if (import.host_runtime) host_imports_.insert(import.symbol);
    return {};
}

// The pages that hold .init sections and nothing else; those of the text are told to kern.
void SoModule::find_init_pages() {
    const auto end_of = [&](const Section& s) { return section_begin(s) + s.header.sh_size; };
    for (const Section& section : file_->sections()) {
        if (!section.alloc() || !section.header.sh_size || !section_name::is_init(section.name) ||
            section.header.sh_type == SHT_INIT_ARRAY)
            continue;
        PageRange pages{section_begin(section) / kPage * kPage, (end_of(section) + kPage - 1) / kPage * kPage};
        for (const Section& other : file_->sections()) {
            if (!other.alloc() || !other.header.sh_size ||
                (section_name::is_init(other.name) && other.header.sh_type != SHT_INIT_ARRAY))
                continue;
            const std::uint64_t begin = section_begin(other), end = end_of(other);
            if (begin >= pages.end || end <= pages.begin) continue;
            if (begin <= section_begin(section))
                pages.begin = (end + kPage - 1) / kPage * kPage;
            else
                pages.end = begin / kPage * kPage;
        }
        if (pages.begin >= pages.end) continue;
        init_pages_.push_back(pages);
        if (section.executable() && !image_.init_size) {
            image_.init_base = pages.begin;
            image_.init_size = image_.init_text_size = pages.end - pages.begin;
        }
    }
}

Result<> SoModule::bind(const Elf64_Rela& relocation, const ImportValues& imports) {
    auto* slot = reinterpret_cast<std::uint64_t*>(load_bias_ + relocation.r_offset);
    const std::uint32_t type = ELF64_R_TYPE(relocation.r_info);
    const std::uint32_t index = ELF64_R_SYM(relocation.r_info);
    const std::uint64_t addend = static_cast<std::uint64_t>(relocation.r_addend);
    std::uint64_t value;
    if (type == R_X86_64_RELATIVE) {
        value = with_percpu(load_bias_ + addend);
    } else {
        const Elf64_Sym& symbol = file_->symbols()[index];
        if (symbol.st_shndx != SHN_UNDEF) {
            value = with_percpu(load_bias_ + symbol.st_value);
        } else if (const auto import = imports.find(index); import != imports.end()) {
            value = import->second;
        } else if (host_imports_.contains(index)) {
            return {};
        } else {
            return fail(ENOENT, fmt::format("{}: Unknown symbol {}", name_, file_->symbol_name(symbol)));
        }
        if (type == R_X86_64_64)
            value += addend;
        else if (type != R_X86_64_GLOB_DAT && type != R_X86_64_JUMP_SLOT)
            return fail(ENOEXEC, fmt::format("{}: relocation type {} at {:#x}", name_, type, relocation.r_offset));
    }
    write_slot(slot, value);
    return {};
}

Result<> SoModule::link(const ImportValues& imports) {
    for (const RelocationTable& table : file_->relocations())
        for (const Elf64_Rela& relocation : table.entries)
            if (auto ok = bind(relocation, imports); !ok) return ok;

    for (const Export& e : description_.exports)
        exports_.push_back({e.name, e.name_space, with_percpu(load_bias_ + e.offset), e.crc, e.gpl_only});
    file_.reset();
    return {};
}

void SoModule::finish_init() {
    // Still part of the mapping, which dlclose takes away as a whole.
    for (const PageRange& pages : init_pages_) {
        forget_code(pages.begin, pages.end);
        auto* begin = reinterpret_cast<void*>(pages.begin);
        madvise(begin, pages.end - pages.begin, MADV_DONTNEED);
        mprotect(begin, pages.end - pages.begin, PROT_NONE);
    }
}

}  // namespace

Result<std::unique_ptr<PlacedModule>> place_so(symtab::ModuleFile file) {
    auto module = std::make_unique<SoModule>(std::move(file));
    if (auto ok = module->place(); !ok) return tl::unexpected(ok.error());
    return module;
}

}  // namespace umc

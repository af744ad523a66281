// SPDX-License-Identifier: GPL-2.0-only
// The relocating loader. What the kernel's own loader patches for a CPU in ring 0 is treated for one in ring 3:
// calls of __fentry__ become NOPs and jumps to __x86_return_thunk become returns; alternatives and paravirt calls keep
// their defaults, retpolines and static calls go through the runtime's thunks and trampolines.
#include "host/ko_loader.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <span>

#include "host/symbolize.h"
#include "seam/memory.h"
#include "symtab/ko_layout.h"
#include "symtab/ko_relocate.h"
#include "symtab/section_names.h"

namespace umc {
namespace {

using namespace symtab;

// Memory below 2 GiB for one block.
class LowMemory {
   public:
    LowMemory() = default;
    ~LowMemory() { release(); }
    LowMemory(const LowMemory&) = delete;
    LowMemory& operator=(const LowMemory&) = delete;

    bool allocate(std::uint64_t size, std::uint64_t align) {
        const std::uint64_t extra = align > KoLayout::kPageSize ? align - KoLayout::kPageSize : 0;
        raw_ = umc_host_memory_low_alloc(size + extra);
        if (!raw_) return false;
        raw_size_ = size + extra;
        address_ = (raw_ + align - 1) / align * align;
        return true;
    }
    void release() {
        if (raw_) umc_host_memory_low_free(raw_, raw_size_);
        raw_ = address_ = 0;
    }
    std::uint64_t address() const { return address_; }

   private:
    std::uint64_t raw_ = 0, raw_size_ = 0, address_ = 0;
};

class KoModule final : public PlacedModule {
   public:
    explicit KoModule(ModuleFile file) : PlacedModule(file), file_(std::move(file)) {}

    Result<> place();
    Result<> link(const ImportValues& imports) override;
    void finish_init() override;

   private:
    void patch_sites();
    Result<> protect(const KoImage& image, const KoBlockLayout& layout, bool after_init);
    // Does [address, address + size) lie in the module's text?
    bool is_text(std::uint64_t address, std::uint64_t size) const;

    std::optional<ModuleFile> file_;  // until link()
    KoLayout layout_;
    LowMemory core_, init_;
    std::vector<std::byte> percpu_;  // the template
    KoImages images_;
};

Result<> KoModule::place() {
    auto layout = layout_ko(*file_);
    if (!layout) return tl::unexpected(layout.error());
    layout_ = *std::move(layout);

    const auto allocate = [](LowMemory& memory, const KoBlockLayout& block, KoImage& image) {
        if (!block.size) return true;
        if (!memory.allocate(block.size, block.align)) return false;
        image.address = memory.address();
        image.bytes = {reinterpret_cast<std::byte*>(image.address), block.size};
        return true;
    };
    if (!allocate(core_, layout_.core, images_.core) || !allocate(init_, layout_.init, images_.init))
        return fail(ENOMEM, fmt::format("{}: no memory below 2 GiB for the module", name_));
    percpu_.resize(layout_.percpu.size);
    images_.percpu.bytes = percpu_;
    if (auto ok = copy_sections(*file_, layout_, images_); !ok) return ok;

    image_.this_module = section_bytes(*file_, layout_, images_, layout_.this_module).data();
    image_.core_base = images_.core.address;
    image_.core_size = layout_.core.size;
    image_.text_size = layout_.core.part(KoPart::kText).size;
    image_.init_base = images_.init.address;
    image_.init_size = layout_.init.size;
    image_.init_text_size = layout_.init.part(KoPart::kText).size;
    image_.percpu_initial = percpu_.data();
    image_.percpu_size = layout_.percpu.size;
    image_.percpu_align = layout_.percpu.align;
    for (const Section& section : file_->sections()) {
        const auto bytes = section_bytes(*file_, layout_, images_, section.index);
        if (bytes.empty()) continue;
        add_section(section.name, reinterpret_cast<std::uint64_t>(bytes.data()), bytes.size());
    }
    publish_sections();
    return {};
}

Result<> KoModule::link(const ImportValues& imports) {
    images_.percpu.address = image_.percpu_offset;
    const auto values = symbol_values(*file_, layout_, images_, [&](std::uint32_t index) -> std::uint64_t {
        const auto value = imports.find(index);
        return value == imports.end() ? 0 : value->second;
    });
    if (auto ok = relocate(*file_, layout_, images_, values); !ok) return ok;
    patch_sites();

    for (const Export& e : description_.exports) {
        const std::uint64_t base = e.section == SHN_ABS ? 0 : section_address(layout_, images_, e.section);
        exports_.push_back({e.name, e.name_space, base + e.offset, e.crc, e.gpl_only});
    }
    file_.reset();
    if (auto ok = protect(images_.core, layout_.core, false); !ok) return ok;
    return protect(images_.init, layout_.init, false);
}

bool KoModule::is_text(std::uint64_t address, std::uint64_t size) const {
    const auto within = [&](const KoImage& image, const KoBlockLayout& layout) {
        const KoRange& text = layout.part(KoPart::kText);
        return address - image.address < text.size && size <= text.size - (address - image.address);
    };
    return within(images_.core, layout_.core) || within(images_.init, layout_.init);
}

void KoModule::patch_sites() {
    constexpr std::size_t kBranchSize = 5;
    constexpr std::array<unsigned char, kBranchSize> kNop = {0x0f, 0x1f, 0x44, 0x00, 0x00};
    constexpr std::array<unsigned char, kBranchSize> kReturn = {0xc3, 0xcc, 0xcc, 0xcc, 0xcc};  // ret; int3...
    constexpr unsigned char kCall = 0xe8, kJump = 0xe9;

    const auto patch = [&](std::uint64_t site, unsigned char opcode, const auto& code) {
        auto* at = reinterpret_cast<unsigned char*>(site);
        if (is_text(site, kBranchSize) && *at == opcode) std::memcpy(at, code.data(), code.size());
    };
    for (const Section& section : file_->sections()) {
        const auto bytes = section_bytes(*file_, layout_, images_, section.index);
        if (section.name == section_name::kMcountLoc) {
            for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
                std::uint64_t site;
                std::memcpy(&site, bytes.data() + at, sizeof site);
                patch(site, kCall, kNop);
            }
        } else if (section.name == section_name::kReturnSites) {
            const std::uint64_t base = section_address(layout_, images_, section.index);
            for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
                std::int32_t offset;
                std::memcpy(&offset, bytes.data() + at, sizeof offset);
                patch(base + at + static_cast<std::uint64_t>(std::int64_t{offset}), kJump, kReturn);
            }
        }
    }
}

Result<> KoModule::protect(const KoImage& image, const KoBlockLayout& layout, bool after_init) {
    for (std::size_t i = 0; i < kKoParts; ++i) {
        const KoRange& range = layout.parts[i];
        if (!range.size) continue;
        const auto part = static_cast<KoPart>(i);
        const bool writable = part == KoPart::kData || (part == KoPart::kRoAfterInit && !after_init);
        const int prot = PROT_READ | (writable ? PROT_WRITE : 0) | (part == KoPart::kText ? PROT_EXEC : 0);
        if (mprotect(reinterpret_cast<void*>(image.address + range.offset), range.size, prot))
            return fail(errno, fmt::format("{}: mprotect: {}", name_, std::strerror(errno)));
    }
    return {};
}

void KoModule::finish_init() {
    if (image_.init_size) forget_code(image_.init_base, image_.init_base + image_.init_size);
    init_.release();
    (void)protect(images_.core, layout_.core, true);
}

}  // namespace

Result<std::unique_ptr<PlacedModule>> place_ko(symtab::ModuleFile file) {
    auto module = std::make_unique<KoModule>(std::move(file));
    if (auto ok = module->place(); !ok) return tl::unexpected(ok.error());
    return module;
}

}  // namespace umc

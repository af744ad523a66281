// SPDX-License-Identifier: GPL-2.0-only
#include "symtab/ko_relocate.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "symtab/section_names.h"
#include "tests/symtab/fixtures.h"
#include "tests/symtab/ko_builder.h"

using namespace umc::symtab;

namespace {

// A module placed at made-up addresses in private memory.
struct Placed {
    explicit Placed(umc::Result<ModuleFile> opened) : file(std::move(*opened)), layout(*layout_ko(file)) {
        core.resize(layout.core.size, std::byte{0xaa});
        init.resize(layout.init.size, std::byte{0xaa});
        percpu.resize(layout.percpu.size, std::byte{0xaa});
        images.core = {core, 0x40000000};
        images.init = {init, 0x41000000};
        images.percpu = {percpu, 0x3000};
    }
    umc::Result<> relocate(std::uint64_t import_value = 0x10000000) {
        if (auto ok = copy_sections(file, layout, images); !ok) return ok;
        values = symbol_values(file, layout, images, [=](std::uint32_t) { return import_value; });
        return umc::symtab::relocate(file, layout, images, values);
    }
    template <typename T>
    T read(const std::string& section, std::uint64_t offset) const {
        T value;
        const auto bytes = section_bytes(file, layout, images, file.find_section(section)->index);
        std::memcpy(&value, bytes.data() + offset, sizeof value);
        return value;
    }
    std::uint64_t address(const std::string& section) const {
        return section_address(layout, images, file.find_section(section)->index);
    }
    std::uint64_t value(std::string_view name) const {
        for (std::size_t i = 1; i < values.size(); i++) {
            if (file.symbol_name(file.symbols()[i]) == name) return values[i];
        }
        return ~0ULL;
    }

    ModuleFile file;
    KoLayout layout;
    std::vector<std::byte> core, init, percpu;
    KoImages images;
    std::vector<std::uint64_t> values;
};

Placed place(const KoBuilder& builder) {
    return Placed(ModuleFile::parse(builder.build(), "test.ko", test_kernel()));
}

}  // namespace

TEST_CASE("every section has a place of its own that honours kind and alignment") {
    const auto file = ModuleFile::open(fixture("importer.ko"), test_kernel());
    REQUIRE(file);
    const auto layout = layout_ko(*file);
    REQUIRE(layout);
    const auto place_of = [&](std::string_view name) {
        return layout->places[file->find_section(name)->index];
    };
    CHECK(place_of(".text").block == KoBlock::kCore);
    CHECK(place_of(".text").part == KoPart::kText);
    CHECK(place_of(".exit.text").block == KoBlock::kCore);
    CHECK(place_of(".rodata").part == KoPart::kRodata);
    CHECK(place_of(".bss").part == KoPart::kData);
    CHECK(place_of(".init.text").block == KoBlock::kInit);
    CHECK(place_of(".data..percpu").block == KoBlock::kPercpu);
    CHECK(place_of(".modinfo").block == KoBlock::kNone);
    CHECK(place_of("__versions").block == KoBlock::kNone);
    CHECK(layout->this_module == file->find_section(section_name::kThisModule)->index);
    CHECK(layout->percpu.size == 4);
    CHECK(layout->core.size % KoLayout::kPageSize == 0);
    CHECK(layout->core.align >= KoLayout::kPageSize);

    for (const Section& a : file->sections()) {
        const KoPlace& at = layout->places[a.index];
        if (!a.alloc() || at.block == KoBlock::kNone) continue;
        CAPTURE(a.name);
        CHECK(at.offset % std::max<std::uint64_t>(a.header.sh_addralign, 1) == 0);
        CHECK(at.offset + a.header.sh_size <= layout->block(at.block).size);
        if (at.block != KoBlock::kPercpu) {
            const KoRange& range = layout->block(at.block).part(at.part);
            CHECK(at.offset >= range.offset);
            CHECK(at.offset + a.header.sh_size <= range.offset + range.size);
        }
        for (const Section& b : file->sections()) {
            const KoPlace& other = layout->places[b.index];
            if (!b.alloc() || b.index <= a.index || other.block != at.block) continue;
            CHECK((at.offset + a.header.sh_size <= other.offset ||
                   other.offset + b.header.sh_size <= at.offset));
        }
    }
}

TEST_CASE("what is read-only after init has pages of its own") {
    KoBuilder b("m");
    b.add_section("__jump_table", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, std::string(16, 'j'), 8);
    b.add_section(".data..ro_after_init", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, std::string(16, 'r'), 8);
    b.add_section(".init.data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, std::string(5000, 'i'), 32);
    b.add_section(".data.aligned", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, "x", 8192);
    const auto file = ModuleFile::parse(b.build(), "m.ko", test_kernel());
    REQUIRE(file);
    const auto layout = layout_ko(*file);
    REQUIRE(layout);
    const auto part = [&](std::string_view name) {
        return layout->places[file->find_section(name)->index].part;
    };
    CHECK(part("__jump_table") == KoPart::kRoAfterInit);
    CHECK(part(".data..ro_after_init") == KoPart::kRoAfterInit);
    CHECK(layout->core.part(KoPart::kRoAfterInit).size == KoLayout::kPageSize);
    CHECK(layout->core.part(KoPart::kRodata).size == 0);
    CHECK(layout->core.align == 8192);
    CHECK(layout->init.size == 2 * KoLayout::kPageSize);
    CHECK(layout->init.part(KoPart::kText).size == 0);
}

TEST_CASE("layouts that are refused") {
    const auto so = ModuleFile::open(fixture("importer.so"), test_kernel());
    REQUIRE(so);
    CHECK(layout_ko(*so).error().err == ENOEXEC);

    KoBuilder big("m");
    for (int i = 0; i < 5; i++)
        big.add_section("bss" + std::to_string(i), SHT_NOBITS, SHF_ALLOC | SHF_WRITE, "", 1);
    auto bytes = big.build();
    auto& header = *reinterpret_cast<Elf64_Ehdr*>(bytes.data());
    auto* sections = reinterpret_cast<Elf64_Shdr*>(bytes.data() + header.e_shoff);
    for (int i = 0; i < header.e_shnum; i++) {
        if (sections[i].sh_type == SHT_NOBITS) sections[i].sh_size = 1 << 30;
    }
    const auto file = ModuleFile::parse(bytes, "m.ko", test_kernel());
    REQUIRE(file);
    const auto layout = layout_ko(*file);
    REQUIRE_FALSE(layout);
    CHECK(layout.error().message.find("needs more than 1 GiB") != std::string::npos);
}

TEST_CASE("the fixture relocates: values are where the relocations say") {
    Placed m(ModuleFile::open(fixture("importer.ko"), test_kernel()));
    const auto ok = m.relocate();
    REQUIRE_MESSAGE(ok, ok.error().message);
    CHECK(m.read<std::uint64_t>(".gnu.linkonce.this_module", 0x138) == m.address(".init.text"));
    CHECK(m.read<std::uint64_t>(".gnu.linkonce.this_module", 0x350) == m.address(".exit.text"));
    CHECK(m.address(".init.text") >= 0x41000000);
    CHECK(m.value("_printk") == 0x10000000);
    CHECK(m.value("importer_percpu") == 0x3000);
    CHECK(m.read<int>(".data..percpu", 0) == 5);
    const auto bss = section_bytes(m.file, m.layout, m.images, m.file.find_section(".bss")->index);
    CHECK(std::all_of(bss.begin(), bss.end(), [](std::byte b) { return b == std::byte{0}; }));

    // importer_names[0] points to the string "one".
    const std::uint64_t one =
        m.read<std::uint64_t>(".rodata", m.value("importer_names") - m.address(".rodata"));
    CHECK(std::string(reinterpret_cast<const char*>(m.core.data() + (one - 0x40000000))) == "one");
}

TEST_CASE("each type computes what the ABI says") {
    KoBuilder b("m");
    b.import("far").add_symbol("here", ".data", 8);
    b.relocate(".text", R_X86_64_64, 0, "far", 5);
    b.relocate(".text", R_X86_64_PC64, 8, "far", -3);
    b.relocate(".text", R_X86_64_32, 16, "far", 1);
    b.relocate(".text", R_X86_64_32S, 20, "far", -1);
    b.relocate(".text", R_X86_64_PC32, 24, "here", -4);
    b.relocate(".text", R_X86_64_PLT32, 28, "far", -4);
    b.relocate(".text", R_X86_64_NONE, 32, "far", 99);
    auto m = place(b);
    REQUIRE(m.relocate(0x12345678));
    const std::uint64_t text = m.address(".text");
    const std::uint64_t data = m.address(".data");
    CHECK(m.read<std::uint64_t>(".text", 0) == 0x1234567d);
    CHECK(m.read<std::uint64_t>(".text", 8) == 0x12345675 - (text + 8));
    CHECK(m.read<std::uint32_t>(".text", 16) == 0x12345679);
    CHECK(m.read<std::int32_t>(".text", 20) == 0x12345677);
    CHECK(m.read<std::int32_t>(".text", 24) == static_cast<std::int32_t>(data + 8 - 4 - (text + 24)));
    CHECK(m.read<std::int32_t>(".text", 28) == static_cast<std::int32_t>(0x12345678 - 4 - (text + 28)));
    CHECK(m.read<std::uint64_t>(".text", 32) == 0);
}

TEST_CASE("the limits of each type") {
    const auto fits = [](std::uint32_t type, std::uint64_t value) {
        auto m = place(KoBuilder("m").import("foo").relocate(".data", type, 8, "foo", 0));
        const auto ok = m.relocate(value);
        if (!ok) {
            CHECK(ok.error().err == ENOEXEC);
            CHECK(ok.error().message.find(".rela.data") != std::string::npos);
            CHECK(ok.error().message.find("at offset 0x8 of .data, symbol foo: value") != std::string::npos);
        }
        return ok.has_value();
    };
    CHECK(fits(R_X86_64_64, ~0ULL));
    CHECK(fits(R_X86_64_32, 0xffffffff));
    CHECK_FALSE(fits(R_X86_64_32, 0x100000000));
    CHECK_FALSE(fits(R_X86_64_32, ~0ULL));
    CHECK(fits(R_X86_64_32S, 0x7fffffff));
    CHECK_FALSE(fits(R_X86_64_32S, 0x80000000));
    CHECK(fits(R_X86_64_32S, 0xffffffff80000000));
    CHECK_FALSE(fits(R_X86_64_32S, 0xffffffff7fffffff));
    const auto here = [] {
        auto m = place(KoBuilder("m"));
        return m.address(".data") + 8;
    }();
    CHECK(fits(R_X86_64_PC32, here + 0x7fffffff));
    CHECK_FALSE(fits(R_X86_64_PC32, here + 0x80000000));
    CHECK(fits(R_X86_64_PC32, here - 0x80000000));
    CHECK_FALSE(fits(R_X86_64_PLT32, here - 0x80000001));
}

TEST_CASE("a field that is not zero beforehand is refused, as the kernel does") {
    for (const std::uint32_t type : {R_X86_64_64, R_X86_64_PC64, R_X86_64_32, R_X86_64_32S, R_X86_64_PC32}) {
        KoBuilder b("m");
        b.import("foo").relocate(".data", type, 8, "foo", 0);
        b.contents(".data")[9] = 1;
        auto m = place(b);
        const auto ok = m.relocate();
        REQUIRE_FALSE(ok);
        CHECK(ok.error().err == ENOEXEC);
        CHECK(ok.error().message.find("the field is not zero") != std::string::npos);
    }
    // which includes one relocated twice
    auto m = place(KoBuilder("m")
                       .import("foo")
                       .relocate(".data", R_X86_64_64, 8, "foo", 0)
                       .relocate(".data", R_X86_64_64, 10, "foo", 0));
    CHECK_FALSE(m.relocate());
}

TEST_CASE("the caller's mistakes") {
    auto m = place(KoBuilder("m").import("foo"));
    CHECK(relocate(m.file, m.layout, m.images, std::vector<std::uint64_t>(2)).error().err == EINVAL);
    m.images.core.bytes = m.images.core.bytes.first(10);
    CHECK(copy_sections(m.file, m.layout, m.images).error().err == EINVAL);
}

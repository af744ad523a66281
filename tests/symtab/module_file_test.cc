// SPDX-License-Identifier: GPL-2.0-only
#include "symtab/module_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>

#include "tests/symtab/fixtures.h"
#include "tests/symtab/ko_builder.h"

using namespace umc::symtab;

namespace {

const Export* find_export(const ModuleFile& file, std::string_view name) {
    for (const Export& e : file.exports()) {
        if (e.name == name) return &e;
    }
    return nullptr;
}

const Import* find_import(const ModuleFile& file, std::string_view name) {
    for (const Import& i : file.imports()) {
        if (i.name == name) return &i;
    }
    return nullptr;
}

std::string error_of(const std::vector<std::byte>& bytes) {
    const auto file = ModuleFile::parse(bytes, "test.ko", test_kernel());
    if (file) return "(no error)";
    CHECK(file.error().err == ENOEXEC);
    return file.error().message;
}

std::string error_of(const KoBuilder& builder) { return error_of(builder.build()); }

Elf64_Ehdr& header(std::vector<std::byte>& bytes) { return *reinterpret_cast<Elf64_Ehdr*>(bytes.data()); }

Elf64_Shdr& section(std::vector<std::byte>& bytes, std::string_view name) {
    auto* headers = reinterpret_cast<Elf64_Shdr*>(bytes.data() + header(bytes).e_shoff);
    const char* names =
        reinterpret_cast<const char*>(bytes.data() + headers[header(bytes).e_shstrndx].sh_offset);
    for (int i = 1; i < header(bytes).e_shnum; i++) {
        if (name == names + headers[i].sh_name) return headers[i];
    }
    throw std::out_of_range(std::string(name));
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("the exporting fixture, as .ko and as .so") {
    for (const std::string suffix : {".ko", ".so"}) {
        CAPTURE(suffix);
        const auto opened = ModuleFile::open(fixture("exporter" + suffix), test_kernel());
        REQUIRE_MESSAGE(opened, opened.error().message);
        const ModuleFile& file = *opened;
        const ModuleDescription& d = file.description();
        CHECK(file.name() == "exporter");
        CHECK((file.kind() == ModuleKind::kKo) == (suffix == ".ko"));
        CHECK(d.license == "GPL");
        CHECK(d.vermagic == test_kernel().vermagic);
        CHECK(d.intree);
        CHECK(d.depends.empty());
        CHECK(d.has_init);
        CHECK(d.has_exit);
        CHECK_FALSE(d.has_versions);
        CHECK(file.imports().empty());
        CHECK_FALSE(file.has_signature());
        CHECK(file.modinfo("alias") == "first");
        CHECK(std::count_if(file.modinfo().begin(), file.modinfo().end(),
                            [](const auto& m) { return m.first == "alias"; }) == 2);

        REQUIRE(file.exports().size() == 3);
        const Export* add = find_export(file, "exporter_add");
        REQUIRE(add);
        CHECK(add->crc == 0x11111111);
        CHECK(add->name_space == "");
        CHECK_FALSE(add->gpl_only);
        CHECK(file.sections()[add->section].name == ".text");
        const Export* counter = find_export(file, "exporter_counter");
        REQUIRE(counter);
        CHECK(counter->crc == 0x22222222);
        CHECK(counter->name_space == "EXPORTER_DATA");
        CHECK(file.sections()[counter->section].name == ".data");
        const Export* gpl = find_export(file, "exporter_gpl");
        REQUIRE(gpl);
        CHECK(gpl->gpl_only);
        CHECK(gpl->crc == 0x33333333);

        // The export's place holds the variable's initial value.
        const Section& home = file.sections()[counter->section];
        int value = 0;
        std::memcpy(&value, file.contents(home).data() + (counter->offset - home.header.sh_addr),
                    sizeof value);
        CHECK(value == 7);
    }
}

TEST_CASE("the importing fixture, as .ko and as .so") {
    for (const std::string suffix : {".ko", ".so"}) {
        CAPTURE(suffix);
        const auto opened = ModuleFile::open(fixture("importer" + suffix), test_kernel());
        REQUIRE_MESSAGE(opened, opened.error().message);
        const ModuleFile& file = *opened;
        CHECK(file.imports().size() == 5);
        REQUIRE(find_import(file, "perhaps_there"));
        CHECK(find_import(file, "perhaps_there")->weak);
        CHECK_FALSE(find_import(file, "perhaps_there")->version);
        const Import* printk = find_import(file, "_printk");
        REQUIRE(printk);
        CHECK_FALSE(printk->weak);
        CHECK(printk->version == 0x44444444);
        CHECK(file.symbol_name(file.symbols()[printk->symbol]) == "_printk");
        CHECK(file.description().module_layout_version == 0x12345678);
        CHECK(file.description().depends == std::vector<std::string>{"exporter"});
        CHECK(file.description().import_ns == std::vector<std::string>{"EXPORTER_DATA"});
        CHECK(file.versions().size() == 5);
        CHECK(file.exports().empty());
        REQUIRE(file.percpu_section());
        CHECK(file.contents(*file.percpu_section()).size() == 4);
        REQUIRE(file.find_section(".bss"));
        CHECK(file.find_section(".bss")->header.sh_size >= 24000);
        CHECK(file.contents(*file.find_section(".bss")).empty());
        CHECK(file.find_section(".symtab") == nullptr);
        CHECK(file.find_any_section(".symtab") != nullptr);
        CHECK(std::any_of(file.debug_symbols().begin(), file.debug_symbols().end(),
                          [&](const Elf64_Sym& s) { return file.debug_symbol_name(s) == "importer_use"; }));
    }
}

TEST_CASE("without knowing struct module, init and exit are found by name") {
    for (const std::string suffix : {".ko", ".so"}) {
        const auto file = ModuleFile::open(fixture("importer" + suffix), KernelInfo{});
        REQUIRE_MESSAGE(file, file.error().message);
        CHECK(file->description().has_init);
        CHECK(file->description().has_exit);
    }
    const auto file = ModuleFile::parse(KoBuilder("half").build(), "half.ko", KernelInfo{});
    REQUIRE(file);
    CHECK(file->description().has_init);
    CHECK_FALSE(file->description().has_exit);
}

TEST_CASE("files that cannot be read") {
    CHECK(ModuleFile::open("/nonexistent.ko", test_kernel()).error().err == ENOENT);
    CHECK(ModuleFile::open("/", test_kernel()).error().err == EISDIR);
    CHECK(ModuleFile::open("/dev/null", test_kernel()).error().err == EINVAL);
    const std::string fifo = fixture("fifo");
    unlink(fifo.c_str());
    REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
    CHECK(ModuleFile::open(fifo, test_kernel()).error().err == EINVAL);  // and does not wait for a writer
}

TEST_CASE("no module at all") {
    const auto text = [](std::string_view t) {
        const auto* start = reinterpret_cast<const std::byte*>(t.data());
        return std::vector<std::byte>(start, start + t.size());
    };
    CHECK(error_of(text("")) == "the file is empty");
    CHECK(error_of(text("#!/bin/sh\n")) == "not an ELF file");
    CHECK(error_of(text("\x7f"
                        "ELF")) == "cut off within the ELF header (4 bytes)");
    CHECK(error_of(text({"\xfd"
                         "7zXZ\0 more",
                         11})) == "compressed with xz; unpack it first: xz -dk test.ko");
    CHECK(error_of(text("\x1f\x8b more")) == "compressed with gzip; unpack it first: gzip -dk test.ko");
    CHECK(error_of(text("\x28\xb5\x2f\xfd more")) ==
          "compressed with zstd; unpack it first: zstd -d test.ko");
    CHECK(contains(error_of(read_bytes("/proc/self/exe")), "not a kernel module") !=
          contains(error_of(read_bytes("/proc/self/exe")), "neither relocatable nor a shared object"));
}

TEST_CASE("an appended signature is set aside") {
    auto bytes = KoBuilder("signed_one").build();
    const std::size_t size = bytes.size();
    std::string tail =
        "0123456789" + std::string("\0\0\2\0\0\0\0\0\0\0\0\12", 12) + "~Module signature appended~\n";
    for (const char c : tail) bytes.push_back(static_cast<std::byte>(c));
    const auto file = ModuleFile::parse(bytes, "signed.ko", test_kernel());
    REQUIRE_MESSAGE(file, file.error().message);
    CHECK(file->has_signature());
    CHECK(file->bytes().size() == size);
    bytes[size + 10 + 8] = std::byte{0x7f};  // the length
    CHECK(contains(error_of(bytes), "the appended signature claims"));
}

TEST_CASE("a builder's module is good, so that the mistakes below are what is found") {
    CHECK(error_of(KoBuilder("good").import("a").export_symbol("b").export_symbol("c", true, "NS")) ==
          "(no error)");
}

TEST_CASE("wrong ELF headers") {
    const struct {
        const char* message;
        std::function<void(Elf64_Ehdr&)> spoil;
    } cases[] = {
        {"not a 64-bit ELF file", [](auto& h) { h.e_ident[EI_CLASS] = ELFCLASS32; }},
        {"not little endian", [](auto& h) { h.e_ident[EI_DATA] = ELFDATA2MSB; }},
        {"ELF version", [](auto& h) { h.e_version = 7; }},
        {"another machine (ELF machine 183", [](auto& h) { h.e_machine = EM_AARCH64; }},
        {"neither relocatable nor a shared object", [](auto& h) { h.e_type = ET_EXEC; }},
        {"no section headers", [](auto& h) { h.e_shnum = 0; }},
        {"section headers of 40 bytes", [](auto& h) { h.e_shentsize = 40; }},
        {"odd offset", [](auto& h) { h.e_shoff += 1; }},
        {"pass the end of the file", [](auto& h) { h.e_shoff += 64; }},
        {"pass the end of the file", [](auto& h) { h.e_shoff = ~0ULL - 63; }},
        {"pass the end of the file", [](auto& h) { h.e_shnum = 0xfff0; }},
        {"section name table [0]", [](auto& h) { h.e_shstrndx = 0; }},
        {"section name table [60000]", [](auto& h) { h.e_shstrndx = 60000; }},
        {"no string table", [](auto& h) { h.e_shstrndx = 1; }},
    };
    for (const auto& c : cases) {
        CAPTURE(c.message);
        auto bytes = KoBuilder("bad").build();
        c.spoil(header(bytes));
        const std::string message = error_of(bytes);
        CAPTURE(message);
        CHECK(contains(message, c.message));
    }
}

TEST_CASE("wrong section headers") {
    const struct {
        const char* name;
        const char* message;
        std::function<void(Elf64_Shdr&)> spoil;
    } cases[] = {
        {".text", "pass the end of the file", [](auto& h) { h.sh_size = 1 << 20; }},
        {".text", "pass the end of the file", [](auto& h) { h.sh_offset = ~0ULL; }},
        {".text", "pass the end of the file", [](auto& h) { h.sh_size = ~0ULL - h.sh_offset + 2; }},
        {".text", "name at", [](auto& h) { h.sh_name = 1 << 30; }},
        {".text", "no power of two", [](auto& h) { h.sh_addralign = 24; }},
        {".text", "too large", [](auto& h) { h.sh_addralign = 1ULL << 40; }},
        {".text", "both writable and executable", [](auto& h) { h.sh_flags |= SHF_WRITE; }},
        {".text", "compressed", [](auto& h) { h.sh_flags |= SHF_COMPRESSED; }},
        {".data", "size 0x4000000000000000 is too large",
         [](auto& h) {
             h.sh_type = SHT_NOBITS;
             h.sh_size = 1ULL << 62;
         }},
        {".symtab", "in entries of 16, not 24", [](auto& h) { h.sh_entsize = 16; }},
        {".symtab", "in entries of 24, not 24", [](auto& h) { h.sh_size -= 1; }},
        {".symtab", "offset", [](auto& h) { h.sh_offset += 4; }},
        {".symtab", "link to section", [](auto& h) { h.sh_link = 9999; }},
        {".symtab", "is no string table", [](auto& h) { h.sh_link = 1; }},
        {".symtab", "module has no symbols (stripped?)", [](auto& h) { h.sh_type = SHT_PROGBITS; }},
        {".rela.text", "relocates section [9999]", [](auto& h) { h.sh_info = 9999; }},
        {".rela.text", "not the symbol table", [](auto& h) { h.sh_link = 1; }},
        {".rela.text", "x86-64 has no REL", [](auto& h) { h.sh_type = SHT_REL; }},
        {".strtab", "not terminated", [](auto& h) { h.sh_size -= 1; }},
        {".shstrtab", "not terminated", [](auto& h) { h.sh_size -= 1; }},
        {".modinfo", "not terminated", [](auto& h) { h.sh_size -= 1; }},
        {".modinfo", "no .modinfo section: not a kernel module", [](auto& h) { h.sh_flags = 0; }},
        {".gnu.linkonce.this_module", "size 888 is not that of this kernel's struct module, 896",
         [](auto& h) { h.sh_size = 888; }},
        {".gnu.linkonce.this_module", "not plain data", [](auto& h) { h.sh_flags &= ~SHF_WRITE; }},
        {"__versions", "no multiple of 64", [](auto& h) { h.sh_size -= 8; }},
        {"__ksymtab", "no multiple of 12", [](auto& h) { h.sh_size += 4; }},
        {"__ksymtab", "pass the end", [](auto& h) { h.sh_size = 1 << 20; }},
        {"__kcrctab", "for 1 exports", [](auto& h) { h.sh_size = 2; }},
    };
    for (const auto& c : cases) {
        CAPTURE(c.name);
        CAPTURE(c.message);
        KoBuilder builder("bad");
        builder.import("imported", 1).export_symbol("exported");
        builder.relocate(".text", R_X86_64_PC32, 4, "imported", -4);
        auto bytes = builder.build();
        c.spoil(section(bytes, c.name));
        const std::string message = error_of(bytes);
        CAPTURE(message);
        CHECK(contains(message, c.message));
    }
}

TEST_CASE("sections that overlap are refused before they cost time") {
    KoBuilder builder("bad");
    for (int i = 0; i < 20; i++) builder.add_section("s" + std::to_string(i), SHT_PROGBITS, 0, "", 1);
    auto bytes = builder.build();
    for (int i = 0; i < 20; i++) {
        section(bytes, "s" + std::to_string(i)).sh_offset = 0;
        section(bytes, "s" + std::to_string(i)).sh_size = bytes.size() / 4;
    }
    CHECK(contains(error_of(bytes), "overlaps other sections"));
}

TEST_CASE("wrong symbols") {
    const auto with = [](const std::function<void(Elf64_Sym&)>& spoil) {
        auto bytes = KoBuilder("bad").add_symbol("victim", ".text", 8).build();
        spoil(reinterpret_cast<Elf64_Sym*>(bytes.data() + section(bytes, ".symtab").sh_offset)[2]);
        return error_of(bytes);
    };
    CHECK(with([](auto&) {}) == "(no error)");
    CHECK(contains(with([](auto& s) { s.st_name = 1 << 30; }), "symbol 2: name at"));
    CHECK(contains(with([](auto& s) { s.st_shndx = 500; }), "symbol 2 victim: section [0x1f4]"));
    CHECK(contains(with([](auto& s) { s.st_shndx = 0xff20; }), "symbol 2 victim: section [0xff20]"));
    CHECK(contains(with([](auto& s) { s.st_shndx = SHN_COMMON; }), "please compile with -fno-common"));
    CHECK(contains(with([](auto& s) { s.st_value = 65; }), "value 0x41 lies outside section [1] .text"));
    CHECK(with([](auto& s) { s.st_value = 64; }) == "(no error)");  // its end
    CHECK(contains(with([](auto& s) { s.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_TLS); }),
                   "has no place in a module"));
    CHECK(contains(with([](auto& s) {
                       s.st_shndx = SHN_UNDEF;
                       s.st_name = 0;
                   }),
                   "is undefined and has no name"));
    KoBuilder long_name("bad");
    long_name.add_symbol(std::string(2000, 'x'), ".text", 0);
    CHECK(contains(error_of(long_name), "out of range or too long"));
}

TEST_CASE("wrong relocations") {
    const auto with = [](std::uint32_t type, std::uint64_t offset) {
        return error_of(KoBuilder("bad").import("foo").relocate(".text", type, offset, "foo", 0));
    };
    CHECK(with(R_X86_64_PC32, 60) == "(no error)");
    CHECK(contains(with(R_X86_64_PC32, 61), "offset 0x3d lies outside section [1] .text of 0x40 bytes"));
    CHECK(contains(with(R_X86_64_64, 57), "lies outside"));
    CHECK(contains(with(R_X86_64_64, ~0ULL), "lies outside"));
    CHECK(contains(with(R_X86_64_TPOFF32, 0), "type 23 is not supported"));
    CHECK(contains(with(R_X86_64_RELATIVE, 0), "type 8 is not supported"));
    CHECK(contains(with(R_X86_64_GOTPCREL, 0), "built position independent"));

    auto bytes = KoBuilder("bad").import("foo").relocate(".text", R_X86_64_64, 0, "foo", 0).build();
    auto& rela = *reinterpret_cast<Elf64_Rela*>(bytes.data() + section(bytes, ".rela.text").sh_offset);
    rela.r_info = ELF64_R_INFO(77ULL, R_X86_64_64);
    CHECK(contains(error_of(bytes), "symbol 77 of 3"));

    KoBuilder unloaded("bad");
    unloaded.add_section(".comment", SHT_PROGBITS, 0, "text", 1).add_symbol("comment", ".comment", 0);
    unloaded.relocate(".data", R_X86_64_64, 0, "comment", 0);
    CHECK(contains(error_of(unloaded), "which is not loaded"));

    KoBuilder bss("bad");
    bss.add_section(".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, std::string(8, '\0'), 8);
    bss.relocate(".bss", R_X86_64_64, 0, "init_module", 0);
    CHECK(contains(error_of(bss), "which has no contents"));
}

TEST_CASE("wrong modinfo and versions") {
    CHECK(contains(error_of(KoBuilder("../evil")), "not a module name: '../evil'"));
    CHECK(contains(error_of(KoBuilder(std::string(56, 'n'))), "not a module name"));
    CHECK(error_of(KoBuilder(std::string(55, 'n'))) == "(no error)");
    KoBuilder unnamed("x");
    unnamed.modinfo("name", "");
    CHECK(contains(error_of(unnamed), "no module name in it"));
    unnamed.contents(".gnu.linkonce.this_module").replace(24, 3, "abc");
    const auto file = ModuleFile::parse(unnamed.build(), "x.ko", test_kernel());
    REQUIRE(file);
    CHECK(file->name() == "abc");
    CHECK(contains(error_of(KoBuilder("x").version(std::string(56, 'v'), 1)), "is not terminated"));
}

TEST_CASE("wrong exports") {
    auto bytes = KoBuilder("bad").export_symbol("exported").build();
    section(bytes, ".rela__ksymtab").sh_type = SHT_PROGBITS;
    CHECK(contains(error_of(bytes), "export 0 is not relocated"));

    KoBuilder undefined("bad");
    undefined.import("foo").export_symbol("foo");
    CHECK(contains(error_of(undefined), "export 0 foo is not defined here"));
    CHECK(contains(error_of(KoBuilder("bad").export_symbol("")), "has no name"));
}

TEST_CASE("a wrong .so") {
    const auto with = [](const std::function<void(std::vector<std::byte>&)>& spoil) {
        auto bytes = read_bytes(fixture("importer.so"));
        spoil(bytes);
        return error_of(bytes);
    };
    const auto segment = [](std::vector<std::byte>& b, std::uint32_t type, int skip = 0) -> Elf64_Phdr& {
        auto* p = reinterpret_cast<Elf64_Phdr*>(b.data() + header(b).e_phoff);
        while (p->p_type != type || skip-- > 0) p++;
        return *p;
    };
    const auto dynamic = [](std::vector<std::byte>& b, std::int64_t tag) -> Elf64_Dyn& {
        auto* d = reinterpret_cast<Elf64_Dyn*>(b.data() + section(b, ".dynamic").sh_offset);
        while (d->d_tag != tag) d++;
        return *d;
    };
    CHECK(with([](auto&) {}) == "(no error)");
    CHECK(contains(with([](auto& b) { header(b).e_phnum = 0; }), "no program headers"));
    CHECK(contains(with([](auto& b) { header(b).e_phoff = b.size() - 64; }), "pass the end of the file"));
    CHECK(contains(with([&](auto& b) { segment(b, PT_LOAD).p_filesz = 1 << 24; }), "larger in the file"));
    CHECK(contains(with([&](auto& b) { segment(b, PT_LOAD).p_memsz = 1 << 24; }), "overlaps the one before"));
    CHECK(contains(with([&](auto& b) { segment(b, PT_LOAD).p_vaddr = ~0xfffULL; }), "at address"));
    CHECK(contains(with([&](auto& b) { segment(b, PT_LOAD).p_align = 48; }), "alignment"));
    CHECK(contains(with([&](auto& b) { segment(b, PT_LOAD, 1).p_flags |= PF_W; }),
                   "both writable and executable"));
    CHECK(contains(with([&](auto& b) { segment(b, PT_LOAD).p_flags = 0; }), "not readable"));
    CHECK(contains(with([&](auto& b) { segment(b, PT_GNU_STACK).p_type = PT_TLS; }), "thread local storage"));
    CHECK(contains(with([&](auto& b) {
                       segment(b, PT_GNU_STACK).p_memsz = 8;
                       segment(b, PT_GNU_STACK).p_type = PT_GNU_RELRO;
                   }),
                   "-z norelro"));
    CHECK(contains(with([&](auto& b) { segment(b, PT_DYNAMIC).p_vaddr = 1 << 20; }),
                   "lies outside what is loaded"));
    CHECK(contains(with([&](auto& b) { segment(b, PT_DYNAMIC).p_type = PT_NULL; }), "no dynamic section"));
    CHECK(contains(with([&](auto& b) { segment(b, PT_GNU_STACK).p_flags |= PF_X; }), "executable stack"));
    CHECK(contains(with([&](auto& b) { section(b, "__versions").sh_addr += 0x100000; }),
                   "lies outside what is loaded"));
    CHECK(contains(with([&](auto& b) { section(b, ".text").sh_offset += 1; }), "do not agree"));
    CHECK(
        contains(with([&](auto& b) { dynamic(b, DT_SYMTAB).d_un.d_ptr += 24; }), "the symbol table is not"));
    CHECK(contains(with([&](auto& b) { dynamic(b, DT_STRSZ).d_un.d_val += 1; }), "the string table is not"));
    CHECK(contains(with([&](auto& b) { dynamic(b, DT_RELA).d_un.d_ptr += 1 << 20; }), "DT_RELA: "));
    CHECK(contains(with([&](auto& b) { dynamic(b, DT_RELACOUNT).d_un.d_val += 1; }), "DT_RELACOUNT"));
    CHECK(
        contains(with([&](auto& b) { dynamic(b, DT_PLTRELSZ).d_un.d_val -= 1; }), "no table of relocations"));
    CHECK(contains(with([&](auto& b) { dynamic(b, DT_GNU_HASH).d_tag = DT_TEXTREL; }),
                   "has no place in a module"));
    CHECK(contains(with([&](auto& b) { dynamic(b, DT_PLTRELSZ).d_tag = DT_SONAME; }), "some are missing"));
    CHECK(contains(with([&](auto& b) { dynamic(b, DT_FLAGS_1).d_un.d_val |= DF_1_NODELETE; }), "flags 0x"));
    CHECK(contains(with([&](auto& b) { dynamic(b, DT_GNU_HASH).d_tag = DT_HASH; }), "no DT_GNU_HASH"));
    CHECK(contains(with([&](auto& b) { dynamic(b, DT_GNU_HASH).d_un.d_ptr = 1 << 20; }), "DT_GNU_HASH: at"));
    const auto hash = [](std::vector<std::byte>& b) {
        return reinterpret_cast<std::uint32_t*>(b.data() + section(b, ".gnu.hash").sh_offset);
    };
    CHECK(contains(with([&](auto& b) { hash(b)[2] = 3; }), "3 bloom words"));
    CHECK(contains(with([&](auto& b) { hash(b)[0] = 0x10000000; }), "passes the end"));
    CHECK(contains(with([&](auto& b) { hash(b)[4 + hash(b)[2] * 2] = 99; }), "starts at symbol 99"));
    const auto first_symbol = [](std::vector<std::byte>& b) -> Elf64_Sym& {
        return reinterpret_cast<Elf64_Sym*>(b.data() + section(b, ".dynsym").sh_offset)[1];
    };
    CHECK(contains(with([&](auto& b) { first_symbol(b).st_info = ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE); }),
                   "undefined and not weak"));
    const auto rela = [](std::vector<std::byte>& b) {
        return reinterpret_cast<Elf64_Rela*>(b.data() + section(b, ".rela.dyn").sh_offset);
    };
    CHECK(contains(with([&](auto& b) { rela(b)[0].r_offset = 0; }), "not in a writable segment"));
    CHECK(contains(with([&](auto& b) { rela(b)[0].r_offset = section(b, ".dynamic").sh_addr; }),
                   "in the dynamic section"));
    CHECK(
        contains(with([&](auto& b) { rela(b)[0].r_info = R_X86_64_IRELATIVE; }), "type 37 is not supported"));
    CHECK(contains(with([&](auto& b) { rela(b)[5].r_info = ELF64_R_INFO(99ULL, R_X86_64_GLOB_DAT); }),
                   "symbol 99"));
    CHECK(contains(with([&](auto& b) { section(b, ".symtab").sh_link = 0; }), "no string table"));

    auto bytes = read_bytes(fixture("exporter.so"));
    *reinterpret_cast<std::int32_t*>(bytes.data() + section(bytes, "__ksymtab").sh_offset + 4) = 1 << 30;
    CHECK(contains(error_of(bytes), "export 0 has no readable name"));
    bytes = read_bytes(fixture("exporter.so"));
    *reinterpret_cast<std::int32_t*>(bytes.data() + section(bytes, "__ksymtab").sh_offset) = 1 << 30;
    CHECK(contains(error_of(bytes), "lies outside every section"));
}

// SPDX-License-Identifier: GPL-2.0-only
// Placing and linking of the modules of this repository, without a kernel: what is bound, protected, given back.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "host/ko_loader.h"
#include "host/memory.h"
#include "host/so_loader.h"
#include "host/trap_slots.h"
#include "seam/memory.h"

using namespace umc;

namespace {

std::string module_path(const std::string& name) {
    const char* folder = std::getenv("UMC_MODULES");
    REQUIRE_MESSAGE(folder, "UMC_MODULES names no folder");
    return std::string(folder) + "/" + name + ".so";
}

symtab::ModuleFile open_module(const std::string& name) {
    auto file = symtab::ModuleFile::open(module_path(name), {});
    REQUIRE_MESSAGE(file.has_value(), (file ? "" : file.error().message));
    return *std::move(file);
}

bool readable(std::uint64_t address) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const ssize_t written = write(ends[1], reinterpret_cast<void*>(address), 1);
    close(ends[0]);
    close(ends[1]);
    return written == 1;
}

// Gives the n-th import the value base + n.
ImportValues numbered(const symtab::ModuleFile& file, std::uint64_t base) {
    ImportValues values;
    for (const symtab::Import& import : file.imports()) values.emplace(import.symbol, base++);
    return values;
}

std::uint64_t read_slot(std::uint64_t address) {
    std::uint64_t value;
    std::memcpy(&value, reinterpret_cast<void*>(address), sizeof value);
    return value;
}

struct Memory {
    Memory() { REQUIRE(reserve_memory(64 << 20).has_value()); }
};
void need_memory() { static const Memory memory; }

}  // namespace

TEST_CASE("every import slot of a .so holds the table's value, also where libc has the name") {
    const auto file = open_module("hello");
    const ImportValues values = numbered(file, 0x1000);
    REQUIRE(!values.empty());
    struct Slot {
        std::uint64_t offset, value;
    };
    std::vector<Slot> slots;
    for (const auto& table : file.relocations())
        for (const Elf64_Rela& r : table.entries)
            if (const auto value = values.find(ELF64_R_SYM(r.r_info)); value != values.end())
                slots.push_back({r.r_offset, value->second});
    REQUIRE(!slots.empty());

    auto placed = place_so(open_module("hello"));
    REQUIRE(placed.has_value());
    REQUIRE((*placed)->link(values).has_value());
    for (const Slot& slot : slots) CHECK(read_slot((*placed)->load_bias() + slot.offset) == slot.value);
}

TEST_CASE("an import without a value is an error, not libc's function") {
    auto placed = place_so(open_module("hello"));
    REQUIRE(placed.has_value());
    const auto linked = (*placed)->link({});
    REQUIRE(!linked.has_value());
    CHECK(linked.error().err == ENOENT);
}

TEST_CASE("exports have run-time addresses, those of per-CPU data the per-CPU offset") {
    auto file = open_module("percpu");
    const ImportValues values = numbered(file, 0x1000);
    auto placed = place_so(std::move(file));
    REQUIRE(placed.has_value());
    umc_module_image& image = (*placed)->image();
    REQUIRE(image.percpu_size > 0);
    image.percpu_offset = 0x20000;
    REQUIRE((*placed)->link(values).has_value());
    REQUIRE((*placed)->exports().size() == 1);
    CHECK((*placed)->exports()[0].name == "percpu_shared");
    CHECK((*placed)->exports()[0].value >= 0x20000);
    CHECK((*placed)->exports()[0].value < 0x20000 + image.percpu_size);

    // No slot or pointer leads into the section itself any more.
    const auto again = open_module("percpu");
    const auto first = reinterpret_cast<std::uint64_t>(image.percpu_initial);
    int offsets = 0;
    for (const auto& table : again.relocations())
        for (const Elf64_Rela& r : table.entries) {
            const std::uint64_t value = read_slot((*placed)->load_bias() + r.r_offset);
            CHECK(value - first >= image.percpu_size);
            offsets += value - 0x20000 < image.percpu_size;
        }
    CHECK(offsets >= 3);
}

TEST_CASE("a file is mapped once, and not at all when it has been unloaded") {
    auto first = place_so(open_module("exporter"));
    REQUIRE(first.has_value());
    const std::uint64_t data = reinterpret_cast<std::uint64_t>((*first)->image().this_module);
    auto second = place_so(open_module("exporter"));
    REQUIRE(!second.has_value());
    CHECK(second.error().err == EBUSY);

    CHECK(readable(data));
    auto* bytes = reinterpret_cast<char*>(data);
    const char before = bytes[8];
    bytes[8] = static_cast<char>(before + 1);
    first->reset();
    CHECK(!readable(data));

    auto fresh = place_so(open_module("exporter"));
    REQUIRE(fresh.has_value());
    CHECK(static_cast<char*>((*fresh)->image().this_module)[8] == before);
}

TEST_CASE("init memory goes, the rest stays") {
    auto file = open_module("exporter");
    const ImportValues values = numbered(file, 0x1000);
    auto placed = place_so(std::move(file));
    REQUIRE(placed.has_value());
    REQUIRE((*placed)->link(values).has_value());
    const umc_module_image& image = (*placed)->image();
    REQUIRE(image.init_size > 0);
    CHECK(readable(image.init_base));
    (*placed)->finish_init();
    CHECK(!readable(image.init_base));
    CHECK(!readable(image.init_base + image.init_size - 1));
    CHECK(readable(image.init_base + image.init_size));
    CHECK(readable(reinterpret_cast<std::uint64_t>(image.this_module)));
}

TEST_CASE("a .so is no .ko and not a file of zeros") {
    CHECK(!place_ko(open_module("hello")).has_value());
    const std::vector<std::byte> zeros(4096);
    const auto file = symtab::ModuleFile::parse(zeros, "zeros", {});
    REQUIRE(!file.has_value());
    CHECK(file.error().err == ENOEXEC);
}

TEST_CASE("trap slots are below 2 GiB, one a name, inaccessible, and known by any address inside") {
    need_memory();
    std::uint64_t last = 0;
    for (int i = 0; i < 200; ++i) {
        const std::string name = "missing_" + std::to_string(i);
        const auto slot = trap_slot(name);
        REQUIRE(slot.has_value());
        CHECK(*slot < 1ul << 31);
        CHECK(*slot != last);
        CHECK(*trap_slot(name) == *slot);
        CHECK(!readable(*slot));
        REQUIRE(trap_slot_name(*slot + 63) != nullptr);
        CHECK(trap_slot_name(*slot + 63) == name);
        last = *slot;
    }
    CHECK(trap_slot_name(reinterpret_cast<std::uint64_t>(&last)) == nullptr);
}

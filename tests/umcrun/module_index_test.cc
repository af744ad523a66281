// SPDX-License-Identifier: GPL-2.0-only
// depmod's work.
#include "umcrun/module_index.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

using namespace umc::cli;

namespace {

ModuleIndexEntry entry(std::string name, std::vector<std::string> exports, std::vector<std::string> imports) {
    ModuleIndexEntry made;
    made.path = "kernel/" + name + ".ko";
    made.name = std::move(name);
    made.exports = std::move(exports);
    for (std::string& symbol : imports) made.imports.emplace_back(std::move(symbol), false);
    return made;
}

}  // namespace

TEST_CASE("dependencies are listed so that loading from the last on works") {
    auto index = ModuleIndex::from_entries({entry("top", {}, {"mid1", "low1", "printk"}),
                                            entry("mid", {"mid1"}, {"low1"}),
                                            entry("low", {"low1"}, {"printk"}), entry("alone", {}, {})});
    REQUIRE(index.resolve());
    CHECK(index.dep() ==
          "kernel/top.ko: kernel/mid.ko kernel/low.ko\n"
          "kernel/mid.ko: kernel/low.ko\n"
          "kernel/low.ko:\n"
          "kernel/alone.ko:\n");
    CHECK(index.symbols() ==
          "# Aliases for symbols, used by symbol_request().\n"
          "alias symbol:low1 low\n"
          "alias symbol:mid1 mid\n");
    const auto unknown = index.unknown_symbols([](const std::string&) { return false; });
    REQUIRE(unknown.size() == 2);
    CHECK(unknown[0] == "/kernel/top.ko needs unknown symbol printk");
    CHECK(index.unknown_symbols([](const std::string& name) { return name == "printk"; }).empty());
}

TEST_CASE("a cycle is an error that names its modules") {
    auto index = ModuleIndex::from_entries(
        {entry("a", {"a1"}, {"b1"}), entry("b", {"b1"}, {"a1"}), entry("c", {}, {})});
    auto resolved = index.resolve();
    REQUIRE_FALSE(resolved);
    CHECK(resolved.error().err == ELOOP);
    CHECK(resolved.error().message == "modules in or below dependency cycles: a b");
}

TEST_CASE("aliases and soft dependencies") {
    auto one = entry("one", {}, {});
    one.aliases = {"fs-one", "pci:*"};
    one.softdeps = {"pre: two"};
    auto index = ModuleIndex::from_entries({one});
    CHECK(index.alias() ==
          "# Aliases extracted from modules themselves.\nalias fs-one one\nalias pci:* one\n");
    CHECK(index.softdep() ==
          "# Soft dependencies extracted from modules themselves.\nsoftdep one pre: two\n");
}

TEST_CASE("scanning: .so before .ko, updates first, modules.order, no build directories") {
    namespace fs = std::filesystem;
    char name[] = "/tmp/umcrun-test-XXXXXX";
    REQUIRE(mkdtemp(name));
    const fs::path base = name;
    for (const char* file : {"kernel/b.ko", "kernel/b.so", "kernel/a.ko", "updates/a.ko", "extra/z-z.ko",
                             "build/no.ko", "kernel/readme.txt"}) {
        fs::create_directories((base / file).parent_path());
        std::ofstream(base / file) << "x";
    }
    std::ofstream(base / "modules.order") << "kernel/b.so\nkernel/other.ko\n";
    auto index = ModuleIndex::scan(base);
    REQUIRE(index);
    std::string paths;
    for (const ModuleIndexEntry& found : index->entries()) paths += found.path + "=" + found.name + " ";
    CHECK(paths == "kernel/b.so=b extra/z-z.ko=z_z updates/a.ko=a ");
    index->read_files();
    CHECK(index->entries().empty());
    CHECK(index->warnings().size() == 3);
    fs::remove_all(base);
    CHECK(ModuleIndex::scan(base).error().err == ENOENT);
}

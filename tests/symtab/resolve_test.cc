// SPDX-License-Identifier: GPL-2.0-only
#include "symtab/resolve.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "tests/symtab/fixtures.h"

using namespace umc::symtab;

namespace {

int closed_module;
int open_module;

// A kernel, a GPL module and a proprietary one.
struct World {
    World() {
        auto symbols = test_exports();
        symbols.push_back({.name = "gpl_thing", .value = 0x2000, .crc = 1, .gpl_only = true});
        symbols.push_back({.name = "spaced_thing", .name_space = "SPACE", .value = 0x2010, .crc = 2});
        symbols.push_back({.name = "unversioned_thing", .value = 0x2020});
        REQUIRE(table.add({}, symbols));
        REQUIRE(table.add({.name = "closed", .module = &closed_module, .proprietary = true},
                          std::vector<Symbol>{{.name = "closed_thing", .value = 0x3000, .crc = 3}}));
        REQUIRE(table.add({.name = "open", .module = &open_module},
                          std::vector<Symbol>{{.name = "open_thing", .value = 0x4000, .crc = 4},
                                              {.name = "open_other", .value = 0x4010, .crc = 5}}));
    }
    SymbolTable table;
    KernelInfo kernel = test_kernel();
};

ModuleDescription module(std::vector<Import> imports = {}) {
    ModuleDescription m;
    m.name = "foo";
    m.vermagic = test_kernel().vermagic;
    m.license = "GPL";
    m.intree = true;
    m.has_versions = true;
    m.module_layout_version = 0x12345678;
    m.imports = std::move(imports);
    return m;
}

std::vector<std::string> texts(const Resolution& r) {
    std::vector<std::string> lines;
    for (const auto& l : r.log) lines.push_back(l.text);
    return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE_FIXTURE(World, "a good module") {
    const auto m = module({{.name = "_printk", .symbol = 1, .version = 0x44444444},
                           {.name = "gpl_thing", .symbol = 2, .version = 1},
                           {.name = "open_thing", .symbol = 3, .version = 4},
                           {.name = "open_other", .symbol = 4, .version = 5},
                           {.name = "unversioned_thing", .symbol = 5},
                           {.name = "nowhere", .symbol = 6, .weak = true}});
    const auto r = resolve(m, table, kernel);
    CHECK(r.err == 0);
    CHECK(r.log.empty());
    CHECK(r.taints == 0);
    REQUIRE(r.imports.size() == 6);
    CHECK(r.imports[0].state == ImportState::kResolved);
    CHECK(r.imports[0].found.symbol->value == 0x1000);
    CHECK(r.imports[2].found.owner->module() == &open_module);
    CHECK(r.imports[5].state == ImportState::kWeakMissing);
    CHECK(r.imports[5].found.symbol == nullptr);
    REQUIRE(r.uses.size() == 1);
    CHECK(r.uses[0]->name() == "open");
}

TEST_CASE_FIXTURE(World, "all missing symbols are named") {
    const auto m = module({{.name = "gone"}, {.name = "_printk", .version = 0x44444444}, {.name = "lost"}});
    auto r = resolve(m, table, kernel);
    CHECK(r.err == ENOENT);
    CHECK(texts(r) == Lines{"foo: Unknown symbol gone (err -2)", "foo: Unknown symbol lost (err -2)"});
    CHECK(r.log[0].level == LogLine::kWarning);
    CHECK(r.reason == "2 unknown symbols: gone, ...");
    CHECK(r.imports[1].state == ImportState::kResolved);
    r = resolve(m, table, kernel, {.allow_missing = true});
    CHECK(r.err == 0);
    CHECK(r.imports[0].state == ImportState::kMissing);
    CHECK(r.log.size() == 2);
}

TEST_CASE_FIXTURE(World, "licences") {
    for (const char* l :
         {"GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"}) {
        CHECK(license_is_gpl_compatible(l));
    }
    for (const char* l : {"Proprietary", "gpl", "GPLv2", "BSD", "", "GPL v3"})
        CHECK_FALSE(license_is_gpl_compatible(l));

    auto m = module({{.name = "gpl_thing", .version = 1}});
    m.license = "Proprietary";
    auto r = resolve(m, table, kernel);
    CHECK(r.err == ENOENT);
    CHECK(r.imports[0].state == ImportState::kGplOnly);
    CHECK(texts(r) == Lines{"foo: module license 'Proprietary' taints kernel.",
                            "foo: Unknown symbol gpl_thing (err -2)"});
    CHECK(r.taints == 1u << kTaintProprietary);
    CHECK(resolve(m, table, kernel, {.allow_missing = true}).err == ENOENT);

    m.license = std::nullopt;
    CHECK(texts(resolve(m, table, kernel))[0] == "foo: module license 'unspecified' taints kernel.");
    kernel.taints = 1u << kTaintProprietary;
    CHECK(texts(resolve(m, table, kernel)) == Lines{"foo: Unknown symbol gpl_thing (err -2)"});
}

TEST_CASE_FIXTURE(World, "symbols of a proprietary module") {
    auto m = module({{.name = "closed_thing", .version = 3}});
    auto r = resolve(m, table, kernel);
    CHECK(r.err == 0);
    CHECK(r.proprietary());
    CHECK(texts(r) ==
          Lines{"foo: module uses symbols closed_thing from proprietary module closed, inheriting taint."});

    m = module({{.name = "gpl_thing", .version = 1}, {.name = "closed_thing", .version = 3}});
    r = resolve(m, table, kernel);
    CHECK(r.err == ENOENT);
    CHECK(r.imports[1].state == ImportState::kProprietary);
    CHECK(
        texts(r) ==
        Lines{"foo: module using GPL-only symbols uses symbols closed_thing from proprietary module closed.",
              "foo: Unknown symbol closed_thing (err -2)"});

    // Once the taint is inherited, GPL-only symbols are out of reach.
    m = module({{.name = "closed_thing", .version = 3}, {.name = "gpl_thing", .version = 1}});
    CHECK(resolve(m, table, kernel).imports[1].state == ImportState::kGplOnly);
}

TEST_CASE_FIXTURE(World, "symbol versions") {
    auto m = module({{.name = "_printk", .version = 0x44444445}, {.name = "open_thing"}});
    auto r = resolve(m, table, kernel);
    CHECK(r.err == EINVAL);
    CHECK(r.imports[0].state == ImportState::kVersion);
    CHECK(r.imports[1].state == ImportState::kVersion);
    CHECK(texts(r) == Lines{"foo: disagrees about version of symbol _printk",
                            "foo: Unknown symbol _printk (err -22)", "foo: no symbol version for open_thing",
                            "foo: Unknown symbol open_thing (err -22)"});

    m = module({{.name = "_printk", .version = 0x144444444}});  // 64 bits are compared
    CHECK(resolve(m, table, kernel).err == EINVAL);

    r = resolve(m, table, kernel, {.force_modversion = true});
    CHECK(r.err == 0);
    CHECK(texts(r) == Lines{"foo: module_layout: kernel tainted."});
    CHECK(r.taints == 1u << kTaintForced);
    kernel.force_load = false;
    CHECK(resolve(m, table, kernel, {.force_modversion = true}).err == ENOEXEC);
    kernel.modversions = false;
    CHECK(resolve(m, table, kernel).err == 0);
}

TEST_CASE_FIXTURE(World, "another layout of struct module") {
    auto m = module();
    m.module_layout_version = 1;
    const auto r = resolve(m, table, kernel);
    CHECK(r.err == ENOEXEC);
    CHECK(texts(r) == Lines{"foo: disagrees about version of symbol module_layout"});
    CHECK(r.imports.empty());
}

TEST_CASE_FIXTURE(World, "namespaces") {
    auto m = module({{.name = "spaced_thing", .version = 2}});
    auto r = resolve(m, table, kernel);
    CHECK(r.err == EINVAL);
    CHECK(r.imports[0].state == ImportState::kNamespace);
    CHECK(texts(r) ==
          Lines{"foo: module uses symbol (spaced_thing) from namespace SPACE, but does not import it.",
                "foo: Unknown symbol spaced_thing (err -22)"});
    CHECK(r.log[0].level == LogLine::kErr);
    kernel.allow_missing_namespace = true;
    r = resolve(m, table, kernel);
    CHECK(r.err == 0);
    CHECK(r.log[0].level == LogLine::kWarning);
    kernel.allow_missing_namespace = false;
    m.import_ns = {"OTHER", "SPACE"};
    CHECK(resolve(m, table, kernel).err == 0);
}

TEST_CASE_FIXTURE(World, "version magic") {
    auto m = module();
    m.vermagic = "5.10.0-1 SMP preempt mod_unload modversions ";
    CHECK(resolve(m, table, kernel).err == 0);  // the release does not count beside symbol versions
    m.vermagic = "6.1.0-test SMP mod_unload modversions ";
    auto r = resolve(m, table, kernel);
    CHECK(r.err == ENOEXEC);
    CHECK(texts(r) == Lines{"foo: version magic '6.1.0-test SMP mod_unload modversions ' should be "
                            "'6.1.0-test SMP preempt mod_unload modversions '"});
    CHECK(r.log[0].level == LogLine::kErr);
    r = resolve(m, table, kernel, {.force_vermagic = true});
    CHECK(r.err == 0);
    CHECK(texts(r) == Lines{"foo: bad vermagic: kernel tainted."});

    m.vermagic = "5.10.0-1 SMP preempt mod_unload modversions ";
    m.has_versions = false;
    kernel.modversions = false;
    CHECK(resolve(m, table, kernel).err == ENOEXEC);
    m.vermagic = std::nullopt;
    CHECK(texts(resolve(m, table, kernel)) == Lines{"foo: bad vermagic: kernel tainted."});
    kernel.force_load = false;
    CHECK(resolve(m, table, kernel).err == ENOEXEC);
}

TEST_CASE_FIXTURE(World, "taints") {
    auto m = module();
    m.intree = false;
    m.staging = true;
    m.test = true;
    auto r = resolve(m, table, kernel);
    CHECK(r.err == 0);
    CHECK(texts(r) ==
          Lines{"foo: loading out-of-tree module taints kernel.",
                "foo: module is from the staging directory, the quality is unknown, you have been warned.",
                "foo: loading test module taints kernel."});
    CHECK(taint_letters(r.taints) == "CON");
    CHECK(taint_letters(1u << kTaintProprietary | 1u << kTaintOutOfTree | 1u << kTaintUnsigned) == "POE");
    CHECK(taint_letters(0) == "");
    kernel.taints = r.taints;
    CHECK(resolve(m, table, kernel).log.size() == 1);  // the staging line is said every time

    m = module();
    m.livepatch = true;
    r = resolve(m, table, kernel);
    CHECK(r.err == ENOEXEC);
    CHECK(texts(r) == Lines{"foo: module is marked as livepatch module, but livepatch support is disabled"});
}

TEST_CASE_FIXTURE(World, "exports") {
    auto m = module();
    m.exports = {{.name = "fresh", .crc = 1}, {.name = "open_thing", .crc = 4}};
    auto r = resolve(m, table, kernel);
    CHECK(r.err == ENOEXEC);
    CHECK(texts(r) == Lines{"foo: exports duplicate symbol open_thing (owned by open)"});
    m.exports = {{.name = "_printk", .crc = 4}};
    CHECK(resolve(m, table, kernel).reason == "exports duplicate symbol _printk (owned by kernel)");
    m.exports = {{.name = "fresh"}};
    r = resolve(m, table, kernel);
    CHECK(r.err == 0);
    CHECK(texts(r) == Lines{"foo: no versions for exported symbols: kernel tainted."});
}

TEST_CASE_FIXTURE(World, "sanitizer symbols are left to the dynamic linker") {
    const auto m = module({{.name = "__asan_report_load8", .host_runtime = true}});
    const auto r = resolve(m, table, kernel);
    CHECK(r.err == 0);
    CHECK(r.imports[0].state == ImportState::kHostRuntime);
}

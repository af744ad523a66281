// SPDX-License-Identifier: GPL-2.0-only
#include "symtab/symbol_table.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <thread>
#include <vector>

using namespace umc::symtab;

namespace {

const std::vector<Symbol> kKernel = {{.name = "kmalloc", .value = 1, .crc = 10},
                                     {.name = "kfree", .name_space = "MM", .value = 2, .gpl_only = true}};

}  // namespace

TEST_CASE("a symbol is found with all that was said about it") {
    SymbolTable table;
    const auto provider = table.add({}, kKernel);
    REQUIRE(provider);
    const auto found = table.find("kfree");
    REQUIRE(found);
    CHECK(found->symbol->value == 2);
    CHECK(found->symbol->name == "kfree");
    CHECK(found->symbol->name_space == "MM");
    CHECK(found->symbol->gpl_only);
    CHECK_FALSE(found->symbol->crc);
    CHECK(found->owner == *provider);
    CHECK(found->owner->is_kernel());
    CHECK(table.find("kmalloc")->symbol->crc == 10);
    CHECK_FALSE(table.find("kmallo"));
    CHECK_FALSE(table.find(""));
    CHECK(table.size() == 2);
}

TEST_CASE("the table keeps its own strings") {
    SymbolTable table;
    {
        std::string name = "temporary";
        REQUIRE(table.add({}, std::vector<Symbol>{{.name = name, .value = 5}}));
        name.assign("overwritten");
    }
    CHECK(table.find("temporary")->symbol->value == 5);
}

TEST_CASE("a duplicate adds nothing at all") {
    int module = 0;
    SymbolTable table;
    REQUIRE(table.add({}, kKernel));
    const auto added =
        table.add({.name = "foo", .module = &module},
                  std::vector<Symbol>{{.name = "foo_new"}, {.name = "kfree"}, {.name = "foo_last"}});
    REQUIRE_FALSE(added);
    CHECK(added.error().err == ENOEXEC);
    CHECK(added.error().message == "foo: exports duplicate symbol kfree (owned by kernel)");
    CHECK_FALSE(table.find("foo_new"));
    CHECK(table.size() == 2);
    CHECK(table.providers().size() == 1);
}

TEST_CASE("a duplicate within one provider adds nothing at all") {
    int module = 0;
    SymbolTable table;
    const auto added = table.add({.name = "foo", .module = &module},
                                 std::vector<Symbol>{{.name = "a"}, {.name = "b"}, {.name = "a"}});
    REQUIRE_FALSE(added);
    CHECK(added.error().message == "foo: exports duplicate symbol a (owned by foo)");
    CHECK(table.size() == 0);
    CHECK(table.providers().empty());
    CHECK(table.add({.name = "bar", .module = &module}, std::vector<Symbol>{{.name = "a"}}));
}

TEST_CASE("what was removed is gone, and a found symbol's strings stay") {
    int module = 0;
    SymbolTable table;
    REQUIRE(table.add({}, kKernel));
    const auto provider = *table.add({.name = "foo", .module = &module, .proprietary = true},
                                     std::vector<Symbol>{{.name = "foo_one", .value = 7}});
    const auto found = table.find("foo_one");
    REQUIRE(found);
    CHECK(table.remove(*provider));
    CHECK_FALSE(table.remove(*provider));
    CHECK_FALSE(table.find("foo_one"));
    CHECK(table.find("kfree"));
    CHECK(found->symbol->name == "foo_one");
    CHECK(found->owner->module() == &module);
    CHECK(found->owner->proprietary());
}

TEST_CASE("a base table is looked up and guarded against duplicates") {
    int module = 0;
    SymbolTable base;
    REQUIRE(base.add({}, kKernel));
    SymbolTable table(&base);
    CHECK(table.find("kmalloc")->symbol->value == 1);
    CHECK(table.size() == 0);
    CHECK_FALSE(table.add({.name = "foo", .module = &module}, std::vector<Symbol>{{.name = "kmalloc"}}));
    CHECK(table.add({.name = "foo", .module = &module}, std::vector<Symbol>{{.name = "other"}}));
    CHECK_FALSE(base.find("other"));
}

TEST_CASE("readers see a provider whole or not at all while others come and go") {
    SymbolTable table;
    std::vector<std::string> names;
    for (int i = 0; i < 200; i++) names.push_back("symbol_" + std::to_string(i));
    std::vector<Symbol> symbols;
    for (std::size_t i = 0; i < names.size(); i++) symbols.push_back({.name = names[i], .value = i});
    REQUIRE(table.add({}, kKernel));

    std::atomic<bool> stop = false;
    std::atomic<int> wrong = 0;
    std::atomic<long> hits = 0;
    std::vector<std::thread> readers;
    for (int t = 0; t < 2; t++) {
        readers.emplace_back([&] {
            for (std::size_t i = 0; !stop; i = (i + 1) % names.size()) {
                if (const auto found = table.find(names[i])) {
                    wrong += found->symbol->value != i || found->owner->name() != "foo";
                    hits++;
                }
                wrong += !table.find("kmalloc");
            }
        });
    }
    int module = 0;
    for (int round = 0; round < 300 || (hits == 0 && round < 100000); round++) {
        const auto provider = table.add({.name = "foo", .module = &module}, symbols);
        REQUIRE(provider);
        std::this_thread::yield();
        REQUIRE(table.remove(**provider));
    }
    stop = true;
    for (auto& r : readers) r.join();
    CHECK(wrong == 0);
    CHECK(hits > 0);
    CHECK(table.size() == kKernel.size());
}

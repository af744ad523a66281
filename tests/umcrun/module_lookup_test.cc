// SPDX-License-Identifier: GPL-2.0-only
// From names and aliases to modules and loading order.
#include "umcrun/module_lookup.h"

#include <doctest/doctest.h>

using namespace umc::cli;

namespace {

struct Fixture {
    Fixture() {
        dir.parse_dep(
            "kernel/a.ko: kernel/b.ko kernel/c-c.ko\n"
            "kernel/b.ko: kernel/c-c.ko\n"
            "kernel/c-c.ko:\n"
            "kernel/soft.ko:\n"
            "kernel/late.ko:\n");
        dir.parse_alias("# comment\nalias fs-* a\nalias fs-x b\nalias pci:v[0-9]d* c_c\n");
        dir.parse_symbols("alias symbol:some_symbol b\n");
        dir.parse_softdep("softdep b pre: soft post: late\n");
        dir.parse_builtin("kernel/core/builtin-one.ko\n");
    }

    std::string names(const std::string& alias) const {
        std::string text;
        for (const TargetModule& target : lookup.find(alias)) text += target.name + " ";
        return text;
    }
    std::string steps(const std::string& name) const {
        std::string text;
        for (const ProbeStep& step : lookup.probe_list({name, ""}, false))
            text += step.name + (step.required ? " " : "? ");
        return text;
    }

    ModuleDir dir;
    ModprobeConfig config;
    ModuleLookup lookup{dir, config};
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the index") {
    REQUIRE(dir.find("c_c"));
    CHECK(dir.find("c_c")->path == "kernel/c-c.ko");
    CHECK(dir.find("a")->dependencies == std::vector<std::string>{"b", "c_c"});
    CHECK_FALSE(dir.find("c-c"));
    CHECK(dir.builtin("builtin_one"));
}

TEST_CASE_FIXTURE(Fixture, "lookup order: configuration, name, symbol, command, alias, built-in") {
    CHECK(names("a") == "a ");
    CHECK(names("fs_x") == "a b ");
    CHECK(names("pci:v7d9") == "c_c ");
    CHECK(names("pci:vXd9") == "");
    CHECK(names("symbol:some_symbol") == "b ");
    CHECK(names("builtin_one") == "builtin_one ");
    CHECK(names("nothing") == "");
    CHECK(lookup.find("fs_q")[0].alias == "fs_q");
    CHECK(lookup.find("a")[0].alias == "");

    config.parse("alias a late\ninstall fs_x true\n", "c");
    CHECK(names("a") == "late ");
    CHECK(names("fs_x") == "fs_x ");
    CHECK(lookup.find_name("a")->name == "a");
    CHECK_FALSE(lookup.find_name("fs_q"));
}

TEST_CASE_FIXTURE(Fixture, "what is needed comes first, soft dependencies may fail") {
    CHECK(steps("c_c") == "c_c ");
    CHECK(steps("b") == "c_c soft? b late? ");
    CHECK(steps("a") == "c_c soft? b late? a ");
    CHECK(steps("builtin_one") == "builtin_one ");
}

TEST_CASE_FIXTURE(Fixture, "cycles of soft dependencies end") {
    config.parse("softdep soft pre: b\nsoftdep c_c post: a\n", "c");
    CHECK(steps("soft").find("soft ") != std::string::npos);
    CHECK(steps("a").find("a ") != std::string::npos);
}

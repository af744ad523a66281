// SPDX-License-Identifier: GPL-2.0-only
// modprobe.d.
#include "umcrun/modprobe_config.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

using namespace umc::cli;

TEST_CASE("every keyword is understood") {
    ModprobeConfig config;
    config.parse(
        "# comment\n"
        "\n"
        "alias my-fs-* ext-4\n"
        "options my-mod a=1 \\\n  b=\"2 3\"\n"
        "options my_mod c\n"
        "\tblacklist  bad-one\n"
        "install special /bin/echo $CMDLINE_OPTS\n"
        "remove special /bin/true\n"
        "softdep loop pre: a-b c post: d\n",
        "x.conf");
    CHECK(config.warnings.empty());
    CHECK(config.aliases == ModprobeConfig::Pairs{{"my_fs_*", "ext_4"}});
    CHECK(config.options_of("my_mod", "") == "a=1   b=\"2 3\" c");
    CHECK(config.options_of("other", "my_mod") == "a=1   b=\"2 3\" c");
    CHECK(config.options_of("other", "") == "");
    CHECK(config.blacklisted("bad_one"));
    CHECK_FALSE(config.blacklisted("good"));
    REQUIRE(config.install_command("special"));
    CHECK(*config.install_command("special") == "/bin/echo $CMDLINE_OPTS");
    CHECK(*config.remove_command("special") == "/bin/true");
    CHECK_FALSE(config.install_command("loop"));
    REQUIRE(config.softdep("loop"));
    CHECK(config.softdep("loop")->pre == std::vector<std::string>{"a-b", "c"});
    CHECK(config.softdep("loop")->post == std::vector<std::string>{"d"});
}

TEST_CASE("bad lines are named and skipped") {
    ModprobeConfig config;
    config.parse("alias onlyone\nblacklist\nfoo bar\noptions x\noptions good a\\\n b\nsoftdep x", "f.conf");
    CHECK(config.warnings == std::vector<std::string>{
                                 "f.conf line 1: ignoring bad line starting with 'alias'",
                                 "f.conf line 2: ignoring bad line starting with 'blacklist'",
                                 "f.conf line 3: ignoring bad line starting with 'foo'",
                                 "f.conf line 4: ignoring bad line starting with 'options'",
                                 "f.conf line 7: ignoring bad line starting with 'softdep'",
                             });
    CHECK(config.options_of("good", "") == "a b");
}

TEST_CASE("directories: *.conf by name, an earlier directory's file hides a later one's") {
    namespace fs = std::filesystem;
    char name[] = "/tmp/umcrun-test-XXXXXX";
    REQUIRE(mkdtemp(name));
    const fs::path base = name;
    fs::create_directories(base / "one");
    fs::create_directories(base / "two");
    std::ofstream(base / "one/b.conf") << "options m second";
    std::ofstream(base / "one/a.conf") << "options m first";
    std::ofstream(base / "one/c.txt") << "options m never";
    std::ofstream(base / "two/a.conf") << "options m hidden";
    std::ofstream(base / "two/z.conf") << "options m third";
    ModprobeConfig config;
    CHECK(config.load(base / "one"));
    CHECK(config.load(base / "two"));
    CHECK_FALSE(config.load(base / "three"));
    CHECK(config.options_of("m", "") == "first second third");
    fs::remove_all(base);
}

TEST_CASE("the dump can be read again") {
    ModprobeConfig config;
    config.parse(
        "alias a b\nblacklist c\noptions d e=1\ninstall f g h\nremove i j\nsoftdep k pre: l m post: n\n",
        "x");
    ModprobeConfig again;
    again.parse(config.dump(), "y");
    CHECK(again.warnings.empty());
    CHECK(again.dump() == config.dump());
    CHECK(config.dump().find("softdep k pre: l m post: n\n") != std::string::npos);
}

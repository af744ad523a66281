// SPDX-License-Identifier: GPL-2.0-only
// Module files, names and parameters on the command line.
#include "umcrun/module_args.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>

using namespace umc::cli;

namespace {

using Words = std::vector<std::string>;

std::string show(const std::vector<FileWithArgs>& files) {
    std::string text;
    for (const FileWithArgs& file : files) text += file.file + "(" + file.args + ")";
    return text;
}

}  // namespace

TEST_CASE("names") {
    CHECK(normalize_name("a-b_c") == "a_b_c");
    CHECK(normalize_name("pci:v[0-9]d-") == "pci:v[0-9]d_");
    CHECK(module_name_of_path("/x/y-z.ko") == "y_z");
    CHECK(module_name_of_path("y.so") == "y");
    CHECK(module_name_of_path("a/dm-mod.ko.xz") == "dm_mod");
    CHECK(module_name_of_path("plain") == "plain");
    CHECK(module_name_of_path(".ko") == ".ko");
}

TEST_CASE("words are told apart as files and parameters") {
    CHECK(show(split_module_words(Words{"a.so"})) == "a.so()");
    CHECK(show(split_module_words(Words{"a.so", "x=1", "flag", "b.ko", "y=2"})) == "a.so(x=1 flag)b.ko(y=2)");
    // A path in a value is a value; a '=' in a path is a path.
    CHECK(show(split_module_words(Words{"a.so", "file=/x/y.so", "./d=1/b.so"})) ==
          "a.so(file=/x/y.so)./d=1/b.so()");
    CHECK(show(split_module_words(Words{"first", "second"})) == "first(second)");
    CHECK(show(split_module_words(Words{"a.so", "s=\"x y\"", "b c"})) == "a.so(s=\"x y\" b c)");
    CHECK(show(split_module_words(Words{"a.so", "s=x y"})) == "a.so(s=\"x y\")");
    CHECK(split_module_words(Words{}).empty());
}

TEST_CASE("an existing file is a file whatever its name") {
    char dir[] = "/tmp/umcrun-test-XXXXXX";
    REQUIRE(mkdtemp(dir));
    REQUIRE(chdir(dir) == 0);
    std::ofstream("module") << "x";
    CHECK(show(split_module_words(Words{"a.so", "module", "other"})) == "a.so()module(other)");
    CHECK(*resolve_module_file("module") == std::string(dir) + "/module");
    REQUIRE(symlink("module", "link") == 0);
    CHECK(*resolve_module_file("./link") == std::string(dir) + "/module");
    CHECK(resolve_module_file("none").error().err == ENOENT);
    CHECK(resolve_module_file(".").error().err == EISDIR);
    CHECK(resolve_module_file("/dev/null").error().err == EINVAL);
    REQUIRE(chdir("/") == 0);
    unlink((std::string(dir) + "/link").c_str());
    unlink((std::string(dir) + "/module").c_str());
    rmdir(dir);
}

TEST_CASE("parameters are quoted when they must be") {
    CHECK(join_parameters(Words{"a=1", "b=x y", "c=\"p q\"", "flag", "d='r s'", "e="}) ==
          "a=1 b=\"x y\" c=\"p q\" flag d='r s' e=");
    CHECK(join_parameters(Words{}) == "");
}

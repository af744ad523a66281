// SPDX-License-Identifier: GPL-2.0-only
// What modinfo prints.
#include "umcrun/modinfo.h"

#include <doctest/doctest.h>

using namespace umc::cli;

namespace {

const ModuleInfo kInfo = {
    "/m/hello.ko",
    {{"license", "GPL"},
     {"parmtype", "count:int"},
     {"parm", "count:How many"},
     {"parmtype", "plain:charp"},
     {"parm", "text:No type"},
     {"alias", "a"},
     {"alias", "b"},
     {"a_rather_long_key_here", "v"}},
};

std::string print(const ModinfoFormat& format, const ModuleInfo& info = kInfo) {
    std::vector<std::string> warnings;
    return format_module_info(info, format, warnings);
}

}  // namespace

TEST_CASE("the whole, as kmod prints it") {
    CHECK(print({}) ==
          "filename:       /m/hello.ko\n"
          "license:        GPL\n"
          "alias:          a\n"
          "alias:          b\n"
          "a_rather_long_key_here:v\n"
          "parm:           text:No type\n"
          "parm:           plain:charp\n"
          "parm:           count:How many (int)\n");
}

TEST_CASE("one field") {
    CHECK(print({"alias", '\n'}) == "a\nb\n");
    CHECK(print({"filename", '\n'}) == "/m/hello.ko\n");
    CHECK(print({"none", '\n'}) == "");
    CHECK(print({"parm", '\n'}) == "text:No type\nplain: (charp)\ncount:How many (int)\n");
}

TEST_CASE("with NUL") {
    CHECK(print({"alias", '\0'}) == std::string("a\0b\0", 4));
    const std::string all = print({"", '\0'});
    CHECK(all.starts_with(std::string("filename:       /m/hello.ko\0license=GPL\0", 40)));
}

TEST_CASE("a parameter without ':' is reported and left out") {
    std::vector<std::string> warnings;
    const std::string text =
        format_module_info({"/m", {{"parm", "broken"}, {"license", "GPL"}}}, {}, warnings);
    CHECK(text == "filename:       /m\nlicense:        GPL\n");
    CHECK(warnings == std::vector<std::string>{"Found invalid \"parm=broken\": missing ':'"});
}

TEST_CASE("JSON") {
    const Json json = module_info_json(kInfo);
    CHECK(json["fields"]["alias"] == Json{"a", "b"});
    CHECK(json["parameters"][0] == Json{{"name", "count"}, {"description", "How many"}, {"type", "int"}});
    CHECK(json["filename"] == "/m/hello.ko");
}

TEST_CASE("files that are no modules") {
    CHECK(read_module_info("/nonexistent").error().err == ENOENT);
    CHECK(read_module_info("/etc/passwd").error().err == ENOEXEC);
}

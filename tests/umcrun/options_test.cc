// SPDX-License-Identifier: GPL-2.0-only
// The option parser.
#include "umcrun/options.h"

#include <doctest/doctest.h>

using namespace umc::cli;

namespace {

constexpr OptionSpec kSpecs[] = {
    {'f', "force", "", "force it"},       {'n', "number", "N", "a number"}, {0, "force-vermagic", "", "more"},
    {0, "show-config", "", "two\nlines"}, {0, "show-depends", "", ""},
};

umc::Result<Options> parse(std::vector<std::string> words, ArgOrder order = ArgOrder::mixed) {
    return parse_options(words, kSpecs, order);
}

}  // namespace

TEST_CASE("short options combine and take values attached or apart") {
    auto options = parse({"-fn5", "a", "-n", "7", "-f"});
    REQUIRE(options);
    CHECK(options->count("force") == 2);
    CHECK(options->values("number") == std::vector<std::string>{"5", "7"});
    CHECK(options->value("number") == "7");
    CHECK(options->args == std::vector<std::string>{"a"});
}

TEST_CASE("long options take values after '=' or apart, and may be shortened") {
    auto options = parse({"--num=3", "--number", "-4", "--show-c"});
    REQUIRE(options);
    CHECK(options->values("number") == std::vector<std::string>{"3", "-4"});
    CHECK(options->has("show-config"));
    CHECK_FALSE(options->has("show-depends"));
    // An exact name is no prefix of a longer one.
    CHECK(parse({"--force"})->has("force"));
}

TEST_CASE("'--' and a lone '-' are arguments or end the options") {
    auto options = parse({"-", "--", "-f", "--x"});
    REQUIRE(options);
    CHECK(options->args == std::vector<std::string>{"-", "-f", "--x"});
    CHECK_FALSE(options->has("force"));
}

TEST_CASE("options_first leaves everything after the first argument alone") {
    auto options = parse({"-f", "cmd", "-x", "--", "y"}, ArgOrder::options_first);
    REQUIRE(options);
    CHECK(options->args == std::vector<std::string>{"cmd", "-x", "--", "y"});
}

TEST_CASE("mistakes are told in getopt's words") {
    CHECK(parse({"-x"}).error().message == "invalid option -- 'x'");
    CHECK(parse({"--nope=1"}).error().message == "unrecognized option '--nope'");
    CHECK(parse({"--show"}).error().message == "option '--show' is ambiguous");
    CHECK(parse({"--force=1"}).error().message == "option '--force' doesn't allow an argument");
    CHECK(parse({"-n"}).error().message == "option requires an argument -- 'n'");
    CHECK(parse({"--number"}).error().message == "option '--number' requires an argument");
    CHECK(parse({"-x"}).error().err == EINVAL);
}

TEST_CASE("help lists what has a text, aligned") {
    const std::string help = format_options(kSpecs);
    CHECK(help.find("  -f, --force                   force it\n") != std::string::npos);
    CHECK(help.find("  -n, --number=N                a number\n") != std::string::npos);
    CHECK(help.find("      --show-config             two\n                                lines\n") !=
          std::string::npos);
    CHECK(help.find("show-depends") == std::string::npos);
}

TEST_CASE("sizes and numbers") {
    CHECK(*parse_size("512") == 512);
    CHECK(*parse_size("64k") == 65536);
    CHECK(*parse_size("2G") == std::uint64_t{2} << 30);
    for (const char* text : {"", "G", "1GB", "-1", "1.5G", "99999999999T", "0x10"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_size(text));
    }
    CHECK(*parse_number("8", 1, 8) == 8);
    for (const char* text : {"", "0", "9", "8x", " 8", "99999999999999999999"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_number(text, 1, 8));
    }
}

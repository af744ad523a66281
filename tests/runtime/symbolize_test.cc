// SPDX-License-Identifier: GPL-2.0-only
// Addresses of the program, of shared objects, of relocatable objects placed by hand; names and lines.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "host/symbolize.h"

#include <dlfcn.h>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <link.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "host/symbolize_worker.h"
#include "host/trap.h"
#include "seam/trap.h"

using namespace umc;

constexpr int kLandmarkLine = __LINE__ + 1;
extern "C" __attribute__((noinline)) int symbolize_test_landmark(int x) { asm volatile(""); return x + 1; }

namespace {

struct Workspace {
    std::filesystem::path dir;
    Workspace() {
        char name[] = "/tmp/symbolize_test.XXXXXX";
        dir = mkdtemp(name);
    }
    ~Workspace() { std::filesystem::remove_all(dir); }
    std::string compile(const std::string& name, const std::string& source, const std::string& flags) {
        std::ofstream(dir / "source.c") << source;
        std::string command = fmt::format("cd {} && gcc -g -O1 -o {} {} source.c", dir.string(), name, flags);
        REQUIRE(system(command.c_str()) == 0);
        return (dir / name).string();
    }
};

std::string text_of(std::uint64_t ip, bool exact, bool with_line) {
    char buffer[256];
    int length = with_line ? umc_host_symbolize(ip, exact, buffer, sizeof(buffer))
                           : umc_host_symbolize_name(ip, exact, buffer, sizeof(buffer));
    CHECK(length == static_cast<int>(strlen(buffer)));
    return buffer;
}

constexpr const char* kSource =
    "int used;\n"
    "int first(void) { return used + 1; }\n"
    "__attribute__((section(\".init.text\"))) int starter(void) { return used + 2; }\n";

}  // namespace

TEST_CASE("a function of the program") {
    register_program_code();
    start_line_thread();
    auto at = reinterpret_cast<std::uint64_t>(symbolize_test_landmark);
    CHECK(text_of(at, true, false).starts_with("symbolize_test_landmark+0x0/0x"));
    CHECK(text_of(at, true, true).ends_with(fmt::format(" (symbolize_test.cc:{})", kLandmarkLine)));
    CodeLocation location = locate_code(at + 1, false);
    CHECK(location.symbol == "symbolize_test_landmark");
    CHECK(location.offset == 1);
    CHECK(location.line == kLandmarkLine);
    CHECK(text_of(reinterpret_cast<std::uint64_t>(&is_module_code), true, false).starts_with("umc::is_module_code+0x0/0x"));
    // A return address at the very start of a function belongs to the call before it.
    CHECK_FALSE(text_of(at, false, false).starts_with("symbolize_test_landmark+0x0/"));
}

TEST_CASE("unknown addresses and small buffers") {
    CHECK(text_of(0x10, true, true) == "0x10");
    char tiny[8];
    auto at = reinterpret_cast<std::uint64_t>(symbolize_test_landmark);
    CHECK(umc_host_symbolize_name(at, 1, tiny, sizeof(tiny)) == 7);
    CHECK(std::string(tiny) == "symboli");
    CHECK(text_of(reinterpret_cast<std::uint64_t>(dlsym(RTLD_DEFAULT, "getpid")), true, false).starts_with("libc.so.6+0x"));
}

TEST_CASE("a shared object") {
    Workspace work;
    CodeImage image;
    image.name = "sample";
    image.path = work.compile("sample.so", kSource, "-shared -fPIC");
    image.is_so = true;
    void* handle = dlopen(image.path.c_str(), RTLD_NOW | RTLD_LOCAL);
    REQUIRE(handle);
    link_map* map;
    REQUIRE(dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0);
    image.base = map->l_addr;
    auto first = reinterpret_cast<std::uint64_t>(dlsym(handle, "first"));
    CHECK_FALSE(is_module_code(first));
    REQUIRE(register_code(image).has_value());
    CHECK(is_module_code(first));
    CHECK(text_of(first, true, true).starts_with("first+0x0/0x"));
    CHECK(text_of(first, true, true).ends_with(" [sample] (source.c:2)"));
    unregister_code("sample");
    CHECK_FALSE(is_module_code(first));
    CHECK(text_of(first, true, false).starts_with("sample.so+0x"));
    dlclose(handle);
}

TEST_CASE("a relocatable object whose sections lie anywhere") {
    Workspace work;
    CodeImage image;
    image.name = "placed";
    image.path = work.compile("placed.ko", kSource, "-c");
    image.sections = {{".text", 0x40000000, 0x100}, {".init.text", 0x41000000, 0x100}};
    REQUIRE(register_code(image).has_value());
    CHECK(text_of(0x40000000, true, true).starts_with("first+0x0/0x"));
    CHECK(text_of(0x40000000, true, true).ends_with(" [placed] (source.c:2)"));
    CHECK(text_of(0x41000000, true, true).ends_with(" [placed] (source.c:3)"));
    forget_code(0x41000000, 0x41001000);
    CHECK(text_of(0x41000000, true, true) == "0x41000000");
    CHECK(is_module_code(0x40000000));
    unregister_code("placed");
    CHECK_FALSE(is_module_code(0x40000000));
}

TEST_CASE("files that are none") {
    CodeImage image;
    image.name = "bad";
    image.path = "/nonexistent";
    CHECK(register_code(image).error().err == ENOENT);
    image.path = "/proc/self/cmdline";
    CHECK(register_code(image).error().err == ENOEXEC);
}

TEST_CASE("readers while images come and go") {
    Workspace work;
    CodeImage image;
    image.name = "coming";
    image.path = work.compile("coming.ko", kSource, "-c");
    image.sections = {{".text", 0x40000000, 0x100}};
    std::atomic<bool> stop{false};
    std::atomic<long> hits{0};
    std::thread reader([&] {
        char buffer[64];
        while (!stop) {
            umc_host_symbolize_name(0x40000000, 1, buffer, sizeof(buffer));
            if (buffer[0] == 'f') hits++;
            if (!stop) std::this_thread::yield();
        }
    });
    for (int i = 0; i < 300; i++) {
        REQUIRE(register_code(image).has_value());
        unregister_code("coming");
    }
    REQUIRE(register_code(image).has_value());
    for (int i = 0; i < 1000 && hits == 0; i++) usleep(1000);
    stop = true;
    reader.join();
    CHECK(hits > 0);
    unregister_code("coming");
}

// SPDX-License-Identifier: GPL-2.0-only
#include "symtab/kernel_info.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

using namespace umc::symtab;

TEST_CASE("Module.symvers") {
    const auto symvers = Symvers::parse(
        "0x4c9d28b0\tphys_base\tvmlinux\tEXPORT_SYMBOL\t\n"
        "0xffffffff\tdma_buf_get\tvmlinux\tEXPORT_SYMBOL_GPL\tDMA_BUF\n"
        "\n"
        "0x00000001\ttarget_init_cmd\tdrivers/target/target_core_mod\tEXPORT_SYMBOL_GPL");
    REQUIRE(symvers);
    CHECK(symvers->entries().size() == 3);
    const auto* entry = symvers->find("dma_buf_get");
    REQUIRE(entry);
    CHECK(entry->crc == 0xffffffff);
    CHECK(entry->gpl_only);
    CHECK(entry->name_space == "DMA_BUF");
    CHECK(symvers->find("target_init_cmd")->module == "drivers/target/target_core_mod");
    CHECK_FALSE(symvers->find("phys_base")->gpl_only);
    CHECK(symvers->find("nothing") == nullptr);

    const auto exports = symvers->exports_of("vmlinux");
    REQUIRE(exports.size() == 2);
    CHECK(exports[1].name == "dma_buf_get");
    CHECK(exports[1].crc == 0xffffffff);
    CHECK(exports[1].gpl_only);
    CHECK(exports[1].name_space == "DMA_BUF");
}

TEST_CASE("a wrong Module.symvers is refused with the line's number") {
    for (const char* line :
         {"0x1\tfoo\tvmlinux", "1\tfoo\tvmlinux\tEXPORT_SYMBOL\t", "0x1g\tfoo\tvmlinux\tEXPORT_SYMBOL\t",
          "0x123456789\tfoo\tvmlinux\tEXPORT_SYMBOL\t", "0x1\tfoo\tvmlinux\tEXPORT_UNUSED\t",
          "0x1\t\tvmlinux\tEXPORT_SYMBOL\t"}) {
        CAPTURE(line);
        const auto symvers = Symvers::parse("0x1\tgood\tvmlinux\tEXPORT_SYMBOL\t\n" + std::string(line));
        REQUIRE_FALSE(symvers);
        CHECK(symvers.error().err == EINVAL);
        CHECK(symvers.error().message.starts_with("line 2: "));
    }
}

TEST_CASE("a build directory tells release and vermagic") {
    const std::filesystem::path dir = std::filesystem::path(UMC_FIXTURES) / "headers";
    std::filesystem::create_directories(dir / "include/generated");
    std::ofstream(dir / "include/generated/utsrelease.h") << "#define UTS_RELEASE \"6.1.0-9-amd64\"\n";
    std::ofstream(dir / "include/generated/autoconf.h")
        << "#define CONFIG_SMP 1\n#define CONFIG_PREEMPT_BUILD 1\n#define CONFIG_MODULE_UNLOAD 1\n"
           "#define CONFIG_MODVERSIONS 1\n#define CONFIG_MODULE_FORCE_LOAD_NOT 1\n";
    const auto info = kernel_info_from_headers(dir);
    REQUIRE(info);
    CHECK(info->release == "6.1.0-9-amd64");
    CHECK(info->vermagic == "6.1.0-9-amd64 SMP preempt mod_unload modversions ");
    CHECK(info->modversions);
    CHECK_FALSE(info->force_load);
    CHECK(kernel_info_from_headers("/nonexistent").error().err == ENOENT);
}

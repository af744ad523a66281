// SPDX-License-Identifier: GPL-2.0-only
// libFuzzer target: any bytes, as a file, through the engine of `umcrun check`.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "symtab/check.h"
#include "tests/symtab/fixtures.h"

using namespace umc::symtab;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const int fd = memfd_create("module", 0);
    static const std::vector<std::string> paths{"/proc/self/fd/" + std::to_string(fd)};
    static const SymbolTable& base = [&]() -> SymbolTable& {
        static SymbolTable table;
        if (fd < 0 || !table.add({}, test_exports())) std::abort();
        return table;
    }();
    if (ftruncate(fd, 0) || pwrite(fd, data, size, 0) != static_cast<ssize_t>(size)) std::abort();

    const CheckReport report = check(paths, base, size % 2 ? test_kernel() : KernelInfo{});
    const FileReport& file = report.files.at(0);
    if (!file.readable || (!file.loadable && file.reason.empty())) std::abort();
    if (to_text(report).empty() || to_json(report).dump().empty()) std::abort();
    (void)to_text(summarize(report), 10);
    return 0;
}

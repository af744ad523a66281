// SPDX-License-Identifier: GPL-2.0-only
// libFuzzer target: any bytes through parsing, layout and relocation, as the .ko loader does them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "symtab/ko_relocate.h"
#include "tests/symtab/fixtures.h"

using namespace umc::symtab;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
    const auto file = ModuleFile::parse(bytes, "fuzz.ko", size % 2 ? test_kernel() : KernelInfo{});
    if (!file) return 0;
    const auto layout = layout_ko(*file);
    if (!layout) return 0;
    if (layout->core.size + layout->init.size + layout->percpu.size > (16 << 20))
        return 0;  // a huge .bss is legal
    std::vector<std::byte> core(layout->core.size), init(layout->init.size), percpu(layout->percpu.size);
    const KoImages images{{core, 0x40000000}, {init, 0x50000000}, {percpu, 0x3000}};
    if (!copy_sections(*file, *layout, images)) std::abort();
    const auto values =
        symbol_values(*file, *layout, images, [](std::uint32_t i) { return 0x10000000ull + i * 64; });
    const auto done = relocate(*file, *layout, images, values);
    if (!done && done.error().message.empty()) std::abort();
    return 0;
}
